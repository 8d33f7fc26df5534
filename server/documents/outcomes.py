"""Reading the data sets of documents about results and what follows them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server import clock
from server.documents.after import Rectification, ResultSheet, Revisit, Transfer
from server.documents.facts import MODES, Facts, facts_of, names_of
from server.documents.fields import DataSet, clean, day, moment
from server.documents.filled import Filled
from server.documents.kinds import DocumentKind
from server.documents.rows import Attachment
from server.evidence.models import MediaLink
from server.inspections import service as inspections
from server.inspections.models import Revision, Task
from server.results.codes import FollowupCode, ResultCode
from server.results.models import Followup, Result

_TRANSFERS = {
    FollowupCode.CASE_TRANSFER_INTERNAL: "案件线索移送本机关办案机构",
    FollowupCode.TRANSFER_OTHER_DEPT: "抄告（移送）其他主管部门",
    FollowupCode.TRANSFER_POLICE: "涉嫌犯罪案件移送公安机关",
}


def read_result(session: Session, facts: Facts, result: Result) -> ResultSheet:
    """Read the sheet of one result."""
    names = names_of(session, [result.confirmed_by, result.released_by])
    return ResultSheet(
        **_common(facts, result),
        plan_no=facts.row["plan_no"],
        mode=MODES.get(facts.task.mode, facts.task.mode),
        result=_words(ResultCode(code).chinese for code in result.codes),
        findings=clean(result.findings_text),
        followups=_words(FollowupCode(code).chinese for code in result.followup_codes) or "无需后续处置",
        rectify_by=day(result.rectify_by),
        concluded=f"已完结（{day(clock.day_of(result.closed_at))}）" if result.closed_at else "未完结",
        entry_due=day(result.due_on),
        version=f"第 {result.version} 版",
        correction=clean(result.correction),
        confirmed=_by(names, result.confirmed_by, moment(result.confirmed_at)),
        released=_by(names, result.released_by, moment(result.released_at)),
    )


def read_followup(
    session: Session, facts: Facts, result: Result, followup: Followup, kind: DocumentKind
) -> DataSet:
    """Read the order, the letter or the record of the second look that a follow-up has."""
    common = {**_common(facts, result), "findings": clean(result.findings_text)}
    code = FollowupCode(followup.code)
    match kind:
        case DocumentKind.RECTIFICATION:
            return Rectification(
                **common,
                clause=_clause(session, result),
                rectify_by=day(followup.act_by or result.rectify_by),
            )
        case DocumentKind.TRANSFER:
            return Transfer(
                **common,
                clause=_clause(session, result),
                to_body=clean(followup.to_body),
                transfer_kind=_TRANSFERS[code],
                attachments=_attachments(session, facts, result),
            )
    return _revisit(session, facts, followup, common)


def _revisit(session: Session, facts: Facts, followup: Followup, common: dict[str, Any]) -> Revisit:
    visit = session.get(Task, followup.task_id) if followup.task_id else None
    seen_by = facts_of(session, visit).inspectors if visit else facts.inspectors
    return Revisit(
        **common,
        ordered=FollowupCode(followup.code).chinese,
        rectify_by=day(followup.act_by),
        visit_no=visit.number if visit else "",
        revisited_on=day(followup.done_on),
        revisitors=seen_by,
        outcome=clean(followup.outcome),
    )


def _common(facts: Facts, result: Result) -> dict[str, Any]:
    item = facts.item(result.item_code)
    return {
        **facts.party(),
        **facts.of_task(),
        "inspected_on": day(result.inspected_on),
        "item": item.name,
        "basis": item.basis,
        "inspectors": facts.inspectors,
    }


def _clause(session: Session, result: Result) -> str:
    """The clause that the inspectors wrote down on site for this item."""
    revision = session.get_one(Revision, result.rev)
    return Filled(inspections.answers_of(session, revision)).say(f"conclusions/{result.item_code}/basis")


def _attachments(session: Session, facts: Facts, result: Result) -> tuple[Attachment, ...]:
    count = session.scalar(select(func.count()).select_from(MediaLink).where(MediaLink.rev == result.rev))
    return (
        Attachment(name="现场检查笔录", number=facts.task.number, count="1 份"),
        Attachment(name="证据包（照片、签名等原件）", number=result.rev[:19] + "…", count=f"{count or 0} 件"),
    )


def _words(several: Iterable[str]) -> str:
    return "；".join(several)


def _by(names: dict[UUID, str], person: UUID | None, at: str) -> str:
    return f"{names.get(person, '')} {at}".strip() if person else ""
