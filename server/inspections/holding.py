"""What is in quarantine: a case is opened when something comes that can be no part of a record, and told how it ends."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock, feed
from server.access import Actor
from server.db import Json
from server.inspections.desk import Desk
from server.inspections.models import CaseState, QuarantineCase, Revision
from sync import PushItem
from sync import Revision as Sealed

MESSAGE = "quarantine"
_TOLD = {
    CaseState.OPEN: ("隔离件已重新打开，等待处理。", "It was opened again and waits for a decision."),
    CaseState.DISMISSED: ("已搁置：数据仍保存在服务器。", "It was put aside; the server keeps the bytes."),
    CaseState.ADMITTED: ("已由审核人员接收为记录。", "A reviewer admitted it: it is part of its record."),
    CaseState.SETTLED: ("所缺内容已到，已成为记录。", "What it lacked has come: it is part of its record."),
}


def hold_revision(session: Session, desk: Desk, row: Revision) -> None:
    """Open a case for a revision in quarantine, or note in the one it has why it still is. Known ones are on the desk."""
    case = desk.cases.get(row.rev)
    if case is None:
        case = desk.cases[row.rev] = QuarantineCase(rev=row.rev, state=CaseState.OPEN.value)
        session.add(case)
    _describe(desk, case, row.reason or "")
    sealed = desk.sealed[row.rev]
    if isinstance(sealed, Sealed) and row.reason != "author.differs":
        note_counter(desk, row, sealed)


def hold_item(session: Session, desk: Desk, item: PushItem, reason: str) -> None:
    """Open a case for an item that was kept as it came; a revision that could be read is named in it."""
    case = QuarantineCase(op=item.op, state=CaseState.OPEN.value)
    if item.kind == "revision" and item.rev in desk.sealed and item.rev not in desk.cases:
        case.rev = item.rev
        desk.cases[item.rev] = case
    _describe(desk, case, reason)
    session.add(case)


def _describe(desk: Desk, case: QuarantineCase, reason: str) -> None:
    actor = desk.actor
    case.reason, case.arrived_at = reason, desk.received_at
    case.sender_id, case.device_id, case.region = actor.person_id, actor.device_id, actor.region
    sealed = desk.sealed.get(case.rev or "")
    if not isinstance(sealed, Sealed):
        return
    case.task_id, case.record_id = sealed.task, sealed.record
    case.form_id, case.form_version = sealed.form, sealed.form_version
    beacon = desk.beacon(sealed.time.beacon)
    case.beacon_at = beacon.at if beacon else None
    home = desk.records.get(sealed.record) or desk.tasks.get(sealed.task)
    case.region = home.region if home else actor.region


def settle_case(
    session: Session,
    case: QuarantineCase | None,
    state: CaseState,
    by: Actor | None = None,
    note: str | None = None,
) -> None:
    """Note how a case stands now and tell its sender's phone; to be followed by a fact."""
    if case is None:
        return
    case.state, case.decided_at, case.note = state.value, clock.now(), note
    case.decided_by = by.person_id if by else None
    feed.grant(session, feed.user(case.sender_id), "message", case.id, MESSAGE)


def note_counter(desk: Desk, row: Revision, sealed: Sealed) -> None:
    """Write down where a revision stands among those of its device and person: it has come, whatever becomes of it."""
    row.device_id, row.dev_seq, row.prev_dev_rev = sealed.device, sealed.dev_seq, sealed.prev_dev_rev
    row.wall_time = sealed.time.wall
    desk.counters.add(row.rev, sealed)


def message_view(session: Session, ids: Collection[UUID]) -> dict[UUID, Json]:
    """Write the bodies of messages: what became of something that was quarantined."""
    query = (
        select(QuarantineCase, Revision.record_id)
        .outerjoin(Revision, Revision.rev == QuarantineCase.rev)
        .where(QuarantineCase.id.in_(ids))
    )
    return {case.id: _message(case, record) for case, record in session.execute(query)}


def _message(case: QuarantineCase, record: UUID | None) -> Json:
    text, text_en = _TOLD[CaseState(case.state)]
    return {
        "about": MESSAGE,
        "rev": case.rev,
        "op": str(case.op) if case.op else None,
        "reason": case.reason,
        "state": case.state,
        "note": case.note,
        "record": str(record) if record else None,
        "at": clock.iso(case.decided_at) if case.decided_at else None,
        "text": text,
        "text_en": text_en,
    }
