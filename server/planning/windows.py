"""When inspections take place, as plans write it: `3月1日—3月31日`, `2023年5月至6月、2023年9月至10月`."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

_DASH = re.compile(r"[—–―－\-~～〜]+|至|到")
_POINT = re.compile(
    r"(?:(?P<year>\d{4})(?:年|[./]))?(?P<month>\d{1,2})(?:月份?|[./](?=\d))?(?:(?P<day>\d{1,2})[日号]?)?"
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_QUARTER = re.compile(r"(?:(\d{4})年)?第?([一二三四1-4])季度")
_WHOLE = re.compile(r"(?:(\d{4})年)?(全年|上半年|下半年)(?:度)?")
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_HALVES = {"全年": (1, 12), "上半年": (1, 6), "下半年": (7, 12)}
# 择机: at a time of one's own choice within the window.
_LEFT_OUT = re.compile(r"择机(?:开展)?|期间|内$|\s+")
_CHOSEN = "择机"
_LONGEST = 200
_MOST = 12


class UnreadableWindow(ValueError):
    """A window that can't be told in days."""


@dataclass(frozen=True)
class Window:
    """A time in which inspections take place, from the first to the last day, both included."""

    first: date
    last: date

    def as_json(self) -> dict[str, str]:
        """Write the window as two ISO dates."""
        return {"first": self.first.isoformat(), "last": self.last.isoformat()}

    @classmethod
    def from_json(cls, written: Mapping[str, str]) -> "Window":
        """Read what `as_json` wrote."""
        return cls(date.fromisoformat(written["first"]), date.fromisoformat(written["last"]))


def covers(windows: Iterable[Window], other: Window) -> bool:
    """Say whether one of some windows holds all days of another."""
    return any(each.first <= other.first and other.last <= each.last for each in windows)


def at_chosen_time(text: str) -> bool:
    """Say whether a text leaves the time within its windows to the inspectors (择机)."""
    return _CHOSEN in text


def parse_windows(text: str, year: int) -> tuple[Window, ...]:
    """Read one or several windows; where no year is written it is the plan's.

    A month alone means from its first to its last day. UnreadableWindow when a part is not understood, or
    ends before it begins.
    """
    plain = _LEFT_OUT.sub("", unicodedata.normalize("NFKC", text[:_LONGEST]))
    plain = _ISO.sub(r"\1年\2月\3日", plain)
    parts = [part for part in re.split(r"[、,，;；和及]+", plain) if part]
    if not 0 < len(parts) <= _MOST:
        raise UnreadableWindow(text)
    try:
        windows = tuple(_read_window(part, year) for part in parts)
    except ValueError as error:
        raise UnreadableWindow(text) from error
    if any(window.last < window.first for window in windows):
        raise UnreadableWindow(text)
    return tuple(sorted(windows, key=lambda window: (window.first, window.last)))


def _read_window(part: str, year: int) -> Window:
    named = _read_named(part, year)
    if named:
        return named
    ends = _DASH.split(part)
    if len(ends) > 2 or not all(ends):
        raise ValueError(part)
    if len(ends) == 2 and ends[1].endswith("月") and ends[0][-1].isdigit():
        ends[0] += "月"  # 3—6月
    first, first_month, its_year = _read_point(ends[0], year, None, last=False)
    if len(ends) == 1:
        last, _, _ = _read_point(ends[0], year, None, last=True)
    else:
        last, _, _ = _read_point(ends[1], its_year, first_month, last=True)
    return Window(first, last)


def _read_named(part: str, year: int) -> Window | None:
    """Read a quarter, a half-year or the whole year."""
    quarter, whole = _QUARTER.fullmatch(part), _WHOLE.fullmatch(part)
    if quarter:
        number = _QUARTERS.get(quarter[2]) or int(quarter[2])
        months, its_year = (3 * number - 2, 3 * number), int(quarter[1] or year)
    elif whole:
        months, its_year = _HALVES[whole[2]], int(whole[1] or year)
    else:
        return None
    return Window(date(its_year, months[0], 1), date(its_year, months[1], monthrange(its_year, months[1])[1]))


def _read_point(text: str, year: int, month: int | None, *, last: bool) -> tuple[date, int, int]:
    """Read one end of a window: (day, month, year). A bare day (`31日`) belongs to the month before it."""
    bare = re.fullmatch(r"(\d{1,2})[日号]", text)
    if bare and month:
        return date(year, month, int(bare[1])), month, year
    found = _POINT.fullmatch(text)
    if not found or not (found["day"] or found["year"] or text.endswith(("月", "月份"))):
        raise ValueError(text)
    its_year, its_month = int(found["year"] or year), int(found["month"])
    whole_month = monthrange(its_year, its_month)[1] if last else 1
    return date(its_year, its_month, int(found["day"] or whole_month)), its_month, its_year
