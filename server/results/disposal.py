"""What each follow-up needs before it is over, from the order to the entry of its outcome."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from server.results.codes import BrokenRule, FollowupCode


class Need(StrEnum):
    """Something that a follow-up can't be over without."""

    TO_BODY = "to_body"
    REFERENCE = "reference_no"
    RECEIPT = "receipt"
    EVIDENCE = "evidence"
    VISIT = "task"
    OUTCOME = "outcome"


_TRANSFER = frozenset({Need.TO_BODY, Need.REFERENCE, Need.RECEIPT})
_DECISION = frozenset({Need.REFERENCE, Need.OUTCOME})

NEEDS: dict[FollowupCode, frozenset[Need]] = {
    # 反馈至日常监管: whoever supervises day by day has taken it over.
    FollowupCode.DAILY_SUPERVISION: frozenset({Need.TO_BODY, Need.RECEIPT}),
    # 责令限期改正: the number of the order, and that it was put right.
    FollowupCode.ORDER_RECTIFY: frozenset({Need.REFERENCE, Need.EVIDENCE, Need.OUTCOME}),
    # 移送办案机构 (R90), 抄告其他部门 (R88), 移送公安机关 (R89): a transfer without a receipt is none.
    FollowupCode.CASE_TRANSFER_INTERNAL: _TRANSFER,
    FollowupCode.TRANSFER_OTHER_DEPT: _TRANSFER,
    FollowupCode.TRANSFER_POLICE: _TRANSFER,
    # 列入异常名录, 严重失信主体, 信用档案 (R94), 行政处罚 (R87): by a decision with a number.
    FollowupCode.ABNORMAL_LIST: _DECISION,
    FollowupCode.SERIOUS_DISHONEST: _DECISION,
    FollowupCode.CREDIT_RECORD: _DECISION,
    FollowupCode.PENALTY: _DECISION,
    # 再次检查, 回访 (R93): a visit of its own, with a record.
    FollowupCode.SECOND_CHECK: frozenset({Need.VISIT, Need.EVIDENCE}),
    FollowupCode.REVISIT: frozenset({Need.VISIT, Need.EVIDENCE}),
    FollowupCode.OTHER: frozenset({Need.OUTCOME}),
}
PASSED_ON = frozenset(code for code, needs in NEEDS.items() if Need.TO_BODY in needs)
"""Follow-ups that somebody else takes over."""

VISITED = frozenset({FollowupCode.ORDER_RECTIFY, FollowupCode.SECOND_CHECK, FollowupCode.REVISIT})
"""Follow-ups that inspectors may go back for; an order's correction can be looked at on the spot."""

_MISSING = {
    Need.TO_BODY: ("请填写接收单位", "say who takes it over"),
    Need.REFERENCE: ("请填写文书编号", "give the number of the order, letter or decision"),
    Need.RECEIPT: ("请登记接收回执", "note the receipt of whoever took it over"),
    Need.EVIDENCE: ("请附整改或复查的证据", "add evidence: a record of the visit, or files"),
    Need.VISIT: ("请先安排回访任务", "open a task for the visit first"),
    Need.OUTCOME: ("请填写处置结果", "say what came of it"),
}


@dataclass(frozen=True)
class Disposal:
    """What there is of a follow-up when it is to be over; `ordered_on` and `entered_on` bound the day it was done."""

    code: FollowupCode
    done_on: date
    ordered_on: date
    entered_on: date
    has: frozenset[Need]


def missing(disposal: Disposal) -> list[BrokenRule]:
    """List what a follow-up lacks to be over; empty when it may be."""
    lacking: Collection[Need] = NEEDS[disposal.code] - disposal.has
    broken = [BrokenRule(need.value, *_MISSING[need]) for need in Need if need in lacking]
    if not disposal.ordered_on <= disposal.done_on <= disposal.entered_on:
        broken.append(
            BrokenRule(
                "done_on",
                "完成日期应在检查之日与今天之间",
                "done between the day of the inspection and today",
            )
        )
    return broken
