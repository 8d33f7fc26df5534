"""Corner points written as longitude and latitude: put into a grid, so that they are read as all others are.

Degrees are those of CGCS2000, decimal or as degrees, minutes and seconds, in either order: China's longitudes
(73°-136°) and latitudes (3°-54°) tell each other apart.
"""

import re
import unicodedata
from dataclasses import dataclass

from forms.geodesy.corner_table import CornerFindings, Severity
from forms.geodesy.corner_zones import ZoneHint
from forms.geodesy.projection import GridZone, to_grid, zone_of_longitude

LATITUDES = (3.0, 54.0)
LONGITUDES = (73.0, 136.0)

_PRIMES = str.maketrans({"″": '"', "”": '"', "“": '"', "′": "'", "’": "'", "‘": "'", "º": "°", "˚": "°"})
_GRID_NUMBER = re.compile(r"(?<![\d.])\d{5,}")
_VALUE = re.compile(
    r"""[NE]?\s*(?P<degrees>\d{1,3})\s*[°度]\s*(?P<minutes>\d{1,2})\s*['分]
        \s*(?P<seconds>\d{1,2}(?:\.(?P<split>\d+))?)\s*(?:"|''|秒)?\s*[NE]?
      | (?<![\d.])(?P<decimal>\d{1,3}\.(?P<places>\d{3,12}))(?![\d.])\s*[°度]?""",
    re.VERBOSE,
)
# About a decimetre: what is written more coarsely can't be a corner of a licence.
_PLACES = 6
_PLACES_OF_SECONDS = 2


@dataclass(frozen=True, slots=True)
class _Value:
    degrees: float
    is_fine: bool
    begins: int


def are_degrees(one: float, other: float) -> bool:
    """Tell whether two numbers are a latitude and a longitude of China, in either order."""
    low, high = sorted((one, other))
    return LATITUDES[0] <= low <= LATITUDES[1] and LONGITUDES[0] <= high <= LONGITUDES[1]


def put_into_grid(text: str, hint: ZoneHint, findings: CornerFindings) -> str:
    """Write the longitudes and latitudes of a table as X and Y, each in its line; other tables stay as they are.

    The zone is the one that was stated, else the 3° zone of the first corner.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_PRIMES))
    if _GRID_NUMBER.search(plain):
        return text
    lines = [
        [(record, _values(record)) for record in re.split(r"[;。]", line)]
        for line in plain.replace("\r\n", "\n").split("\n")
    ]
    pairs = [values for line in lines for _, values in line if _is_pair(values)]
    if not pairs:
        return text
    grid = _stated(hint) or zone_of_longitude(max(value.degrees for value in pairs[0]))
    findings.tell(
        "degrees",
        Severity.NOTE,
        f"{len(pairs)} 个拐点为经纬度，已按 CGCS2000 换算到 {grid.width}° 带第 {grid.number} 带",
        f"{len(pairs)} corners are longitudes and latitudes: put into {grid.width}° zone {grid.number} of CGCS2000",
    )
    written = []
    for row, line in enumerate(lines, 1):
        written.append(";".join(_written(record, values, grid, row, findings) for record, values in line))
    return "\n".join(written)


def _values(record: str) -> list[_Value]:
    """Find the degrees in a record; numbers that can be neither longitude nor latitude are left out."""
    found = []
    for match in _VALUE.finditer(record):
        if match["decimal"]:
            degrees, is_fine = float(match["decimal"]), len(match["places"]) >= _PLACES
        else:
            degrees = int(match["degrees"]) + int(match["minutes"]) / 60 + float(match["seconds"]) / 3600
            is_fine = len(match["split"] or "") >= _PLACES_OF_SECONDS
        if LATITUDES[0] <= degrees <= LATITUDES[1] or LONGITUDES[0] <= degrees <= LONGITUDES[1]:
            found.append(_Value(degrees, is_fine, match.start()))
    return found


def _is_pair(values: list[_Value]) -> bool:
    return len(values) == 2 and are_degrees(values[0].degrees, values[1].degrees)


def _written(record: str, values: list[_Value], grid: GridZone, row: int, findings: CornerFindings) -> str:
    if not _is_pair(values):
        if any(character.isdigit() for character in record) and ("." in record or "°" in record):
            told = record.strip()[:60]
            findings.tell(
                "incomplete", Severity.ERROR, f"经纬度不完整：{told}", f"Incomplete: {told}", row=row
            )
            return ""
        return record
    if not all(value.is_fine for value in values):
        findings.tell(
            "coarse",
            Severity.WARNING,
            "经纬度位数不足（度应有 6 位小数，秒应有 2 位小数）",
            "Too few digits (degrees want 6 decimals, seconds 2)",
            row=row,
        )
    latitude, longitude = sorted(value.degrees for value in values)
    try:
        x_north, y_east = to_grid(latitude, longitude, grid.epsg)
    except ValueError:
        findings.tell(
            "outside_zone",
            Severity.ERROR,
            "坐标超出投影范围",
            "The position lies outside the projection",
            row=row,
        )
        return ""
    return f"{record[: values[0].begins]} {x_north:.4f},{y_east:.4f}"


def _stated(hint: ZoneHint) -> GridZone | None:
    """Return the zone that was stated; one that there is not is told where the table is read."""
    try:
        return hint.stated()
    except ValueError:
        return None
