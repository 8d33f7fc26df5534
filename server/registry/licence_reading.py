"""Reading a licence and its markers: corner points to a polygon, with everything that was found on the way.

Nothing is corrected silently: a finding says what was read otherwise than written. Errors make a licence
unusable; warnings (an area that differs by more than 1 %, an unusual number) are kept with it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from forms.geodesy import (
    CornerFinding,
    LicencePolygon,
    Severity,
    are_degrees,
    parse_corners,
    to_geographic,
    to_grid,
    zone_of_epsg,
)
from server.db import Json
from server.registry.drafts import LicenceDraft, MarkerDraft
from server.registry.models import Licence, LicenceKind

FACTS = (
    "holder", "issuer", "valid_from", "valid_to", "mineral", "method", "scale", "grade", "scope", "area_km2",
    "elevation_upper", "elevation_lower",
)  # fmt: skip
"""What a licence says beside its number, its kind and its boundary."""
FAR_METRES = 2_000.0
MAX_MARKERS = 500
# The permanent 23-character code of the ministry's registration system (since July 2020); older ones exist.
_NUMBER = re.compile(r"[CT][0-9]{22}")
_ELEVATION = re.compile(r"(?<!\d)[+-]?\d{1,4}(?:\.\d{1,3})?(?=\s*(?:米|m|至|到|~|—|-|$))", re.IGNORECASE)
_SWAPPED_ABOVE = 10_000_000.0
_OF_FACTS = {"licence_no", "elevation", "validity", "area", "area_differs"}


@dataclass(frozen=True)
class LicenceReading:
    """What a licence's text gave. Without corner points `polygon` is None and that is no error."""

    polygon: LicencePolygon | None
    rings: tuple[Json, ...]
    epsg: int | None
    findings: tuple[CornerFinding, ...]

    @property
    def usable(self) -> bool:
        """Tell whether the licence can be entered."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    def findings_as_json(self) -> list[Json]:
        """Return the findings as the wire shows them."""
        return [finding.as_json() for finding in self.findings]


@dataclass(frozen=True)
class PlacedMarker:
    """A marker whose place is known, in the licence's grid and in degrees of CGCS2000."""

    draft: MarkerDraft
    x: float
    y: float
    latitude: float
    longitude: float


def read_licence(draft: LicenceDraft, near: tuple[float, float] | None = None) -> LicenceReading:
    """Read a licence; never raises. `near` (latitude, longitude) is where its object is known to be."""
    findings = list(_check_facts(draft))
    if not draft.corners.strip():
        return LicenceReading(None, (), None, tuple(findings))
    table = parse_corners(draft.corners, zone=draft.zone, near=near)
    findings += table.findings
    polygon = None
    if table.usable:
        try:
            polygon = LicencePolygon.from_table(table)
        except ValueError as error:
            findings.append(_finding("polygon", Severity.ERROR, *_both(error)))
    if polygon and draft.area_km2:
        findings += _compare_area(polygon, draft.area_km2)
    return LicenceReading(polygon, tuple(ring.as_json() for ring in table.rings), table.epsg, tuple(findings))


def polygon_of(licence: Licence) -> LicencePolygon | None:
    """Return the area of a licence as a polygon that can measure distances; None where it has none."""
    if licence.epsg is None:
        return None
    return LicencePolygon.from_json({"epsg": licence.epsg, "rings": licence.rings})


def read_further(
    draft: LicenceDraft, licence: Licence, near: tuple[float, float] | None
) -> tuple[LicenceDraft, LicenceReading]:
    """Read a licence that is known, of which only some things are `given`: the rest is as it stands; never raises.

    Returns the draft with all that the licence says from now on. Where nothing is said of the boundary, what was found
    when it was read stays with it.
    """
    given = draft.given or frozenset()
    known = {name: getattr(licence, name) for name in FACTS if name not in given}
    kind = draft.kind if "kind" in given else LicenceKind(licence.kind)
    draft = replace(draft, **known, kind=kind)
    if "corners" in given:
        return draft, read_licence(draft, near)
    polygon = polygon_of(licence)
    found = (CornerFinding(**{**each, "severity": Severity(each["severity"])}) for each in licence.findings)
    findings = [*_check_facts(draft), *(each for each in found if each.kind not in _OF_FACTS)]
    if polygon and draft.area_km2:
        findings += _compare_area(polygon, draft.area_km2)
    return draft, LicenceReading(polygon, tuple(licence.rings), licence.epsg, tuple(findings))


def read_elevations(text: str) -> tuple[float, float] | None:
    """Read 开采标高 as a licence writes it (由+850米至+620米标高): (upper, lower) in metres, or None."""
    numbers = _ELEVATION.findall(unicodedata.normalize("NFKC", text).replace("－", "-"))
    if len(numbers) != 2:
        return None
    first, second = float(numbers[0]), float(numbers[1])
    return max(first, second), min(first, second)


