"""Where the numbers of a verdict come from: the formula, worked with its numbers, and why each constant is."""

from dataclasses import dataclass
from typing import Any

from forms.geodesy.heights import MARGIN_PER_UNCERTAINTY_V, U95_PER_SIGMA, ElevationMeasurement
from forms.geodesy.measuring import (
    LICENCE_ROUNDING,
    MARGIN_PER_UNCERTAINTY,
    R95_PER_R68,
    Measurement,
)
from forms.geodesy.wording import Words, rounded_up


@dataclass(frozen=True, slots=True)
class Constant:
    """A number of a formula and why it has its value."""

    symbol: str
    value: float
    why: Words

    def as_json(self) -> dict[str, Any]:
        """Return the constant as a finding carries it."""
        return {"symbol": self.symbol, "value": self.value, "reason": self.why.zh, "reason_en": self.why.en}


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in symbols, the same with its numbers (metres), the rule drawn from it, and its constants."""

    expression: str
    worked: str
    rule: Words
    constants: tuple[Constant, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the formula as a finding carries it."""
        return {
            "expression": self.expression,
            "worked": self.worked,
            "rule": self.rule.zh,
            "rule_en": self.rule.en,
            "constants": [constant.as_json() for constant in self.constants],
        }


_IN_THE_PLANE = (
    Constant(
        "1.62",
        R95_PER_R68,
        Words(
            "二维正态误差的 95% 半径与 68% 半径之比 sqrt(ln 0.05 / ln 0.32)；手机报告的精度按 68% 半径理解（安卓文档）",
            "Radius of 95 % to radius of 68 % of two-dimensional Gaussian errors, sqrt(ln 0.05 / ln 0.32); what a"
            " phone reports is taken as the radius of 68 %, as Android documents it",
        ),
    ),
    Constant(
        "0.1",
        LICENCE_ROUNDING,
        Words(
            "登记坐标取位和埋设界桩的误差 0.05-0.1 米",
            "Rounding of licensed coordinates and setting of markers, 0.05 to 0.1 m",
        ),
    ),
    Constant(
        "1.52",
        MARGIN_PER_UNCERTAINTY,
        Words(
            "99.9% 半径与 95% 半径之比 sqrt(ln 0.001 / ln 0.05)：肯定性判定出错不超过千分之一",
            "Radius of 99.9 % to radius of 95 %, sqrt(ln 0.001 / ln 0.05): a verdict that sounds certain is wrong"
            " at most once in a thousand",
        ),
    ),
)


_IN_HEIGHT = (
    Constant(
        "1.96",
        U95_PER_SIGMA,
        Words("一维正态误差的 95% 区间", "Interval of 95 % of one-dimensional Gaussian errors"),
    ),
    Constant(
        "1.68",
        MARGIN_PER_UNCERTAINTY_V,
        Words(
            "99.9% 区间与 95% 区间之比 3.29 / 1.96：肯定性判定出错不超过千分之一",
            "Interval of 99.9 % to interval of 95 %, 3.29 / 1.96: a verdict that sounds certain is wrong at most"
            " once in a thousand",
        ),
    ),
)


def formula_in_the_plane(measurement: Measurement, rule: Words) -> Formula:
    """Return the formula of U and M for a position, with the measurement's numbers where they are known."""
    floor, uncertainty, margin = measurement.floor, measurement.uncertainty(), measurement.margin()
    constants: tuple[Constant, ...] = _IN_THE_PLANE
    if floor is not None:
        constants = (Constant("floor", floor.least_m, floor.why), *constants)
    worked = ""
    if floor is not None and uncertainty is not None and margin is not None:
        shown = rounded_up(uncertainty)
        worked = (
            f"U = sqrt((1.62·max({measurement.radius_m or 0:g}, {floor.least_m:g}))² + 0.1²) = {shown:.3f};"
            f" M = 1.52·U = {rounded_up(margin):.3f}"
        )
    return Formula("U = sqrt((1.62·max(r68, floor))² + 0.1²); M = 1.52·U", worked, rule, constants)


def formula_in_height(measurement: ElevationMeasurement, rule: Words) -> Formula:
    """Return the formula of U and M for a height, with the measurement's numbers where they are known."""
    floor, uncertainty, margin = measurement.floor, measurement.uncertainty(), measurement.margin()
    constants: tuple[Constant, ...] = _IN_HEIGHT
    if floor is not None:
        constants = (Constant("floor", floor.least_m, floor.why), *constants)
    worked = ""
    if floor is not None and uncertainty is not None and margin is not None:
        worked = (
            f"U = 1.96·max({measurement.sigma_m or 0:g}, {floor.least_m:g}) = {rounded_up(uncertainty):.3f};"
            f" M = 1.68·U = {rounded_up(margin):.3f}"
        )
    return Formula("U = 1.96·max(σ, floor); M = 1.68·U", worked, rule, constants)
