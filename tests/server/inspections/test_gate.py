"""The gate of tasks: planners and supervisors read it, phones get what they can't know, records are flagged."""

from datetime import timedelta
from uuid import uuid4

import pytest

from server import audit, clock, feed
from server.access import SYSTEM, Role
from server.accounts.models import Organisation, Person
from server.inspections import service
from server.inspections.assigned import persons_of
from server.inspections.gate.rules import Verdict
from server.inspections.gate.telling import gates_of
from server.inspections.models import Record, Task
from server.registry.models import Certificate, Lending, TrainingExam
from server.registry.service import enter_standard_items
from tests.actors.phone import SIGNED, certify

TODAY = clock.today()


@pytest.fixture
def supervisor(cast):
    return cast.signed_in(Role.SUPERVISOR)


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


@pytest.fixture
def crew(cast, app):
    phones = [cast.phone(), cast.phone()]
    certify(app, *phones)
    with audit.transaction(app.sessions) as session:
        enter_standard_items(session, SYSTEM)
    return phones


def gate(person, task):
    return person.get(f"/api/v1/tasks/{task}/gate")


def outcomes(person, task):
    return {check["rule"]: check["outcome"] for check in gate(person, task)["checks"]}


def bureau_asks(cast, app, **visit):
    with audit.transaction(app.sessions) as session:
        session.get_one(Organisation, cast.organisation().id).rules = {"visit": visit}


def test_a_task_without_papers_is_blocked_until_they_are_entered_and_its_phones_hear_of_them(
    cast, crew, planner
):
    lead, second = crew
    task = cast.task(lead, second)
    before = gate(planner, task)

    planner.patch(
        f"/api/v1/tasks/{task}",
        {
            "approval_no": "阳检审〔2026〕7号", "approved_on": TODAY.isoformat(),
            "notice_no": "阳检通〔2026〕7号", "source": "referred",
        },
    )  # fmt: skip
    lead.syncs()

    assert before["verdict"] == "block"
    blocked = {each["rule"]: each for each in before["checks"] if each["verdict"] == "block"}
    assert blocked.keys() == {"approval.given", "notice.given"}
    assert all(each["why"] and each["why_en"] and each["bases"] for each in blocked.values())
    after = outcomes(planner, task)
    assert (after["approval.given"], after["notice.given"], after["plan.published"]) == (
        "holds",
        "holds",
        "clue",
    )
    assert gate(planner, task)["verdict"] == "warn", "nobody has declared an interest or none"
    assert lead.shows("task")[str(task)]["approval_no"] == "阳检审〔2026〕7号"


def test_an_inspector_declares_for_oneself_and_who_must_recuse_stops_the_visit(cast, crew, app, planner):
    def object_of(task):
        with audit.transaction(app.sessions) as session:
            return session.get_one(Task, task).object_id

    lead, second = crew
    task = cast.task(lead, second)

    lead.post(f"/api/v1/tasks/{task}/recusal", {"answer": "no_interest"})
    one = outcomes(planner, task)["recusal.answered"]
    second.post(f"/api/v1/tasks/{task}/recusal", {"answer": "recused"})

    assert one == "unanswered"
    assert outcomes(planner, task)["recusal.answered"] == "recused"
    again = cast.task(lead, second, object_id=object_of(task))
    assert outcomes(planner, again)["recusal.answered"] == "recused", "the object is the same"
    planner.post(f"/api/v1/tasks/{task}/recusal", {"answer": "no_interest"}, expect=404)


