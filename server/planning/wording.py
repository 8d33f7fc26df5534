"""A row of a plan in the words of a table: reading them again makes the same row of them."""

from collections.abc import Mapping
from typing import Any

from server.db import Json
from server.planning.models import PlannedInspection
from server.planning.ratio_texts import (
    UnreadableRatio,
    as_percent,
    parse_frequency,
    parse_ratio,
    with_frequency,
    write_ratio,
)
from server.planning.ratios import Ratio

# What a row says; findings of its import and the rule of its frame are the bureau's own.
SAID = (
    "row_no",
    "plan_no",
    "plan_name",
    "task_no",
    "name",
    "sampling",
    "items",
    "item_codes",
    "object_scope",
    "ratio",
    "ratio_text",
    "risk_rule",
    "windows",
    "window_text",
    "chosen_time",
    "initiator",
    "lead",
    "cooperators",
    "inspecting_body",
    "particulars",
)
_SAMPLING = {"targeted": "定向", "untargeted": "不定向"}
_PLAIN = ("plan_no", "plan_name", "task_no", "name", "object_scope", "risk_rule", "inspecting_body")


def said_by(row: PlannedInspection) -> Json:
    """Take what a row says out of it, as published versions keep it."""
    return {name: getattr(row, name) for name in SAID}


def texts_of(said: Mapping[str, Any]) -> dict[str, str]:
    """Write what a row says as a table would, by column key; what it does not say is left out."""
    texts: dict[str, str | None] = {
        **{key: said[key] for key in _PLAIN},
        "items": "；".join(said["items"]),
        "sampling": "、".join(_SAMPLING[kind] for kind in said["sampling"]),
        "ratio": said["ratio_text"],
        "window": said["window_text"],
        "initiator": "/".join(filter(None, (said["initiator"], said["lead"]))),
        "cooperators": "、".join(said["cooperators"]),
        **said["particulars"],
    }
    return {key: text for key, text in texts.items() if text}


def ratio_apart(said: Mapping[str, Any], *, apart: bool) -> tuple[str, str]:
    """Write a ratio as (ratio, frequency); all of it is the first unless they stand `apart` in the table.

    As it was written where that reads as the ratio that stands, else in words of our own.
    """
    standing = Ratio.from_json(said["ratio"])
    words = said["ratio_text"].split(" ")
    for place in range(len(words), 0, -1) if apart else (len(words),):
        share, frequency = " ".join(words[:place]), " ".join(words[place:])
        if _reads(share, frequency) == standing:
            return share, frequency
    return write_ratio(standing), ""


def _reads(share: str, frequency: str) -> Ratio | None:
    try:
        return with_frequency(parse_ratio(as_percent(share)), parse_frequency(frequency))
    except UnreadableRatio:
        return None
