"""Typed values of answers and how an instance writes them (ODK XForms specification, "Data types")."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any

from forms.structure import Question, QuestionKind

MAX_FILE_NAME = 255
MOST_INTEGER = 2_147_483_647
"""ODK XForms, "Data types": an int has 32 bits; phones read more as a blank."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})?")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Geopoint:
    """A fix in degrees (WGS84 taken as CGCS2000), with altitude (m, ellipsoidal) and accuracy radius (m)."""

    latitude: float
    longitude: float
    altitude: float | None = None
    accuracy: float | None = None

    def as_json(self) -> dict[str, float | None]:
        """Return the fix with its parts named."""
        return {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "altitude": self.altitude,
            "accuracy": self.accuracy,
        }


Value = str | int | Decimal | date | datetime | time | Geopoint | tuple[str, ...] | tuple[Geopoint, ...]


def read_value(question: Question, text: str) -> Value:
    """Read an answer's text by its question's type; ValueError when it is not of that type."""
    if question.kind is QuestionKind.SELECT_MULTIPLE:
        return _read_names(text)
    if question.is_media:
        return _read_file_name(text)
    reader = _READERS.get(question.data_type)
    value: Value = reader(text) if reader else text
    if question.kind is QuestionKind.TRIGGER and text != "OK":
        raise ValueError("an acknowledgement is OK or blank")
    if question.bounds is not None and isinstance(value, int | Decimal):
        least, most = question.bounds
        if not least <= value <= most:
            raise ValueError("outside the range")
    return value


def reader_of(question: Question) -> Callable[[str], Value] | None:
    """Return what reads an answer's text by its question's type; None where the value is the text itself."""
    if question.is_media:
        return _read_file_name
    if question.kind is QuestionKind.SELECT_MULTIPLE:
        return _read_names
    if question.kind is QuestionKind.TRIGGER or question.bounds is not None:
        return partial(read_value, question)
    reader: Callable[[str], Value] | None = _READERS.get(question.data_type)
    return reader


def write_value(value: Any) -> str:
    """Write a typed value as an instance carries it; None is blank, True is an acknowledgement."""
    if value is None or isinstance(value, bool):
        return "OK" if value else ""
    if isinstance(value, datetime | time):
        if value.tzinfo is None:
            raise ValueError("a time needs an offset")
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Geopoint):
        return f"{value.latitude!r} {value.longitude!r} {value.altitude or 0!r} {value.accuracy or 0!r}"
    if isinstance(value, list | tuple):
        separator = ";" if value and isinstance(value[0], Geopoint) else " "
        return separator.join(write_value(part) for part in value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def value_as_json(value: Value | None) -> Any:
    """Return a value as JSON can carry it: numbers as numbers, times as ISO 8601."""
    if isinstance(value, str):
        return value  # most are
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Geopoint):
        return value.as_json()
    if isinstance(value, tuple):
        return [value_as_json(part) for part in value]
    return value


def _read_integer(text: str) -> int:
    number = int(text) if _INTEGER.fullmatch(text) else None
    if number is None or not -MOST_INTEGER - 1 <= number <= MOST_INTEGER:
        raise ValueError(text)
    return number


def _read_decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _read_date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _read_datetime(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without offset")
    return moment


def _read_geopoint(text: str) -> Geopoint:
    parts = text.split()
    if not 2 <= len(parts) <= 4 or not all(_DECIMAL.fullmatch(part) for part in parts):
        raise ValueError(text)
    numbers = [float(part) for part in parts]
    point = Geopoint(*numbers)
    if not (abs(point.latitude) <= 90 and abs(point.longitude) <= 180 and all(map(math.isfinite, numbers))):
        raise ValueError(text)
    return point


def _read_trace(text: str, least: int) -> tuple[Geopoint, ...]:
    points = tuple(_read_geopoint(part) for part in text.split(";") if part.strip())
    if len(points) < least:
        raise ValueError("too few points")
    return points


def _read_geotrace(text: str) -> tuple[Geopoint, ...]:
    return _read_trace(text, 2)


def _read_geoshape(text: str) -> tuple[Geopoint, ...]:
    points = _read_trace(text, 4)
    if (points[0].latitude, points[0].longitude) != (points[-1].latitude, points[-1].longitude):
        raise ValueError("a shape that is not closed")
    return points


def _read_names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _read_file_name(text: str) -> str:
    if text in (".", "..") or "/" in text or "\\" in text or len(text.encode()) > MAX_FILE_NAME:
        raise ValueError("not a bare file name")
    return text


_READERS: Mapping[str, Any] = {
    "int": _read_integer,
    "decimal": _read_decimal,
    "date": _read_date,
    "dateTime": _read_datetime,
    "time": time.fromisoformat,
    "geopoint": _read_geopoint,
    "geotrace": _read_geotrace,
    "geoshape": _read_geoshape,
}
