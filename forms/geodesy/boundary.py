"""Whether a measured point lies inside the licensed area, and how sure that is (domain rule 4.5).

A phone alone never confirms: a crossing is confirmed only by a survey-grade method with the surveyor's
report. The verdict carries its numbers, rounded to the millimetre *before* the state is drawn from them
(uncertainties upwards), so whoever holds the finding can draw it again.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from forms.geodesy.formula import Formula, formula_in_the_plane
from forms.geodesy.measuring import Measurement
from forms.geodesy.polygon import LicencePolygon
from forms.geodesy.wording import (
    Labelled,
    Language,
    Reason,
    Words,
    decimals_that_read,
    metres,
    metres_up,
    rounded,
    rounded_up,
)

SURVEY_ADVISED_WITHIN = 20.0
RULE = Words(
    "s < -M：界内；s > M：疑似越界，测绘级方法并有测绘单位报告的为测量确认；其余无法判定"
    "（s 为测点到登记矿区边界的地面距离，界外为正）",
    "s < -M: inside; s > M: suspected, or confirmed by a survey-grade method with a surveyor's report; otherwise"
    " undetermined (s: distance to the licensed boundary on the ground, + outside)",
)

_WITHIN_MARGIN = Reason(
    "within_margin", Words("距离未超过判定界限", "the distance is within the margin of decision")
)


class BoundaryState(Labelled, StrEnum):
    """Where a working lies: 界内 / 疑似越界 / 误差范围内无法判定 / 测量确认."""

    INSIDE = "inside"
    SUSPECTED = "suspected"
    UNDETERMINED = "undetermined"
    CONFIRMED = "confirmed"

    @property
    def words(self) -> Words:
        """Return the state in Chinese and English."""
        return _STATE_WORDS[self]


_STATE_WORDS = {
    BoundaryState.INSIDE: Words("界内", "Inside"),
    BoundaryState.SUSPECTED: Words("疑似越界", "Crossing suspected"),
    BoundaryState.UNDETERMINED: Words("误差范围内，无法判定", "Within the error, cannot be determined"),
    BoundaryState.CONFIRMED: Words("测量确认", "Confirmed by survey"),
}

_CONCLUSIONS = {
    BoundaryState.INSIDE: Words("界内", "inside"),
    BoundaryState.SUSPECTED: Words(
        "疑似越界，须委托测量", "a crossing is suspected, a survey must be commissioned"
    ),
    BoundaryState.UNDETERMINED: Words("误差范围内，无法判定", "within the error, cannot be determined"),
    BoundaryState.CONFIRMED: Words(
        "有测绘单位的测量报告，测量确认越界", "the crossing is confirmed by a surveyor's report"
    ),
}
_SURVEY_ADVISED = Words("，建议委托测量", "; a survey is advised")


@dataclass(frozen=True, slots=True)
class BoundaryVerdict:
    """A verdict with what it was drawn from, in metres to the millimetre.

    `distance_m` is positive outside the licensed area; `uncertainty_m` (95 %) and `margin_m` (99.9 %, it
    decides) are None where the accuracy is not known, and `reason` tells why nothing was decided.
    """

    state: BoundaryState
    distance_m: float
    uncertainty_m: float | None
    margin_m: float | None
    survey_advised: bool
    measurement: Measurement
    reason: Reason | None = None

    @property
    def formula(self) -> Formula:
        """Return where the uncertainty comes from."""
        return formula_in_the_plane(self.measurement, RULE)

    def sentence(self, language: Language = "zh") -> str:
        """Return the verdict as a sentence for a finding."""
        return self._words().in_language(language)

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as a finding carries it."""
        words = self._words()
        return {
            "kind": "boundary",
            "state": self.state.value,
            "label": self.state.label,
            "label_en": self.state.label_en,
            "distance_m": self.distance_m,
            "uncertainty_m": self.uncertainty_m,
            "margin_m": self.margin_m,
            "survey_advised": self.survey_advised,
            "reason": self.reason.as_json() if self.reason else None,
            **self.measurement.as_json(),
            "formula": self.formula.as_json(),
            "sentence": words.zh,
            "sentence_en": words.en,
        }

    def _words(self) -> Words:
        method = self.measurement.method.words
        decimals = self._decimals()
        far = metres(abs(self.distance_m), decimals)
        side = Words("外", "outside") if self.distance_m > 0 else Words("内", "inside")
        outcome = self._outcome(decimals)
        advice = Words("", "")
        if self.survey_advised and self.state is BoundaryState.UNDETERMINED:
            advice = _SURVEY_ADVISED
        return Words(
            f"测点（{method.zh}）在登记矿区边界{side.zh} {far} 米，{outcome.zh}{advice.zh}。",
            f"The measured point ({method.en}) lies {far} m {side.en} the licensed boundary"
            f"{outcome.en}{advice.en}.",
        )

    def _outcome(self, decimals: int) -> Words:
        conclusion = _CONCLUSIONS[self.state]
        if self.uncertainty_m is None or self.margin_m is None:
            why = self.reason.words if self.reason else conclusion
            return Words(f"但{why.zh}，无法判定", f", but {why.en}, so nothing can be determined")
        uncertainty = metres_up(self.uncertainty_m, decimals)
        margin = metres_up(self.margin_m, decimals)
        is_decided = self.state is not BoundaryState.UNDETERMINED
        beyond = Words("超过", "beyond") if is_decided else Words("未超过", "not beyond")
        return Words(
            f"95% 不确定度 {uncertainty} 米，{beyond.zh}判定界限 {margin} 米：{conclusion.zh}",
            f"; 95 % uncertainty {uncertainty} m, {beyond.en} the margin of {margin} m: {conclusion.en}",
        )

    def _decimals(self) -> int:
        if self.uncertainty_m is None or self.margin_m is None:
            return 1
        distance, margin = abs(self.distance_m), self.margin_m
        return decimals_that_read(
            self.uncertainty_m,
            lambda n: (round(distance, n) > rounded_up(margin, n)) == (distance > margin),
        )


def judge_boundary(
    polygon: LicencePolygon, latitude: float, longitude: float, measurement: Measurement
) -> BoundaryVerdict:
    """Judge a measured point against the licensed area; ValueError where there is no such place.

    s < -M is inside, s > M suspected, anything between cannot be decided. Suspected becomes confirmed only
    for a survey-grade method with a report. A survey is advised for a suspicion, and where nothing can be
    decided within 20 m of the border or without a known accuracy.
    """
    distance = rounded(polygon.signed_distance(latitude, longitude))
    uncertainty, margin = measurement.uncertainty(), measurement.margin()
    if uncertainty is None or margin is None:
        return BoundaryVerdict(
            BoundaryState.UNDETERMINED, distance, None, None, True, measurement, measurement.unusable
        )
    uncertainty, margin = rounded_up(uncertainty), rounded_up(margin)
    reason = None
    if distance < -margin:
        state = BoundaryState.INSIDE
    elif distance > margin:
        state = BoundaryState.CONFIRMED if measurement.confirms else BoundaryState.SUSPECTED
    else:
        state, reason = BoundaryState.UNDETERMINED, _WITHIN_MARGIN
    is_near = state is BoundaryState.UNDETERMINED and abs(distance) <= SURVEY_ADVISED_WITHIN
    is_advised = is_near or state is BoundaryState.SUSPECTED
    return BoundaryVerdict(state, distance, uncertainty, margin, is_advised, measurement, reason)
