"""Which grid a table of corners is in: from the zone numbers written, else from what is known besides."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from forms.geodesy.corner_table import CornerFindings, Severity
from forms.geodesy.projection import (
    ZONE_STEP,
    GridZone,
    to_geographic,
    zone_of_longitude,
    zone_of_number,
)

FAR_METRES = 200_000
_METRES_PER_DEGREE = 111_000

# Offsets of eastings from the zone number: half a 6° zone is at most 334 km wide, half a 3° zone 167 km.
OFFSETS = {6: (150_000.0, 850_000.0), 3: (325_000.0, 675_000.0)}


@dataclass(frozen=True, slots=True)
class PlacedCorner:
    """A corner whose axes are known; `zone` is the number before its easting, `offset` the rest (m)."""

    name: str
    x_north: float
    offset: float
    zone: int | None
    row: int


@dataclass(frozen=True, slots=True)
class ZoneHint:
    """What is known besides the table: a zone number, a central meridian (°E), a place (lat, lon)."""

    zone: int | None = None
    central_meridian: int | None = None
    near: tuple[float, float] | None = None

    def stated(self) -> GridZone | None:
        """Return the zone somebody stated; ValueError when there is no such zone."""
        if self.zone is not None:
            return zone_of_number(self.zone)
        if self.central_meridian is None:
            return None
        if self.central_meridian % 3:
            raise ValueError(f"{self.central_meridian}°E")
        return zone_of_longitude(self.central_meridian)


def establish_zone(
    corners: Sequence[PlacedCorner], hint: ZoneHint, findings: CornerFindings
) -> GridZone | None:
    """Return the zone of a table, or None where the numbers disagree, do not exist or are missing."""
    written = {corner.zone: corner.row for corner in reversed(corners) if corner.zone is not None}
    if len(written) > 1:
        numbers = "、".join(str(number) for number in sorted(written))
        row = sorted(written.values())[1]
        findings.tell(
            "mixed_zones", Severity.ERROR, f"带号不一致：{numbers}", f"Several zones: {numbers}", row=row
        )
        return None
    try:
        stated = hint.stated()
        grid = zone_of_number(next(iter(written))) if written else stated
        if grid is None and hint.near is not None:
            grid = zone_of_longitude(hint.near[1])
    except ValueError as problem:
        findings.tell("unknown_zone", Severity.ERROR, f"带号无效：{problem}", f"No such zone: {problem}")
        return None
    if grid is not None:
        _tell_zone(corners, grid, stated, findings)
    elif corners:
        findings.tell(
            "zone_missing",
            Severity.ERROR,
            "Y 坐标没有带号，请给出带号或中央子午线",
            "The eastings have no zone number: give the zone or the central meridian",
        )
    return grid


def check_place(
    corners: Sequence[PlacedCorner], grid: GridZone, hint: ZoneHint, findings: CornerFindings
) -> None:
    """Tell corners that lie outside their zone or far from where the licence should be."""
    low, high = OFFSETS[grid.width]
    outside = [corner.row for corner in corners if not low <= corner.offset <= high]
    if outside:
        findings.tell(
            "outside_zone",
            Severity.WARNING,
            f"拐点远离第 {grid.number} 带，请核对带号或是否为 6° 带",
            f"Corners lie far outside zone {grid.number}: check the zone number",
            row=outside[0],
        )
    if hint.near is not None and any(
        _metres_from(hint.near, corner, grid) > FAR_METRES for corner in corners
    ):
        findings.tell(
            "far_from_expected",
            Severity.WARNING,
            "拐点距预期位置超过 200 公里",
            "Corners lie more than 200 km from the expected place",
        )


def _tell_zone(
    corners: Sequence[PlacedCorner], grid: GridZone, stated: GridZone | None, findings: CornerFindings
) -> None:
    completed = [corner.row for corner in corners if corner.zone is None]
    if completed:
        findings.tell(
            "zone_completed",
            Severity.CORRECTION,
            f"{len(completed)} 个 Y 坐标缺带号，已按 {grid.width}° 带第 {grid.number} 带补全",
            f"{len(completed)} eastings lacked the zone; zone {grid.number} ({grid.width}°) was put in",
            row=completed[0],
        )
    if grid.width == 6:
        findings.tell(
            "six_degree_zone",
            Severity.NOTE,
            f"坐标为 6° 带第 {grid.number} 带",
            f"The coordinates are in 6° zone {grid.number}",
        )
    # A place tells the zone only roughly, as a licence near an edge may use the neighbour: only what was
    # stated can contradict.
    if stated is not None and stated.central_meridian != grid.central_meridian:
        findings.tell(
            "zone_differs",
            Severity.WARNING,
            f"坐标带号为 {grid.number}，与给出的 {stated.number} 带不一致",
            f"The coordinates are in zone {grid.number}, not in zone {stated.number} as stated",
        )


def _metres_from(place: tuple[float, float], corner: PlacedCorner, grid: GridZone) -> float:
    """Return the distance of a corner to a place, good to a few per cent, which is all that is asked."""
    y_east = grid.number * ZONE_STEP + corner.offset
    latitude, longitude = to_geographic(corner.x_north, y_east, grid.epsg)
    east = (longitude - place[1]) * math.cos(math.radians(latitude))
    return math.hypot(latitude - place[0], east) * _METRES_PER_DEGREE
