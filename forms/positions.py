"""What a record's positions say: verdicts on measured points and markers, computed from the register.

A form needs no special question for it. A group with `position` and `method` is a measured point (测点), one
with `marker_no`, `meas` and `meas_method` a boundary marker (界桩), as the blocks `workings` and `markers` of
the catalogue have them. The surveyor's report stands beside them in one group: `survey_reported`,
`survey_certificate`, `survey_report_no`. A phone can raise a suspicion, never a confirmed breach.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from forms.answers.tree import Answer, AnswerGroup, Answers
from forms.findings import Finding, FindingKind
from forms.geodesy import (
    BoundaryVerdict,
    ElevationMeasurement,
    ElevationRange,
    ElevationSource,
    ElevationVerdict,
    LicencePolygon,
    MarkerVerdict,
    Measurement,
    MeasuringMethod,
    PresenceNote,
    check_presence,
    from_gcj02,
    ground_distance,
    judge_boundary,
    judge_displacement,
    judge_elevation,
    judge_marker,
    suspects_gcj02,
    to_geographic,
)
from forms.structure import Form
from forms.values import Geopoint

TAPE_RADIUS = 0.1
"""Metres a taped distance is off at most, as a radius of 68 % (domain rule 4.5)."""

_GCJ02_LEAST, _GCJ02_MOST, _GCJ02_CLOSE = 300.0, 700.0, 20.0
_GCJ02 = (
    "疑似使用了 GCJ-02 坐标：换算后与应在位置相符；请核对手机定位来源",
    "This looks like a GCJ-02 position: converted, it is where it should be. Check what the phone took it from",
)

_NAMES_OF_INTEREST = frozenset(
    {"marker_no", "meas", "position", "method", "place_position", "map_date"}
    | {"survey_reported", "survey_certificate", "survey_report_no"}
)

Verdict = BoundaryVerdict | MarkerVerdict | ElevationVerdict | PresenceNote
Fields = Mapping[str, Answer]


@dataclass(frozen=True)
class Licensed:
    """What is registered: the licensed area, its markers as (X north, Y east) in its grid, its elevations.

    `place` is the object's (latitude, longitude) in degrees, where there is no area.
    """

    polygon: LicencePolygon | None = None
    markers: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    elevations: tuple[ElevationRange, ...] = ()
    place: tuple[float, float] | None = None


def judge_positions(answers: Answers, licensed: Licensed) -> list[Finding]:
    """Return a finding for every position that can be compared with what is registered, with its numbers."""
    wanted = _groups_of_interest(answers.form)
    groups = list(_groups(answers.root, wanted, _above(wanted)))
    survey = _Survey.of(groups)
    found: list[Finding] = []
    for fields in groups:
        try:
            found.extend(_judge(fields, licensed, survey))
        except ValueError:  # No such place on earth, or no such source: the answers' own findings tell it.
            continue
    return found


def _judge(fields: Fields, licensed: Licensed, survey: "_Survey") -> list[Finding]:
    if "marker_no" in fields and "meas" in fields:
        return list(_judge_marker(fields, licensed, survey))
    if "position" in fields and "method" in fields:
        return list(_judge_point(fields, licensed, survey))
    if "place_position" in fields:
        return list(_judge_presence(fields["place_position"], licensed))
    return []


@dataclass(frozen=True, slots=True)
class _Survey:
    """The surveyor's report of a record, if there is one, and the date of the plan that was read."""

    reported: bool
    plan_date: date | None

    @classmethod
    def of(cls, groups: list[Fields]) -> "_Survey":
        """Find the report: it counts only with the surveyor's certificate and its own number."""
        named = {name: answer for fields in groups for name, answer in fields.items()}
        wanted = ("survey_certificate", "survey_report_no")
        is_there = "survey_reported" in named and named["survey_reported"].text == "yes"
        plan = named["map_date"].value if "map_date" in named else None
        return cls(
            reported=is_there and all(name in named and named[name].text for name in wanted),
            plan_date=plan if isinstance(plan, date) else None,
        )


@lru_cache(maxsize=128)
def _groups_of_interest(form: Form) -> frozenset[str]:
    """Name by path the groups that hold something that is judged here, or what the surveyor's report says."""
    return frozenset(
        node.path.rpartition("/")[0] for node in form.questions() if node.name in _NAMES_OF_INTEREST
    )


@lru_cache(maxsize=128)
def _above(paths: frozenset[str]) -> frozenset[str]:
    """Name the groups that hold others, at whatever depth: what lies beside them need not be looked into."""
    steps = (path.split("/") for path in paths)
    return frozenset("/".join(each[:length]) for each in steps for length in range(2, len(each)))


