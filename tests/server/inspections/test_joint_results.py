"""Results of joint visits: each department enters its own, by its own days, goes back for its own, and is told as itself."""

from datetime import timedelta

import pytest

from server import audit, clock
from server.access import Role
from server.accounts.models import Organisation
from server.worker import drain
from tests.actors.supervisor import submitted, supervisor, visit_answers, visit_task
from tests.server.inspections.test_joint import (  # noqa: F401 - fixtures
    CLOSES,
    both,
    bureaus,
    crew,
    divided,
    planner,
)

PROBLEM = {"answer": "not_conform", "problem": "公告牌缺失", "disposal": "DAILY_SUPERVISION"}


@pytest.fixture
def visited(cast, app, crew, planner, both):  # noqa: F811
    """A joint visit of which both records are accepted."""
    task = visit_task(cast, *crew[:2])
    divided(planner, task, *both)
    for each in crew:
        each.syncs()
    for each in (crew[0], crew[2]):
        supervisor(cast).accepts(submitted(cast, each, task=task, answers=visit_answers(marker=PROBLEM)))
    drain(app)
    return task


def result_of(person, task, item="BOUNDARY_MARKER"):
    found = person.get("/api/v1/results", query_string={"task": str(task)})
    return next(each for each in found if each["item_code"] == item)


def confirm(person, result, expect=200, **given):
    return person.post(f"/api/v1/results/{result['id']}/confirm", given, expect=expect)


def test_a_department_confirms_its_own_results_and_no_others(visited, crew):  # noqa: F811
    energy, natural = (result_of(crew[0], visited, item) for item in ("BOUNDARY_MARKER", "MINE_OVERSTEP"))

    assert confirm(crew[0], energy, 403, codes=["MOVED_AWAY"])["code"] == "result.not-own"
    assert confirm(crew[2], natural, 403)["code"] == "result.not-own"
    assert confirm(crew[3], energy)["state"] == "confirmed"
    assert confirm(crew[1], natural)["state"] == "confirmed"


def test_what_is_confirmed_is_public_by_the_closing_day_of_its_department(
    cast,
    app,
    crew,  # noqa: F811
    bureaus,  # noqa: F811
    visited,
):
    with audit.transaction(app.sessions) as session:
        rules = {"publication": {"kind": "before_closing", "problems": True}}
        session.get_one(Organisation, bureaus[1]).rules = {"deadline": rules}

    confirmed = confirm(crew[2], result_of(crew[2], visited))

    assert confirmed["publish_on"] == CLOSES.isoformat()


def test_a_department_goes_back_as_itself_and_the_province_is_told_who_of_it_inspected(
    cast,
    app,
    crew,  # noqa: F811
    bureaus,  # noqa: F811
    visited,
):
    office, operator = supervisor(cast), cast.signed_in(Role.OPERATOR)
    result = result_of(crew[2], visited)
    confirm(crew[2], result, followup_codes=["SECOND_CHECK"])
    office.releases(result["id"])
    (followup,) = office.get("/api/v1/followups", query_string={"result": result["id"]})
    given = {
        "lead": str(crew[2].person_id),
        "assisting": [str(crew[3].person_id)],
        "opens_on": clock.today().isoformat(),
        "due_on": CLOSES.isoformat(),
    }
    again = office.post(f"/api/v1/followups/{followup['id']}/visit", given, expect=201)
    office.accepts(submitted(cast, *crew[2:], task=again["task"]))
    drain(app)

    assert result_of(office, again["task"])["organisation_id"] == str(bureaus[1])
    (delivery,) = operator.get("/api/v1/deliveries")
    assert delivery["payload"]["organisation"] == "阳城县能源局"
    told = {(each["role"], each["name"]) for each in delivery["payload"]["inspectors"]}
    names = [name_of(cast, each) for each in crew[2:]]
    assert told == {("lead", names[0]), ("assisting", names[1])}


def test_the_work_of_each_department_is_counted_as_its_own(cast, visited, bureaus):  # noqa: F811
    auditor = cast.signed_in(Role.AUDITOR)
    today = clock.today()
    days = {"first": (today - timedelta(days=90)).isoformat(), "last": today.isoformat()}
    snapshot = supervisor(cast).post("/api/v1/reports/snapshots", days, expect=201)

    found = auditor.get(f"/api/v1/reports/snapshots/{snapshot['id']}/assessment")

    assert {each["organisation_id"] for each in found["units"]} == {str(each) for each in bureaus}


def name_of(cast, person):
    admin = cast.signed_in(Role.ADMIN)
    return admin.get(f"/api/v1/people/{person.person_id}")["name"]


def test_what_was_drafted_before_a_visit_was_divided_holds_up_nothing(cast, app, crew, planner, both):  # noqa: F811
    task, office = visit_task(cast, *crew[:2], item_codes=["BOUNDARY_MARKER"]), supervisor(cast)
    first = submitted(cast, crew[0], task=task)
    submitted(cast, crew[1], task=task)  # keeps the visit open
    office.accepts(first)
    drain(app)
    divided(planner, task, *both)
    for each in crew:
        each.syncs()
    office.accepts(submitted(cast, crew[2], task=task))
    drain(app)

    found = office.get("/api/v1/results", query_string={"task": str(task)})
    assert [each["item_code"] for each in found] == ["BOUNDARY_MARKER"]
