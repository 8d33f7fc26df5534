"""Outlines of regions come from a file that somebody holds, whole or not at all, and are frozen with the snapshot they are drawn of."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select, update

from server import audit, clock
from server.access import Actor, Role
from server.accounts.models import RegionOutline
from server.accounts.outlines import outlines_of, take_outlines
from server.problems import AccessDenied, OutlinesWrong
from server.reports.models import ReportSnapshot
from server.reports.pictures import Picture, tell
from tests.server.reports.test_ledger import download
from tests.server.reports.world import frozen, make_world

SOURCE = "虚构界线 2026"
COUNTY = [[112.0, 35.2], [112.8, 35.2], [112.8, 35.7], [112.4, 35.700001], [112.0, 35.7], [112.0, 35.2]]


def collection(*features, **more):
    return {"type": "FeatureCollection", "features": list(features), **more}


def feature(code="140522", ring=COUNTY, kind="Polygon", name="code"):
    coordinates = [ring] if kind == "Polygon" else [[ring]]
    return {
        "type": "Feature",
        "properties": {name: code},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


@pytest.fixture
def admin(cast):
    person = cast.signed_in(Role.ADMIN, region="140522")
    return Actor(person.person_id, "admin", frozenset({Role.ADMIN}), cast.organisation("140522").id, "140522")


def test_an_outline_is_drawn_on_the_snapshots_taken_since_and_says_whose_it_is(cast, admin):
    make_world(cast, 6, seed=3)
    reviewer = cast.signed_in(Role.SUPERVISOR, region="140522")
    before = frozen(reviewer)
    path = "/api/v1/reports/snapshots/{}/pictures/map"
    plain = download(reviewer, path.format(before["id"]))
    with audit.transaction(cast.app.sessions) as session:
        given = collection(feature("140522000000"), feature("130800", kind="MultiPolygon"), feature("999999"))
        taken = take_outlines(session, admin, given, code_property="code", source=SOURCE)
        assert (taken.taken, taken.unknown) == (
            ["140522"],
            ["130800", "999999"],
        )  # the neighbour's are not ours to set
        assert session.get_one(RegionOutline, "140522").geometry["coordinates"] == [COUNTY]  # as it was given
        ((code, source, (ring,)),) = outlines_of(session, "140522", 0.002)
        assert (code, source, len(ring)) == ("140522", SOURCE, 5)  # the corner that nobody sees is left out
    after = frozen(reviewer)
    drawn = download(reviewer, path.format(after["id"]))
    with cast.app.readers() as session:
        told = tell(
            session,
            session.scalars(select(ReportSnapshot).where(ReportSnapshot.id == _id(after))).one(),
            Picture.MAP,
        )
    assert told["outline_sources"] == [SOURCE]
    assert told["outlines"][0][0] == [11200.0, 3520.0]
    frame = told["frame"]
    assert frame["west"] < 11200 < 11280 < frame["east"]
    assert frame["south"] < 3520 < 3570 < frame["north"]
    assert Image.open(io.BytesIO(drawn)).width == 1080
    assert drawn != plain
    with audit.transaction(cast.app.sessions) as session:
        moved = {"type": "Polygon", "coordinates": [[[x + 1, y] for x, y in COUNTY]]}
        session.execute(update(RegionOutline).values(geometry=moved, entered_at=clock.now() + timedelta(1)))
    assert download(reviewer, path.format(after["id"])) == drawn  # a snapshot stays what it was
    assert download(reviewer, path.format(before["id"])) == plain
    assert reviewer.get(f"/api/v1/reports/snapshots/{after['id']}/check")["holds"] is True


def _id(snapshot):
    from uuid import UUID

    return UUID(snapshot["id"])


BOW = [[112.0, 35.0], [113.0, 36.0], [113.0, 35.0], [112.0, 36.0], [112.0, 35.0]]


@pytest.mark.parametrize(
    "given",
    [
        [], {"type": "Feature"}, collection(), collection(feature("1405")), collection(feature(), feature()), collection(feature(name="id")),
        collection(feature(ring=[[y, x] for x, y in COUNTY])), collection(feature(ring=[[x * 1e5, y * 1e5] for x, y in COUNTY])),
        collection(feature(ring=BOW)), collection({"properties": {"code": "140522"}, "geometry": {"type": "Point", "coordinates": [112, 35]}}),
        collection(feature(), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4528"}}), collection(None),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_should_be_is_refused_whole(given):
    actor = Actor(None, "", frozenset({Role.ADMIN}), None, "140522")
    with pytest.raises(OutlinesWrong):
        take_outlines(None, actor, given, code_property="code", source=SOURCE)
    with pytest.raises(AccessDenied):
        take_outlines(
            None,
            Actor(None, "", frozenset({Role.AUDITOR}), None, "140522"),
            given,
            code_property="code",
            source=SOURCE,
        )
