"""Tasks reach the people on them, change hands and are taken back."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from server import audit, clock
from server.access import SYSTEM, Role
from server.accounts.models import Organisation
from server.draws.models import Draw, DrawnVisit
from server.inspections import service
from server.inspections.models import Task
from server.inspections.opening import mode_of
from server.planning.models import Plan, PlannedInspection
from server.registry.models import InspectedObject, Lending
from tests.actors.phone import SIGNED, certify

TODAY = clock.today()


def reassign(planner, task, *people, expect=200):
    ids = [str(each.person_id) for each in people]
    body = {"lead": ids[0], "assisting": ids[1:], "reason": "人员调整"}
    return planner.post(f"/api/v1/tasks/{task}/reassign", body, expect=expect)


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


@pytest.fixture
def crew(cast, app):
    phones = [cast.phone(), cast.phone(), cast.phone()]
    certify(app, *phones)
    return phones


def test_a_task_reaches_the_phones_of_the_people_on_it_and_no_other(cast, crew):
    lead, second, other = crew
    task = cast.task(lead, second, approval_no="阳检审〔2026〕7号")

    for phone in crew:
        phone.syncs()

    body = lead.shows("task")[str(task)]
    assert second.shows("task") == lead.shows("task")
    assert other.shows("task") == {}
    assert body["state"] == "assigned"
    assert body["lead"] == str(lead.person_id)
    assert [each["role"] for each in body["inspectors"]] == ["lead", "assisting"]
    assert all(each["certificate"] for each in body["inspectors"])
    assert all(date.fromisoformat(each["certificate_valid_to"]) >= TODAY for each in body["inspectors"])
    assert body["forms"] == [{"id": "spot_check", "version": "1"}]
    assert body["approval_no"] == "阳检审〔2026〕7号"
    assert lead.shows("object")[body["object"]]["name"].startswith("虚构采石场")


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"visit": {"a_year": 4, "entry_code": True}}, {"a_year": 4, "entry_code": True}),
        ({}, {"a_year": None, "entry_code": False}),
        ({"visit": {"a_year": "often"}}, {"a_year": None, "entry_code": False}),
    ],
)
def test_a_task_tells_what_its_bureau_asks_of_a_visit_and_a_wrong_rule_keeps_nothing_back(
    cast, crew, app, rules, told
):
    lead, second, _ = crew
    with audit.transaction(app.sessions) as session:
        session.get_one(Organisation, cast.organisation().id).rules = rules

    task = cast.task(lead, second)

    lead.syncs()
    assert lead.shows("task")[str(task)]["rules"] == told


def test_the_visits_of_a_draw_open_one_task_each_however_often_it_is_told(cast, crew, session):
    lead, second, _ = crew
    cast.task(lead, second)  # publishes the form
    organisation = cast.organisation()
    place = {"region": "140522", "organisation_id": organisation.id}
    found = session.scalars(select(InspectedObject)).first()
    plan = Plan(
        **place, year=2026, number="1", name="计划", kind="internal", source="", findings=[],
        imported_at=audit.clock.now(),
    )  # fmt: skip
    session.add(plan)
    session.flush()
    columns = PlannedInspection.__table__.columns
    empty = {"BOOLEAN": False, "JSON": []}
    blank = {
        each.name: empty.get(str(each.type), "")
        for each in columns
        if not each.nullable and each.name not in {"id", "plan_id", "region", "row_no"}
    }
    planned = PlannedInspection(**blank, plan_id=plan.id, region="140522", row_no=1)
    session.add(planned)
    session.flush()
    draw = Draw(
        **place,
        planned_id=planned.id,
        number="D1",
        source="platform",
        locked=True,
        published_at=audit.clock.now(),
    )
    session.add(draw)
    session.flush()
    session.add(
        DrawnVisit(
            draw_id=draw.id, object_id=found.id, lead_id=lead.person_id,
            inspector_ids=[str(lead.person_id), str(second.person_id)], task_no="YC-1", task_name="抽查",
            forms=["spot_check"], item_codes=["MINE_OVERSTEP"], opens_on=TODAY, due_on=TODAY,
        )
    )  # fmt: skip
    session.flush()

    opened = service.open_tasks(session, SYSTEM, draw.id)
    again = service.open_tasks(session, SYSTEM, draw.id)
    audit.seal(session)

    assert [(task.number, task.draw_id) for task in opened] == [("YC-1", draw.id)]
    assert again == []
    assert [each.role for each in service.assignments_of(session, [opened[0].id])] == ["lead", "assisting"]


def test_reassigning_drops_the_task_with_its_reason_and_shows_everything_to_the_new_one(cast, planner, crew):
    lead, second, third = crew
    task = cast.task(lead, second)
    for phone in crew:
        phone.syncs()
    record = lead.fills(task)
    lead.syncs()

    answer = reassign(planner, task, third, second)
    for phone in crew:
        phone.syncs()

    assert answer["inspectors"] == third.shows("task")[str(task)]["inspectors"]
    assert lead.shows("task") == lead.shows("record") == lead.shows("object") == {}
    assert list(third.shows("record")) == [str(record)]
    assert list(third.shows("object")) == [third.shows("task")[str(task)]["object"]]
    assert second.shows("task")[str(task)]["lead"] == str(third.person_id)


def test_the_drop_says_why(cast, planner, crew):
    lead, second, third = crew
    task = cast.task(lead, second)
    lead.syncs()
    reassign(planner, task, second, third)

    page = lead.get(f"/api/v1/sync/pull?cursor={lead.state.cursor}")

    assert {(item["op"], item["kind"], item["why"]) for item in page["items"]} == {
        ("drop", "task", "reassigned"),
        ("drop", "object", "reassigned"),
    }


def test_an_object_stays_visible_while_another_task_needs_it(cast, app, planner, crew):
    lead, second, third = crew
    first_task = cast.task(lead, second)
    lead.syncs()
    found = lead.shows("task")[str(first_task)]["object"]
    with audit.transaction(app.sessions) as session:
        same = session.get(Task, first_task)
        visit = {
            name: getattr(same, name)
            for name in ("region", "organisation_id", "forms", "item_codes", "opens_on", "due_on")
        }
        people = {"lead_id": lead.person_id, "assisting_ids": [second.person_id]}
        service.open_visits(
            session,
            SYSTEM,
            [service.PlannedVisit(number="2", name="二", object_id=same.object_id, **visit, **people)],
        )
    reassign(planner, first_task, second, third)
    lead.syncs()

    assert list(lead.shows("object")) == [found]
    assert len(lead.shows("task")) == 1


def test_someone_who_comes_back_to_a_task_sees_it_again(cast, planner, crew):
    lead, second, third = crew
    task = cast.task(lead, second)
    lead.syncs()
    reassign(planner, task, second, third)
    lead.syncs()
    assert lead.shows("task") == {}
    reassign(planner, task, lead, third)
    lead.syncs()

    assert list(lead.shows("task")) == [str(task)]


def test_a_withdrawn_task_leaves_the_phones_but_not_the_work_on_it(cast, planner, crew):
    lead, second, _ = crew
    task = cast.task(lead, second)
    lead.syncs()
    record = lead.fills(task)

    answer = planner.post(f"/api/v1/tasks/{task}/withdraw", {"reason": "企业停产"})
    lead.pulls()

    assert answer["state"] == "withdrawn"
    assert lead.shows("task") == {}
    assert [key[1] for key in lead.state.view.withdrawn if key[0] == "task"] == [str(task)]
    [pushed] = lead.pushes()
    assert (pushed["outcome"], pushed["flags"]) == ("accepted_late", ["task_withdrawn"])
    lead.syncs()
    assert str(record) not in lead.shows("record")


@pytest.mark.parametrize(
    "who", ["one person", "the same twice", "no certificate", "a supervisor", "another city"]
)
def test_a_task_is_not_given_to_people_who_may_not_inspect(cast, app, planner, crew, who):
    lead, second, third = crew
    task = cast.task(lead, second)
    uncertified, boss, stranger = cast.phone(), cast.person(Role.SUPERVISOR), cast.phone(region="130800")
    certify(app, boss, stranger)
    certify(app, uncertified, days=-2)
    people = {
        "one person": [third, third],
        "the same twice": [third, third, third],
        "no certificate": [third, uncertified],
        "a supervisor": [third, boss],
        "another city": [third, stranger],
    }[who]

    answer = reassign(planner, task, *people, expect=422)

    assert answer["code"] == "task.people-wrong"


def test_a_task_is_given_to_whoever_is_lent_to_the_bureau_today(cast, app, planner, crew):
    lead, second, third = crew
    task = cast.task(lead, second)
    stranger = cast.phone(region="130800")
    certify(app, stranger)
    today = clock.today()
    with audit.transaction(app.sessions) as session:
        lending = Lending(
            person_id=stranger.person_id,
            organisation_id=cast.organisation().id,
            region="140522",
            first_day=today - timedelta(days=9),
            last_day=today - timedelta(days=1),
            reason="支援",
        )
        session.add(lending)
        session.flush()
        lending_id = lending.id
    assert reassign(planner, task, third, stranger, expect=422)["code"] == "task.people-wrong"

    with audit.transaction(app.sessions) as session:
        session.get_one(Lending, lending_id).last_day = today
    reassign(planner, task, third, stranger)

    stranger.syncs()
    assert list(stranger.shows("task")) == [str(task)]


def test_a_closed_task_is_neither_given_away_nor_withdrawn_again(cast, planner, crew):
    lead, second, third = crew
    task = cast.task(lead, second)
    planner.post(f"/api/v1/tasks/{task}/withdraw", {"reason": "重复"})

    assert reassign(planner, task, second, third, expect=409)["code"] == "task.closed"
    assert (
        planner.post(f"/api/v1/tasks/{task}/withdraw", {"reason": "重复"}, expect=409)["code"]
        == "task.closed"
    )


def test_inspectors_see_their_own_tasks_planners_those_of_their_region(cast, planner, crew):
    lead, second, other = crew
    task = cast.task(lead, second)
    elsewhere = cast.signed_in(Role.PLANNER, region="130800")

    assert [each["id"] for each in lead.get("/api/v1/tasks")] == [str(task)]
    assert other.get("/api/v1/tasks") == []
    assert other.get(f"/api/v1/tasks/{task}", expect=404)["code"] == "task.not-found"
    assert planner.get(f"/api/v1/tasks/{task}")["id"] == str(task)
    assert elsewhere.get("/api/v1/tasks") == []
    assert elsewhere.get(f"/api/v1/tasks/{task}", expect=404)["code"] == "task.not-found"
    assert reassign(elsewhere, task, second, other, expect=403)["code"] == "access.outside-jurisdiction"
    assert reassign(lead, task, second, other, expect=403)["code"] == "access.denied"
    missing = f"/api/v1/tasks/{uuid4()}/withdraw"
    assert planner.post(missing, {"reason": "x"}, expect=404)["code"] == "task.not-found"


def test_a_list_is_read_page_by_page_through_its_links(cast, planner, crew):
    due = [TODAY + timedelta(days=each) for each in (3, 1, 2, 1, 5)]
    tasks = {str(cast.task(*crew, due_on=each)): each for each in due}

    seen, path = [], "/api/v1/tasks?limit=2&state=assigned"
    while path:
        response = planner.call("GET", path)
        page = response.get_json()
        assert len(page) <= 2
        seen += page
        link = response.headers.get("Link", "")
        path = link.partition(">")[0].removeprefix("<") if 'rel="next"' in link else None

    assert [each["due_on"] for each in seen] == [each.isoformat() for each in sorted(due)]
    assert {each["id"] for each in seen} == set(tasks)
    there = planner.get(f"/api/v1/tasks?object={seen[0]['object']}")
    assert seen[0]["id"] in {each["id"] for each in there}
    assert planner.get(f"/api/v1/tasks?object={uuid4()}") == []


@pytest.mark.parametrize("after", ["x", "W10=", "WyIyMDI2LTAxLTAxIl0=", "WyJ4IiwieSJd", "bnVsbA==", "中"])
def test_a_made_up_place_in_a_list_is_refused(planner, after):
    answer = planner.get("/api/v1/tasks", query_string={"after": after}, expect=422)
    assert answer["code"] == "request.invalid"


def test_a_record_opens_its_task_and_a_second_one_does_not_open_it_again(cast, crew):
    lead, second, _ = crew
    task = cast.task(lead, second)
    lead.fills(task)
    lead.fills(task, SIGNED)
    lead.syncs()

    assert lead.shows("task")[str(task)]["state"] == "open"
    assert len(lead.shows("record")) == 2


@pytest.mark.parametrize(
    ("modes", "found"),
    [
        ([["written"]], "written"),
        ([["written", "on_site"]], "on_site"),
        ([["written", "network"], ["network"]], "network"),
        ([["written"], []], "written"),
        ([["written"], ["network"]], "on_site"),
        ([], "on_site"),
    ],
)
def test_a_drawn_visit_is_made_as_all_its_items_may_be(modes, found):
    assert mode_of(modes) == found


def test_a_task_gets_more_time_with_a_reason_and_what_waits_of_it_moves_along(cast, crew, planner):
    lead, second, _ = crew
    task = cast.task(lead, second, due_on=TODAY + timedelta(days=1))
    sooner = cast.task(lead, second, due_on=TODAY + timedelta(days=2))
    lead.syncs()
    records = [lead.fills(each, SIGNED) for each in (task, sooner)]
    lead.syncs()
    reviewer = cast.signed_in(Role.SUPERVISOR)

    def queue():
        first = reviewer.call("GET", "/api/v1/records?waiting=true&limit=1")
        [line] = first.get_json()
        [other] = reviewer.get(first.headers["Link"].split(">")[0].lstrip("<"))
        return [line["id"], other["id"]], [line["due_on"], other["due_on"]]

    assert queue()[0] == [str(record) for record in records]

    given = {"due_on": str(TODAY + timedelta(days=9)), "reason": "道路塌方，车辆无法通行"}
    assert planner.post(f"/api/v1/tasks/{task}/extend", given)["due_on"] == given["due_on"]

    ids, days = queue()
    assert ids == [str(record) for record in reversed(records)]
    assert days == [str(TODAY + timedelta(days=2)), given["due_on"]]
    lead.syncs()
    assert lead.shows("task")[str(task)]["due_on"] == given["due_on"]
    for wrong in (given["due_on"], str(TODAY)):
        refused = planner.post(f"/api/v1/tasks/{task}/extend", given | {"due_on": wrong}, expect=422)
        assert refused["code"] == "task.day-wrong"
    planner.post(f"/api/v1/tasks/{sooner}/withdraw", {"reason": "重复"})
    refused = planner.post(f"/api/v1/tasks/{sooner}/extend", given, expect=409)
    assert refused["code"] == "task.closed"
    cast.signed_in(Role.AUDITOR).post(f"/api/v1/tasks/{task}/extend", given, expect=403)


def test_tasks_are_found_by_where_they_are_whose_they_are_and_when_they_are_due(cast, crew, planner):
    lead, second, _ = crew
    near = cast.task(lead, second, number="阳检-1", due_on=TODAY + timedelta(days=1))
    far = cast.task(lead, second, number="阳检-2", due_on=TODAY + timedelta(days=40))
    bureau = cast.organisation()

    def found(**query):
        return [each["id"] for each in planner.get("/api/v1/tasks", query_string=query)]

    assert found() == [str(near), str(far)]
    assert found(due_to=str(TODAY + timedelta(days=9))) == [str(near)]
    assert found(due_from=str(TODAY + timedelta(days=9))) == found(number="阳检-2") == [str(far)]
    assert found(region="140500", organisation=str(bureau.id)) == [str(near), str(far)]
    assert found(region="140524") == found(planned=str(uuid4())) == []
