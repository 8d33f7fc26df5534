"""How often an enterprise may be visited in a year: one count for frames, for the ceremony's gate and for the page of overlaps."""

from datetime import date
from decimal import Decimal

import pytest

from server import audit
from server.access import SYSTEM, Role
from server.accounts.models import Organisation
from server.inspections import service as inspections
from server.planning.ratios import Ratio
from server.registry.models import InspectedObject
from tests.server.draws.drawing import CITY, COUNTY, place, react

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


def arrange(cast, county, visited, opens_on="2026-05-04", source=None):
    """Send the inspectors of a county somewhere without a draw."""
    lead, assisting = (each.person_id for each in county.inspectors)
    day = date.fromisoformat(opens_on)
    visit = inspections.PlannedVisit(
        number="举报〔2026〕1号", name="举报核查", region=COUNTY, organisation_id=visited.organisation_id,
        object_id=visited.id, forms=["spot_check"], item_codes=["MINE_OVERSTEP"], lead_id=lead,
        assisting_ids=[assisting], opens_on=day, due_on=day, source=source,
    )  # fmt: skip
    with audit.transaction(cast.app.sessions) as session:
        (task,) = inspections.open_visits(session, SYSTEM, [visit])
        return task.id


@pytest.mark.parametrize("source", [None, "temporary", "complaint", "referred"])
def test_what_is_arranged_by_hand_counts(cast, county, source):
    owner, owned, other = county.objects
    ceremony = county.commits()
    county.step(ceremony, "freeze")
    arrange(cast, county, owned, source=source)

    assert county.step(ceremony, "reveal", expect=409)["count"] == 2
    county.step(ceremony, "abandon", {"reason": "底册中有对象已达频次上限"})
    capped = {str(owner.id): "frequency_cap", str(owned.id): "frequency_cap", str(other.id): ""}
    assert out_of(county, county.commits()) == capped
    arrange(cast, county, owner, source=source)
    assert [each["visits"] for each in county.planner.get(OVERLAPS)["most"]] == [2]


def test_what_is_ordered_from_above_called_off_or_of_another_year_does_not_count(cast, county):
    owner, owned, other = county.objects
    arrange(cast, county, owner, source="ordered")
    arrange(cast, county, owned, opens_on="2025-12-31")
    head = cast.signed_in(Role.SUPERVISOR, region=COUNTY)
    called_off = arrange(cast, county, other)
    head.post(f"/api/v1/tasks/{called_off}/withdraw", {"reason": "重复"})

    assert set(out_of(county, county.commits()).values()) == {""}
    assert county.planner.get(OVERLAPS)["over_cap"] == 0


def test_a_drawn_visit_counts_once_when_its_task_is_open(cast, county):
    with audit.transaction(cast.app.sessions) as session:
        bureau = session.get_one(Organisation, county.objects[0].organisation_id)
        bureau.rules = {"visit": {"a_year": 2}}
    county.draws(without(*county.objects[1:]))
    react(cast, "draw.published")

    assert "frequency_cap" not in out_of(county, county.commits()).values()