def place_markers(
    polygon: LicencePolygon, drafts: tuple[MarkerDraft, ...]
) -> tuple[list[PlacedMarker], list[CornerFinding]]:
    """Place markers in a licence's grid; degrees, swapped axes and a missing zone number are corrected and told.

    A marker more than 2 km from the boundary is an error: no licence has one there.
    """
    placed: list[PlacedMarker] = []
    findings: list[CornerFinding] = []
    if len(drafts) > MAX_MARKERS:
        return [], [_finding("too_many", Severity.ERROR, "界桩过多", "Too many markers")]
    seen: set[str] = set()
    for row, draft in enumerate(drafts, 1):
        if draft.marker_no in seen:
            findings.append(_marker_finding(draft, row, "repeated", "界桩编号重复", "appears twice"))
            continue
        seen.add(draft.marker_no)
        marker, found = _place(polygon, draft, row)
        findings += found
        if marker:
            placed.append(marker)
    return placed, findings


def _place(
    polygon: LicencePolygon, draft: MarkerDraft, row: int
) -> tuple[PlacedMarker | None, list[CornerFinding]]:
    x, y = draft.x, draft.y
    findings = []
    zone = zone_of_epsg(polygon.epsg)
    if are_degrees(x, y):
        x, y = (round(each, 4) for each in to_grid(min(x, y), max(x, y), polygon.epsg))
        message = (
            "经纬度已换算为矿区坐标系的 X、Y",
            "longitude and latitude were put into the grid of the licence",
        )
        findings.append(_marker_finding(draft, row, "degrees", *message, severity=Severity.CORRECTION))
    if x > _SWAPPED_ABOVE > y:
        x, y = y, x
        message = "X、Y 颠倒，已对调", "X and Y were swapped back"
        findings.append(_marker_finding(draft, row, "swapped", *message, severity=Severity.CORRECTION))
    if zone.prefixed and y < 1_000_000:
        y += zone.number * 1_000_000
        message = f"Y 坐标缺带号，已按 {zone.number} 带补全", f"zone {zone.number} was put in"
        findings.append(_marker_finding(draft, row, "zone_completed", *message, severity=Severity.CORRECTION))
    if abs(polygon.signed_distance_in_grid(x, y)) > FAR_METRES:
        message = "距矿区边界超过 2 公里", "lies more than 2 km from the boundary"
        return None, [*findings, _marker_finding(draft, row, "far", *message)]
    latitude, longitude = to_geographic(x, y, polygon.epsg)
    return PlacedMarker(draft, x, y, latitude, longitude), findings


def _check_facts(draft: LicenceDraft) -> Iterator[CornerFinding]:
    if draft.kind is LicenceKind.MINING and not _NUMBER.fullmatch(draft.licence_no):
        yield _finding(
            "licence_no",
            Severity.WARNING,
            f"许可证号不是 C 开头的 23 位编号：{draft.licence_no}",
            f"The licence number is not C and 22 digits: {draft.licence_no}",
        )
    upper, lower = draft.elevation_upper, draft.elevation_lower
    if upper is not None and lower is not None and upper <= lower:
        yield _finding(
            "elevation",
            Severity.ERROR,
            f"开采标高上限 {upper:g} 米不高于下限 {lower:g} 米",
            f"The upper elevation {upper:g} m is not above the lower {lower:g} m",
        )
    if draft.valid_from and draft.valid_to and draft.valid_to < draft.valid_from:
        yield _finding(
            "validity", Severity.ERROR, "有效期止早于有效期起", "The licence ends before it begins"
        )
    if draft.area_km2 is not None and draft.area_km2 <= 0:
        yield _finding("area", Severity.ERROR, "矿区面积应大于 0", "The area must be above 0")


def _compare_area(polygon: LicencePolygon, licensed_km2: float) -> Iterator[CornerFinding]:
    if licensed_km2 <= 0:
        return
    area = polygon.compare_area(licensed_km2)
    if area.exceeds:
        yield _finding(
            "area_differs",
            Severity.WARNING,
            f"拐点围成 {area.computed_km2:.4f} 平方公里，与登记面积 {licensed_km2:g} 相差"
            f" {area.difference:+.1%}",
            f"The corners enclose {area.computed_km2:.4f} km², {area.difference:+.1%} from the licensed"
            f" {licensed_km2:g}",
        )


def _finding(kind: str, severity: Severity, message: str, message_en: str) -> CornerFinding:
    return CornerFinding(kind, severity, message, message_en)


def _marker_finding(
    draft: MarkerDraft,
    row: int,
    kind: str,
    message: str,
    message_en: str,
    *,
    severity: Severity = Severity.ERROR,
) -> CornerFinding:
    name = draft.marker_no[:40]
    return CornerFinding(kind, severity, f"界桩 {name}：{message}", f"Marker {name}: {message_en}", row)


def _both(error: ValueError) -> tuple[str, str]:
    """Split a message of `forms.geodesy`, which is Chinese, a stroke, English."""
    chinese, _, english = str(error).partition(" / ")
    return chinese, english or chinese
