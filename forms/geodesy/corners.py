"""Corner points (拐点坐标) of a licence as people paste them: read tolerantly, corrected never silently.

A licence writes `point number, X, Y`: X is the northing (7 digits), Y the easting with the zone number in
front (8 digits). 3° zones are numbered 25-45 and 6° zones 13-23, so the prefix tells the kind of zone.
"""

from dataclasses import dataclass

from forms.geodesy.corner_table import Corner, CornerFinding, CornerTable, Ring, Severity
from forms.geodesy.corner_text import RawPoint, RawRing, RawTable, split_corner_text
from forms.geodesy.projection import ZONE_STEP, GridZone, to_grid, zone_of_longitude, zone_of_number
from forms.geodesy.ring_checks import check_rings

MAX_TEXT = 200_000
MAX_CORNERS = 5_000
FAR_METRES = 200_000

# China lies between 3.8°N and 53.6°N; half a 6° zone is at most 334 km wide, half a 3° zone 167 km.
_NORTHINGS = (400_000.0, 6_000_000.0)
_OFFSETS = {6: (150_000.0, 850_000.0), 3: (325_000.0, 675_000.0)}
_PREFIXED = (13_000_000.0, 46_000_000.0)
_SAME = 0.0005


def parse_corners(
    text: str,
    *,
    zone: int | None = None,
    central_meridian: int | None = None,
    near: tuple[float, float] | None = None,
) -> CornerTable:
    """Read pasted corner points; never raises, whatever was wrong or corrected stands in `findings`.

    Rows are `name,X,Y` or `X,Y`, parted by line ends or semicolons, columns by commas, blanks, tabs or 、;
    rings by a blank line, `*` or a header (`除外` begins an excluded area). Where eastings lack the zone
    number it is completed from `zone` (13-23 or 25-45), `central_meridian` (degrees, 3° system) or `near`
    (latitude, longitude); without any of these the table has no `epsg`.
    """
    if len(text) > MAX_TEXT:
        return CornerTable((), None, (_finding("too_long", _ERROR, "文本过长", "The text is too long"),))
    return _Reading(zone, central_meridian, near).read(split_corner_text(text))


_ERROR, _WARNING, _CORRECTION, _NOTE = (
    Severity.ERROR,
    Severity.WARNING,
    Severity.CORRECTION,
    Severity.NOTE,
)


