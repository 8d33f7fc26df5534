"""Whether a boundary marker (界桩) stands where it was registered, and how sure that is (domain rule 4.5).

No displacement can be shown by survey-grade methods only; a phone can at most suspect one. As with boundaries,
the state is drawn from the very numbers that the verdict shows.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from forms.geodesy.formula import Formula, formula_in_the_plane
from forms.geodesy.ground import ground_distance
from forms.geodesy.measuring import Measurement
from forms.geodesy.projection import to_geographic
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

MARKER_TOLERANCE = 0.5
RULE = Words(
    "d + M <= T：未见位移（限测绘级方法）；d - M > T：疑似位移，测绘级方法并有测绘单位报告的为确认位移；其余无法判定"
    "（d 为实测位置到登记位置的地面距离，T 为容差）",
    "d + M <= T: not displaced, by a survey-grade method; d - M > T: suspected, or confirmed by a survey-grade"
    " method with a surveyor's report; otherwise undetermined (d: distance to the registered position on the"
    " ground, T: tolerance)",
)

_WITHIN_MARGIN = Reason(
    "within_margin",
    Words(
        "位移与容差之差未超过判定界限", "the displacement differs from the tolerance by less than the margin"
    ),
)
_NOT_SURVEY_GRADE = Reason(
    "not_survey_grade",
    Words("该测量方式不能证明未见位移", "this method cannot show that nothing moved"),
)


class MarkerState(Labelled, StrEnum):
    """Whether a boundary marker (界桩) moved: 未见位移 / 疑似位移 / 确认位移 / 精度不足无法判定."""

    NOT_DISPLACED = "not_displaced"
    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    UNDETERMINED = "undetermined"

    @property
    def words(self) -> Words:
        """Return the state in Chinese and English."""
        return _STATE_WORDS[self]


_STATE_WORDS = {
    MarkerState.NOT_DISPLACED: Words("未见位移", "No displacement found"),
    MarkerState.SUSPECTED: Words("疑似位移", "Displacement suspected"),
    MarkerState.CONFIRMED: Words("确认位移", "Displacement confirmed"),
    MarkerState.UNDETERMINED: Words("精度不足，无法判定", "Accuracy insufficient, cannot be determined"),
}

_CONCLUSIONS = {
    MarkerState.NOT_DISPLACED: Words("未见位移", "no displacement found"),
    MarkerState.SUSPECTED: Words(
        "疑似位移，须委托测量", "a displacement is suspected, a survey must be commissioned"
    ),
    MarkerState.CONFIRMED: Words(
        "有测绘单位的测量报告，确认位移", "the displacement is confirmed by a surveyor's report"
    ),
    MarkerState.UNDETERMINED: Words(
        "精度不足，无法判定，须测量或依方位物量距核对",
        "the accuracy is insufficient, survey it or tape it from its reference objects",
    ),
}


@dataclass(frozen=True, slots=True)
class MarkerVerdict:
    """A verdict with what it was drawn from, in metres to the millimetre.

    `uncertainty_m` (95 %) and `margin_m` (99.9 %, it decides) are None where the accuracy is not known.
    """

    state: MarkerState
    displacement_m: float
    uncertainty_m: float | None
    margin_m: float | None
    tolerance_m: float
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
            "kind": "marker",
            "state": self.state.value,
            "label": self.state.label,
            "label_en": self.state.label_en,
            "displacement_m": self.displacement_m,
            "uncertainty_m": self.uncertainty_m,
            "margin_m": self.margin_m,
            "tolerance_m": self.tolerance_m,
            "reason": self.reason.as_json() if self.reason else None,
            **self.measurement.as_json(),
            "formula": self.formula.as_json(),
            "sentence": words.zh,
            "sentence_en": words.en,
        }

    def _words(self) -> Words:
        method, conclusion = self.measurement.method.words, _CONCLUSIONS[self.state]
        decimals = self._decimals()
        far, tolerance = metres(self.displacement_m, decimals), f"{self.tolerance_m:g}"
        if self.uncertainty_m is None or self.margin_m is None:
            why = self.reason.words if self.reason else conclusion
            known = Words(why.zh, why.en)
        else:
            uncertainty = metres_up(self.uncertainty_m, decimals)
            margin = metres_up(self.margin_m, decimals)
            known = Words(
                f"95% 不确定度 {uncertainty} 米，判定界限 {margin} 米",
                f"95 % uncertainty {uncertainty} m, margin {margin} m",
            )
        return Words(
            f"界桩（{method.zh}测量）与登记位置相差 {far} 米，容差 {tolerance} 米，{known.zh}：{conclusion.zh}。",
            f"The marker ({method.en}) was measured {far} m from its registered position, tolerance"
            f" {tolerance} m, {known.en}: {conclusion.en}.",
        )

    def _decimals(self) -> int:
        if self.uncertainty_m is None or self.margin_m is None:
            return 1
        moved, margin, tolerance = self.displacement_m, self.margin_m, self.tolerance_m
        compared = _compare(moved, margin, tolerance)
        return decimals_that_read(
            self.uncertainty_m,
            lambda n: _compare(rounded(moved, n), rounded_up(margin, n), tolerance) == compared,
        )


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

    d + M <= T is no displacement, which only survey-grade methods can show; d - M > T is suspected, and
    confirmed for a survey-grade method with a report; anything else cannot be decided, so nothing is where
    d differs from T by less than the uncertainty. ValueError where there is no such place.
    """
    registered = to_geographic(*licensed, epsg)
    return judge_displacement(ground_distance(registered, (latitude, longitude)), measurement, tolerance_m)


def judge_displacement(
    displacement_m: float, measurement: Measurement, tolerance_m: float = MARKER_TOLERANCE
) -> MarkerVerdict:
    """Judge a displacement in metres that was measured itself: taped from reference objects, or surveyed."""
    displacement = rounded(displacement_m)
    uncertainty, margin = measurement.uncertainty(), measurement.margin()
    state, reason = MarkerState.UNDETERMINED, measurement.unusable
    if uncertainty is not None and margin is not None:
        uncertainty, margin = rounded_up(uncertainty), rounded_up(margin)
        state, reason = _decide(_compare(displacement, margin, tolerance_m), measurement)
    return MarkerVerdict(state, displacement, uncertainty, margin, tolerance_m, measurement, reason)


def _compare(displacement: float, margin: float, tolerance: float) -> int:
    """Return 1 where the displacement is surely above the tolerance, -1 surely not, 0 where it is not sure."""
    # Sums of millimetres are compared as millimetres: 0.3 + 0.2 must not exceed 0.5 by binary noise.
    if rounded(displacement - margin) > tolerance:
        return 1
    return -1 if rounded(displacement + margin) <= tolerance else 0


def _decide(compared: int, measurement: Measurement) -> tuple[MarkerState, Reason | None]:
    if compared > 0:
        return (MarkerState.CONFIRMED if measurement.confirms else MarkerState.SUSPECTED), None
    if compared == 0:
        return MarkerState.UNDETERMINED, _WITHIN_MARGIN
    if measurement.survey_grade:
        return MarkerState.NOT_DISPLACED, None
    return MarkerState.UNDETERMINED, _NOT_SURVEY_GRADE
