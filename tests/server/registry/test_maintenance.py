"""Lists and libraries are kept month by month, and by the end of April."""

from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest

from server import audit, clock
from server.access import Role
from server.accounts.models import Person
from tests.server.registry.makers import objects_workbook, send

OBJECTS = "/api/v1/objects/import"
YEAR = clock.today().year + 1
"""A year that the installation saw from its beginning."""


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


@pytest.fixture
def on(monkeypatch):
    """Let it be noon of a day in China for whoever asks for the time."""

    def set_day(day):
        noon = datetime.combine(date.fromisoformat(day), time(12), clock.CHINA).astimezone(UTC)
        monkeypatch.setattr(clock, "now", lambda: noon)

    return set_day


def confirm(client, month, library="objects", expect=201):
    return client.post("/api/v1/maintenance", {"library": library, "month": month}, expect=expect)


def test_a_confirmation_says_who_looked_and_what_changed_since_the_one_before(cast, planner, on):
    elsewhere = cast.signed_in(Role.PLANNER, region="130800")
    on("2026-03-20")
    send(planner, OBJECTS, objects_workbook(("甲", None, "旧址"), ("乙", None, None)))
    send(elsewhere, OBJECTS, objects_workbook(("外地", None, None)))
    first = confirm(planner, "2026-03")
    send(planner, OBJECTS, objects_workbook(("甲", None, "新址"), ("丙", None, None)))
    (second_object,) = planner.get("/api/v1/objects?text=乙")
    planner.post(f"/api/v1/objects/{second_object['id']}/retire", {"reason": "注销"})
    on("2026-04-10")
    second = confirm(planner, "2026-04")

    assert (first["confirmed_by"], first["entries"], first["added"]) == (planner.username, 2, 2)
    counts = [second[name] for name in ("entries", "added", "changed", "removed")]
    assert counts == [2, 1, 1, 1]
    changes = planner.get(f"/api/v1/maintenance/{second['id']}/changes")
    assert [(each["action"], each["name"]) for each in changes] == [
        ("object.changed", "甲"),
        ("object.added", "丙"),
        ("object.removed", "乙"),
    ]
    assert changes[0]["details"]["changed"] == ["address"]
    behind = planner.get(f"/api/v1/maintenance/{second['id']}/changes?after={changes[1]['seq']}")
    assert [each["name"] for each in behind] == ["乙"]
    assert confirm(planner, "2026-04", expect=409)["code"] == "month.confirmed"
    assert confirm(planner, "2026-05", expect=422)["code"] == "month.not-yet"
    assert (
        elsewhere.get(f"/api/v1/maintenance/{second['id']}/changes", expect=403)["code"]
        == "access.outside-jurisdiction"
    )


def test_nothing_is_late_from_before_the_bureau_began(cast, on):
    old = cast.signed_in(Role.PLANNER)  # its bureau came with the installation
    on(f"{YEAR}-05-20")
    admin = cast.signed_in(Role.ADMIN, region="140500")
    new = admin.post("/api/v1/organisations", {"name": "新区分局", "region": "140522"}, expect=201)
    planner = cast.signed_in(Role.PLANNER)
    with audit.transaction(cast.app.sessions) as session:
        person = session.get_one(Person, planner.person_id)
        person.organisation_id = UUID(new["id"])
    confirm(planner, f"{YEAR}-02")
    on(f"{YEAR}-06-15")
    planner.sign_in()
    old.sign_in()

    def kept(client, year):
        told = client.get(f"/api/v1/maintenance?year={year}")
        assert len({tuple(each["state"] for each in one["months"]) for one in told["libraries"][2:]}) == 1
        return [each["state"] for each in told["libraries"][2]["months"]], told["april"]["state"]

    fresh = ["before"] * 4 + ["overdue", "due"] + ["later"] * 6
    assert kept(planner, YEAR) == (fresh, "before")
    objects = planner.get(f"/api/v1/maintenance?year={YEAR}")["libraries"][1]["months"]
    assert [each["state"] for each in objects[:3]] == ["before", "confirmed", "before"]
    assert set(kept(old, YEAR - 2)[0]) == {"before"}
    assert kept(old, YEAR) == (["overdue"] * 5 + ["due"] + ["later"] * 6, "missed")


def test_a_month_that_nobody_confirmed_is_overdue_and_april_is_missed(cast, planner, on):
    admin, supervisor = cast.signed_in(Role.ADMIN), cast.signed_in(Role.SUPERVISOR)
    on(f"{YEAR}-02-10")
    planner.sign_in()
    confirm(planner, f"{YEAR}-02")
    kept = planner.get(f"/api/v1/maintenance?year={YEAR}")
    objects = next(each for each in kept["libraries"] if each["library"] == "objects")
    states = [each["state"] for each in objects["months"]]
    assert states == ["overdue", "confirmed", *["later"] * 10]
    assert (kept["april"]["due_on"], kept["april"]["state"]) == (f"{YEAR}-04-30", "open")
    on(f"{YEAR}-05-01")
    planner.sign_in()
    assert planner.get(f"/api/v1/maintenance?year={YEAR}")["april"]["state"] == "missed"

    on(f"{YEAR}-04-30")
    for each in (planner, admin, supervisor):
        each.sign_in()
    planner.put("/api/v1/items/COUNTY_ROAD", {"name": "县级矿区道路检查"})
    planner.post("/api/v1/claims", {"codes": ["COUNTY_ROAD"], "on": "2023-01-01"})
    body = {"reason": "年度调整", "effective_on": f"{YEAR}-05-01"}
    version = planner.post("/api/v1/list-versions", body, expect=201)
    supervisor.post(f"/api/v1/list-versions/{version['id']}/approve", {})
    planner.post(f"/api/v1/list-versions/{version['id']}/publish")
    assert planner.get(f"/api/v1/maintenance?year={YEAR}")["april"]["state"] == "open"
    confirm(admin, f"{YEAR}-04", library="inspectors")
    april = planner.get(f"/api/v1/maintenance?year={YEAR}")["april"]
    assert april["state"] == "met"
    assert all(each["at"].startswith(f"{YEAR}-0") for each in april["done"])


def test_who_keeps_no_inspectors_confirms_none(planner):
    assert confirm(planner, "2026-01", "inspectors", expect=403)["code"] == "access.denied"