def test_a_supervisor_allows_what_may_be_set_aside_and_everybody_reads_who_and_why(
    cast, crew, app, planner, supervisor
):
    lead, second = crew
    bureau_asks(cast, app, a_year=1)
    task = cast.task(lead, second)
    with audit.transaction(app.sessions) as session:
        opened = session.get_one(Task, task)
        columns = {each.name: getattr(opened, each.name) for each in Task.__table__.columns}
        done = {"id": uuid4(), "number": "T-earlier", "state": "done", "closed_at": audit.clock.now()}
        session.add(Task(**columns | done))
    url = f"/api/v1/tasks/{task}/gate/overrides"
    over = {"rule": "visits.cap", "reason": "举报核查，分管领导同意"}

    planner.post(url, over, expect=403)
    supervisor.post(url, over)
    lead.syncs()

    (told,) = [each for each in lead.shows("task")[str(task)]["gate"] if each["rule"] == "visits.cap"]
    assert (told["outcome"], told["verdict"]) == ("over", "warn")
    assert told["allowed"]["reason"] == "举报核查，分管领导同意"
    assert told["allowed"]["by"]
    supervisor.post(url, over, expect=409)  # it is allowed already
    assert (
        supervisor.post(url, {"rule": "inspectors.two", "reason": "人手不足"}, expect=409)["code"]
        == "gate.rule-firm"
    )
    assert (
        supervisor.post(url, {"rule": "weather.fine", "reason": "晴"}, expect=422)["code"]
        == "gate.rule-unknown"
    )


def test_who_failed_the_exam_or_comes_from_elsewhere_is_told_to_the_phone_and_lending_puts_it_right(
    cast, crew, app, planner
):
    lead, _ = crew
    stranger = cast.phone(region="130800")
    certify(app, stranger)
    task = cast.task(lead, stranger)
    with audit.transaction(app.sessions) as session:
        session.add(TrainingExam(person_id=lead.person_id, year=TODAY.year - 1, passed=False))
    lead.syncs()
    told = {each["rule"]: each for each in lead.shows("task")[str(task)]["gate"]}

    with audit.transaction(app.sessions) as session:
        session.get_one(TrainingExam, (lead.person_id, TODAY.year - 1)).passed = True
        bureau = cast.organisation()
        session.add(
            Lending(
                person_id=stranger.person_id, organisation_id=bureau.id, region=bureau.region,
                first_day=TODAY, last_day=TODAY + timedelta(days=1), reason="支援",
            )
        )  # fmt: skip

    assert told["inspectors.two"]["outcome"] == "too_few"
    assert told["inspectors.area"]["outcome"] == "outside"
    after = outcomes(planner, task)
    assert (after["inspectors.two"], after["inspectors.area"]) == ("holds", "holds")


@pytest.mark.parametrize("state", ["done", "withdrawn"])
def test_of_a_task_that_is_over_a_phone_is_told_nothing_of_the_gate(cast, crew, app, state):
    lead, _ = crew
    stranger = cast.phone(region="130800")
    certify(app, stranger)
    task = cast.task(lead, stranger)
    lead.syncs()
    before = lead.shows("task")[str(task)]["gate"]

    with audit.transaction(app.sessions) as session:
        session.get_one(Task, task).state = state
        feed.touch(session, "task", task)
        audit.append(session, SYSTEM, "tasks.renewed", ("task", task), {})
    lead.syncs()

    assert "inspectors.area" in {each["rule"] for each in before}
    shown = lead.shows("task")[str(task)]
    assert (shown["state"], shown["gate"]) == (state, [])


def test_a_commissioned_visit_asks_for_institution_and_report_and_for_no_entry_code(cast, crew, app, planner):
    lead, second = crew
    bureau_asks(cast, app, entry_code=True)
    task = cast.task(lead, second)
    on_site = outcomes(planner, task)

    planner.patch(f"/api/v1/tasks/{task}", {"mode": "commissioned"})
    empty = outcomes(planner, task)
    planner.put(
        f"/api/v1/tasks/{task}/commission",
        {
            "institution": "某矿山测量公司", "qualification": "测绘乙级", "qualification_no": "乙测资字1号",
            "valid_to": (TODAY + timedelta(days=9)).isoformat(), "report": "0f" * 32,
        },
    )  # fmt: skip

    assert (on_site["entry.code"], on_site["mode.equipped"]) == ("to_scan", "holds")
    assert (empty["entry.code"], empty["mode.equipped"]) == ("not_asked", "no_institution")
    assert outcomes(planner, task)["mode.equipped"] == "report_absent"
    lead.syncs()
    assert lead.shows("task")[str(task)]["mode"] == "commissioned"


