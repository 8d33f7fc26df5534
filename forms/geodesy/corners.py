"""Corner points (拐点坐标) of a licence as people paste them: read tolerantly, corrected never silently.

A licence writes `point number, X, Y`: X is the northing (7 digits), Y the easting with the zone number in
front (8 digits). 3° zones are numbered 25-45 and 6° zones 13-23, so the prefix tells the kind of zone.
"""

from forms.geodesy.corner_degrees import put_into_grid
from forms.geodesy.corner_table import Corner, CornerFinding, CornerFindings, CornerTable, Ring, Severity
from forms.geodesy.corner_text import RawPoint, RawRing, RawTable, split_corner_text
from forms.geodesy.corner_zones import OFFSETS, PlacedCorner, ZoneHint, check_place, establish_zone
from forms.geodesy.projection import ZONE_STEP, GridZone
from forms.geodesy.ring_checks import check_rings

MAX_TEXT = 200_000
MAX_CORNERS = 5_000

# China lies between 3.8°N and 53.6°N.
_NORTHINGS = (400_000.0, 6_000_000.0)
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
    (latitude, longitude); without any of these the table has no `epsg`. Longitudes and latitudes of CGCS2000 are put
    into the grid of that zone, or of the 3° zone of the first corner.
    """
    if len(text) > MAX_TEXT:
        finding = CornerFinding("too_long", Severity.ERROR, "文本过长", "The text is too long")
        return CornerTable((), None, (finding,))
    reading = _Reading(ZoneHint(zone, central_meridian, near))
    return reading.read(text)


class _Reading:
    """One reading of one table, collecting findings on the way."""

    def __init__(self, hint: ZoneHint) -> None:
        self._hint = hint
        self._findings = CornerFindings()
        self._swapped: list[int] = []

    def read(self, text: str) -> CornerTable:
        raw = split_corner_text(put_into_grid(text, self._hint, self._findings))
        self._tell_text(raw)
        count = sum(len(ring.points) for ring in raw.rings)
        if not 0 < count <= MAX_CORNERS:
            kind = "too_many_points" if count else "no_corners"
            self._findings.tell(kind, Severity.ERROR, f"读到 {count} 个拐点", f"{count} corners were read")
            return CornerTable((), None, tuple(self._findings))
        placed = [(ring, self._place(ring)) for ring in raw.rings]
        points = [point for _, ring_points in placed for point in ring_points]
        self._tell_swapped(len(points))
        grid = establish_zone(points, self._hint, self._findings)
        rings = tuple(ring for raw_ring, ps in placed for ring in self._close(raw_ring, ps, grid))
        self._findings.extend(check_rings(rings))
        if grid is not None:
            check_place(points, grid, self._hint, self._findings)
        return CornerTable(rings, grid.epsg if grid else None, tuple(self._findings))

    def _tell_text(self, raw: RawTable) -> None:
        for row, text in raw.incomplete:
            self._findings.tell(
                "incomplete", Severity.ERROR, f"坐标不完整：{text[:60]}", f"Incomplete: {text[:60]}", row=row
            )
        for row, text in raw.unreadable:
            self._findings.tell(
                "unreadable",
                Severity.WARNING,
                f"无法识别：{text[:60]}",
                f"Not understood: {text[:60]}",
                row=row,
            )
        for row, text in raw.ignored:
            self._findings.tell(
                "ignored",
                Severity.NOTE,
                f"未作为拐点：{text[:60]}",
                f"Not taken as a corner: {text[:60]}",
                row=row,
            )
        for row in raw.thousands:
            self._findings.tell(
                "thousands",
                Severity.CORRECTION,
                "已去掉千分位逗号",
                "Thousands separators were removed",
                row=row,
            )

    def _place(self, ring: RawRing) -> list[PlacedCorner]:
        """Tell northing from easting in every point of a ring."""
        placed = []
        for point in ring.points:
            if _is_northing(point.first) and _is_easting(point.second):
                placed.append(_split_easting(point, point.first, point.second))
            elif _is_northing(point.second) and _is_easting(point.first):
                self._swapped.append(point.row)
                placed.append(_split_easting(point, point.second, point.first))
            else:
                self._findings.tell(
                    "out_of_range",
                    Severity.ERROR,
                    f"坐标超出范围：{point.first:.3f}，{point.second:.3f}",
                    f"Coordinates out of range: {point.first:.3f}, {point.second:.3f}",
                    row=point.row,
                )
        return placed

    def _tell_swapped(self, count: int) -> None:
        rows = self._swapped[:1] if len(self._swapped) == count else self._swapped
        whole = "全表" if len(self._swapped) == count else ""
        for row in rows:
            self._findings.tell(
                "swapped",
                Severity.CORRECTION,
                f"{whole}X、Y 颠倒，已对调",
                "X and Y were swapped back",
                row=row,
            )

    def _close(self, raw: RawRing, points: list[PlacedCorner], grid: GridZone | None) -> list[Ring]:
        """Make rings of points: a repeated first point closes a ring, points after it begin another."""
        rings: list[Ring] = []
        current: list[PlacedCorner] = []
        for point in points:
            if current and _is_same(point, current[-1]):
                self._findings.tell(
                    "repeated_point",
                    Severity.CORRECTION,
                    "已去掉重复拐点",
                    "A repeated corner was removed",
                    row=point.row,
                )
            elif len(current) > 2 and _is_same(point, current[0]):
                self._findings.tell(
                    "closing_point_removed",
                    Severity.CORRECTION,
                    "末点与首点相同，作为闭合处理",
                    "The last corner repeats the first: taken as closing the ring",
                    row=point.row,
                )
                rings.append(_ring(raw, current, grid))
                current = []
            else:
                if rings and not current:
                    self._findings.tell(
                        "ring_split",
                        Severity.WARNING,
                        "闭合后另起一圈",
                        "A new ring after a closed one",
                        row=point.row,
                    )
                current.append(point)
        if current:
            self._findings.tell(
                "unclosed",
                Severity.NOTE,
                "首尾点未重合，按闭合处理",
                "The first corner is not repeated at the end: the ring is taken as closed",
                row=current[-1].row,
            )
            rings.append(_ring(raw, current, grid))
        return rings


def _is_northing(number: float) -> bool:
    return _NORTHINGS[0] <= number <= _NORTHINGS[1]


def _is_easting(number: float) -> bool:
    low, high = OFFSETS[6]
    if _PREFIXED[0] <= number < _PREFIXED[1]:
        return low <= number % ZONE_STEP <= high
    return low <= number <= high


def _split_easting(point: RawPoint, x_north: float, y_east: float) -> PlacedCorner:
    if y_east < ZONE_STEP:
        return PlacedCorner(point.name, x_north, y_east, None, point.row)
    zone = int(y_east // ZONE_STEP)
    return PlacedCorner(point.name, x_north, round(y_east - zone * ZONE_STEP, 6), zone, point.row)


def _is_same(one: PlacedCorner, other: PlacedCorner) -> bool:
    return abs(one.x_north - other.x_north) < _SAME and abs(one.offset - other.offset) < _SAME


def _ring(raw: RawRing, points: list[PlacedCorner], grid: GridZone | None) -> Ring:
    prefix = grid.number * ZONE_STEP if grid else 0
    corners = (Corner(p.name, p.x_north, round(p.offset + prefix, 6)) for p in points)
    return Ring(tuple(corners), raw.hole)
