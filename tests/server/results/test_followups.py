"""What follows a result, until nothing about it is open: orders, transfers, revisits, objections, versions."""

from datetime import date

import pytest

from server.access import Role
from server.results.codes import FollowupCode
from server.results.disposal import NEEDS, Disposal, Need, missing
from server.worker import drain
from tests.actors.phone import certify
from tests.actors.supervisor import phones, submitted, supervisor, visit_answers

DAY = date(2026, 2, 6)
ORDERED = {
    "answer": "not_conform",
    "problem": "J2 界桩缺失",
    "disposal": "ORDER_RECTIFY",
    "rectify_deadline": "2026-03-31",
}


@pytest.fixture
def crew(cast):
    return phones(cast)


@pytest.fixture
def marker(cast, crew):
    """The result about a missing marker, as it was drafted."""
    record = submitted(cast, *crew, answers=visit_answers(marker=ORDERED))
    supervisor(cast).accepts(record)
    drain(cast.app)
    return next(each for each in crew[0].get("/api/v1/results") if each["item_code"] == "BOUNDARY_MARKER")


def confirm(person, result, **given):
    return person.post(f"/api/v1/results/{result['id']}/confirm", given)


def shown(person, result):
    return person.get(f"/api/v1/results/{result['id']}")


def of(person, result, **query):
    found = person.get("/api/v1/followups", query_string={"result": result["id"], **query})
    return {each["code"]: each for each in found}


def act(person, followup, verb, expect=200, **given):
    return person.post(f"/api/v1/followups/{followup['id']}/{verb}", given, expect=expect)


def wrong(refused):
    return [each["field"] for each in refused["errors"]]


@pytest.mark.parametrize("code", [code for code in FollowupCode if code is not FollowupCode.NONE])
def test_each_kind_is_over_with_what_it_needs_and_not_with_less(code):
    def lacks(has, done_on=DAY):
        return [
            rule.field for rule in missing(Disposal(code, done_on, DAY, date(2026, 5, 1), frozenset(has)))
        ]

    assert lacks(Need) == []
    for need in NEEDS[code]:
        assert lacks(set(Need) - {need}) == [need.value]
    assert lacks(Need, date(2026, 2, 5)) == lacks(Need, date(2026, 5, 2)) == ["done_on"]


def test_an_order_is_over_with_its_number_and_what_an_inspector_saw_on_going_back(cast, crew, marker):
    office = supervisor(cast)
    confirm(crew[0], marker)
    office.releases(marker["id"])
    (order,) = of(crew[1], marker).values()
    assert (order["state"], order["act_by"]) == ("open", "2026-03-31")
    assert list(of(office, marker, overdue="true")) == ["ORDER_RECTIFY"]  # the day has passed
    assert shown(office, marker)["closed_at"] is None
    done = {"done_on": "2026-04-10", "outcome": "界桩已补设"}
    assert wrong(act(crew[0], order, "finish", 422, **done)) == ["reference_no", "evidence"]

    act(crew[0], order, "send", reference_no="阳自然资责改〔2026〕7号")
    found = act(crew[0], order, "finish", 422, **done, records=[marker["record_id"]])
    assert found["unknown"] == [marker["record_id"]], (
        "what found the problem does not show that it was put right"
    )
    people = {"lead": str(crew[0].person_id), "assisting": [str(crew[1].person_id)]}
    when = {"opens_on": "2026-04-01", "due_on": "2026-04-15"}
    assert (
        act(office, order, "visit", 422, **people, **when)["code"] == "task.people-wrong"
    )  # no certificates
    certify(cast.app, *crew)
    task = act(office, order, "visit", 201, **people, **when)
    assert act(office, order, "visit", 409, **people, **when)["code"] == "followup.not-visited"
    answers = visit_answers(end_at="2026-04-10T10:00:00.000+08:00")
    again = submitted(cast, *crew, task=task["task"], answers=answers)
    assert supervisor(cast).accepts(again)["state"] == "final"
    drain(cast.app)

    seen = of(crew[0], marker)["ORDER_RECTIFY"]
    assert (seen["state"], seen["done_on"], seen["evidence"]) == (
        "done",
        "2026-04-10",
        [{"record": str(again)}],
    )
    corrected = act(crew[0], order, "send", reference_no="阳自然资责改〔2026〕8号")
    assert (corrected["state"], corrected["reference_no"]) == ("done", "阳自然资责改〔2026〕8号")
    entered = act(crew[0], order, "finish", **done)
    assert (entered["state"], entered["entered_by"]) == ("entered", str(crew[0].person_id))
    assert shown(office, marker)["closed_at"]
    assert act(crew[0], order, "finish", 409, **done)["code"] == "followup.over"
    deadlines = {
        each["kind"]: each for each in office.get(f"/api/v1/results/{marker['id']}/deadlines")["deadlines"]
    }
    assert deadlines["followup"]["due_on"] == "2026-05-06"  # 15 working days, across 1 to 5 May
    assert deadlines["followup"]["met_on"] > "2026-05-06"
    assert "后续处置完成（2026-04-10）后15个工作日内" in deadlines["followup"]["rule"]
    assert deadlines["entry"]["met_on"]


