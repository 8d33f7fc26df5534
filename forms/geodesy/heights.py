"""Elevations: the licensed ranges (开采标高), and how well a measured height is known (domain rules 4.4, 4.5).

Licensed elevations are normal heights in the 1985 datum (1985国家高程基准). A phone's altitude stands above the
ellipsoid, tens of metres from them, and errs besides: it judges nothing here, whatever it reports.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from forms.geodesy.measuring import NO_PLAN_SCALE, Floor, plan_floor
from forms.geodesy.wording import Labelled, Reason, Words

U95_PER_SIGMA = 1.96
MARGIN_PER_UNCERTAINTY_V = 1.68


class HeightSystem(Labelled, StrEnum):
    """What a height is counted from (高程系统)."""

    NORMAL_1985 = "normal_1985"
    NORMAL_1956 = "normal_1956"
    MEAN_SEA_LEVEL = "msl"
    ELLIPSOIDAL = "ellipsoidal"
    UNKNOWN = "unknown"

    @property
    def words(self) -> Words:
        """Return the system in Chinese and English."""
        return _SYSTEM_WORDS[self]


_SYSTEM_WORDS = {
    HeightSystem.NORMAL_1985: Words("1985国家高程基准", "1985 national height datum"),
    HeightSystem.NORMAL_1956: Words("1956年黄海高程系", "Yellow Sea height system 1956"),
    HeightSystem.MEAN_SEA_LEVEL: Words("平均海平面（全球模型）", "mean sea level of a global model"),
    HeightSystem.ELLIPSOIDAL: Words("椭球高", "ellipsoidal height"),
    HeightSystem.UNKNOWN: Words("高程系统不明", "unknown height system"),
}


class ElevationSource(Labelled, StrEnum):
    """Where an elevation comes from (高程来源); `RTK` means with a model of the local geoid."""

    SURVEY = "survey"
    RTK = "rtk"
    PLAN = "plan"
    PHONE = "phone"

    @property
    def words(self) -> Words:
        """Return the source in Chinese and English."""
        return _SOURCE_WORDS[self]


_SOURCE_WORDS = {
    ElevationSource.SURVEY: Words("测量成果", "survey"),
    ElevationSource.RTK: Words("RTK加本地高程模型", "RTK with a local geoid model"),
    ElevationSource.PLAN: Words("图纸", "plan"),
    ElevationSource.PHONE: Words("手机", "phone"),
}

_SURVEY_FLOOR = Floor(
    0.05,
    Words(
        "控制点高程检核限差 ±0.10 米的一半",
        "Half of the ±0.10 m within which heights of control points are verified",
    ),
)
_RTK_FLOOR = Floor(
    0.1,
    Words(
        "RTK 高程误差约为平面的两倍，另加本地高程模型误差",
        "RTK errs about twice as much in height as in plan, and the local geoid model adds to it",
    ),
)

PHONE_HEIGHT = Reason(
    "phone_height",
    Words(
        "手机高程与登记标高不同基准且误差大，不得用于判断超层",
        "a phone's height has another datum and errs by metres, it must not judge over-layer mining",
    ),
)
OTHER_DATUM = Reason(
    "height_system",
    Words(
        "高程不属1985国家高程基准，应先换算",
        "the height is not in the 1985 datum and must be converted first",
    ),
)
NO_PLAN_DATE = Reason("no_plan_date", Words("未注明图纸日期", "the date of the plan is not stated"))
NO_ACCURACY = Reason("no_accuracy", Words("高程精度无效", "the accuracy of the height is not valid"))


@dataclass(frozen=True, slots=True)
class ElevationMeasurement:
    """How a height was measured: source, system, standard deviation (m), and for a plan its date and scale.

    `reported` says that a qualified surveyor's report stands behind the measurement.
    """

    source: ElevationSource
    system: HeightSystem = HeightSystem.NORMAL_1985
    sigma_m: float | None = None
    plan_date: date | None = None
    plan_scale: int | None = None
    reported: bool = False

    @property
    def confirms(self) -> bool:
        """Tell whether a finding is confirmed: surveyed, or RTK with a local geoid, and a report behind it."""
        return self.source in (ElevationSource.SURVEY, ElevationSource.RTK) and self.reported

    @property
    def floor(self) -> Floor | None:
        """Return the least standard deviation believed (m), or None where it is not known."""
        if self.source is ElevationSource.PLAN:
            return plan_floor(self.plan_scale)
        return {ElevationSource.SURVEY: _SURVEY_FLOOR, ElevationSource.RTK: _RTK_FLOOR}.get(self.source)

    @property
    def unusable(self) -> Reason | None:
        """Return why this height can judge nothing, or None where it can."""
        if self.source is ElevationSource.PHONE:
            return PHONE_HEIGHT
        if self.system is not HeightSystem.NORMAL_1985:
            return OTHER_DATUM
        if self.source is ElevationSource.PLAN and self.plan_date is None:
            return NO_PLAN_DATE
        if self.floor is None:
            return NO_PLAN_SCALE
        return None if 0 <= (self.sigma_m or 0.0) < math.inf else NO_ACCURACY

    def uncertainty(self) -> float | None:
        """Return U (95 %, metres) = 1.96 max(sigma, floor), or None where the height can judge nothing."""
        if self.unusable or self.floor is None:
            return None
        return U95_PER_SIGMA * max(self.sigma_m or 0.0, self.floor.least_m)

    def margin(self) -> float | None:
        """Return M (99.9 %, metres) = 1.68 U, beyond which a verdict may sound certain, or None."""
        uncertainty = self.uncertainty()
        return None if uncertainty is None else MARGIN_PER_UNCERTAINTY_V * uncertainty

    def as_json(self) -> dict[str, Any]:
        """Return the source and what it says about its accuracy, as a verdict carries it."""
        is_finite = self.sigma_m is not None and math.isfinite(self.sigma_m)
        return {
            "method": self.source.value,
            "method_label": self.source.label,
            "method_label_en": self.source.label_en,
            "height_system": self.system.value,
            "height_system_label": self.system.label,
            "height_system_label_en": self.system.label_en,
            "sigma_m": self.sigma_m if is_finite else None,
            "floor_m": self.floor.least_m if self.floor else None,
            "plan_date": self.plan_date.isoformat() if self.plan_date else None,
            "plan_scale": self.plan_scale,
            "reported": self.reported,
        }


@dataclass(frozen=True, slots=True, order=True)
class ElevationRange:
    """One licensed range of elevations in metres (1985 datum); ValueError unless lower < upper."""

    lower_m: float
    upper_m: float

    def __post_init__(self) -> None:
        if not -math.inf < self.lower_m < self.upper_m < math.inf:
            raise ValueError(
                f"标高范围无效 / no range of elevations: {self.lower_m:g} 至 {self.upper_m:g} 米"
            )

    def height_outside(self, elevation_m: float) -> float:
        """Return the metres from the nearer limit: + outside the range, - inside."""
        return max(self.lower_m - elevation_m, elevation_m - self.upper_m)


def merge_ranges(ranges: Iterable[ElevationRange]) -> tuple[ElevationRange, ...]:
    """Return ranges from the lowest up; those that overlap or adjoin become one."""
    merged: list[ElevationRange] = []
    for layer in sorted(ranges):
        if merged and layer.lower_m <= merged[-1].upper_m:
            upper = max(layer.upper_m, merged[-1].upper_m)
            merged[-1] = ElevationRange(merged[-1].lower_m, upper)
        else:
            merged.append(layer)
    return tuple(merged)
