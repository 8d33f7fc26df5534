"""The rules that bind result and follow-up codes."""

from datetime import date

import pytest

from server.results.codes import Conclusion, FollowupCode, ResultCode, broken_rules, completed

NONE, ORDER, DAILY = FollowupCode.NONE, FollowupCode.ORDER_RECTIFY, FollowupCode.DAILY_SUPERVISION


def fields(codes, followups=(), text="", **more):
    conclusion = Conclusion(tuple(ResultCode(code) for code in codes), tuple(followups), text, **more)
    return [rule.field for rule in broken_rules(conclusion)]


@pytest.mark.parametrize(
    ("codes", "followups", "text"),
    [
        (["NO_PROBLEM"], [], ""),
        (["NO_PROBLEM"], [NONE], ""),
        (["CORRECTED_ON_ORDER"], [NONE], "标识牌缺失，当场补设"),
        (["PENDING_FOLLOWUP"], [DAILY], "界桩缺失两处"),
        (["NOT_CHECKED"], [], "道路中断"),
        (["CLOSED_OR_LIQUIDATING"], [], ""),
    ],
)
def test_a_conclusion_that_keeps_the_rules_stands(codes, followups, text):
    assert fields(codes, followups, text) == []


def test_no_problem_stands_alone():
    assert fields(["NO_PROBLEM", "CLOSED_OR_LIQUIDATING"]) == ["codes"]


def test_nothing_chosen_is_no_result():
    assert fields([]) == ["codes"]


def test_qualified_and_unqualified_exclude_each_other():
    assert fields(["QUALIFIED", "UNQUALIFIED"], [DAILY], "抽样不合格") == ["codes"]


def test_a_problem_needs_words_and_a_follow_up():
    assert fields(["PENDING_FOLLOWUP"]) == ["followup_codes", "findings_text"]
    assert fields(["PENDING_FOLLOWUP"], [DAILY], "  ") == ["findings_text"]


def test_a_pending_problem_cannot_go_without_follow_up():
    assert fields(["PENDING_FOLLOWUP"], [NONE], "界桩缺失") == ["followup_codes"]
    assert fields(["CORRECTED_ON_ORDER"], [NONE, DAILY], "界桩缺失") == ["followup_codes"]


def test_an_order_needs_its_deadline():
    assert fields(["PENDING_FOLLOWUP"], [ORDER], "界桩缺失") == ["rectify_by"]
    assert fields(["PENDING_FOLLOWUP"], [ORDER], "界桩缺失", rectify_by=date(2026, 9, 1)) == []


def test_not_checked_needs_a_reason():
    assert fields(["NOT_CHECKED"]) == ["findings_text"]


@pytest.mark.parametrize("code", ["REFUSED_SERIOUS", "UNREACHABLE"])
def test_a_heavy_word_needs_evidence_and_someone_who_stands_by_it(code):
    for evidence, attested in [(0, False), (2, False), (0, True)]:
        assert fields([code], [DAILY], "闭门不纳", evidence=evidence, attested=attested) == ["codes"]
    assert fields([code], [DAILY], "闭门不纳", evidence=1, attested=True) == []


@pytest.mark.parametrize(
    "code",
    [
        "UNREACHABLE",
        "NOT_PUBLICISED",
        "FALSE_PUBLICITY",
        "OTHER_BREACH_OWN_DEPT",
        "OTHER_BREACH_OTHER_DEPT",
    ],
)
def test_a_breach_implies_pending_follow_up(code):
    assert ResultCode.PENDING_FOLLOWUP in completed([ResultCode(code)])


def test_codes_come_back_in_one_order_and_once():
    given = [ResultCode.PENDING_FOLLOWUP, ResultCode.CORRECTED_ON_ORDER, ResultCode.PENDING_FOLLOWUP]
    assert completed(given) == (ResultCode.CORRECTED_ON_ORDER, ResultCode.PENDING_FOLLOWUP)
