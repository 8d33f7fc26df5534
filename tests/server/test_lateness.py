"""Who comes too late with something is told who was quicker, with what, and when."""

from uuid import uuid4

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from server import refusals
from server.access import Role
from server.accounts.models import Organisation, Person, Region
from server.registry.models import InspectedObject, Licence
from server.results.models import CalendarNotice
from tests.actors.supervisor import phones, supervisor
from tests.planting import filled
from tests.server.publicity.releasing import PROBLEM, released


def test_the_second_at_a_desk_is_told_who_did_what_and_when(cast):
    result = released(cast, phones(cast), "BOUNDARY_MARKER", marker=PROBLEM)
    office, other = supervisor(cast), supervisor(cast)
    second = other.post(f"/api/v1/results/{result['id']}/release", {}, expect=409)
    assert (second["code"], second["did"], second["state"]) == (
        "result.not-confirmed", "result.released", "released",
    )  # fmt: skip
    assert f"{second['by']}已于" in second["detail"]
    assert "发布。" in second["detail"]
    assert second["at"].endswith("Z")
    english = other.call(
        "POST", f"/api/v1/results/{result['id']}/release", json={}, headers={"Accept-Language": "en"}
    ).get_json()
    assert f"{second['by']} released it at" in english["detail"]

    (followup,) = office.get("/api/v1/followups")
    path = f"/api/v1/followups/{followup['id']}"
    office.post(f"{path}/cancel", {"reason": "已并案"})
    assert other.post(f"{path}/cancel", {"reason": "已并案"}, expect=409)["did"] == "followup.cancelled"

    filed, path = {"grounds": "不服", "filed_on": "2026-03-02"}, f"/api/v1/results/{result['id']}/objections"
    objection = office.post(path, filed, expect=201)
    assert other.post(path, filed, expect=409)["did"] == "result.objected"
    decided = {"state": "rejected", "decision": "不成立"}
    office.post(f"{path}/{objection['id']}/decide", decided)
    late = other.post(f"{path}/{objection['id']}/decide", decided, expect=409)
    assert (late["code"], late["did"]) == ("objection.settled", "result.objection-decided")

    publisher, again = cast.signed_in(Role.PUBLISHER), cast.signed_in(Role.PUBLISHER)
    (disclosure,) = {
        each["disclosure_id"]
        for each in publisher.get("/api/v1/publications")
        if each["disclosure"]["result_id"] == result["id"]
    }
    path, why = f"/api/v1/disclosures/{disclosure}/withdraw", {"reason": "revoked", "note": "判决"}
    publisher.post(path, why)
    assert again.post(path, why, expect=409)["did"] == "disclosure.withdrawn"


def broken(app, model, *rows):
    """What breaks when rows are entered."""
    with app.sessions() as session:
        try:
            for row in rows:
                session.execute(insert(model.__table__), [row])
        except IntegrityError as error:
            return refusals.problem_of(error)
    raise AssertionError("nothing was broken")


def test_what_two_enter_in_one_moment_is_told_as_what_is_there_already(app, cast):
    bureau = cast.organisation()
    here = {"region": bureau.region, "organisation_id": bureau.id}
    person = filled(Person, **here, username="同名")
    found = filled(InspectedObject, **here, kind="enterprise", name="虚构矿", tags=[])
    taken = {
        "region.known": (Region, {"code": bureau.region, "name": "又一次", "parent": None}),
        "organisation.name-taken": (
            Organisation,
            filled(Organisation, name=bureau.name, region=bureau.region, parent_id=None, rules={}),
        ),
    }
    for code, (model, row) in taken.items():
        assert broken(app, model, row).code == code
    assert broken(app, Person, person, person | {"id": uuid4()}).code == "person.username-taken"
    assert broken(app, InspectedObject, found, found | {"id": uuid4()}).code == "object.duplicate"
    editor = cast.person(Role.ADMIN).person_id
    notice = filled(CalendarNotice, region="140522", year=2027, version="1", entered_by=editor)
    problem = broken(app, CalendarNotice, notice, notice | {"id": uuid4()})
    assert (problem.code, problem.title[0]) == ("request.entered-meanwhile", "相同内容已经录入")
    assert broken(app, Licence, filled(Licence, object_id=uuid4())).code == "request.conflict"
