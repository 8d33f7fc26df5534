"""How well a position is known: by its method, the radius its device reports, and averaging (domain rule 4.5).

A radius a phone reports is taken to hold with 68 %, as Android documents it. For errors of a two-dimensional
Gaussian the radius that holds with 95 % is sqrt(ln 0.05 / ln 0.32) = 1.62 times as long, and the one that
holds with 99.9 % another sqrt(ln 0.001 / ln 0.05) = 1.52 times. The first is the uncertainty U that is shown;
the second is the margin M that decides, because a verdict that sounds certain may be wrong once in a
thousand, not once in twenty: with U alone, 3 % of the markers that never moved would be suspected by a phone.
A wrong verdict needs an error longer than M, so the bound holds for any shape of boundary.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from forms.geodesy.wording import Labelled, Reason, Words

R95_PER_R68 = 1.62
MARGIN_PER_UNCERTAINTY = 1.52
LICENCE_ROUNDING = 0.1
AVERAGING_FIXES = 30
AVERAGING_SECONDS = 30.0
PLAN_READING = 0.0002


class MeasuringMethod(Labelled, StrEnum):
    """How a position was measured (测量方式)."""

    PHONE = "phone"
    HANDHELD_RTK = "rtk_handheld"
    RTK_FLOAT = "rtk_float"
    RTK_FIXED = "rtk_fixed"
    TOTAL_STATION = "total_station"
    PLAN = "plan"
    UAV = "uav"
    TAPE = "tape"
    SURVEY_REPORT = "survey_report"

    @property
    def words(self) -> Words:
        """Return the method in Chinese and English."""
        return _METHOD_WORDS[self]


_METHOD_WORDS = {
    MeasuringMethod.PHONE: Words("手机", "phone"),
    MeasuringMethod.HANDHELD_RTK: Words("手持RTK", "hand-held RTK"),
    MeasuringMethod.RTK_FLOAT: Words("RTK浮点解", "RTK, float solution"),
    MeasuringMethod.RTK_FIXED: Words("网络RTK固定解", "RTK, fixed solution"),
    MeasuringMethod.TOTAL_STATION: Words("全站仪", "total station"),
    MeasuringMethod.PLAN: Words("图上量取", "read from a plan"),
    MeasuringMethod.UAV: Words("无人机", "drone"),
    MeasuringMethod.TAPE: Words("依方位物量距", "taped from reference objects"),
    MeasuringMethod.SURVEY_REPORT: Words("测量报告", "survey report"),
}

_SURVEY_GRADE = frozenset(
    {MeasuringMethod.RTK_FIXED, MeasuringMethod.TOTAL_STATION, MeasuringMethod.SURVEY_REPORT}
)


@dataclass(frozen=True, slots=True)
class Floor:
    """The least error believed of a measurement, whatever its device reports, and why.

    In metres: a radius of 68 % in the plane, a standard deviation in height.
    """

    least_m: float
    why: Words


_CONTROL = Floor(
    0.05,
    Words("控制点检核限差 ±0.10 米的一半", "Half of the ±0.10 m within which control points are verified"),
)
_FLOAT = Floor(0.5, Words("不优于 RTK 浮点解", "Not believed to be better than an RTK float solution"))
_SINGLE_FIX = Floor(
    3.0,
    Words(
        "单次定位：手机在开阔地实测误差 1.7-4.5 米，报告值可能偏小",
        "A single fix: phones were found 1.7-4.5 m off in the open, and may report too small a radius",
    ),
)
_AVERAGED = Floor(
    2.0, Words("30 次以上、持续 30 秒以上的平均值", "The mean of at least 30 fixes over at least 30 seconds")
)
_TAPED = Floor(0.1, Words("量距误差约 0.1 米", "Taped distances are good to about 0.1 m"))
_PLAN_WHY = Words(
    "图上量取误差 0.2 毫米乘以比例尺分母", "Reading a plan errs by 0.2 mm times its scale denominator"
)

_FLOORS = {
    MeasuringMethod.HANDHELD_RTK: _FLOAT,
    MeasuringMethod.RTK_FLOAT: _FLOAT,
    MeasuringMethod.UAV: _FLOAT,
    MeasuringMethod.RTK_FIXED: _CONTROL,
    MeasuringMethod.TOTAL_STATION: _CONTROL,
    MeasuringMethod.SURVEY_REPORT: _CONTROL,
    MeasuringMethod.TAPE: _TAPED,
}

# These say nothing about their accuracy unless a radius stands beside them. Taping is among them, because the
# position of a taped marker may as well be a phone's.
_NEEDS_RADIUS = frozenset(
    {MeasuringMethod.PHONE, MeasuringMethod.HANDHELD_RTK, MeasuringMethod.UAV, MeasuringMethod.TAPE}
)

NO_RADIUS = Reason("no_accuracy", Words("测量未报告有效精度", "the measurement reports no valid accuracy"))
NO_PLAN_SCALE = Reason("no_plan_scale", Words("图纸未注明比例尺", "the scale of the plan is not stated"))


def plan_floor(scale: int | None) -> Floor | None:
    """Return the least error of reading a plan of 1:scale, or None where the scale is not known."""
    return Floor(PLAN_READING * scale, _PLAN_WHY) if scale and scale > 0 else None


@dataclass(frozen=True, slots=True)
class Measurement:
    """How a position was measured: method, reported radius (68 %, m), averaging, scale of the plan read.

    `reported` says that a qualified surveyor's report stands behind the measurement.
    """

    method: MeasuringMethod
    radius_m: float | None = None
    fixes: int = 1
    duration_s: float = 0.0
    plan_scale: int | None = None
    reported: bool = False

    @property
    def survey_grade(self) -> bool:
        """Tell whether the method can confirm anything, given the surveyor's report."""
        return self.method in _SURVEY_GRADE

    @property
    def confirms(self) -> bool:
        """Tell whether a finding of this measurement is confirmed: survey grade and a report behind it."""
        return self.survey_grade and self.reported

    @property
    def floor(self) -> Floor | None:
        """Return the least radius believed of this measurement, or None where it is not known."""
        if self.method is MeasuringMethod.PHONE:
            is_averaged = self.fixes >= AVERAGING_FIXES and self.duration_s >= AVERAGING_SECONDS
            return _AVERAGED if is_averaged else _SINGLE_FIX
        if self.method is MeasuringMethod.PLAN:
            return plan_floor(self.plan_scale)
        return _FLOORS[self.method]

    @property
    def unusable(self) -> Reason | None:
        """Return why the accuracy is not known, or None where it is."""
        if self.floor is None:
            return NO_PLAN_SCALE
        # A position without a stated accuracy carries a radius of 0.
        radius = self.radius_m or 0.0
        is_missing = radius == 0 and self.method in _NEEDS_RADIUS
        return NO_RADIUS if is_missing or not 0 <= radius < math.inf else None

    @property
    def believed_radius_m(self) -> float | None:
        """Return max(r68, floor) in metres, or None where the accuracy is not known."""
        if self.unusable or self.floor is None:
            return None
        return max(self.radius_m or 0.0, self.floor.least_m)

    def uncertainty(self) -> float | None:
        """Return U (95 %, metres) = sqrt((1.62 max(r68, floor))² + 0.1²), or None where it is not known."""
        radius = self.believed_radius_m
        return None if radius is None else math.hypot(R95_PER_R68 * radius, LICENCE_ROUNDING)

    def margin(self) -> float | None:
        """Return M (99.9 %, metres) = 1.52 U, beyond which a verdict may sound certain, or None."""
        uncertainty = self.uncertainty()
        return None if uncertainty is None else MARGIN_PER_UNCERTAINTY * uncertainty

    def as_json(self) -> dict[str, Any]:
        """Return the method and what it says about its accuracy, as a verdict carries it."""
        return {
            "method": self.method.value,
            "method_label": self.method.label,
            "method_label_en": self.method.label_en,
            "radius_m": self.believed_radius_m and self.radius_m,
            "floor_m": self.floor.least_m if self.floor else None,
            "fixes": self.fixes,
            "duration_s": self.duration_s,
            "plan_scale": self.plan_scale,
            "reported": self.reported,
            "crs": "EPSG:4490",
            # A phone's WGS 84 of today is taken as CGCS2000, from which it has drifted by 0.6 to 0.9 m.
            "crs_assumed": self.method is MeasuringMethod.PHONE,
        }
