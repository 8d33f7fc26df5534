"""When a planned inspection has to be launched: once in each window, or as often in each period as it says."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from server.planning.models import PlannedInspection
from server.planning.ratios import PERIODS_A_YEAR, Ratio
from server.planning.windows import Window


@dataclass(frozen=True)
class Occasion:
    """One launch that is due from the first to the last day; `number` counts those of a row from 1."""

    number: int
    first: date
    last: date


def occasions(planned: PlannedInspection) -> list[Occasion]:
    """Tell the occasions of a planned inspection in the order of their days.

    `25%/季` within the whole year are four, `2次/年` two in the same window; without a frequency each window is one, and
    so it is where there are as many windows as launches. What reaches into the next year goes on there.
    """
    windows = [Window.from_json(window) for window in planned.windows]
    ratio = Ratio.from_json(planned.ratio) if planned.ratio else Ratio(count=1)
    if ratio.period and windows and ratio.draws_a_year != len(windows):
        whole = _spanning(windows)
        days = [
            (max(first, whole.first), min(last, whole.last))
            for first, last in _periods(whole, PERIODS_A_YEAR[ratio.period])
        ]
        spans = [span for span in days if span[0] <= span[1] for _ in range(ratio.times or 1)]
    else:
        spans = [(window.first, window.last) for window in windows]
    return [Occasion(number, *span) for number, span in enumerate(spans, 1)]


def _spanning(windows: list[Window]) -> Window:
    return Window(min(each.first for each in windows), max(each.last for each in windows))


def _periods(whole: Window, count: int) -> list[tuple[date, date]]:
    """Divide the years of a window; once a year is once in all of it."""
    if count == 1:
        return [(whole.first, whole.last)]
    months = range(1, 14, 12 // count)
    return [
        (date(each, first, 1), date(each, after - 1, monthrange(each, after - 1)[1]))
        for each in range(whole.first.year, whole.last.year + 1)
        for first, after in pairwise(months)
    ]