def _finding(
    kind: str, severity: Severity, message: str, message_en: str, row: int | None = None
) -> CornerFinding:
    return CornerFinding(kind, severity, message, message_en, row)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A point whose axes are known; `zone` is the prefix of its easting, `offset` the rest."""

    name: str
    x_north: float
    offset: float
    zone: int | None
    row: int


class _Reading:
    """One reading of one table, collecting findings on the way."""

    def __init__(
        self, zone: int | None, central_meridian: int | None, near: tuple[float, float] | None
    ) -> None:
        self._zone = zone
        self._central_meridian = central_meridian
        self._near = near
        self._findings: list[CornerFinding] = []
        self._swapped: list[int] = []

    def read(self, raw: RawTable) -> CornerTable:
        self._tell_text(raw)
        count = sum(len(ring.points) for ring in raw.rings)
        if not 0 < count <= MAX_CORNERS:
            kind = "too_many_points" if count else "no_corners"
            self._tell(kind, _ERROR, f"读到 {count} 个拐点", f"{count} corners were read")
            return CornerTable((), None, tuple(self._findings))
        placed = [(ring, self._place(ring)) for ring in raw.rings]
        points = [point for _, ring_points in placed for point in ring_points]
        self._tell_swapped(len(points))
        grid = self._establish_zone(points)
        rings = tuple(ring for raw_ring, ps in placed for ring in self._close(raw_ring, ps, grid))
        self._findings.extend(check_rings(rings))
        if grid is not None:
            self._check_place(points, grid)
        return CornerTable(rings, grid.epsg if grid else None, tuple(self._findings))

    def _tell(
        self, kind: str, severity: Severity, message: str, message_en: str, row: int | None = None
    ) -> None:
        self._findings.append(_finding(kind, severity, message, message_en, row))

    def _tell_text(self, raw: RawTable) -> None:
        for row, text in raw.incomplete:
            self._tell("incomplete", _ERROR, f"坐标不完整：{text[:60]}", f"Incomplete: {text[:60]}", row)
        for row, text in raw.unreadable:
            self._tell("unreadable", _WARNING, f"无法识别：{text[:60]}", f"Not understood: {text[:60]}", row)
        for row, text in raw.ignored:
            self._tell(
                "ignored", _NOTE, f"未作为拐点：{text[:60]}", f"Not taken as a corner: {text[:60]}", row
            )
        for row in raw.thousands:
            self._tell("thousands", _CORRECTION, "已去掉千分位逗号", "Thousands separators were removed", row)

    def _place(self, ring: RawRing) -> list[_Placed]:
        """Tell northing from easting in every point of a ring."""
        placed = []
        for point in ring.points:
            if _is_northing(point.first) and _is_easting(point.second):
                placed.append(_split_easting(point, point.first, point.second))
            elif _is_northing(point.second) and _is_easting(point.first):
                self._swapped.append(point.row)
                placed.append(_split_easting(point, point.second, point.first))
            else:
                self._tell(
                    "out_of_range",
                    _ERROR,
                    f"坐标超出范围：{point.first:.3f}，{point.second:.3f}",
                    f"Coordinates out of range: {point.first:.3f}, {point.second:.3f}",
                    point.row,
                )
        return placed

    def _tell_swapped(self, count: int) -> None:
        rows = self._swapped[:1] if len(self._swapped) == count else self._swapped
        whole = "全表" if len(self._swapped) == count else ""
        for row in rows:
            self._tell("swapped", _CORRECTION, f"{whole}X、Y 颠倒，已对调", "X and Y were swapped back", row)

    def _establish_zone(self, points: list[_Placed]) -> GridZone | None:
        written = {point.zone: point.row for point in reversed(points) if point.zone is not None}
        if len(written) > 1:
            numbers = "、".join(str(number) for number in sorted(written))
            row = sorted(written.values())[1]
            self._tell("mixed_zones", _ERROR, f"带号不一致：{numbers}", f"Several zones: {numbers}", row)
            return None
        try:
            hinted = self._hinted_zone()
            grid = zone_of_number(next(iter(written))) if written else hinted
        except ValueError as problem:
            self._tell("unknown_zone", _ERROR, f"带号无效：{problem}", f"No such zone: {problem}")
            return None
        if grid is None:
            if points:
                self._tell(
                    "zone_missing",
                    _ERROR,
                    "Y 坐标没有带号，请给出带号或中央子午线",
                    "The eastings have no zone number: give the zone or the central meridian",
                )
            return None
        self._tell_zone(points, grid, hinted)
        return grid

    def _hinted_zone(self) -> GridZone | None:
        if self._zone is not None:
            return zone_of_number(self._zone)
        if self._central_meridian is not None:
            if self._central_meridian % 3:
                raise ValueError(f"{self._central_meridian}°E")
            return zone_of_longitude(self._central_meridian)
        return zone_of_longitude(self._near[1]) if self._near else None

    def _tell_zone(self, points: list[_Placed], grid: GridZone, hinted: GridZone | None) -> None:
        completed = [point.row for point in points if point.zone is None]
        if completed:
            self._tell(
                "zone_completed",
                _CORRECTION,
                f"{len(completed)} 个 Y 坐标缺带号，已按 {grid.width}° 带第 {grid.number} 带补全",
                f"{len(completed)} eastings lacked the zone; zone {grid.number} ({grid.width}°) was put in",
                completed[0],
            )
        if grid.width == 6:
            self._tell(
                "six_degree_zone",
                _NOTE,
                f"坐标为 6° 带第 {grid.number} 带",
                f"The coordinates are in 6° zone {grid.number}",
            )
        # A position tells the 3° zone only roughly: a licence near its edge may use the neighbour.
        is_stated = self._zone is not None or self._central_meridian is not None
        if is_stated and hinted is not None and hinted.central_meridian != grid.central_meridian:
            self._tell(
                "zone_differs",
                _WARNING,
                f"坐标带号为 {grid.number}，与给出的 {hinted.number} 带不一致",
                f"The coordinates are in zone {grid.number}, not in zone {hinted.number} as stated",
            )

    def _close(self, raw: RawRing, points: list[_Placed], grid: GridZone | None) -> list[Ring]:
        """Make rings of points: a repeated first point closes a ring, points after it begin another."""
        rings: list[Ring] = []
        current: list[_Placed] = []
        for point in points:
            if current and _is_same(point, current[-1]):
                self._tell(
                    "repeated_point",
                    _CORRECTION,
                    "已去掉重复拐点",
                    "A repeated corner was removed",
                    point.row,
                )
            elif len(current) > 2 and _is_same(point, current[0]):
                self._tell(
                    "closing_point_removed",
                    _CORRECTION,
                    "末点与首点相同，作为闭合处理",
                    "The last corner repeats the first: taken as closing the ring",
                    point.row,
                )
                rings.append(_ring(raw, current, grid))
                current = []
            else:
                if rings and not current:
                    self._tell(
                        "ring_split", _WARNING, "闭合后另起一圈", "A new ring after a closed one", point.row
                    )
                current.append(point)
        if current:
            self._tell(
                "unclosed",
                _NOTE,
                "首尾点未重合，按闭合处理",
                "The first corner is not repeated at the end: the ring is taken as closed",
                current[-1].row,
            )
            rings.append(_ring(raw, current, grid))
        return rings

    def _check_place(self, points: list[_Placed], grid: GridZone) -> None:
        low, high = _OFFSETS[grid.width]
        outside = [point.row for point in points if not low <= point.offset <= high]
        if outside:
            self._tell(
                "outside_zone",
                _WARNING,
                f"拐点远离第 {grid.number} 带，请核对带号或是否为 6° 带",
                f"Corners lie far outside zone {grid.number}: check the zone number",
                outside[0],
            )
        if self._near is None:
            return
        x_north, y_east = to_grid(*self._near, grid.epsg)
        offset = y_east - grid.number * ZONE_STEP
        if any(abs(p.x_north - x_north) + abs(p.offset - offset) > FAR_METRES for p in points):
            self._tell(
                "far_from_expected",
                _WARNING,
                "拐点距预期位置超过 200 公里",
                "Corners lie more than 200 km from the expected place",
            )


def _is_northing(number: float) -> bool:
    return _NORTHINGS[0] <= number <= _NORTHINGS[1]


def _is_easting(number: float) -> bool:
    low, high = _OFFSETS[6]
    if _PREFIXED[0] <= number < _PREFIXED[1]:
        return low <= number % ZONE_STEP <= high
    return low <= number <= high


def _split_easting(point: RawPoint, x_north: float, y_east: float) -> _Placed:
    if y_east < ZONE_STEP:
        return _Placed(point.name, x_north, y_east, None, point.row)
    zone = int(y_east // ZONE_STEP)
    return _Placed(point.name, x_north, round(y_east - zone * ZONE_STEP, 6), zone, point.row)


def _is_same(one: _Placed, other: _Placed) -> bool:
    return abs(one.x_north - other.x_north) < _SAME and abs(one.offset - other.offset) < _SAME


def _ring(raw: RawRing, points: list[_Placed], grid: GridZone | None) -> Ring:
    prefix = grid.number * ZONE_STEP if grid else 0
    corners = (Corner(p.name, p.x_north, round(p.offset + prefix, 6)) for p in points)
    return Ring(tuple(corners), raw.hole)
