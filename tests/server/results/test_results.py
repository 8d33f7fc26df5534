"""Results: drafted from the final record, confirmed by an inspector of the task, released by a supervisor."""

from datetime import date

import pytest
from sqlalchemy import select

from server import audit
from server.access import Role
from server.accounts.models import Organisation
from server.audit import AuditEntry
from server.inspections.models import Revision
from server.jobs import Job
from server.results.drafting import draft_results, read_conclusions
from server.results.models import Result
from server.worker import drain
from tests.actors.phone import Phone
from tests.actors.supervisor import phones, submitted, supervisor, visit_answers, visit_task

PROBLEM = {
    "answer": "not_conform",
    "problem": "J2 界桩缺失",
    "disposal": "ORDER_RECTIFY",
    "rectify_deadline": "2026-03-31",
}


@pytest.fixture
def crew(cast):
    return phones(cast)


def drafted(cast, crew, **more):
    """The results of an accepted record by item, as the lead sees them."""
    record = submitted(cast, *crew, **more)
    supervisor(cast).accepts(record)
    drain(cast.app)
    found = crew[0].get("/api/v1/results")
    return {each["item_code"]: each for each in found if each["record_id"] == str(record)}


def confirm(person, result, expect=200, **given):
    return person.post(f"/api/v1/results/{result['id']}/confirm", given, expect=expect)


def fields(refused):
    assert refused["code"] == "result.unsound"
    return [error["field"] for error in refused["errors"]]


def test_a_final_record_drafts_a_result_for_each_item(cast, crew):
    results = drafted(cast, crew, answers=visit_answers(marker=PROBLEM))

    overstep, marker = results["MINE_OVERSTEP"], results["BOUNDARY_MARKER"]
    assert (overstep["codes"], overstep["followup_codes"], overstep["findings_text"]) == (
        ["NO_PROBLEM"],
        [],
        "",
    )
    assert marker["codes"] == ["PENDING_FOLLOWUP"]
    assert marker["followup_codes"] == ["ORDER_RECTIFY"]
    assert marker["findings_text"] == "J2 界桩缺失"
    assert marker["rectify_by"] == "2026-03-31"
    assert {each["state"] for each in results.values()} == {"draft"}
    assert {each["version"] for each in results.values()} == {1}


def test_a_result_is_due_15_working_days_after_the_inspection_and_says_by_which_rule(cast, crew):
    result = drafted(cast, crew)["MINE_OVERSTEP"]

    assert result["inspected_on"] == "2026-02-06"
    assert result["due_on"] == "2026-03-05"
    assert "15个工作日" in result["due_rule"]
    assert result["publish_on"] == "2026-03-12"
    assert result["estimated"] is False


def test_a_result_with_problems_has_no_term_for_publication(cast, crew):
    assert drafted(cast, crew, answers=visit_answers(marker=PROBLEM))["BOUNDARY_MARKER"]["publish_on"] is None

    rule = {"kind": "working_days", "days": 20, "from": "inspection_end", "problems": True}
    path = f"/api/v1/organisations/{cast.organisation().id}/rules/deadline"
    cast.signed_in(Role.ADMIN).put(path, {"publication": rule})
    late = drafted(cast, crew, answers=visit_answers(marker=PROBLEM))["BOUNDARY_MARKER"]
    assert late["publish_on"] == "2026-03-12"


def test_a_bureau_may_want_results_before_the_task_closes(cast, crew):
    path = f"/api/v1/organisations/{cast.organisation().id}/rules/deadline"
    rules, admin = {"entry": {"kind": "before_closing"}}, cast.signed_in(Role.ADMIN)
    wrong = admin.put(path, {"entry": {"kind": "working_days", "days": 0}}, expect=422)
    assert (wrong["code"], "entry.days" in wrong["detail"]) == ("deadline.rules-wrong", True)
    cast.signed_in(Role.ADMIN, region="130800").put(path, rules, expect=404)
    assert admin.put(path, rules) == rules

    result = drafted(cast, crew, due_on=date(2026, 4, 30))["MINE_OVERSTEP"]

    assert result["due_on"] == "2026-04-30"
    assert "截止" in result["due_rule"]


@pytest.mark.parametrize(
    ("conclusion", "codes", "followups", "text"),
    [
        ({"answer": "conform"}, ["NO_PROBLEM"], [], ""),
        (
            {"answer": "mostly_conform", "problem": "标识牌褪色", "disposal": "NONE"},
            ["CORRECTED_ON_ORDER"],
            ["NONE"],
            "标识牌褪色",
        ),
        (
            {"answer": "mostly_conform", "problem": "制度不全", "disposal": "DAILY_SUPERVISION"},
            ["PENDING_FOLLOWUP"],
            ["DAILY_SUPERVISION"],
            "制度不全",
        ),
        (
            {"answer": "not_conform", "problem": "越界", "disposal": "TRANSFER_POLICE"},
            ["PENDING_FOLLOWUP"],
            ["TRANSFER_POLICE"],
            "越界",
        ),
        ({"answer": "not_applicable"}, ["NOT_CHECKED"], [], "不适用"),
        ({"answer": "not_checked", "not_checked_reason": "道路中断"}, ["NOT_CHECKED"], [], "道路中断"),
        ({"answer": "something new"}, [], [], ""),
    ],
)
def test_conclusions_are_read_into_codes(conclusion, codes, followups, text):
    answers = {f"/data/conclusions/X/{name}": value for name, value in conclusion.items()}

    draft = read_conclusions(answers | {"/data/other/answer": "no"})["X"]

    assert ([*draft.codes], [*draft.followups], draft.text) == (codes, followups, text)


