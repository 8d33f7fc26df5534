"""The four types of XPath 1.0 and how one becomes another, as the phone's engine does it (ODK XForms).

A boolean is `bool`, a number `float`, a text `str`, a set of nodes `list[Node]` or a single `Node`. Dates are
numbers, days since 1970-01-01T00:00Z, that remember how they are written (`Moment`). A text that is an ISO
date counts as its days, so that dates compare as numbers do.
"""

import math
import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Self

from forms.xpath.nodes import Node

Value = Any
"""bool, float, str, Node or list[Node]."""

DAY_SECONDS = 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPACE = " \t\r\n"
_WORD = re.compile(r"[^ \t\r\n]+")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_HEXADECIMAL = re.compile(r"0[xX]([0-9a-fA-F]+)")
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2})(\.\d+)?)?)?(Z|[-+]\d{2}:\d{2})?)?", re.ASCII
)
LONGEST_KEPT = 60
"""Characters of a text whose moment is kept for the next rule that asks for the same: within a record many do."""
_LEAST_EXPONENT, _MOST_EXPONENT = 1e-6, 1e21


class Moment(float):
    """A date or a date with time, as days since the epoch; `text` is how it is written."""

    __slots__ = ("text",)

    text: str

    def __new__(cls, days: float, text: str) -> Self:
        """Make a moment of its days and its text."""
        moment = super().__new__(cls, days)
        moment.text = text
        return moment


def words_of(text: str) -> list[str]:
    """Part a text at the blanks of XML; an ideographic space is none of them."""
    return _WORD.findall(text)


def is_number(text: str) -> bool:
    """Tell whether a text is a number as ECMAScript reads one."""
    return _NUMBER.fullmatch(text) is not None


def text_to_number(text: str, zone: tzinfo) -> float:
    """Read a text as a number: a date as its days in that zone, anything else unreadable as NaN."""
    if text.isdigit() and text.isascii():  # as most are
        return float(text)
    if len(text) >= 10 and text[4] == "-":
        days = (_read_days if len(text) <= LONGEST_KEPT else _read_days.__wrapped__)(text, zone)
        if days is not None:
            return days
    stripped = text.strip(_SPACE)
    if _NUMBER.fullmatch(stripped):
        return float(stripped)
    hexadecimal = _HEXADECIMAL.fullmatch(stripped)
    if hexadecimal:
        return float(int(hexadecimal[1], 16)) if len(hexadecimal[1]) < 256 else math.inf
    return {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}.get(stripped, math.nan)


def number_to_text(number: float) -> str:
    """Write a number as ECMAScript does; NaN is blank, as the phone's engine writes it."""
    if isinstance(number, Moment):
        return number.text
    if number.is_integer() and abs(number) < _MOST_EXPONENT:
        return str(int(number))
    if math.isnan(number):
        return ""
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if _LEAST_EXPONENT <= abs(number) < _MOST_EXPONENT:
        text = repr(number)
        return format(Decimal(text), "f") if "e" in text else text
    mantissa, _, exponent = repr(number).partition("e")
    mantissa = mantissa.removesuffix(".0")
    return f"{mantissa}e{int(exponent):+d}"


def to_text(value: Value) -> str:
    """Return the text of any value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_to_text(value)
    if isinstance(value, Node):
        return value.text()
    return value[0].text() if value else ""


def to_number(value: Value, zone: tzinfo) -> float:
    """Return the number of any value."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float):
        return value
    return text_to_number(to_text(value), zone)


def to_boolean(value: Value) -> bool:
    """Return the truth of any value: of nodes, whether there are any."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    if isinstance(value, Node):
        return True
    return bool(value)


def read_moment(text: str, zone: tzinfo) -> datetime | None:
    """Read an ISO date, or a date with time, which without an offset lies in `zone`; None for anything else."""
    read = _read_moment if len(text) <= LONGEST_KEPT else _read_moment.__wrapped__
    return read(text, zone)


@lru_cache(maxsize=4096)
def _read_moment(text: str, zone: tzinfo) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        return datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int(float(fraction or 0) * 1_000_000),
            tzinfo=_offset(offset) if offset else zone,
        ).astimezone(zone)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=4096)
def _read_days(text: str, zone: tzinfo) -> float | None:
    moment = read_moment(text, zone)
    return None if moment is None else days_of(moment)


def days_of(moment: datetime) -> float:
    """Return a moment as days since the epoch, cut to milliseconds."""
    elapsed = moment - _EPOCH
    milliseconds = elapsed.days * 86_400_000 + elapsed.seconds * 1000 + elapsed.microseconds // 1000
    return milliseconds / 86_400_000


def moment_of(moment: datetime) -> Moment:
    """Return a moment as a value; it is written as a date alone at midnight."""
    local = moment.replace(tzinfo=None)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        return Moment(days_of(moment), local.date().isoformat())
    return Moment(days_of(moment), moment.isoformat(timespec="milliseconds"))


def moment_of_days(days: float, zone: tzinfo) -> Moment | None:
    """Return the moment that lies some days after the epoch; None where there is no such date."""
    try:
        return moment_of((_EPOCH + timedelta(milliseconds=round(days * 86_400_000))).astimezone(zone))
    except (OverflowError, ValueError):
        return None


def midnight(moment: datetime) -> datetime:
    """Return the beginning of a moment's day in its own zone."""
    return datetime.combine(date(moment.year, moment.month, moment.day), datetime.min.time(), moment.tzinfo)


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    return datetime.fromisoformat(f"2000-01-01T00:00:00{text}").tzinfo or UTC
