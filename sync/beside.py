"""What a revision tells beside its answers: what was declared before the inspection, and the fixes behind a mean.

It came later than the first phones, and nothing is refused for it: what makes no sense is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.fields import Fields, Value, if_sound, write_moment

MOST_DECLARED = 50
MOST_MEASURED = 500
MOST_FIXES = 60
_ANSWERS = ("no_interest", "recused")
_LONGEST = 2000  # characters of a reason


@dataclass(frozen=True)
class Recusal:
    """What an inspector declared (回避声明): `answer` no_interest or recused; `on` whose phone, `at` by its clock."""

    person: str
    answer: str
    name: str = ""
    on: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Override:
    """Why somebody began although checks that the law makes conditions were `missing`."""

    missing: tuple[str, ...]
    reason: str
    person: str
    at: datetime


@dataclass(frozen=True)
class EntryCode:
    """The code that was scanned or shown on entry (扫码入企); `how` scanned or typed."""

    code: str
    how: str
    person: str
    at: datetime


@dataclass(frozen=True)
class Declarations:
    """What was declared before an inspection, in the order of the phone."""

    recusal: tuple[Recusal, ...] = ()
    overrides: tuple[Override, ...] = ()
    entry: EntryCode | None = None

    def as_json(self) -> dict[str, Any]:
        """Write it as the wire does."""
        written: dict[str, Any] = {
            "recusal": [
                vars(each) | {"at": None if each.at is None else write_moment(each.at)}
                for each in self.recusal
            ],
            "overrides": [
                vars(each) | {"missing": list(each.missing), "at": write_moment(each.at)}
                for each in self.overrides
            ],
        }
        if self.entry is not None:
            written["entry"] = vars(self.entry) | {"at": write_moment(self.entry.at)}
        return written


@dataclass(frozen=True)
class RawFix:
    """One fix as the receiver gave it: degrees of WGS 84, metres (accuracy: a radius of 68 %), `after` milliseconds."""

    latitude: float
    longitude: float
    accuracy: float
    altitude: float | None
    after: int


@dataclass(frozen=True)
class MeanOfFixes:
    """The fixes whose mean an answer is; `answer` is how it begins: latitude, a blank, longitude."""

    answer: str
    began: datetime
    fixes: tuple[RawFix, ...]

    def as_json(self) -> dict[str, Any]:
        """Write it as the wire does."""
        rows = [
            [each.latitude, each.longitude, each.accuracy, each.altitude, each.after] for each in self.fixes
        ]
        return {"answer": self.answer, "began": write_moment(self.began), "fixes": rows}


def declarations_in(body: Fields) -> Declarations | None:
    """Read `declarations` of a revision; None where it declares nothing."""
    if not body.given("declarations"):
        return None
    told = if_sound(lambda: body.part("declarations"))
    if told is None:
        return None
    return Declarations(
        _each(told, "recusal", _recusal),
        _each(told, "overrides", _override),
        if_sound(lambda: _entry(told.part("entry"))),
    )


def measurements_in(body: Fields) -> tuple[MeanOfFixes, ...]:
    """Read `measurements` of a revision."""
    return _each(body, "measurements", _measurement, most=MOST_MEASURED) if body.given("measurements") else ()


def _each(
    told: Fields, name: str, read: Callable[[Fields], Value], *, most: int = MOST_DECLARED
) -> tuple[Value, ...]:
    rows = if_sound(lambda: told.items(name, most=most))

    def sound(at: int) -> Value | None:
        return if_sound(lambda: read(rows.part(at))) if rows is not None else None

    found = [sound(at) for at in rows or ()]
    return tuple(each for each in found if each is not None)


def _recusal(row: Fields) -> Recusal:
    return Recusal(
        person=row.text("person", longest=128),
        answer=row.word("answer", _ANSWERS),
        name=if_sound(lambda: row.text("name", longest=120)) or "",
        on=if_sound(lambda: row.text("on", longest=128)) or "",
        at=if_sound(lambda: row.moment("at")),
    )


def _override(row: Fields) -> Override:
    missing = row.items("missing", most=MOST_DECLARED)
    return Override(
        missing=tuple(missing.text(at, longest=120) for at in missing),
        reason=row.text("reason", longest=_LONGEST),
        person=row.text("person", longest=128),
        at=row.moment("at"),
    )


def _entry(row: Fields) -> EntryCode:
    return EntryCode(
        code=row.text("code", longest=_LONGEST),
        how=row.word("how", ("scanned", "typed")),
        person=row.text("person", longest=128),
        at=row.moment("at"),
    )


def _measurement(row: Fields) -> MeanOfFixes:
    rows = row.items("fixes", most=MOST_FIXES)
    return MeanOfFixes(
        answer=row.text("answer", longest=80),
        began=row.moment("began"),
        fixes=tuple(_fix(rows.items(at, most=5)) for at in rows),
    )


def _fix(row: Fields) -> RawFix:
    return RawFix(
        latitude=row.number(0, low=-90, high=90),
        longitude=row.number(1, low=-180, high=180),
        accuracy=row.number(2, low=0, high=1e9),
        altitude=None if row.value(3) is None else row.number(3, low=-1e6, high=1e6),
        after=row.integer(4),
    )
