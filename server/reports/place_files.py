"""Writing layers to files that maps open: GeoJSON (RFC 7946) and GeoPackage (OGC 12-128)."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from math import inf
from pathlib import Path
from typing import IO, Any, Final

from fudgeo import Field, GeoPackage, SpatialReferenceSystem
from fudgeo import geometry as shapes
from pyproj import CRS
from shapely.geometry import MultiPolygon, mapping

from server.reports.places import Feature, Layer

_DECIMALS: Final = 9  # of a degree: a tenth of a millimetre
_KINDS: Final = {str: "TEXT", float: "DOUBLE"}
Read = Callable[[Layer], Iterator[Feature]]


def write_geojson(layers: Iterable[Layer], read: Read) -> tuple[IO[bytes], int]:
    """Write one collection of all features; each says its layer. Returns the file at its beginning, and how many."""
    written = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    count = 0
    written.write(b'{"type":"FeatureCollection","features":[')
    for layer in layers:
        for feature in read(layer):
            written.write((b",\n" if count else b"\n") + _geojson(layer, feature))
            count += 1
    written.write(b"\n]}\n")
    written.seek(0)
    return written, count


def write_geopackage(layers: Iterable[Layer], read: Read) -> tuple[IO[bytes], int]:
    """Write a table for each layer, with its frame and a spatial index. Returns the file at its beginning, and how many."""
    count = 0
    with tempfile.TemporaryDirectory(prefix="places") as folder:
        path = Path(folder) / "places.gpkg"
        package = GeoPackage.create(path, flavor="EPSG", ogr_contents=True)
        try:
            for layer in layers:
                count += _write_table(package, layer, read(layer))
        finally:
            package.connection.close()
        written = path.open("rb")  # whoever asked closes it; its name is gone with the folder
    return written, count


def _geojson(layer: Layer, feature: Feature) -> bytes:
    told = {
        "type": "Feature",
        "geometry": _rounded(mapping(feature.geometry)),
        "properties": {"layer": layer.name.value, **feature.properties},
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    def rounded(each: Any) -> Any:
        return round(each, _DECIMALS) if isinstance(each, float) else [rounded(part) for part in each]

    return {"type": geometry["type"], "coordinates": rounded(geometry["coordinates"])}


def _write_table(package: Any, layer: Layer, found: Iterator[Feature]) -> int:
    table = package.create_feature_class(
        layer.name.value,
        _frame(layer.epsg),
        shape_type="MULTIPOLYGON" if layer.is_area else "POINT",
        fields=[Field(name, _KINDS[kind]) for name, kind in layer.properties.items()],
        description=layer.title,
        spatial_index=True,
        geom_name="geom",
    )
    names = ", ".join(f'"{name}"' for name in ("geom", *layer.properties))
    places = ", ".join("?" * (1 + len(layer.properties)))
    statement = f"INSERT INTO {table.escaped_name} ({names}) VALUES ({places})"  # noqa: S608 - names are ours
    count, corners = 0, (inf, inf, -inf, -inf)

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal count, corners
        for feature in found:
            count += 1
            west, south, east, north = feature.geometry.bounds
            corners = (
                min(corners[0], west),
                min(corners[1], south),
                max(corners[2], east),
                max(corners[3], north),
            )
            yield (_shape(feature, layer.epsg), *feature.properties.values())

    with package.connection as connection:
        connection.executemany(statement, rows())
    if count:
        table.extent = corners  # maps open where something is
    return count


def _shape(feature: Feature, epsg: int) -> Any:
    drawn = feature.geometry
    if not isinstance(drawn, MultiPolygon):
        return shapes.Point(x=drawn.x, y=drawn.y, srs_id=epsg)
    parts = [
        [[list(pair) for pair in ring.coords] for ring in (part.exterior, *part.interiors)]
        for part in drawn.geoms
    ]
    return shapes.MultiPolygon(parts, srs_id=epsg)


def _frame(epsg: int) -> Any:
    known = CRS.from_epsg(epsg)
    return SpatialReferenceSystem(known.name, "EPSG", epsg, known.to_wkt("WKT1_GDAL"), srs_id=epsg)
