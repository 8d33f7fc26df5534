"""Pictures show what a snapshot says and are the same bytes for ever; places go out to maps as their standards want."""

import io
import json
import sqlite3

import pytest
from PIL import Image
from sqlalchemy import select, update

from server import audit, clock
from server.access import Role
from server.audit import AuditEntry
from server.registry.models import BoundaryMarker, InspectedObject, Licence
from server.reports.figures import Share
from server.reports.models import ReportRow
from server.reports.pictures import Picture, Size, draw_page, tell
from tests.server.reports.test_ledger import download
from tests.server.reports.world import ITEMS, frozen, make_world, problem, report


@pytest.fixture
def world(cast):
    lines = make_world(cast, 30, seed=9)
    with audit.transaction(cast.app.sessions) as session:
        for number, each in enumerate({each.object: each for each in lines}.values()):
            here = (
                {"latitude": 35.1 + number / 97, "longitude": 112.0 + number / 53}
                if number
                else {"latitude": None}
            )
            session.execute(update(InspectedObject).where(InspectedObject.id == each.object).values(**here))
    return lines


def objects(lines):
    return len({each.object for each in lines})


def test_the_five_figures_are_what_counting_by_hand_gives_by_county_and_by_matter(cast, world):
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    told = report(nation, frozen(nation), "rates")
    assert [line["code"] for line in told["regions"]] == ["130800", "140522"]
    assert [line["code"] for line in told["items"]] == sorted(ITEMS)
    parts = {line["code"]: [each for each in world if line["code"] in {each.bureau.region, each.item}]
             for line in (*told["regions"], *told["items"])}  # fmt: skip
    for line in (*told["regions"], *told["items"], told["total"]):
        own = parts.get(line["code"], world)
        inspected = [each for each in own if each.inspected]
        due = [each.entry for each in own if each.entry and (each.entry[1] or each.entry[0] < clock.today())]
        assert line["drawn"] == objects(own)
        assert line["completion"] == Share(objects([e for e in own if e.public]), objects(own)).as_json()
        assert (
            line["publication"]
            == Share(objects([e for e in inspected if e.public]), objects(inspected)).as_json()
        )
        assert (
            line["discovery"]
            == Share(objects([e for e in inspected if problem(e)]), objects(inspected)).as_json()
        )
        assert line["entry_in_time"] == Share(sum(bool(met) for _, met in due), len(due)).as_json()
        assert line["revisits"] == Share(0, 0).as_json()


def test_a_picture_is_as_large_as_it_should_be_and_the_same_bytes_when_the_world_has_changed(cast, world):
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    snapshot = frozen(nation)
    path = f"/api/v1/reports/snapshots/{snapshot['id']}/pictures"
    first = {name: download(nation, f"{path}/{name}") for name in ("rates", "map")}
    sizes = {name: Image.open(io.BytesIO(data)).size for name, data in first.items()}
    assert {width for width, _ in sizes.values()} == {1080}
    page = Image.open(io.BytesIO(download(nation, f"{path}/map", size="a4")))
    assert page.size == (2480, 3508)
    with audit.transaction(cast.app.sessions) as session:
        session.execute(
            update(InspectedObject).values(latitude=1.0, longitude=1.0, name=InspectedObject.name + "x")
        )
        drawn = session.scalars(select(AuditEntry.details).where(AuditEntry.action == "report.drawn")).all()
    assert {name: download(nation, f"{path}/{name}") for name in first} == first
    assert [each["picture"] for each in drawn] == ["rates", "map", "map"]
    assert nation.get(f"{path}/people", expect=404)["code"] == "picture.not-found"
    assert nation.get(f"{path}/map", query_string={"page": 2}, expect=404)["code"] == "picture.not-found"


def test_a_map_gives_no_position_away_and_counts_what_was_drawn_and_visited(cast, world):
    nation = cast.signed_in(Role.SUPERVISOR, region="000000")
    snapshot = frozen(nation)
    from server.reports.models import ReportSnapshot

    with cast.app.readers.begin() as session:
        told = tell(session, session.scalars(select(ReportSnapshot)).one(), Picture.MAP)
        names = session.scalars(select(ReportRow.object_name)).all()
    assert (told["drawn"], told["without_position"]) == (objects(world), 1)
    assert told["visited"] == objects([each for each in world if each.inspected])
    assert all(isinstance(each["row"], int) and isinstance(each["column"], int) for each in told["places"])
    assert not any(name in json.dumps(told, ensure_ascii=False) for name in names)
    # A pixel of a drawn place is not the paper's: the picture does show something there.
    picture = Image.open(io.BytesIO(draw_page(told, Size.PHONE))).convert("RGB")
    assert len(picture.getcolors(1 << 20)) > 20
    assert snapshot["sha256"] == told["sha256"]