def test_a_transfer_needs_its_receipt_and_what_a_correction_drops_falls_away(cast, crew, marker):
    office = supervisor(cast)
    confirm(crew[0], marker, followup_codes=["ORDER_RECTIFY", "TRANSFER_POLICE"], rectify_by="2026-12-31")
    office.releases(marker["id"])
    police = of(office, marker)["TRANSFER_POLICE"]
    number = {"reference_no": "阳自然资移〔2026〕1号"}
    assert wrong(act(office, police, "send", 422, **number)) == ["to_body"]
    act(office, police, "send", **number, to_body="阳城县公安局")
    done = {"done_on": "2026-03-02"}
    assert wrong(act(office, police, "finish", 422, **done)) == ["receipt"]
    act(office, police, "receipt", no="阳公受〔2026〕9号", by="阳城县公安局", on="2026-03-02")
    strange = act(office, police, "finish", 422, **done, media=["0" * 64])
    assert (strange["code"], strange["unknown"]) == ("followup.evidence-unknown", ["0" * 64])
    assert act(office, police, "finish", **done)["state"] == "entered"
    assert shown(office, marker)["closed_at"] is None  # the order is open

    order = of(office, marker)["ORDER_RECTIFY"]
    assert act(crew[0], order, "cancel", 403, reason="不再需要")["code"] == "access.denied"
    both = ["TRANSFER_POLICE", "CREDIT_RECORD"]
    confirm(crew[0], marker, followup_codes=both, correction="责令改正另行下达")
    found = of(office, marker)
    assert {code: each["state"] for code, each in found.items()} == {
        "ORDER_RECTIFY": "cancelled",
        "TRANSFER_POLICE": "entered",
        "CREDIT_RECORD": "open",
    }
    assert found["CREDIT_RECORD"]["version"] == 3
    office.releases(marker["id"])
    act(office, found["CREDIT_RECORD"], "cancel", reason="法院裁定撤销")
    assert shown(office, marker)["closed_at"]

    versions = office.get(f"/api/v1/results/{marker['id']}/versions")
    assert [each["followup_codes"] for each in versions] == [
        ["ORDER_RECTIFY"],
        ["ORDER_RECTIFY", "TRANSFER_POLICE"],
        both,
    ]
    assert [each["correction"] for each in versions] == [None, None, "责令改正另行下达"]
    assert [bool(each["released_at"]) for each in versions] == [False, True, True]


