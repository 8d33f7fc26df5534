"""Functions of dates and times: always in the offset of the phone that completed the record."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from forms.xpath.code import ANY, NUMBER, TEXT, Code, Compiling
from forms.xpath.library import function, special
from forms.xpath.scope import EvaluationError, Scope
from forms.xpath.syntax import Call
from forms.xpath.values import (
    Moment,
    Value,
    days_of,
    midnight,
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


@function("today", "scope", NUMBER)
def _today(scope: Scope) -> Moment:
    return moment_of(midnight(scope.environment.now))


@function("now", "scope", NUMBER)
def _now(scope: Scope) -> Moment:
    return moment_of(scope.environment.now)


@function("decimal-date-time", "scope any", NUMBER)
def _decimal_date_time(scope: Scope, value: Value) -> float:
    moment = _moment(scope, value)
    return math.nan if moment is None else float(moment)


@function("decimal-time", "text", NUMBER)
def _decimal_time(text: str) -> float:
    """Return the part of the day that has passed, 0 to 1."""
    if not _TIME.fullmatch(text):
        return math.nan
    clock = text[:5] + (text[5:8] if text[5:6] == ":" else ":00")
    moment = read_moment(f"1970-01-01T{clock}", UTC)
    return math.nan if moment is None else days_of(moment)


@special("date", 1, 1)
@special("date-time", 1, 1)
def _date(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    """Read a date from a text or from days since the epoch; a blank stays blank."""
    run = codes[0].run

    def read(scope: Scope) -> Value:
        value = run(scope)
        if isinstance(value, bool) or (not isinstance(value, float) and not to_text(value)):
            return ""
        moment = _moment(scope, value)
        return Moment(math.nan, INVALID) if moment is None else moment

    return Code(ANY, read)


def _moment(scope: Scope, value: Value) -> Moment | None:
    if isinstance(value, bool):
        raise EvaluationError("是或否不能作为日期", "Yes or no is no date")
    if isinstance(value, float):
        return None if math.isnan(value) else moment_of_days(value, scope.environment.zone)
    match = _UNPADDED.fullmatch(to_text(value))
    if match is None:
        return None
    year, month, day, rest = match.groups()
    moment = read_moment(f"{year}-{month:0>2}-{day:0>2}{rest or ''}", scope.environment.zone)
    return None if moment is None else moment_of(moment)


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


@function("format-date", "scope text text", TEXT)
def _format_date(scope: Scope, text: str, pattern: str) -> str:
    return _formatted(scope, text, pattern, _DATE_PARTS)


@function("format-date-time", "scope text text", TEXT)
def _format_date_time(scope: Scope, text: str, pattern: str) -> str:
    return _formatted(scope, text, pattern, _TIME_PARTS)


def _formatted(scope: Scope, text: str, pattern: str, parts: dict[str, Callable[[datetime], str]]) -> str:
    moment = read_moment(text, scope.environment.zone)
    if moment is None:
        return ""
    return _PART.sub(lambda match: parts[match[0]](moment) if match[0] in parts else match[0], pattern)