def test_drafting_twice_drafts_once(cast, crew):
    before = drafted(cast, crew)
    with audit.transaction(cast.app.sessions) as session:
        fact = session.scalars(select(AuditEntry).where(AuditEntry.action == "record.finished")).one()
        draft_results(session, fact)
        for job in session.scalars(select(Job)):
            job.done_at = None
    drain(cast.app)

    with cast.app.readers() as session:
        assert len(session.scalars(select(Result)).all()) == len(before) == 2


def test_only_items_of_the_task_get_results(cast, crew):
    assert set(drafted(cast, crew, item_codes=["BOUNDARY_MARKER"])) == {"BOUNDARY_MARKER"}


def test_an_inspector_confirms_as_drafted_and_a_supervisor_releases(cast, crew):
    result = drafted(cast, crew)["MINE_OVERSTEP"]

    confirmed = confirm(crew[1], result)
    assert (confirmed["state"], confirmed["version"]) == ("confirmed", 1)
    assert confirmed["confirmed_by"] == str(crew[1].person_id)

    released = supervisor(cast).releases(result["id"])
    assert released["state"] == "released"
    assert released["released_at"]
    assert supervisor(cast).releases(result["id"], expect=409)["code"] == "result.not-confirmed"


def test_a_correction_is_a_new_version(cast, crew):
    result = drafted(cast, crew)["BOUNDARY_MARKER"]

    confirmed = confirm(
        crew[0],
        result,
        codes=["NOT_PUBLICISED"],
        followup_codes=["ABNORMAL_LIST"],
        findings_text=" 未公示开采信息 ",
        version=1,
    )

    assert confirmed["codes"] == ["NOT_PUBLICISED", "PENDING_FOLLOWUP"]  # a breach implies the follow-up
    assert confirmed["findings_text"] == "未公示开采信息"
    assert confirmed["version"] == 2
    assert confirmed["publish_on"] is None
    assert confirm(crew[1], result, version=1, expect=409)["code"] == "result.changed"


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"codes": ["NO_PROBLEM", "MOVED_AWAY"]}, ["codes"]),
        ({"codes": ["PENDING_FOLLOWUP"]}, ["followup_codes", "findings_text"]),
        (
            {
                "codes": ["PENDING_FOLLOWUP"],
                "followup_codes": ["ORDER_RECTIFY"],
                "findings_text": "缺失",
            },
            ["rectify_by"],
        ),
        ({"codes": ["NOT_CHECKED"]}, ["findings_text"]),
        (
            {
                "codes": ["PENDING_FOLLOWUP"],
                "followup_codes": ["ORDER_RECTIFY"],
                "findings_text": "缺失",
                "rectify_by": "2025-03-31",
            },
            ["rectify_by"],
        ),
    ],
)
def test_a_result_that_breaks_the_rules_is_not_confirmed(cast, crew, given, wrong):
    result = drafted(cast, crew)["MINE_OVERSTEP"]

    assert fields(confirm(crew[0], result, expect=422, **given)) == wrong
    unchanged = crew[0].get(f"/api/v1/results/{result['id']}")
    assert (unchanged["state"], unchanged["codes"]) == ("draft", ["NO_PROBLEM"])


@pytest.mark.parametrize(
    "given",
    [
        {"codes": ["FINE"]},
        {"codes": []},
        {"followup_codes": ["SHOUT"]},
        {"rectify_by": "soon"},
        {"state": "x"},
    ],
)
def test_a_confirmation_that_cannot_be_read_is_refused(cast, crew, given):
    result = drafted(cast, crew)["MINE_OVERSTEP"]
    assert confirm(crew[0], result, expect=422, **given)["code"] == "request.invalid"


def test_refusal_stands_on_the_records_evidence_and_signatures(cast, crew):
    result = drafted(cast, crew)["MINE_OVERSTEP"]
    heavy = {
        "codes": ["REFUSED_SERIOUS"],
        "followup_codes": ["CASE_TRANSFER_INTERNAL"],
        "findings_text": "拒不开门",
    }

    assert confirm(crew[0], result, **heavy)["codes"] == ["REFUSED_SERIOUS"]

    with audit.transaction(cast.app.sessions) as session:
        revision = session.get_one(Revision, result["rev"])
        revision.media = []
    assert fields(confirm(crew[0], result, expect=422, findings_text="再次")) == ["codes"]