def test_places_go_to_a_map_as_the_standards_want_them_within_ones_jurisdiction(
    cast, world, monkeypatch, tmp_path
):
    ring = [[112.0, 35.0], [112.1, 35.0], [112.1, 35.1], [112.0, 35.0]]
    with audit.transaction(cast.app.sessions) as session:
        owner = session.scalars(
            select(InspectedObject).where(InspectedObject.region == "140522").limit(1)
        ).one()
        licence = Licence(
            object_id=owner.id, kind="mining", licence_no="C140522", holder="某矿", issuer="厅", epsg=4545, rings=[],
            geometry={"type": "Polygon", "coordinates": [ring]}, findings=[],
        )  # fmt: skip
        session.add(licence)
        session.flush()
        session.add(
            BoundaryMarker(
                licence_id=licence.id, marker_no="1", kind="stone", x=1, y=1, latitude=35.0, longitude=112.0
            )
        )
        here = select(InspectedObject.name).where(
            InspectedObject.region == "140522", InspectedObject.latitude.is_not(None)
        )
        names = set(session.scalars(here))
    county = cast.signed_in(Role.SUPERVISOR, region="140522")
    told = json.loads(download(county, "/api/v1/reports/places.geojson"))
    layers = {}
    for each in told["features"]:
        layers.setdefault(each["properties"]["layer"], []).append(each)
    assert told["type"] == "FeatureCollection"
    assert {each["properties"]["name"] for each in layers["objects"]} == names
    (area,), (marker,) = layers["boundaries"], layers["markers"]
    assert (area["geometry"]["type"], marker["geometry"]) == (
        "MultiPolygon",
        {"type": "Point", "coordinates": [112.0, 35.0]},
    )
    assert area["geometry"]["coordinates"] == [[ring]]

    kept = tmp_path / "places.gpkg"
    kept.write_bytes(download(county, "/api/v1/reports/places.gpkg"))
    with sqlite3.connect(kept) as package:
        one = lambda query: package.execute(query).fetchone()[0]  # noqa: E731
        assert one("PRAGMA application_id") == int.from_bytes(b"GPKG")
        assert one("PRAGMA integrity_check") == "ok"
        frames = dict(
            package.execute("SELECT table_name, srs_id FROM gpkg_contents WHERE data_type = 'features'")
        )
        assert frames == {"objects": 4490, "boundaries": 4490, "markers": 4490, "fixes": 4326}
        known = dict(package.execute("SELECT organization_coordsys_id, definition FROM gpkg_spatial_ref_sys"))
        assert "China" in known[4490]
        assert (
            one("SELECT count(*) FROM objects")
            == one("SELECT count(*) FROM rtree_objects_geom")
            == len(names)
        )
        assert one("SELECT substr(geom, 1, 2) FROM boundaries") == b"GP"
        assert one("SELECT max_x FROM gpkg_contents WHERE table_name = 'boundaries'") == 112.1
    package.close()

    elsewhere = cast.signed_in(Role.SUPERVISOR, region="130800")
    assert not names & {
        each["properties"].get("name")
        for each in json.loads(download(elsewhere, "/api/v1/reports/places.geojson"))["features"]
    }
    policy = cast.signed_in(Role.POLICY, region="140522")
    assert (
        policy.get("/api/v1/reports/places.geojson", query_string={"layers": "fixes"}, expect=403)["code"]
        == "access.denied"
    )
    assert (
        cast.signed_in(Role.INSPECTOR).get("/api/v1/reports/places.gpkg", expect=403)["code"]
        == "access.denied"
    )
    monkeypatch.setattr("server.reports.taking.AT_ONCE", 3)
    assert county.get("/api/v1/reports/places.gpkg", expect=409)["code"] == "report.too-large"
    with cast.app.sessions() as session:
        exported = session.scalars(
            select(AuditEntry.details).where(AuditEntry.action == "places.exported")
        ).all()
    assert [each["kind"] for each in exported] == ["places.geojson", "places.gpkg", "places.geojson"]
