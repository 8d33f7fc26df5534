"""Whether a working stays within the licensed elevations (开采标高), or is over-layer (超层)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from forms.geodesy.formula import Formula, formula_in_height
from forms.geodesy.heights import (
    ElevationMeasurement,
    ElevationRange,
    ElevationSource,
    merge_ranges,
)
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

RULE = Words(
    "e < -M：标高范围内；e > M：疑似超层，测量成果或RTK加本地高程模型并有测绘单位报告的为测量确认；其余无法判定"
    "（e 为超出最近登记标高范围的高度，范围内为负）",
    "e < -M: inside; e > M: suspected, or confirmed by a survey, or RTK with a local geoid model, with a surveyor's"
    " report; otherwise undetermined (e: height outside the nearest licensed range, - inside)",
)

NO_RANGE = Reason("no_range", Words("许可证没有登记开采标高", "the licence states no elevations"))
NO_HEIGHT = Reason("no_height", Words("高程不是有效数值", "the height is no valid number"))
_WITHIN_MARGIN = Reason(
    "within_margin",
    Words("与登记标高之差未超过判定界限", "the height differs from a licensed limit by less than the margin"),
)


class ElevationState(Labelled, StrEnum):
    """Where a working lies in height: 标高范围内 / 疑似超层 / 无法判定 / 测量确认."""

    INSIDE = "inside"
    SUSPECTED = "suspected"
    UNDETERMINED = "undetermined"
    CONFIRMED = "confirmed"

    @property
    def words(self) -> Words:
        """Return the state in Chinese and English."""
        return _STATE_WORDS[self]


_STATE_WORDS = {
    ElevationState.INSIDE: Words("标高范围内", "Within the licensed elevations"),
    ElevationState.SUSPECTED: Words("疑似超层", "Over-layer mining suspected"),
    ElevationState.UNDETERMINED: Words("无法判定", "Cannot be determined"),
    ElevationState.CONFIRMED: Words("测量确认", "Confirmed by survey"),
}

_CONCLUSIONS = {
    ElevationState.INSIDE: Words("在标高范围内", "within the licensed elevations"),
    ElevationState.SUSPECTED: Words(
        "疑似超层，须委托测量", "over-layer mining is suspected, a survey must be commissioned"
    ),
    ElevationState.UNDETERMINED: Words(
        "误差范围内，无法判定，建议委托测量", "within the error, cannot be determined; a survey is advised"
    ),
    ElevationState.CONFIRMED: Words(
        "有测绘单位的测量报告，测量确认超层", "over-layer mining is confirmed by a surveyor's report"
    ),
}


@dataclass(frozen=True, slots=True)
class ElevationVerdict:
    """A verdict with what it was drawn from, in metres to the millimetre.

    `outside_m` is the height outside the nearest licensed range, negative within one (None without a range
    or a height); `uncertainty_m` (95 %) and `margin_m` (99.9 %, it decides) are None where nothing is judged.
    """

    state: ElevationState
    elevation_m: float | None
    outside_m: float | None
    ranges: tuple[ElevationRange, ...]
    uncertainty_m: float | None
    margin_m: float | None
    measurement: ElevationMeasurement
    reason: Reason | None = None

    @property
    def survey_advised(self) -> bool:
        """Tell whether a survey should follow: a suspicion, or a height too near to a licensed limit."""
        return self.state is ElevationState.SUSPECTED or self.reason is _WITHIN_MARGIN

    @property
    def formula(self) -> Formula:
        """Return where the uncertainty comes from."""
        return formula_in_height(self.measurement, RULE)

    def sentence(self, language: Language = "zh") -> str:
        """Return the verdict as a sentence for a finding."""
        return self._words().in_language(language)

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as a finding carries it."""
        words = self._words()
        return {
            "kind": "elevation",
            "state": self.state.value,
            "label": self.state.label,
            "label_en": self.state.label_en,
            "elevation_m": self.elevation_m,
            "outside_m": self.outside_m,
            "ranges": [[layer.lower_m, layer.upper_m] for layer in self.ranges],
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
        source = _describe(self.measurement)
        decimals = self._decimals()
        figure = "-" if self.elevation_m is None else metres(self.elevation_m, decimals)
        outcome = self._outcome(decimals)
        return Words(
            f"测点（{source.zh}）高程 {figure} 米，{outcome.zh}。",
            f"The measured point ({source.en}) lies at {figure} m, {outcome.en}.",
        )

    def _outcome(self, decimals: int) -> Words:
        if self.uncertainty_m is None or self.margin_m is None or self.outside_m is None:
            why = self.reason.words if self.reason else self.state.words
            return Words(f"但{why.zh}，无法判定", f"but {why.en}, so nothing can be determined")
        place = self._place(metres(abs(self.outside_m), decimals))
        uncertainty, margin = metres_up(self.uncertainty_m, decimals), metres_up(self.margin_m, decimals)
        conclusion = _CONCLUSIONS[self.state]
        return Words(
            f"{place.zh}，95% 不确定度 {uncertainty} 米，判定界限 {margin} 米：{conclusion.zh}",
            f"{place.en}; 95 % uncertainty {uncertainty} m, margin {margin} m: {conclusion.en}",
        )

    def _place(self, far: str) -> Words:
        """Say where the height lies to the nearest licensed range; `far` are the metres from its limit."""
        height = self.elevation_m or 0.0
        layer = min(self.ranges, key=lambda layer: layer.height_outside(height))
        lower, upper = f"{layer.lower_m:g}", f"{layer.upper_m:g}"
        if height < layer.lower_m:
            return Words(
                f"比登记标高下限 {lower} 米低 {far} 米",
                f"{far} m below the licensed lower limit of {lower} m",
            )
        if height > layer.upper_m:
            return Words(
                f"比登记标高上限 {upper} 米高 {far} 米",
                f"{far} m above the licensed upper limit of {upper} m",
            )
        return Words(
            f"在登记标高 {lower} 米至 {upper} 米之内，距界限 {far} 米",
            f"within the licensed {lower} m to {upper} m, {far} m from the limit",
        )

    def _decimals(self) -> int:
        if self.uncertainty_m is None or self.margin_m is None or self.outside_m is None:
            return 1
        outside, margin = abs(self.outside_m), self.margin_m
        return decimals_that_read(
            self.uncertainty_m, lambda n: (rounded(outside, n) > rounded_up(margin, n)) == (outside > margin)
        )


def judge_elevation(
    ranges: Iterable[ElevationRange], elevation_m: float, measurement: ElevationMeasurement
) -> ElevationVerdict:
    """Judge a measured elevation (metres, in the measurement's height system) against the licensed ranges.

    e < -M is inside, e > M suspected, confirmed for a survey (or RTK with a local geoid) with a report;
    anything between cannot be why. Neither can a phone's altitude, a height in another system, or a plan
    without date or scale, and for those no difference from the licensed limits is told either.
    """
    merged = merge_ranges(ranges)
    height = rounded(elevation_m) if math.isfinite(elevation_m) else None
    uncertainty, margin = measurement.uncertainty(), measurement.margin()
    if height is None or not merged or uncertainty is None or margin is None:
        reason = measurement.unusable or (NO_RANGE if height is not None else NO_HEIGHT)
        state = ElevationState.UNDETERMINED
        return ElevationVerdict(state, height, None, merged, None, None, measurement, reason)
    uncertainty, margin = rounded_up(uncertainty), rounded_up(margin)
    outside = rounded(min(layer.height_outside(height) for layer in merged))
    why = None
    if outside < -margin:
        state = ElevationState.INSIDE
    elif outside > margin:
        state = ElevationState.CONFIRMED if measurement.confirms else ElevationState.SUSPECTED
    else:
        state, why = ElevationState.UNDETERMINED, _WITHIN_MARGIN
    return ElevationVerdict(state, height, outside, merged, uncertainty, margin, measurement, why)


def _describe(measurement: ElevationMeasurement) -> Words:
    source = measurement.source.words
    if measurement.source is not ElevationSource.PLAN:
        return source
    scale = f"1:{measurement.plan_scale} " if measurement.plan_scale else ""
    day = measurement.plan_date.isoformat() if measurement.plan_date else ""
    return Words(
        f"{scale}{source.zh}{f'，{day}' if day else ''}", f"{scale}{source.en}{f' of {day}' if day else ''}"
    )