def test_an_objection_is_decided_by_others_and_upheld_until_a_corrected_version_is_out(cast, crew, marker):
    office = supervisor(cast)
    both = cast.signed_in(Role.SUPERVISOR)
    grounds = {"grounds": "界桩在检查前已补设", "filed_on": "2026-03-02"}
    path = f"/api/v1/results/{marker['id']}/objections"
    confirm(crew[0], marker, followup_codes=["DAILY_SUPERVISION"])
    assert office.post(path, grounds, expect=409)["code"] == "objection.too-early"
    office.releases(marker["id"])
    before = grounds | {"filed_on": "2016-03-02"}  # another year was meant
    assert office.post(path, before, expect=409)["code"] == "objection.too-early"
    (daily,) = (each for each in of(office, marker).values() if each["state"] == "open")
    act(office, daily, "send", reference_no="1", to_body="矿管股")
    act(office, daily, "receipt", no="2", by="矿管股", on="2026-03-01")
    act(office, daily, "finish", done_on="2026-03-01")
    assert shown(office, marker)["closed_at"]

    filed = office.post(path, grounds, expect=201)
    assert (filed["state"], filed["decide_by"], filed["version"]) == ("filed", "2026-03-30", 2)
    assert office.post(path, grounds, expect=409)["code"] == "objection.open"
    assert crew[0].post(path, grounds, expect=403)["code"] == "access.denied"
    now = shown(crew[0], marker)
    assert (now["objection"], now["closed_at"]) == ("filed", None)  # it is open again
    decision = {"state": "upheld", "decision": "核查属实"}
    decide = f"{path}/{filed['id']}/decide"
    assert crew[0].post(decide, decision, expect=403)["code"] == "access.denied"
    assert both.post(decide, decision | {"state": "filed"}, expect=422)["code"] == "request.invalid"
    assert both.post(decide, decision)["state"] == "upheld"
    assert both.post(decide, decision, expect=409)["code"] == "objection.settled"
    assert shown(office, marker)["closed_at"] is None

    fixed = {"codes": ["CORRECTED_ON_ORDER"], "followup_codes": ["NONE"], "findings_text": "已补设"}
    confirm(crew[0], marker, correction="异议成立", **fixed)
    office.releases(marker["id"])
    now = shown(office, marker)
    assert (now["objection"], bool(now["closed_at"])) == ("answered", True)
    (told,) = office.get(path)
    again = office.post(path, grounds, expect=201)
    confirm(crew[0], marker, correction="情况变化", codes=["MOVED_AWAY"], followup_codes=[])
    office.releases(marker["id"])
    both.post(f"{path}/{again['id']}/decide", decision)
    assert shown(office, marker)["objection"] == "answered"  # a newer version was out before the decision
    assert (told["decision"], told["decided_by"]) == ("核查属实", str(both.person_id))
    kinds = {each["kind"] for each in office.get(f"/api/v1/results/{marker['id']}/deadlines")["deadlines"]}
    assert kinds == {"entry", "followup", "objection", "publication"}


def test_an_upheld_objection_is_not_forgotten_when_another_is_rejected(cast, crew, marker):
    office, judge = supervisor(cast), supervisor(cast)
    confirm(crew[0], marker, codes=["NO_PROBLEM"], followup_codes=[])
    office.releases(marker["id"])
    path = f"/api/v1/results/{marker['id']}/objections"
    for state in ("upheld", "rejected"):
        filed = office.post(path, {"grounds": "不符", "filed_on": "2026-03-02"}, expect=201)
        judge.post(f"{path}/{filed['id']}/decide", {"state": state, "decision": "已核"})

    now = shown(office, marker)
    assert (now["objection"], now["closed_at"]) == ("upheld", None)
    confirm(crew[0], marker, codes=["MOVED_AWAY"], correction="异议成立")
    office.releases(marker["id"])
    now = shown(office, marker)
    assert (now["objection"], bool(now["closed_at"])) == ("answered", True)


def test_a_revisit_that_was_withdrawn_can_be_opened_again_under_a_number_of_its_own(cast, crew, marker):
    office = supervisor(cast)
    confirm(crew[0], marker, followup_codes=["SECOND_CHECK"])
    office.releases(marker["id"])
    certify(cast.app, *crew)
    followup = of(office, marker, state="open")["SECOND_CHECK"]
    people = {"lead": str(crew[0].person_id), "assisting": [str(crew[1].person_id)]}
    when = {"opens_on": "2026-04-01", "due_on": "2026-04-15"}
    first = act(office, followup, "visit", 201, **people, **when)
    office.post(f"/api/v1/tasks/{first['task']}/withdraw", {"reason": "暴雨"})
    drain(cast.app)
    assert of(office, marker)["SECOND_CHECK"]["task_id"] is None

    again = act(office, followup, "visit", 201, **people, **when)

    assert again["number"] != first["number"]
    answers = visit_answers(end_at="2026-04-10T10:00:00.000+08:00")
    office.accepts(submitted(cast, *crew, task=again["task"], answers=answers))
    drain(cast.app)
    assert of(office, marker)["SECOND_CHECK"]["state"] == "done"


