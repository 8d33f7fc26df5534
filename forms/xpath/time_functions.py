"""Functions of dates and times: always in the offset of the phone that completed the record."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from forms.xpath.code import ANY, NUMBER, TEXT, Code, Compiling
from forms.xpath.library import Plain, function, special
from forms.xpath.scope import Environment, EvaluationError
from forms.xpath.syntax import Call
from forms.xpath.values import (
    LONGEST_KEPT,
    Moment,
    Value,
    days_of,
    moment_of,
    moment_of_days,
    read_moment,
    to_text,
)

_UNPADDED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(T.*)?", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}(?::[0-5]\d)?(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})?", re.ASCII)
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
INVALID = "Invalid Date"


@function("today", "environment", NUMBER)
def _today(environment: Environment) -> Moment:
    return environment.today


@function("now", "environment", NUMBER)
def _now(environment: Environment) -> Moment:
    return environment.moment


@function("decimal-date-time", "environment any", NUMBER)
def _decimal_date_time(environment: Environment, value: Value) -> float:
    if isinstance(value, float):
        moment = _moment(environment.zone, value)
        return math.nan if moment is None else float(moment)
    read = _read(environment.zone, value)
    return math.nan if read is None else days_of(read)


@function("decimal-time", "text", NUMBER)
def _decimal_time(text: str) -> float:
    """Return the part of the day that has passed, 0 to 1."""
    if not _TIME.fullmatch(text):
        return math.nan
    clock = text[:5] + (text[5:8] if text[5:6] == ":" else ":00")
    moment = read_moment(f"1970-01-01T{clock}", UTC)
    return math.nan if moment is None else days_of(moment)


def _dated(environment: Environment, value: Value) -> Value:
    if isinstance(value, bool) or (not isinstance(value, float) and not to_text(value)):
        return ""
    moment = _moment(environment.zone, value)
    return Moment(math.nan, INVALID) if moment is None else moment


_DATED = Plain(_dated, ["any"], of_environment=True)


@special("date", 1, 1, _DATED)
@special("date-time", 1, 1, _DATED)
def _date(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    """Read a date from a text or from days since the epoch; a blank stays blank."""
    run = codes[0].run
    return Code(ANY, lambda scope: _dated(scope.environment, run(scope)))


def _moment(zone: tzinfo, value: Value) -> Moment | None:
    if isinstance(value, float):
        return None if math.isnan(value) else moment_of_days(value, zone)
    is_kept = isinstance(value, str) and len(value) <= LONGEST_KEPT
    return (_moment_read if is_kept else _moment_read.__wrapped__)(zone, value)


@lru_cache(maxsize=4096)
def _moment_read(zone: tzinfo, value: Value) -> Moment | None:
    moment = _read(zone, value)
    return None if moment is None else moment_of(moment)


def _read(zone: tzinfo, value: Value) -> datetime | None:
    if isinstance(value, bool):
        raise EvaluationError("是或否不能作为日期", "Yes or no is no date")
    match = _UNPADDED.fullmatch(to_text(value))
    if match is None:
        return None
    year, month, day, rest = match.groups()
    return read_moment(f"{year}-{month:0>2}-{day:0>2}{rest or ''}", zone)


_DATE_PARTS: dict[str, Callable[[datetime], str]] = {
    "%Y": lambda moment: f"{moment.year:04}",
    "%y": lambda moment: f"{moment.year % 100:02}",
    "%m": lambda moment: f"{moment.month:02}",
    "%n": lambda moment: str(moment.month),
    "%b": lambda moment: _MONTHS[moment.month],
    "%d": lambda moment: f"{moment.day:02}",
    "%e": lambda moment: str(moment.day),
    "%a": lambda moment: _WEEKDAYS[moment.isoweekday()],
}
_TIME_PARTS: dict[str, Callable[[datetime], str]] = _DATE_PARTS | {
    "%H": lambda moment: f"{moment.hour:02}",
    "%h": lambda moment: str(moment.hour),
    "%M": lambda moment: f"{moment.minute:02}",
    "%S": lambda moment: f"{moment.second:02}",
    "%3": lambda moment: f"{moment.microsecond // 1000:03}",
}
_PART = re.compile(r"%[A-Za-z3]")


@function("format-date", "environment text text", TEXT)
def _format_date(environment: Environment, text: str, pattern: str) -> str:
    return _formatted(environment.zone, text, pattern, _DATE_PARTS)


@function("format-date-time", "environment text text", TEXT)
def _format_date_time(environment: Environment, text: str, pattern: str) -> str:
    return _formatted(environment.zone, text, pattern, _TIME_PARTS)


def _formatted(zone: tzinfo, text: str, pattern: str, parts: dict[str, Callable[[datetime], str]]) -> str:
    moment = read_moment(text, zone)
    if moment is None:
        return ""
    return _PART.sub(lambda match: parts[match[0]](moment) if match[0] in parts else match[0], pattern)
