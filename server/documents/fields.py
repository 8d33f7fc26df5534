"""What every data set is: frozen values that say of each field what it is called, and whether it may be empty.

Everything is text as it is printed, so that what is hashed is what is read. A row is a frozen dataclass of the same
kind; a field of rows is printed as a table.
"""

import dataclasses
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final, Self

from server.clock import CHINA
from server.db import Json

#: What stands where nothing is to be said: blanks of a record are struck out (空白处划去).
BLANK: Final = "／"


def stated(
    label: str = "", *, required: bool = False, entered: bool = False, wide: bool = False, least: int = 1
) -> Any:
    """Declare a field: what it is called on paper, and how it is filled.

    `required`: the document is not issued without it; of rows at least `least`. `entered`: a person at a desk writes it
    for this document, as nothing in the house knows it. `wide`: it takes the whole width.
    """
    told = {"label": label, "required": required, "entered": entered, "wide": wide, "least": least}
    return dataclasses.field(default="", metadata=told)


@dataclass(frozen=True)
class Missing:
    """A field that must not be empty, and is."""

    field: str
    label: str
    entered: bool

    def as_json(self) -> Json:
        """Write it as the API does."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table on paper."""

    @classmethod
    def columns(cls) -> list[tuple[str, str]]:
        """Name and label of each column."""
        return [(each.name, each.metadata["label"]) for each in fields(cls) if each.metadata.get("label")]


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """What one document says. `organisation` is the bureau that issues it, `number` its 文号, blank in a draft."""

    organisation: str = stated("检查机关", required=True)
    number: str = stated("文号")
    issued_on: str = stated("制作日期")

    @classmethod
    def entered_fields(cls) -> list[Json]:
        """List what a person writes for this document: name, label, whether it is required."""
        return [
            {
                "field": each.name,
                "label": each.metadata["label"],
                "required": each.metadata["required"],
            }
            for each in fields(cls)
            if each.metadata.get("entered")
        ]

    def missing(self) -> list[Missing]:
        """List the mandatory fields that are empty, and those of rows, by name and label."""
        found: list[Missing] = []
        for each in fields(self):
            value, told = getattr(self, each.name), each.metadata
            if told.get("required") and len(value) < (told["least"] if isinstance(value, tuple) else 1):
                found.append(Missing(each.name, told["label"], told["entered"]))
            if isinstance(value, tuple):
                found += _missing_in(each.name, told.get("label", ""), value)
        return found

    def with_(self, **changes: Any) -> Self:
        """Return the same with some fields changed."""
        return dataclasses.replace(self, **changes)

    def as_json(self) -> Json:
        """Write it as it is hashed and kept."""
        return dataclasses.asdict(self)


def _missing_in(name: str, label: str, rows: tuple[Any, ...]) -> list[Missing]:
    return [
        Missing(f"{name}[{place}].{each.name}", f"{label}{place}：{each.metadata['label']}", entered=False)
        for place, row in enumerate(rows, 1)
        if isinstance(row, Row)
        for each in fields(row)
        if each.metadata.get("required") and not getattr(row, each.name)
    ]


def day(value: date | None) -> str:
    """Write a day as documents do."""
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def moment(value: datetime | None) -> str:
    """Write a moment in China's time, to the minute."""
    if value is None:
        return ""
    local = value.astimezone(CHINA)
    return f"{day(local.date())} {local:%H:%M}"


def clean(text: str | None) -> str:
    """Take out of a text what cannot be printed: controls, blanks at both ends."""
    kept = "".join(each for each in text or "" if each in "\n\t" or each.isprintable())
    return kept.replace("\t", " ").strip()
