"""The frame of a draw (抽取底册): who may be drawn, how many of them, who may be sent; and its one spelling.

A frame is plain JSON, so that what is hashed, what is published and what anybody computes with are the same.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Any, TypedDict

PEOPLE_AT_LEAST = 2  # 不得少于两名执法人员
MOST_LOTS = 100
CEILING, HALF_UP = "ceiling", "half-up"
_CONTROL = re.compile(r"[\x00-\x1f]+")
_ESCAPED = re.compile(r"\\[bfnrtu]")


class Share(TypedDict):
    """How many of a base: `percent` of it (decimal text), rounded, at least `least`. "0" and 3: three."""

    percent: str
    rounding: str  # CEILING for ≥, HALF_UP where a bureau says so
    least: int


class Stratum(Share):
    """A class that is drawn from by itself. `count`: what follows from its share and its objects, for readers."""

    name: str
    count: int


class Candidate(TypedDict):
    """An object. `out`: why it can't be drawn, empty when it can. `counted`: it belongs to the base all the same."""

    id: str
    name: str
    code: str
    region: str
    stratum: str
    lots: int
    out: str
    counted: bool


class Team(TypedDict):
    """People that each visit needs: `size` of them, with somebody who may lead where `leads`.

    Nobody of the team gets more than `most` visits (0: no limit). `experts` never count as inspectors.
    """

    name: str
    size: int
    leads: bool
    most: int
    experts: bool


class Member(TypedDict):
    """Somebody who may be sent to `regions`, with `load` visits already, and `barred` from some objects (回避)."""

    id: str
    team: str
    regions: list[str]
    leads: bool
    load: int
    barred: list[str]


class Frame(TypedDict):
    """Everything that the outcome depends on beside the seed. `about` says what the draw is for, in words.

    `total` is the share of the whole, which the strata add up to.
    """

    about: dict[str, Any]
    total: Share
    strata: list[Stratum]
    objects: list[Candidate]
    teams: list[Team]
    people: list[Member]


def canonical(frame: Mapping[str, Any]) -> bytes:
    """Write a frame with one spelling only: JSON, sorted keys, no blanks, UTF-8; ValueError for control characters."""
    text = json.dumps(frame, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if _ESCAPED.search(text.replace("\\\\", "")):
        raise ValueError("control characters in a frame")
    return text.encode()


def plain(value: Any) -> Any:
    """Put blanks where names hold control characters: they have no place in a frame."""
    if isinstance(value, str):
        return _CONTROL.sub(" ", value)
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


def digest(canonical_frame: bytes) -> str:
    """Hash a frame in its canonical spelling: SHA-256 in hex."""
    return hashlib.sha256(canonical_frame).hexdigest()


def number_of(share: Share, base: int) -> int:
    """Compute how many a share of a base are, rounded as stated, at most all."""
    exact = base * Fraction(share["percent"]) / 100
    rounded = ceil(exact) if share["rounding"] == CEILING else floor(exact + Fraction(1, 2))
    return min(base, max(share["least"], rounded))


def count_of(stratum: Stratum, base: int, available: int) -> int:
    """Compute how many of a stratum are drawn: its share of the base, as far as there are any in the urn."""
    return min(available, number_of(stratum, base))


def sizes(objects: Iterable[Candidate]) -> dict[str, tuple[int, int]]:
    """Count for each stratum its base and what is in its urn."""
    base, available = Counter[str](), Counter[str]()
    for each in objects:
        base[each["stratum"]] += not each["out"] or each["counted"]
        available[each["stratum"]] += not each["out"]
    return {stratum: (base[stratum], available[stratum]) for stratum in base}


def check(frame: Frame) -> None:
    """Raise ValueError for a frame that contradicts itself: names used twice, counts that don't follow."""
    objects, people = frame["objects"], frame["people"]
    strata, teams = frame["strata"], frame["teams"]
    found = sizes(objects)
    base = {each["name"]: found.get(each["name"], (0, 0))[0] for each in strata}
    parts = sum(number_of(each, base[each["name"]]) for each in strata)
    if parts != number_of(frame["total"], sum(base.values())):
        raise ValueError(f"the strata add up to {parts}")
    for wrong, what in (
        (_twice(each["id"] for each in (*objects, *people)), "id used twice"),
        (_twice(each["name"] for each in strata), "stratum named twice"),
        (_twice(each["name"] for each in teams), "team named twice"),
        (found.keys() - {each["name"] for each in strata}, "no such stratum"),
        ({each["team"] for each in people} - {each["name"] for each in teams}, "no such team"),
        ({each["id"] for each in objects if not 1 <= each["lots"] <= MOST_LOTS}, "lots of"),
        ({each["name"] for each in strata if each["rounding"] not in {CEILING, HALF_UP}}, "rounding of"),
        ({each["name"] for each in strata if _counts_wrong(each, found)}, "count of"),
        ({each["name"] for each in teams if each["size"] < _fewest(each)}, "size of"),
    ):
        if wrong:
            raise ValueError(f"{what}: {min(wrong)}")


def _counts_wrong(stratum: Stratum, found: Mapping[str, tuple[int, int]]) -> bool:
    return stratum["count"] != count_of(stratum, *found.get(stratum["name"], (0, 0)))


def _fewest(team: Team) -> int:
    return 1 if team["experts"] else PEOPLE_AT_LEAST


def _twice(names: Iterable[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times > 1}
