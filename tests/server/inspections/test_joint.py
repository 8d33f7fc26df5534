"""Joint visits: one task, a section for each department with its own people, items, forms, results and closing day."""

from datetime import timedelta

import pytest

from server import audit, clock
from server.access import Role
from server.accounts.models import Organisation, Person
from server.accounts.service import actor_of
from server.draws import service as draws
from server.draws.models import DrawSource
from server.draws.service import DrawDraft, VisitDraft
from server.inspections.models import Task
from server.planning.models import PlannedInspection
from server.registry.models import InspectionItem, ItemClaim
from server.worker import drain
from tests.actors.phone import certify
from tests.actors.platform import bureau
from tests.actors.supervisor import phones, submitted, supervisor, visit_task

CLOSES = clock.today() + timedelta(days=9)


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


@pytest.fixture
def bureaus(cast, app):
    """The bureau of natural resources and the energy bureau, which wants its results before it closes."""
    natural, energy = cast.organisation(), cast.organisation(name="阳城县能源局")
    with audit.transaction(app.sessions) as session:
        rules = {"deadline": {"entry": {"kind": "before_closing"}}}
        session.get_one(Organisation, energy.id).rules = rules
        for code, name in (("MINE_OVERSTEP", "超层越界"), ("BOUNDARY_MARKER", "公告要素")):
            if session.get(InspectionItem, code) is None:
                session.add(
                    InspectionItem(code=code, name=name, form_id="visit", basis="", content="", aliases=[])
                )
            else:
                session.get_one(InspectionItem, code).form_id = "visit"
    return natural.id, energy.id


@pytest.fixture
def crew(cast, app, bureaus):
    """Two inspectors of each bureau, with certificates."""
    people = phones(cast, 4)
    certify(app, *people)
    with audit.transaction(app.sessions) as session:
        for each in people[2:]:
            session.get_one(Person, each.person_id).organisation_id = bureaus[1]
    return people


def department(organisation, people, *items, **more):
    ids = [str(each.person_id) for each in people]
    return {"organisation": str(organisation), "people": ids, "items": list(items), **more}


def divided(planner, task, *departments, expect=200):
    return planner.put(f"/api/v1/tasks/{task}/departments", {"departments": list(departments)}, expect=expect)


@pytest.fixture
def both(crew, bureaus):
    return [
        department(bureaus[0], crew[:2], "MINE_OVERSTEP"),
        department(bureaus[1], crew[2:], "BOUNDARY_MARKER", due_on=CLOSES.isoformat()),
    ]


def test_each_department_sees_its_section_fills_its_own_record_and_answers_for_its_own_results(
    cast, app, crew, bureaus, planner, both
):
    task = visit_task(cast, *crew[:2])

    told = divided(planner, task, *both)
    crew[3].syncs()

    assert [(each["name"], each["items"], each["forms"]) for each in told["sections"]] == [
        ("阳城县自然资源局", ["MINE_OVERSTEP"], ["visit"]),
        ("阳城县能源局", ["BOUNDARY_MARKER"], ["visit"]),
    ]
    assert told["lead"] == str(crew[0].person_id)
    body = crew[3].shows("task")[str(task)]
    row = body["prefill"]["sections"][body["sections"][1]["id"]]
    assert (row["org"], row["items"]) == ("阳城县能源局", "BOUNDARY_MARKER")
    assert body["prefill"]["tasks"]["org"] == "阳城县自然资源局"
    assert body["prefill"]["tasks"]["items"] == "MINE_OVERSTEP BOUNDARY_MARKER"
    checks = planner.get(f"/api/v1/tasks/{task}/gate")["checks"]
    assert {each["rule"]: each["outcome"] for each in checks}["inspectors.two"] == "holds"

    reviewer = supervisor(cast)
    records = [submitted(cast, crew[0], task=task), submitted(cast, crew[2], task=task)]
    reviewer.accepts(records[0])
    half = reviewer.get(f"/api/v1/tasks/{task}")["state"]
    reviewer.accepts(records[1])
    drain(app)

    assert half == "open", "the energy bureau has a record of its own to bring"
    assert reviewer.get(f"/api/v1/tasks/{task}")["state"] == "done"
    results = {
        each["item_code"]: each for each in crew[0].get("/api/v1/results") if each["task_id"] == str(task)
    }
    assert {code: each["organisation_id"] for code, each in results.items()} == {
        "MINE_OVERSTEP": str(bureaus[0]),
        "BOUNDARY_MARKER": str(bureaus[1]),
    }
    assert results["BOUNDARY_MARKER"]["due_on"] == CLOSES.isoformat()
    assert results["MINE_OVERSTEP"]["due_on"] != CLOSES.isoformat()
    assert [results[code]["record_id"] for code in ("MINE_OVERSTEP", "BOUNDARY_MARKER")] == [
        str(each) for each in records
    ]
    with audit.transaction(app.sessions) as session:
        object_id = session.get_one(Task, task).object_id
    again = visit_task(cast, *crew[:2], object_id=object_id)
    crew[0].syncs()
    assert crew[0].shows("task")[str(again)]["prefill"]["tasks"]["year_count"] == "2", (
        "two departments, one visit"
    )