def test_a_phone_is_told_of_what_a_whole_judgement_finds_and_nothing_is_read_that_it_knows_itself(
    cast, crew, app, supervisor, statements
):
    bureau_asks(cast, app, a_year=1)
    task = cast.task(*crew)

    def told_and_whole():
        with app.readers() as session:
            opened = [session.get_one(Task, task)]
            statements.clear()
            (told,) = [each["gate"] for each in service.desk_view(session, opened).values()]
            asked = [each for each in statements if "recusal_answer" in each or "list_version" in each]
            (checks,) = gates_of(session, opened).values()
        whole = [
            each.as_told()
            for each in checks
            if each.verdict is not Verdict.ALLOW
            and (not each.rule.on_phone or each.allowed or each.rule.code == "inspectors.two")
        ]
        return told, whole, asked

    told, whole, asked = told_and_whole()
    assert told == whole
    assert {each["rule"] for each in told} == {"plan.published"}
    assert asked == []

    rule = {"rule": "approval.given", "reason": "上级交办，审批表随后补办"}
    supervisor.post(f"/api/v1/tasks/{task}/gate/overrides", rule)
    told, whole, _ = told_and_whole()
    assert told == whole
    assert {each["rule"] for each in told} == {"plan.published", "approval.given"}


def test_a_person_stands_with_the_certificate_that_lasts_longest_and_wherever_they_are_lent(cast, app):
    phone = cast.phone()
    with audit.transaction(app.sessions) as session:
        person = session.get_one(Person, phone.person_id)
        for number, last in (("甲", 40), ("乙", 90), ("丙", -1)):
            valid = {"valid_from": TODAY - timedelta(days=9), "valid_to": TODAY + timedelta(days=last)}
            session.add(Certificate(person_id=person.id, number=number, issuer="省厅", **valid))
        for region, last in (("140500", 3), ("140525", 5), ("140581", -1)):
            days = {"first_day": TODAY - timedelta(days=9), "last_day": TODAY + timedelta(days=last)}
            session.add(
                Lending(
                    person_id=person.id,
                    organisation_id=person.organisation_id,
                    region=region,
                    reason="借调",
                    **days,
                )
            )
        session.add(TrainingExam(person_id=person.id, year=TODAY.year - 1, passed=False))
        session.add(TrainingExam(person_id=person.id, year=TODAY.year, passed=True))
    with app.readers() as session:
        (standing,) = persons_of(session, [phone.person_id], TODAY).values()
    assert (standing.certificate, standing.valid_to) == ("乙", TODAY + timedelta(days=90))
    assert (standing.lent_to, standing.passed, standing.scope) == ({"140500", "140525"}, False, ())


def test_a_record_that_comes_in_spite_of_a_block_is_kept_and_flagged_and_no_longer_once_it_is_allowed(
    cast, crew, app, supervisor
):
    lead, second = crew
    task = cast.task(lead, second, notice_no="阳检通〔2026〕8号")
    lead.syncs()
    record = lead.fills(task, SIGNED)
    lead.syncs()

    def judged():
        with audit.transaction(app.sessions) as session:
            service.judge_arrival(session, SYSTEM, record)
            return session.get_one(Record, record).state, session.get_one(Record, record).flags

    blocked = judged()
    told = {each["rule"]: each for each in supervisor.get(f"/api/v1/records/{record}")["gate"]}
    supervisor.post(f"/api/v1/tasks/{task}/gate/overrides", {"rule": "approval.given", "reason": "纸质审批"})
    allowed = judged()

    assert blocked == ("under_review", ["gate_blocked"])
    assert (told["approval.given"]["verdict"], told["recusal.answered"]["verdict"]) == ("block", "warn")
    assert told["approval.given"]["bases"][0]["source"].startswith("国务院办公厅")
    assert allowed == ("under_review", [])
