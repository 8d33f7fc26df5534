"""Verdicts on positions that take the accuracy of the measurement into account (domain rule 4.5).

A radius a phone reports is taken to hold with 68 %; for a two-dimensional Gaussian r95/r68 = 1.615. A phone
alone never confirms anything: a crossing or a displacement is confirmed only by a survey-grade method with
the surveyor's report.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from forms.geodesy.polygon import LicencePolygon
from forms.geodesy.projection import to_grid

R95_PER_R68 = 1.62
LICENCE_ROUNDING = 0.1
MARKER_TOLERANCE = 0.5
SURVEY_ADVISED_WITHIN = 20.0
AVERAGING_FIXES = 30
AVERAGING_SECONDS = 30.0
PLAN_READING = 0.0002


class MeasuringMethod(StrEnum):
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


_SURVEY_GRADE = frozenset(
    {MeasuringMethod.RTK_FIXED, MeasuringMethod.TOTAL_STATION, MeasuringMethod.SURVEY_REPORT}
)

# Least radius in metres believed of a method, whatever the device reports. Hand-held receivers and drones
# state their own radius, which is not believed to be better than a float solution.
_FLOORS = {
    MeasuringMethod.HANDHELD_RTK: 0.5,
    MeasuringMethod.RTK_FLOAT: 0.5,
    MeasuringMethod.UAV: 0.5,
    MeasuringMethod.RTK_FIXED: 0.05,
    MeasuringMethod.TOTAL_STATION: 0.05,
    MeasuringMethod.SURVEY_REPORT: 0.05,
    MeasuringMethod.TAPE: 0.1,
}
_FLOOR_SINGLE_FIX = 3.0
_FLOOR_AVERAGED = 2.0

# These say nothing about their accuracy unless the device's own radius stands beside them.
_NEEDS_RADIUS = frozenset({MeasuringMethod.PHONE, MeasuringMethod.HANDHELD_RTK, MeasuringMethod.UAV})


class BoundaryState(StrEnum):
    """Where a working lies: 界内 / 疑似越界 / 误差范围内无法判定 / 测量确认."""

    INSIDE = "inside"
    SUSPECTED = "suspected"
    UNDETERMINED = "undetermined"
    CONFIRMED = "confirmed"

    @property
    def label(self) -> str:
        """Return the state in Chinese."""
        return {
            "inside": "界内",
            "suspected": "疑似越界",
            "undetermined": "误差范围内，无法判定",
            "confirmed": "测量确认",
        }[self.value]


class MarkerState(StrEnum):
    """Whether a boundary marker (界桩) moved: 未见位移 / 疑似位移 / 确认位移 / 精度不足无法判定."""

    NOT_DISPLACED = "not_displaced"
    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    UNDETERMINED = "undetermined"

    @property
    def label(self) -> str:
        """Return the state in Chinese."""
        return {
            "not_displaced": "未见位移",
            "suspected": "疑似位移",
            "confirmed": "确认位移",
            "undetermined": "精度不足，无法判定",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Measurement:
    """How well a position is known: method, reported radius (68 %, m), averaging, scale of the plan read.

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
        """Tell whether the method may confirm a finding, given a report."""
        return self.method in _SURVEY_GRADE

    def uncertainty(self) -> float | None:
        """Return U, the 95 % radius in metres, or None where the accuracy is not known.

        U95 = 1.62 x max(r68, floor); U = sqrt(U95² + 0.1²), for the rounding of licences and the setting of
        markers (domain rule 4.5). Reading a plan: 0.2 mm at its scale.
        """
        radius = self.radius_m
        if radius is not None and (not math.isfinite(radius) or radius <= 0):
            radius = None
        floor = self._floor()
        if floor is None or (radius is None and self.method in _NEEDS_RADIUS):
            return None
        return math.hypot(R95_PER_R68 * max(radius or 0.0, floor), LICENCE_ROUNDING)

    def _floor(self) -> float | None:
        if self.method is MeasuringMethod.PHONE:
            is_averaged = self.fixes >= AVERAGING_FIXES and self.duration_s >= AVERAGING_SECONDS
            return _FLOOR_AVERAGED if is_averaged else _FLOOR_SINGLE_FIX
        if self.method is MeasuringMethod.PLAN:
            return PLAN_READING * self.plan_scale if self.plan_scale else None
        return _FLOORS[self.method]


@dataclass(frozen=True, slots=True)
class BoundaryVerdict:
    """A verdict with what it was drawn from; `distance_m` is positive outside the licensed area."""

    state: BoundaryState
    distance_m: float
    uncertainty_m: float | None
    survey_advised: bool


@dataclass(frozen=True, slots=True)
class MarkerVerdict:
    """A verdict with what it was drawn from: displacement and its 95 % uncertainty in metres."""

    state: MarkerState
    displacement_m: float
    uncertainty_m: float | None


def judge_boundary(
    polygon: LicencePolygon, latitude: float, longitude: float, measurement: Measurement
) -> BoundaryVerdict:
    """Judge a measured point against the licensed area.

    s <= -U is inside, s > U suspected, anything between cannot be decided (domain rule 4.5). Suspected
    becomes confirmed only for a survey-grade method with a report. A survey is advised for a suspicion, and
    where nothing can be decided within 20 m of the border or without a known accuracy.
    """
    distance = polygon.signed_distance(latitude, longitude)
    uncertainty = measurement.uncertainty()
    if uncertainty is None or -uncertainty < distance <= uncertainty:
        near = uncertainty is None or abs(distance) <= SURVEY_ADVISED_WITHIN
        return BoundaryVerdict(BoundaryState.UNDETERMINED, distance, uncertainty, near)
    if distance <= -uncertainty:
        return BoundaryVerdict(BoundaryState.INSIDE, distance, uncertainty, survey_advised=False)
    if measurement.survey_grade and measurement.reported:
        return BoundaryVerdict(BoundaryState.CONFIRMED, distance, uncertainty, survey_advised=False)
    return BoundaryVerdict(BoundaryState.SUSPECTED, distance, uncertainty, survey_advised=True)


def judge_marker(
    licensed: tuple[float, float],
    epsg: int,
    latitude: float,
    longitude: float,
    *,
    measurement: Measurement,
    tolerance_m: float = MARKER_TOLERANCE,
) -> MarkerVerdict:
    """Judge a boundary marker's measured position against its licensed (X north, Y east) in a grid.

    d + U <= T is no displacement, which only survey-grade methods can show; d - U > T is suspected, and
    confirmed for a survey-grade method with a report; anything else cannot be decided (domain rule 4.5).
    """
    x_north, y_east = to_grid(latitude, longitude, epsg)
    displacement = math.hypot(x_north - licensed[0], y_east - licensed[1])
    uncertainty = measurement.uncertainty()
    state = MarkerState.UNDETERMINED
    if uncertainty is not None and displacement - uncertainty > tolerance_m:
        is_confirmed = measurement.survey_grade and measurement.reported
        state = MarkerState.CONFIRMED if is_confirmed else MarkerState.SUSPECTED
    elif uncertainty is not None and displacement + uncertainty <= tolerance_m and measurement.survey_grade:
        state = MarkerState.NOT_DISPLACED
    return MarkerVerdict(state, displacement, uncertainty)