def test_a_department_with_one_certificate_stops_and_who_leaves_loses_sight_of_the_visit(
    cast, crew, app, bureaus, planner, both
):
    task = visit_task(cast, *crew[:2])
    divided(planner, task, *both)
    third, fourth = phones(cast, 2)
    certify(app, third, fourth)
    with audit.transaction(app.sessions) as session:
        for each in (third, fourth):
            session.get_one(Person, each.person_id).organisation_id = bureaus[1]
    crew[3].syncs()
    before = crew[3].shows("task").keys()

    changed = department(bureaus[1], [third, fourth], "BOUNDARY_MARKER")
    divided(planner, task, both[0], changed)
    with audit.transaction(app.sessions) as session:
        session.get_one(Person, third.person_id).active = False
    for phone in (crew[3], fourth):
        phone.syncs()

    assert str(task) in before
    assert str(task) not in crew[3].shows("task")
    told = {each["rule"]: each["outcome"] for each in fourth.shows("task")[str(task)]["gate"]}
    assert told["inspectors.two"] == "section_too_few"
    people = {"lead": str(fourth.person_id), "assisting": [str(crew[0].person_id)], "reason": "调整"}
    assert planner.post(f"/api/v1/tasks/{task}/reassign", people, expect=409)["code"] == "task.joint"


def test_a_visit_is_divided_only_among_departments_with_two_people_and_items_of_their_own(
    cast, crew, bureaus, planner, both
):
    task = visit_task(cast, *crew[:2])
    natural, energy = both
    wrong = {
        "only one department": [natural],
        "one department twice": [natural, natural | {"people": energy["people"], "items": energy["items"]}],
        "one person of a department": [natural, energy | {"people": energy["people"][:1]}],
        "somebody of two departments": [natural, energy | {"people": [*energy["people"], natural["people"][0]]}],
        "somebody of another bureau": [
            natural | {"people": [natural["people"][0], energy["people"][1]]},
            energy | {"people": [energy["people"][0], natural["people"][1]]},
        ],
        "an item of two departments": [natural, energy | {"items": ["BOUNDARY_MARKER", "MINE_OVERSTEP"]}],
        "an item of the task left over": [natural, energy | {"items": ["QUALIFICATION"]}],
        "an item without a form": [natural, energy | {"items": ["BOUNDARY_MARKER"]}, department(cast.organisation("130800").id, phones(cast), "UNHEARD_OF")],
    }  # fmt: skip

    for why, departments in wrong.items():
        refused = divided(planner, task, *departments, expect=422)
        assert refused["code"] in {"task.departments-wrong", "task.people-wrong"}, why

    assert crew[0].post(f"/api/v1/tasks/{task}/recusal", {"answer": "no_interest"})["sections"] == []
    divided(crew[0], task, *both, expect=403)


def test_a_draw_that_sends_two_departments_opens_divided_and_its_gate_is_read_before(
    cast, app, crew, bureaus, planner
):
    house = bureau(cast, *crew)
    inspectors = tuple(each.person_id for each in crew)
    visit = VisitDraft(
        object_id=house.objects[0].id,
        inspector_ids=inspectors,
        task_no="T-JOINT",
        task_name="联合检查",
        forms=("visit",),
        item_codes=("MINE_OVERSTEP", "BOUNDARY_MARKER"),
        opens_on=clock.today(),
        due_on=CLOSES,
        teams={"阳城县自然资源局": inspectors[:2], "阳城县能源局": inspectors[2:]},
    )
    with audit.transaction(app.sessions) as session:
        session.add(
            ItemClaim(
                organisation_id=bureaus[1],
                item_code="BOUNDARY_MARKER",
                region="140522",
                claimed_on=clock.today(),
            )
        )
        planned = session.get_one(PlannedInspection, house.planned_id)
        actor = actor_of(session.get_one(Person, planner.person_id))
        draw = draws.publish(
            session, actor, planned, DrawDraft(DrawSource.PLATFORM, locked=True, visits=(visit,))
        )

    before = planner.get(f"/api/v1/draws/{draw.id}/gate")
    drain(app)
    drain(app)

    (gated,) = before["visits"]
    assert (gated["task_no"], gated["verdict"]) == ("T-JOINT", "block")
    blocked = {each["rule"] for each in gated["checks"] if each["verdict"] == "block"}
    assert blocked == {"approval.given", "notice.given"}
    (task,) = [each for each in planner.get("/api/v1/tasks") if each["number"] == "T-JOINT"]
    assert [(each["name"], each["items"], each["lead"]) for each in task["sections"]] == [
        ("阳城县自然资源局", ["MINE_OVERSTEP"], str(crew[0].person_id)),
        ("阳城县能源局", ["BOUNDARY_MARKER"], str(crew[2].person_id)),
    ]
