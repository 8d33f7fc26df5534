"""How often an enterprise may be visited in a year: one count for frames, for the ceremony's gate and for the page of overlaps."""

from decimal import Decimal

import pytest

from server import audit
from server.access import Role
from server.accounts.models import Organisation
from server.planning.ratios import Ratio
from server.registry.models import InspectedObject
from tests.server.draws.drawing import CITY, COUNTY, place

OVERLAPS = "/api/v1/draws/overlaps?year=2026"
EVERYTHING = {"ratio": Ratio(percent=Decimal(100)).as_json()}


@pytest.fixture
def county(cast):
    """Three mines, of which the first owns the second; one visit a year is allowed."""
    found = place(cast, COUNTY, mines=3, inspectors=2, **EVERYTHING)
    owner, owned, _ = found.objects
    with audit.transaction(cast.app.sessions) as session:
        session.get_one(Organisation, owner.organisation_id).rules = {"visit": {"a_year": 1}}
        session.get_one(InspectedObject, owned.id).owner_id = owner.id
    return found


def out_of(place, ceremony):
    """Why each object is not in the urn of a new frame."""
    place.step(ceremony, "freeze")
    return {each["id"]: each["out"] for each in place.file(ceremony)["frame"]["objects"]}


def without(*objects):
    return {"out": [{"object_id": str(each.id), "why": "suspended"} for each in objects]}


def test_what_an_enterprise_owns_counts_together_in_frames_at_the_gate_and_on_the_page(cast, county):
    owner, owned, other = county.objects
    city = place(cast, CITY, mines=0, inspectors=2, ratio=Ratio(count=1).as_json())
    ceremony = county.commits()
    county.step(ceremony, "freeze")
    assert city.draws(without(owned, other))["drawn"] == [str(owner.id)]

    refused = county.step(ceremony, "reveal", expect=409)
    assert (refused["code"], refused["count"]) == ("ceremony.over-cap", 2)
    assert {each["id"] for each in refused["objects"]} == {str(owner.id), str(owned.id)}
    county.step(ceremony, "abandon", {"reason": "底册中有对象已达频次上限"})
    again = county.commits()
    capped = {str(owner.id): "frequency_cap", str(owned.id): "frequency_cap", str(other.id): ""}
    assert out_of(county, again) == capped
    assert county.planner.get(OVERLAPS)["over_cap"] == 0

    assert city.draws(without(owner, other))["drawn"] == [str(owned.id)]
    report = county.planner.get(OVERLAPS)
    assert report["over_cap"] == 1
    assert [(each["name"], each["visits"]) for each in report["most"]] == [(owner.name, 2)]
    foreign = cast.signed_in(Role.PLANNER, region="130800")
    assert foreign.get(OVERLAPS)["over_cap"] == 0
