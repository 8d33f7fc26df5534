"""The codes of results and follow-ups, and the rules that bind them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from server.db import Json


class _Code(StrEnum):
    """A code and what it is called (`chinese`)."""

    chinese: str

    def __new__(cls, value: str, chinese: str = "") -> Self:
        code = str.__new__(cls, value)
        code._value_, code.chinese = value, chinese
        return code


class ResultCode(_Code):
    """What an inspection of one item came to (检查结果); several may hold, some exclude each other."""

    NO_PROBLEM = "NO_PROBLEM", "未发现问题"
    CORRECTED_ON_ORDER = "CORRECTED_ON_ORDER", "发现问题已责令改正"
    NO_RELATED_ACTIVITY = "NO_RELATED_ACTIVITY", "未发现开展本次抽查涉及的经营活动"
    CLOSED_OR_LIQUIDATING = "CLOSED_OR_LIQUIDATING", "已关闭停业或正在组织清算"
    REFUSED_SERIOUS = "REFUSED_SERIOUS", "不配合检查情节严重"
    DEREGISTERED = "DEREGISTERED", "注销"
    REVOKED = "REVOKED", "被吊销"
    ANNULLED = "ANNULLED", "被撤销"
    MOVED_AWAY = "MOVED_AWAY", "迁出"
    UNREACHABLE = "UNREACHABLE", "通过登记的住所（经营场所）无法联系"
    NOT_PUBLICISED = "NOT_PUBLICISED", "未按规定公示应当公示的信息"
    FALSE_PUBLICITY = "FALSE_PUBLICITY", "公示信息隐瞒真实情况、弄虚作假"
    PENDING_FOLLOWUP = "PENDING_FOLLOWUP", "发现问题待后续处理"
    OTHER_BREACH_OWN_DEPT = "OTHER_BREACH_OWN_DEPT", "违反本部门其他规定"
    OTHER_BREACH_OTHER_DEPT = "OTHER_BREACH_OTHER_DEPT", "违反其他部门相关规定"
    QUALIFIED = "QUALIFIED", "合格"
    UNQUALIFIED = "UNQUALIFIED", "不合格"
    NOT_CHECKED = "NOT_CHECKED", "未检查"
    OTHER = "OTHER", "其他"


class FollowupCode(_Code):
    """What is done about it (后续处置)."""

    NONE = "NONE", "无需后续处置"
    DAILY_SUPERVISION = "DAILY_SUPERVISION", "反馈至日常监管"
    ORDER_RECTIFY = "ORDER_RECTIFY", "责令限期改正"
    CASE_TRANSFER_INTERNAL = "CASE_TRANSFER_INTERNAL", "移送办案机构"
    TRANSFER_OTHER_DEPT = "TRANSFER_OTHER_DEPT", "抄告其他部门"
    TRANSFER_POLICE = "TRANSFER_POLICE", "移送公安机关"
    ABNORMAL_LIST = "ABNORMAL_LIST", "列入异常名录"
    SERIOUS_DISHONEST = "SERIOUS_DISHONEST", "列入严重失信主体"
    CREDIT_RECORD = "CREDIT_RECORD", "记入信用档案"
    SECOND_CHECK = "SECOND_CHECK", "再次检查"
    REVISIT = "REVISIT", "回访"
    PENALTY = "PENALTY", "行政处罚"
    OTHER = "OTHER", "其他"


_IMPLY_FOLLOWUP = frozenset(
    {
        ResultCode.UNREACHABLE,
        ResultCode.NOT_PUBLICISED,
        ResultCode.FALSE_PUBLICITY,
        ResultCode.OTHER_BREACH_OWN_DEPT,
        ResultCode.OTHER_BREACH_OTHER_DEPT,
    }
)
PROBLEMS = _IMPLY_FOLLOWUP | {
    ResultCode.PENDING_FOLLOWUP,
    ResultCode.CORRECTED_ON_ORDER,
    ResultCode.REFUSED_SERIOUS,
    ResultCode.UNQUALIFIED,
}
_NEED_EVIDENCE = frozenset({ResultCode.REFUSED_SERIOUS, ResultCode.UNREACHABLE})
_NEED_TEXT = PROBLEMS | {ResultCode.NOT_CHECKED, ResultCode.OTHER}


@dataclass(frozen=True)
class Conclusion:
    """What a result says, with how many pieces of evidence and whether a witness or both inspectors stand by it."""

    codes: tuple[ResultCode, ...]
    followups: tuple[FollowupCode, ...]
    text: str
    rectify_by: date | None = None
    evidence: int = 0
    attested: bool = False


@dataclass(frozen=True)
class BrokenRule:
    """A rule that a conclusion breaks: the field and why, in Chinese and English."""

    field: str
    chinese: str
    english: str

    def as_json(self) -> Json:
        """Write it as refusals list it."""
        return {"field": self.field, "reason": self.chinese, "reason_en": self.english}


def completed(codes: Collection[ResultCode]) -> tuple[ResultCode, ...]:
    """Add what the codes imply: a breach that is not closed is a problem with pending follow-up."""
    found = set(codes)
    if found & _IMPLY_FOLLOWUP:
        found.add(ResultCode.PENDING_FOLLOWUP)
    return tuple(code for code in ResultCode if code in found)


def broken_rules(conclusion: Conclusion) -> list[BrokenRule]:
    """List the rules that a conclusion breaks; empty when it may stand."""
    return [*_about_codes(conclusion), *_about_followups(conclusion), *_about_words(conclusion)]


def _about_codes(conclusion: Conclusion) -> list[BrokenRule]:
    codes, broken = set(conclusion.codes), []
    if not codes:
        broken.append(BrokenRule("codes", "请选择检查结果", "choose a result"))
    if ResultCode.NO_PROBLEM in codes and len(codes) > 1:
        broken.append(BrokenRule("codes", "“未发现问题”不能与其他结果同选", "NO_PROBLEM stands alone"))
    if {ResultCode.QUALIFIED, ResultCode.UNQUALIFIED} <= codes:
        broken.append(BrokenRule("codes", "合格与不合格只能选一", "QUALIFIED or UNQUALIFIED, not both"))
    return broken


def _about_followups(conclusion: Conclusion) -> list[BrokenRule]:
    codes, followups, broken = set(conclusion.codes), set(conclusion.followups), []
    if codes & PROBLEMS and not followups:
        broken.append(BrokenRule("followup_codes", "发现问题须填写后续处置", "a problem needs a follow-up"))
    if FollowupCode.NONE in followups and (len(followups) > 1 or ResultCode.PENDING_FOLLOWUP in codes):
        broken.append(
            BrokenRule(
                "followup_codes",
                "待后续处理的问题不能选“无需后续处置”，且该项不能与其他处置同选",
                "NONE stands alone, and not with PENDING_FOLLOWUP",
            )
        )
    if FollowupCode.ORDER_RECTIFY in followups and conclusion.rectify_by is None:
        broken.append(
            BrokenRule("rectify_by", "责令限期改正须填写整改期限", "ORDER_RECTIFY needs a deadline")
        )
    return broken


def _about_words(conclusion: Conclusion) -> list[BrokenRule]:
    codes, broken = set(conclusion.codes), []
    if codes & _NEED_TEXT and not conclusion.text.strip():
        broken.append(
            BrokenRule("findings_text", "请填写问题情况或原因", "say what was found, or why not checked")
        )
    if codes & _NEED_EVIDENCE and not (conclusion.evidence and conclusion.attested):
        broken.append(
            BrokenRule(
                "codes",
                "“拒绝检查”“无法联系”须有证据，并有见证人或两名检查人员签名",
                "REFUSED_SERIOUS and UNREACHABLE need evidence and a witness or both inspectors",
            )
        )
    return broken