def _groups(group: AnswerGroup, wanted: AbstractSet[str], above: AbstractSet[str]) -> Iterator[Fields]:
    path = group.group.path
    if path in wanted:
        yield {child.question.name: child for child in group.children if isinstance(child, Answer)}
    if path in above:
        for child in group.children:
            if isinstance(child, AnswerGroup):
                yield from _groups(child, wanted, above)


def _judge_point(fields: Fields, licensed: Licensed, survey: _Survey) -> Iterator[Finding]:
    answer, point = fields["position"], fields["position"].value
    method = _method(fields["method"])
    if isinstance(point, Geopoint) and method is not None and licensed.polygon is not None:
        measurement = Measurement(
            method, point.accuracy, plan_scale=_integer(fields, "plan_scale"), reported=survey.reported
        )
        yield _finding(answer, judge_boundary(licensed.polygon, point.latitude, point.longitude, measurement))
        if _lies_like_gcj02(licensed.polygon, point):
            yield _suspicion(answer)
    height = fields.get("elevation_m")
    source = fields["elevation_source"].text if "elevation_source" in fields else ""
    if height is not None and isinstance(height.value, Decimal) and source and licensed.elevations:
        heights = ElevationMeasurement(
            ElevationSource(source),
            plan_date=survey.plan_date,
            plan_scale=_integer(fields, "plan_scale"),
            reported=survey.reported,
        )
        yield _finding(height, judge_elevation(licensed.elevations, float(height.value), heights))


def _judge_marker(fields: Fields, licensed: Licensed, survey: _Survey) -> Iterator[Finding]:
    answer, point = fields["meas"], fields["meas"].value
    method = _method(fields.get("meas_method"))
    registered = licensed.markers.get(fields["marker_no"].text)
    if registered is None or licensed.polygon is None or method is None or not isinstance(point, Geopoint):
        return
    epsg = licensed.polygon.epsg
    expected = to_geographic(*registered, epsg)
    surveyed = _decimal(fields, "meas_x"), _decimal(fields, "meas_y")
    taped = _decimal(fields, "taped_m")
    if method is MeasuringMethod.TAPE:
        if taped is not None:
            yield _finding(answer, judge_displacement(taped, Measurement(method, TAPE_RADIUS)))
        return
    if surveyed[0] is not None and surveyed[1] is not None:
        measured = to_geographic(surveyed[0], surveyed[1], epsg)
        moved = ground_distance(expected, measured)
        yield _finding(answer, judge_displacement(moved, Measurement(method, reported=survey.reported)))
        return
    measurement = Measurement(method, point.accuracy, reported=survey.reported)
    yield _finding(
        answer,
        judge_marker(registered, epsg, point.latitude, point.longitude, measurement=measurement),
    )
    if suspects_gcj02((point.latitude, point.longitude), expected):
        yield _suspicion(answer)


def _judge_presence(answer: Answer, licensed: Licensed) -> Iterator[Finding]:
    point, place = answer.value, licensed.polygon or licensed.place
    if isinstance(point, Geopoint) and place is not None:
        note = check_presence(place, point.latitude, point.longitude, point.accuracy)
        if note is not None:
            yield _finding(answer, note)


def _lies_like_gcj02(polygon: LicencePolygon, point: Geopoint) -> bool:
    """Tell whether a point far outside the area lies in it, or at its border, once converted from GCJ-02."""
    outside = polygon.signed_distance(point.latitude, point.longitude)
    if not _GCJ02_LEAST <= outside <= _GCJ02_MOST:
        return False
    return polygon.signed_distance(*from_gcj02(point.latitude, point.longitude)) <= _GCJ02_CLOSE


def _finding(answer: Answer, verdict: Verdict) -> Finding:
    return Finding(
        answer.path,
        FindingKind.POSITION,
        verdict.sentence("zh"),
        verdict.sentence("en"),
        verdict.as_json(),
    )


def _suspicion(answer: Answer) -> Finding:
    return Finding(answer.path, FindingKind.POSITION, *_GCJ02, {"kind": "suspected_gcj02"})


def _method(answer: Answer | None) -> MeasuringMethod | None:
    known = {method.value: method for method in MeasuringMethod}
    return known.get(answer.text) if answer is not None else None


def _integer(fields: Fields, name: str) -> int | None:
    value = fields[name].value if name in fields else None
    return value if isinstance(value, int) else None


def _decimal(fields: Fields, name: str) -> float | None:
    value = fields[name].value if name in fields else None
    return float(value) if isinstance(value, Decimal) else None
