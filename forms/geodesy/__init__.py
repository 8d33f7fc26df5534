"""Geodesy of licences: corner points, grids of CGCS2000, areas, and verdicts that know their uncertainty.

Contract: plain numbers in (metres in the grid, X north before Y east; degrees, latitude before longitude),
frozen values out; no network. GeoJSON alone puts longitude first, as RFC 7946 wants it. Not its business:
transforming from 西安80 or 北京54, whose parameters are not public, and GCJ-02, which is never stored.
"""

from forms.geodesy.corner_table import (
    Corner,
    CornerFinding,
    CornerTable,
    Ring,
    Severity,
    format_corners,
    read_rings,
)
from forms.geodesy.corners import parse_corners
from forms.geodesy.distance import (
    BoundaryState,
    BoundaryVerdict,
    MarkerState,
    MarkerVerdict,
    Measurement,
    MeasuringMethod,
    judge_boundary,
    judge_marker,
)
from forms.geodesy.polygon import AreaComparison, LicencePolygon
from forms.geodesy.projection import (
    GridZone,
    to_geographic,
    to_grid,
    zone_of_epsg,
    zone_of_longitude,
    zone_of_number,
)

__all__ = [
    "AreaComparison",
    "BoundaryState",
    "BoundaryVerdict",
    "Corner",
    "CornerFinding",
    "CornerTable",
    "GridZone",
    "LicencePolygon",
    "MarkerState",
    "MarkerVerdict",
    "Measurement",
    "MeasuringMethod",
    "Ring",
    "Severity",
    "format_corners",
    "judge_boundary",
    "judge_marker",
    "parse_corners",
    "read_rings",
    "to_geographic",
    "to_grid",
    "zone_of_epsg",
    "zone_of_longitude",
    "zone_of_number",
]
