"""How many are to be drawn: a ratio and the sizes of the risk classes become numbers, with the sums told.

Pure: no database. `quota(ratio, strata)` is what a draw calls; `rule` holds what a bureau may set for itself.
Shares are rounded up (向上取整): a share that was announced is never undercut. Rounding half up (四舍五入), as
some platforms do, is a choice by name, and never applies to `≥`, which it could undercut.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import Any

RISK_CLASSES = "ABCD"
"""低风险, 一般风险, 较高风险, 高风险; any other key of a stratum counts as B: nobody has classed it."""
PERIODS_A_YEAR = {"year": 1, "half-year": 2, "quarter": 4, "month": 12}


class Rounding(StrEnum):
    """What becomes of a broken number of objects: rounded up, or half up as on some provincial platforms."""

    CEILING = "ceiling"
    HALF_UP = "half-up"


_ROUNDED = {Rounding.CEILING: ("向上取整", "rounded up"), Rounding.HALF_UP: ("四舍五入", "rounded half up")}


@dataclass(frozen=True)
class Ratio:
    """A ratio expression (抽查比例): how many of the frame in each draw, and how often.

    Exactly one of `percent` (above 0, at most 100), `count` and `by_class` (class → percent) is set.
    `at_least` is a floor (≥) rather than the number itself. `times` draws (`times_at_least`: or more) in each
    `period` (year, half-year, quarter, month) where said; each of them takes the ratio.
    """

    percent: Decimal | None = None
    count: int | None = None
    by_class: Mapping[str, Decimal] = field(default_factory=dict)
    at_least: bool = False
    times: int | None = None
    times_at_least: bool = False
    period: str | None = None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Write the ratio; percentages are text, so that no digit is lost."""
        return {
            "percent": None if self.percent is None else _digits(self.percent),
            "count": self.count,
            "by_class": {key: _digits(percent) for key, percent in self.by_class.items()},
            "at_least": self.at_least,
            "times": self.times,
            "times_at_least": self.times_at_least,
            "period": self.period,
            "note": self.note,
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Ratio":
        """Read what `as_json` wrote; ratios kept before classes had their own have none."""
        percent = written["percent"]
        return cls(
            **{
                **written,
                "percent": None if percent is None else Decimal(percent),
                "by_class": {key: Decimal(each) for key, each in written.get("by_class", {}).items()},
            }
        )

    @property
    def draws_a_year(self) -> int:
        """How many draws the ratio asks for in a whole year; one where it says nothing."""
        return (self.times or 1) * PERIODS_A_YEAR[self.period or "year"]


@dataclass(frozen=True)
class QuotaRule:
    """What a bureau sets for itself.

    `weights` (risk class → weight) make shares rise with the class (分别递加比例); without them all classes have
    one share. Of weight 0 are drawn only as many as the other classes lack. `least_percent` and `least_draws` are floors (原则上不低于 5 %、每年不少于 2 次).
    """

    rounding: Rounding = Rounding.CEILING
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    least_percent: Decimal | None = None
    least_draws: int | None = None


PLAIN = QuotaRule()
INCREASING = {"A": Fraction(1), "B": Fraction(2), "C": Fraction(3), "D": Fraction(4)}
"""Weights where a plan says that shares rise by class and the bureau has set none."""


@dataclass(frozen=True)
class Step:
    """One line of the sums, for people."""

    text: str
    text_en: str


@dataclass(frozen=True)
class Quota:
    """How many each draw takes from each stratum, how many draws a year asks for, and how that was reckoned."""

    strata: Mapping[str, int]
    draws: int
    arithmetic: tuple[Step, ...]

    @property
    def total(self) -> int:
        """How many objects one draw takes."""
        return sum(self.strata.values())


def quota(ratio: Ratio, strata: Mapping[str, int], rule: QuotaRule = PLAIN) -> Quota:
    """Reckon how many of each stratum (key → size, keys are risk classes) one draw takes.

    A share or number is reckoned for the whole frame and then allotted to the strata: by size, or by size times
    weight where the rule has weights. Shares by class are reckoned class by class. No stratum gives more than it
    has. ValueError for a negative size, or a class whose share is not given.
    """
    if any(size < 0 for size in strata.values()):
        raise ValueError("a stratum has a negative size")
    steps: list[Step] = []
    ordered = dict(sorted(strata.items(), key=lambda each: _rank(each[0])))
    if ratio.by_class:
        drawn = _by_class(ratio, ordered, rule, steps)
    else:
        total = _total(ratio, sum(ordered.values()), rule, steps)
        drawn = _allot(total, ordered, rule.weights, steps)
    _raise_to_floor(drawn, ordered, rule, steps)
    draws = ratio.draws_a_year
    if rule.least_draws is not None and draws < rule.least_draws:
        steps.append(
            Step(
                f"每年 {draws} 次，低于下限，按 {rule.least_draws} 次",
                f"{draws} a year is below the floor: {rule.least_draws}",
            )
        )
        draws = rule.least_draws
    return Quota(drawn, draws, tuple(steps))


def share(size: int, percent: Decimal, rounding: Rounding) -> int:
    """Reckon a share of a number of objects as a whole number, at most all of them."""
    exact = size * Fraction(percent) / 100
    return min(size, ceil(exact) if rounding is Rounding.CEILING else floor(exact + Fraction(1, 2)))


def _total(ratio: Ratio, size: int, rule: QuotaRule, steps: list[Step]) -> int:
    if ratio.count is not None:
        total = min(ratio.count, size)
        short = "，名录不足" if total < ratio.count else ""
        steps.append(
            Step(
                f"固定 {ratio.count} 个，名录 {size} 个{short}，取 {total} 个",
                f"{ratio.count} of {size}: {total}",
            )
        )
        return total
    assert ratio.percent is not None
    return _told_share("名录", "frame", size, ratio.percent, _rounding(ratio, rule), steps)


def _by_class(ratio: Ratio, strata: Mapping[str, int], rule: QuotaRule, steps: list[Step]) -> dict[str, int]:
    drawn = {}
    for key, size in strata.items():
        percent = ratio.by_class.get(class_of(key))
        if percent is None:
            raise ValueError(f"the ratio says nothing of class {class_of(key)}")
        drawn[key] = _told_share(_named(key), key or "-", size, percent, _rounding(ratio, rule), steps)
    return drawn


def _told_share(
    name: str, name_en: str, size: int, percent: Decimal, rounding: Rounding, steps: list[Step]
) -> int:
    taken, exact = share(size, percent, rounding), Decimal(size) * percent / 100
    sums = f"{size} × {_digits(percent)}% = {_digits(exact)}"
    word, word_en = ("", "") if taken == exact else _ROUNDED[rounding]
    steps.append(
        Step(
            f"{name}：{sums}，{word}取 {taken}" if word else f"{name}：{sums}",
            f"{name_en}: {sums}" + (f", {word_en}: {taken}" if word else ""),
        )
    )
    return taken


def _rounding(ratio: Ratio, rule: QuotaRule) -> Rounding:
    return Rounding.CEILING if ratio.at_least else rule.rounding


def _allot(
    total: int, strata: Mapping[str, int], weights: Mapping[str, Fraction], steps: list[Step]
) -> dict[str, int]:
    """Allot a total to the strata; what is left after whole numbers goes by remainder, or upward by class."""
    ideal = _ideal(total, strata, {key: weights.get(class_of(key), Fraction(1)) for key in strata})
    drawn = {key: floor(each) for key, each in ideal.items()}
    broken = [key for key, each in ideal.items() if each != drawn[key]]
    # Where shares rise with the class, the highest class is rounded up first; else the largest remainder.
    broken.sort(key=lambda key: (0 if weights else drawn[key] - ideal[key], -_rank(key)))
    for key in broken[: total - sum(drawn.values())]:
        drawn[key] += 1
    if len(strata) > 1:
        parts = "、".join(f"{_named(key)} {drawn[key]}/{size}" for key, size in strata.items())
        parts_en = ", ".join(f"{key or '-'} {drawn[key]}/{size}" for key, size in strata.items())
        how = (
            ("按风险等级递加分配", "allotted rising by class")
            if weights
            else ("按数量分配", "allotted by size")
        )
        steps.append(Step(f"{how[0]}：{parts}", f"{how[1]}: {parts_en}"))
    return drawn


def _ideal(total: int, strata: Mapping[str, int], weights: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Find shares in proportion to the weights whose sum is the total; a stratum that is full gives no more.

    Strata of weight 0 give nothing as long as the others have enough, and then what is missing, by their sizes.
    """
    full: set[str] = set()
    while True:
        left = total - sum(strata[key] for key in full)
        weighted = sum((strata[key] * weights[key] for key in strata if key not in full), Fraction(0))
        if left and not weighted:
            weights = {key: weights[key] or Fraction(1) for key in weights}
            continue
        each = left / weighted if weighted else Fraction(0)
        over = {key for key in strata if key not in full and strata[key] and each * weights[key] > 1}
        if not over:
            return {
                key: Fraction(size) if key in full else size * weights[key] * each
                for key, size in strata.items()
            }
        full |= over


def _raise_to_floor(
    drawn: dict[str, int], strata: Mapping[str, int], rule: QuotaRule, steps: list[Step]
) -> None:
    """Bring a draw up to the floor of the field (R39), from the highest class down."""
    size, total = sum(strata.values()), sum(drawn.values())
    least = share(size, rule.least_percent, Rounding.CEILING) if rule.least_percent else 0
    if total >= least:
        return
    missing = least - total
    for key in sorted(strata, key=_rank, reverse=True):
        more = min(missing, strata[key] - drawn[key])
        drawn[key], missing = drawn[key] + more, missing - more
    percent = _digits(rule.least_percent or Decimal(0))
    steps.append(
        Step(f"低于下限 {percent}%，补足至 {least} 个", f"below the floor of {percent}%: raised to {least}")
    )


def class_of(key: str) -> str:
    """Say as which risk class a stratum counts."""
    return key if key and key in RISK_CLASSES else "B"


def _rank(key: str) -> float:
    # What nobody has classed stands beside B, below it.
    return RISK_CLASSES.index(key) if key and key in RISK_CLASSES else 0.5


def _named(key: str) -> str:
    return f"{key} 类" if key else "未分类"


def _digits(number: Decimal) -> str:
    return format(number.normalize(), "f")