@pytest.mark.parametrize("begun", [False, True])
def test_nobody_goes_back_for_what_fell_away_unless_they_have_begun(cast, crew, marker, begun):
    office = supervisor(cast)
    confirm(crew[0], marker, followup_codes=["SECOND_CHECK"])
    office.releases(marker["id"])
    certify(cast.app, *crew)
    followup = of(office, marker, state="open")["SECOND_CHECK"]
    people = {"lead": str(crew[0].person_id), "assisting": [str(crew[1].person_id)]}
    visit = act(office, followup, "visit", 201, **people, opens_on="2026-04-01", due_on="2026-04-15")
    drain(cast.app)
    if begun:
        submitted(cast, *crew, task=visit["task"])
    act(office, followup, "cancel", reason="企业已注销")
    drain(cast.app)
    drain(cast.app)

    (task,) = [each for each in office.get("/api/v1/tasks") if each["id"] == visit["task"]]
    assert task["state"] == ("open" if begun else "withdrawn")
    crew[0].pulls()
    assert (visit["task"] in crew[0].shows("task")) is begun
    assert of(office, marker)["SECOND_CHECK"]["state"] == "cancelled"


def test_nobody_decides_about_a_result_of_their_own(cast):
    crew = phones(cast, 2, Role.SUPERVISOR)
    record = submitted(cast, *crew)
    office = supervisor(cast)
    office.accepts(record)
    drain(cast.app)
    result = crew[0].get("/api/v1/results")[0]
    confirm(crew[0], result)
    office.releases(result["id"])
    path = f"/api/v1/results/{result['id']}/objections"
    filed = office.post(path, {"grounds": "不符", "filed_on": "2026-03-02"}, expect=201)

    for own in crew:
        given = {"state": "rejected", "decision": "维持"}
        assert own.post(f"{path}/{filed['id']}/decide", given, expect=403)["code"] == "objection.own"


def test_what_falls_away_when_it_was_done_and_not_entered_is_not_late_for_ever(cast, crew, marker):
    office = supervisor(cast)
    confirm(crew[0], marker, followup_codes=["SECOND_CHECK"])
    office.releases(marker["id"])
    certify(cast.app, *crew)
    followup = of(office, marker, state="open")["SECOND_CHECK"]
    people = {"lead": str(crew[0].person_id), "assisting": [str(crew[1].person_id)]}
    task = act(office, followup, "visit", 201, **people, opens_on="2026-04-01", due_on="2026-04-15")
    office.accepts(submitted(cast, *crew, task=task["task"]))
    drain(cast.app)
    assert list(of(office, marker, overdue="true")) == ["SECOND_CHECK"]

    act(office, followup, "cancel", reason="企业已注销")

    kinds = {each["kind"] for each in office.get(f"/api/v1/results/{marker['id']}/deadlines")["deadlines"]}
    assert "followup" not in kinds
    assert of(office, marker, overdue="true", state="cancelled") == {}


def test_others_neither_see_nor_finish_what_follows(cast, crew, marker):
    confirm(crew[0], marker)
    (order,) = of(crew[0], marker).values()
    (stranger,) = phones(cast, 1)
    foreign = supervisor(cast, region="130800")

    for outsider in (stranger, foreign):
        assert outsider.get("/api/v1/followups") == []
        outsider.get(f"/api/v1/followups/{order['id']}", expect=404)
        assert act(outsider, order, "finish", 404, done_on="2026-03-01")["code"] == "followup.not-found"
