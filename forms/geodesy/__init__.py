"""Geodesy of licences: corner points, grids of CGCS2000, areas, and verdicts that know their uncertainty.

Contract: plain numbers in (metres in the grid, X north before Y east; degrees, latitude before longitude),
frozen values out; no network. GeoJSON alone puts longitude first, as RFC 7946 wants it. Distances are as on
the ground, on the ellipsoid. Not its business: transforming from 西安80 or 北京54, whose parameters are not
public, and storing GCJ-02, which is only ever suspected.
"""

from forms.geodesy.boundary import BoundaryState, BoundaryVerdict, judge_boundary
from forms.geodesy.corner_degrees import are_degrees
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
from forms.geodesy.elevation import ElevationState, ElevationVerdict, judge_elevation
from forms.geodesy.formula import Constant, Formula
from forms.geodesy.gcj02 import from_gcj02, suspects_gcj02, to_gcj02
from forms.geodesy.ground import ground_distance
from forms.geodesy.heights import ElevationMeasurement, ElevationRange, ElevationSource, HeightSystem
from forms.geodesy.marker import (
    MARKER_TOLERANCE,
    MarkerState,
    MarkerVerdict,
    judge_displacement,
    judge_marker,
)
from forms.geodesy.measuring import Measurement, MeasuringMethod
from forms.geodesy.polygon import AreaComparison, LicencePolygon
from forms.geodesy.presence import PresenceNote, check_presence
from forms.geodesy.projection import (
    GridZone,
    to_geographic,
    to_grid,
    zone_of_epsg,
    zone_of_longitude,
    zone_of_number,
)
from forms.geodesy.wording import Language, Reason, Words

__all__ = [
    "MARKER_TOLERANCE",
    "AreaComparison",
    "BoundaryState",
    "BoundaryVerdict",
    "Constant",
    "Corner",
    "CornerFinding",
    "CornerTable",
    "ElevationMeasurement",
    "ElevationRange",
    "ElevationSource",
    "ElevationState",
    "ElevationVerdict",
    "Formula",
    "GridZone",
    "HeightSystem",
    "Language",
    "LicencePolygon",
    "MarkerState",
    "MarkerVerdict",
    "Measurement",
    "MeasuringMethod",
    "PresenceNote",
    "Reason",
    "Ring",
    "Severity",
    "Words",
    "are_degrees",
    "check_presence",
    "format_corners",
    "from_gcj02",
    "ground_distance",
    "judge_boundary",
    "judge_displacement",
    "judge_elevation",
    "judge_marker",
    "parse_corners",
    "read_rings",
    "suspects_gcj02",
    "to_gcj02",
    "to_geographic",
    "to_grid",
    "zone_of_epsg",
    "zone_of_longitude",
    "zone_of_number",
]