def test_only_an_inspector_of_the_task_confirms(cast, crew):
    result = drafted(cast, crew)["MINE_OVERSTEP"]
    both = cast.signed_in(Role.SUPERVISOR, Role.INSPECTOR)

    assert confirm(both, result, expect=403)["code"] == "result.not-own"
    assert confirm(supervisor(cast), result, expect=403)["code"] == "access.denied"
    (stranger,) = phones(cast, 1)
    assert confirm(stranger, result, expect=404)["code"] == "result.not-found"


def test_nobody_releases_what_they_inspected(cast):
    people = [cast.person(Role.INSPECTOR, Role.SUPERVISOR) for _ in range(2)]
    crew = [Phone(cast.app, each.username, each.person_id).signs_in() for each in people]
    result = drafted(cast, crew)["MINE_OVERSTEP"]
    confirm(crew[0], result)

    for own in crew:
        assert own.post(f"/api/v1/results/{result['id']}/release", expect=403)["code"] == "result.own-release"


def test_a_version_that_was_not_seen_is_not_released(cast, crew):
    result, office = drafted(cast, crew)["MINE_OVERSTEP"], supervisor(cast)
    confirm(crew[0], result)
    seen = office.get(f"/api/v1/results/{result['id']}")["version"]
    confirm(crew[1], result, codes=["MOVED_AWAY"])
    path = f"/api/v1/results/{result['id']}/release"

    refused = office.post(path, {"version": seen}, expect=409)

    assert (refused["code"], refused["version"]) == ("result.changed", 2)
    assert office.post(path, {"version": 2})["state"] == "released"


def test_a_draft_is_not_released(cast, crew):
    result = drafted(cast, crew)["MINE_OVERSTEP"]
    assert supervisor(cast).releases(result["id"], expect=409)["code"] == "result.not-confirmed"


def test_a_supervisor_of_another_county_sees_and_releases_nothing(cast, crew):
    result = drafted(cast, crew)["MINE_OVERSTEP"]
    confirm(crew[0], result)
    foreign = supervisor(cast, region="130800")

    assert foreign.get("/api/v1/results") == []
    assert foreign.releases(result["id"], expect=404)["code"] == "result.not-found"


def test_a_released_result_is_corrected_with_a_reason_and_released_again(cast, crew):
    result = drafted(cast, crew)["MINE_OVERSTEP"]
    confirm(crew[0], result)
    supervisor(cast).releases(result["id"])
    moved = {"codes": ["MOVED_AWAY"]}

    assert confirm(crew[0], result, expect=409)["code"] == "result.not-confirmed"  # nothing to correct
    assert fields(confirm(crew[0], result, expect=422, **moved)) == ["correction"]
    corrected = confirm(crew[0], result, correction="企业已迁出", **moved)

    assert (corrected["state"], corrected["version"], corrected["correction"]) == (
        "confirmed",
        2,
        "企业已迁出",
    )
    assert supervisor(cast).releases(result["id"])["version"] == 2


def test_a_reason_that_is_given_anew_before_the_release_is_the_one_that_counts(cast, crew):
    result = drafted(cast, crew)["MINE_OVERSTEP"]
    confirm(crew[0], result, correction="尚未发布，无需理由")
    supervisor(cast).releases(result["id"])
    confirm(crew[0], result, correction="企业已迁出", codes=["MOVED_AWAY"])

    again = confirm(crew[0], result, correction=" 企业已迁出 ")
    assert (again["version"], again["correction"]) == (2, "企业已迁出")
    other = confirm(crew[0], result, correction="核查无问题", codes=["NO_PROBLEM"])
    assert (other["version"], other["correction"]) == (3, "核查无问题")
    reworded = confirm(crew[0], result, correction="经复核无问题")
    assert (reworded["version"], reworded["correction"]) == (4, "经复核无问题")
    assert confirm(crew[0], result)["correction"] == "经复核无问题"
    supervisor(cast).releases(result["id"])

    kept = supervisor(cast).get(f"/api/v1/results/{result['id']}/versions")
    assert [each["correction"] for each in kept] == [None, "企业已迁出", "核查无问题", "经复核无问题"]


def test_lists_are_filtered_by_state_and_task(cast, crew):
    results = drafted(cast, crew)
    other = visit_task(cast, *crew)
    confirm(crew[0], results["MINE_OVERSTEP"])
    reader = supervisor(cast)
    task = results["MINE_OVERSTEP"]["task_id"]

    def items(query):
        return [each["item_code"] for each in reader.get(f"/api/v1/results?{query}")]

    assert items(f"task={task}&state=draft") == ["BOUNDARY_MARKER"]
    assert items(f"task={task}&state=confirmed") == ["MINE_OVERSTEP"]
    assert items(f"task={other}") == []
    assert reader.get("/api/v1/results?state=fine", expect=422)["code"] == "request.invalid"


def test_wrong_deadline_rules_stop_the_job_and_say_so(cast, crew):
    with audit.transaction(cast.app.sessions) as session:
        bureau = session.get_one(Organisation, cast.organisation().id)
        bureau.rules = {"deadline": {"entry": {"kind": "working_days", "days": 0}}}
    record = submitted(cast, *crew)
    supervisor(cast).accepts(record)

    with pytest.raises(RuntimeError, match=r"deadline\.entry\.days"):
        drain(cast.app)
