"""What becomes public of a released result, where it goes, and how it ends."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from server import audit, clock
from server.access import Role
from server.admission import Throttle
from server.problems import PublicTooOften
from server.publicity.files import as_csv
from server.publicity.models import Disclosure
from server.publicity.rules import WrongPublicityRuleError, read_publicity_rules
from server.registry.uscc import public_code
from server.results.models import Deadline
from server.worker import drain
from tests.actors.platform import running_platform
from tests.actors.supervisor import phones, supervisor
from tests.server.publicity.releasing import PROBLEM, finish_all, public, release, released


@pytest.fixture
def crew(cast):
    return phones(cast)


def test_a_result_is_public_found_by_its_enterprise_corrected_and_withdrawn_with_a_trace(cast, crew):
    result = released(cast, crew, "MINE_OVERSTEP")
    stranger, publisher = cast.stranger(), cast.signed_in(Role.PUBLISHER)

    (told,) = public(cast, region="140522")
    assert (told["result"], told["result_codes"]) == ("未发现问题", ["NO_PROBLEM"])
    assert told["inspected_on"] == "2026-02-06"
    assert told["closed_on"]
    assert public(cast, name=told["object_name"][:5]) == public(cast, name=told["object_name"]) == [told]
    assert public(cast, name="虚构加油站") == public(cast, region="130000") == []
    assert public(cast, code="91140522MA0K00000X") == []
    assert stranger.get("/public/results?name=x", expect=422)["code"] == "request.invalid"
    first = told["id"]

    moved = {"codes": ["MOVED_AWAY"], "correction": "王五来电说已迁出"}
    release(cast, crew, result, **moved)
    (told,) = public(cast)
    assert (told["result"], told["version"]) == ("迁出", 2)
    trace = stranger.get(f"/public/results/{first}")
    assert trace["state"] == "corrected"
    assert trace["reason"]["zh"] == "检查结果已更正，以新版本为准"
    assert "object_name" not in trace
    assert [each["state"] for each in trace["history"]] == ["corrected", "public"]

    path = f"/api/v1/disclosures/{told['id']}"
    given = {"reason": "entered_wrongly", "note": "录错对象，赵六提出"}
    assert supervisor(cast).post(f"{path}/withdraw", given, expect=403)["code"] == "access.denied"
    foreign = cast.signed_in(Role.PUBLISHER, region="130800")
    assert foreign.post(f"{path}/withdraw", given, expect=404)["code"] == "disclosure.not-found"
    assert publisher.post(f"{path}/withdraw", {**given, "reason": "corrected"}, expect=422)
    assert publisher.post(f"{path}/withdraw", given)["state"] == "withdrawn"
    assert publisher.post(f"{path}/withdraw", given, expect=409)["code"] == "disclosure.over"
    assert public(cast) == []
    assert stranger.get("/public/files/results.json") == []  # what changed a moment ago waits
    with audit.transaction(cast.app.sessions) as session:
        session.execute(update(Disclosure).values(changed_at=clock.now() - timedelta(minutes=2)))
    rows = stranger.get("/public/files/results.json")
    assert {each["state"]: each["reason"]["en"] for each in rows} == {
        "corrected": "The result was corrected; the newer version holds.",
        "withdrawn": "It was entered wrongly.",
    }
    table = stranger.call("GET", "/public/files/results.csv").get_data(as_text=True)
    assert table.count("\r\n") == 3
    assert "录入有误" in table
    for name in ("王五", "赵六", "来电"):
        assert name not in table + str(rows) + str(trace)
    states = {each["state"] for each in publisher.get("/api/v1/publications")}
    assert states == {"corrected", "withdrawn"}


def test_each_target_stands_by_itself_and_the_province_answers_by_its_receipt(cast, crew):
    with running_platform() as (_, adapter):
        result = released(cast, crew, "MINE_OVERSTEP")
        publisher = cast.signed_in(Role.PUBLISHER)

        def states():
            return {each["target"]: each["state"] for each in publisher.get("/api/v1/publications")}

        assert states() == {"portal": "acknowledged", "column": "due", "platform": "due", "credit": "due"}
        drain(cast.app, adapter)
        assert states()["platform"] == "acknowledged"
    order = {"target": "credit"}
    foreign = cast.signed_in(Role.PUBLISHER, region="130800")
    assert foreign.post("/api/v1/publications/batches", order, expect=201)["rows"] == []
    batch = publisher.post("/api/v1/publications/batches", order, expect=201)
    assert [each["result"] for each in batch["rows"]] == ["未发现问题"]
    assert publisher.post("/api/v1/publications/batches", order, expect=201)["rows"] == []
    assert publisher.get(f"/api/v1/publications/batches/{batch['batch']}")["rows"] == batch["rows"]
    assert states()["credit"] == "sent"
    (sent,) = publisher.get(f"/api/v1/publications?batch={batch['batch']}")
    failed = {"ids": [sent["id"]], "errors": [{"message": "代码不符"}]}
    assert publisher.post("/api/v1/publications/settle", failed)[0]["state"] == "failed"
    assert publisher.post("/api/v1/publications/batches", order, expect=201)["rows"] == batch["rows"]
    taken = {"ids": [sent["id"]], "receipt": {"no": "XY-1"}}
    assert publisher.post("/api/v1/publications/settle", taken)[0]["receipt"] == {"no": "XY-1"}
    assert publisher.post("/api/v1/publications/settle", taken, expect=409)["ids"] == [sent["id"]]
    assert states()["credit"] == "acknowledged"
    (column,) = publisher.get("/api/v1/publications?target=column")
    assert column["due_on"] == result["publish_on"] == "2026-03-12"


@pytest.mark.parametrize(
    "nothing", [{}, {"receipt": None}, {"receipt": {}}, {"receipt": {"no": ""}, "errors": []}]
)
@pytest.mark.parametrize("target", ["platform", "credit"])
def test_without_a_receipt_nothing_is_acknowledged(cast, crew, target, nothing):
    released(cast, crew, "MINE_OVERSTEP")
    publisher = cast.signed_in(Role.PUBLISHER)
    publisher.post("/api/v1/publications/batches", {"target": target}, expect=201)
    (sent,) = publisher.get(f"/api/v1/publications?target={target}")

    refused = publisher.post("/api/v1/publications/settle", {"ids": [sent["id"]]} | nothing, expect=422)
    assert refused["code"] == "publication.unanswered"
    assert publisher.get(f"/api/v1/publications?target={target}") == [sent]
    answer = {"ids": [sent["id"]], "receipt": {"no": "SJ1"}}
    assert publisher.post("/api/v1/publications/settle", answer)[0]["state"] == "acknowledged"


def test_problems_wait_where_the_bureau_handles_them_first_and_objections_are_told(cast, crew):
    rules = {"targets": ["portal", "credit"], "problems": "after_handling"}
    path = f"/api/v1/organisations/{cast.organisation().id}/rules/publicity"
    publisher = cast.signed_in(Role.PUBLISHER)
    assert publisher.put(path, {"targets": []}, expect=422)["code"] == "publicity.rules-wrong"
    assert supervisor(cast).put(path, rules, expect=403)["code"] == "access.denied"
    cast.signed_in(Role.PUBLISHER, region="130800").put(path, rules, expect=404)
    assert publisher.put(path, rules) == rules
    result = released(cast, crew, "BOUNDARY_MARKER", marker=PROBLEM)
    office = supervisor(cast)
    assert public(cast) == []
    assert {each["state"] for each in publisher.get("/api/v1/publications")} == {"not_due"}

    finish_all(office, result)
    drain(cast.app)
    (told,) = public(cast)
    assert (told["result"], told["followup"]) == ("发现问题待后续处理", "反馈至日常监管")
    assert told["closed_on"]
    assert {each["target"]: each["state"] for each in publisher.get("/api/v1/publications")} == {
        "portal": "acknowledged",
        "credit": "due",
    }
    path = f"/api/v1/results/{result['id']}/objections"
    filed = publisher.post(path, {"grounds": "李四不服", "filed_on": "2026-03-02"}, expect=201)
    drain(cast.app)
    (told,) = public(cast)
    assert (told["objection"], told["closed_on"]) == ("异议处理中", None)
    office.post(f"{path}/{filed['id']}/decide", {"state": "upheld", "decision": "属实"})
    drain(cast.app)
    assert public(cast)[0]["objection"] == "异议成立，待更正"
    fixed = {"codes": ["NO_PROBLEM"], "followup_codes": [], "correction": "异议成立"}
    release(cast, crew, result, **fixed)
    (now,) = public(cast)
    assert (now["objection"], now["result"], now["version"]) == (None, "未发现问题", 2)
    trace = cast.stranger().get(f"/public/results/{told['id']}")
    assert trace["reason"]["zh"] == "异议成立，检查结果已更正"


def test_what_the_province_took_while_problems_were_handled_is_told_when_they_are(cast, crew):
    publisher, office = cast.signed_in(Role.PUBLISHER), supervisor(cast)
    rules = {"targets": ["portal", "platform"], "problems": "after_handling"}
    publisher.put(f"/api/v1/organisations/{cast.organisation().id}/rules/publicity", rules)
    with running_platform() as (_, adapter):
        result = released(cast, crew, "BOUNDARY_MARKER", marker=PROBLEM)
        drain(cast.app, adapter)
        (followup,) = office.get("/api/v1/followups", query_string={"result": result["id"]})
        # Nothing goes to the province about it any more.
        office.post(f"/api/v1/followups/{followup['id']}/cancel", {"reason": "已并案处理"})
        drain(cast.app, adapter)

    assert {each["target"]: each["state"] for each in publisher.get("/api/v1/publications")} == {
        "portal": "acknowledged",
        "platform": "acknowledged",
    }


def test_a_notice_of_days_off_moves_the_day_by_which_something_is_due_at_its_targets(cast, crew):
    released(cast, crew, "MINE_OVERSTEP")
    publisher = cast.signed_in(Role.PUBLISHER)
    notice = {"region": "140522", "year": 2026, "version": "阳政办1号", "days_off": ["2026-03-05"]}
    cast.signed_in(Role.ADMIN).post("/api/v1/calendars", notice, expect=201)
    drain(cast.app)

    assert {each["due_on"] for each in publisher.get("/api/v1/publications")} == {"2026-03-13"}


def test_the_days_that_are_left_are_counted_by_the_bureaus_own_days_off_too(cast, crew, monkeypatch):
    path = f"/api/v1/organisations/{cast.organisation().id}/rules/deadline"
    cast.signed_in(Role.ADMIN).put(path, {"days_off": ["2026-03-11", "2026-03-12"]})
    released(cast, crew, "MINE_OVERSTEP")
    publisher = cast.signed_in(Role.PUBLISHER)
    monkeypatch.setattr(clock, "today", lambda: date(2026, 3, 10))

    (column,) = publisher.get("/api/v1/publications?target=column")

    assert (column["due_on"], column["days_left"]) == ("2026-03-16", 2)


def test_what_was_public_in_time_stays_so_whatever_is_corrected_later(cast, crew):
    def published():
        told = crew[0].get(f"/api/v1/results/{result['id']}/deadlines")["deadlines"]
        return next(each for each in told if each["kind"] == "publication")["met_on"]

    result = released(cast, crew, "MINE_OVERSTEP")
    in_time = date(2026, 2, 10)
    with audit.transaction(cast.app.sessions) as session:
        session.execute(update(Deadline).where(Deadline.kind == "publication").values(met_on=in_time))
    found = {"codes": ["PENDING_FOLLOWUP"], "followup_codes": ["DAILY_SUPERVISION"], "findings_text": "越界"}
    release(cast, crew, result, **found, correction="复核")
    release(cast, crew, result, codes=["NO_PROBLEM"], followup_codes=[], findings_text="", correction="再核")

    assert published() == in_time.isoformat()


def test_a_problem_that_was_public_at_once_is_not_late_when_it_is_corrected_behind_the_term(cast, crew):
    result = released(cast, crew, "BOUNDARY_MARKER", marker=PROBLEM)
    at_once = clock.now() - timedelta(days=90)
    with audit.transaction(cast.app.sessions) as session:
        session.execute(
            update(Disclosure).where(Disclosure.result_id == UUID(result["id"])).values(published_at=at_once)
        )
    release(cast, crew, result, codes=["NO_PROBLEM"], followup_codes=[], findings_text="", correction="复核")

    told = crew[0].get(f"/api/v1/results/{result['id']}/deadlines")["deadlines"]
    (term,) = [each for each in told if each["kind"] == "publication"]
    assert term["met_on"] == clock.day_of(at_once).isoformat()


@pytest.mark.parametrize(
    "given",
    [
        [],
        {"target": []},
        {"targets": []},
        {"targets": ["radio"]},
        {"targets": "portal"},
        {"problems": "never"},
    ],
)
def test_rules_of_publicity_that_cannot_be_meant_are_named(given):
    with pytest.raises(WrongPublicityRuleError, match="publicity"):
        read_publicity_rules({"publicity": given})


def test_an_identity_number_in_the_place_of_a_credit_code_is_not_public():
    assert public_code("91350100M000100Y43", valid=True) == "91350100M000100Y43"
    assert public_code("91350100M000100Y43", valid=False) is None
    assert public_code("110101199003070011", valid=True) is None  # a valid identity number
    assert public_code("9135 0100", valid=True) is public_code(None, valid=True) is None


def test_a_cell_never_runs_as_a_formula():
    row = {"id": "1", "state": "public", "object_name": "=HYPERLINK(1)", "task_no": '@x,"y"'}
    assert "'=HYPERLINK(1)" in as_csv([row]).decode()
    assert '"\'@x,""y"""' in as_csv([row]).decode()
    for sign in ("＝", "＋", "－", "＠", "\n"):
        assert f"'{sign}1+1" in as_csv([row | {"object_name": f"{sign}1+1"}]).decode()


def test_an_address_that_asks_too_often_waits_until_the_next_minute(monkeypatch):
    now = [120.0]
    monkeypatch.setattr("server.admission.monotonic", lambda: now[0])
    throttle = Throttle(2)
    throttle.admit("a")
    throttle.admit("a")
    throttle.admit("b")
    now[0] = 150.0
    with pytest.raises(PublicTooOften) as refused:
        throttle.admit("a")
    assert refused.value.headers == {"Retry-After": "30"}
    now[0] = 180.0
    throttle.admit("a")
    for _ in range(9):
        Throttle(0).admit("a")


def test_the_public_place_is_throttled_and_its_pages_may_be_kept(cast, monkeypatch):
    monkeypatch.setattr(cast.app, "throttle", Throttle(1))
    stranger = cast.stranger()
    page = stranger.call("GET", "/public/results")
    assert page.headers["Cache-Control"] == "public, max-age=60"
    assert stranger.get("/public/files/results.csv", expect=429)["code"] == "public.too-often"
    assert cast.signed_in(Role.AUDITOR).get("/api/v1/publications") == []
