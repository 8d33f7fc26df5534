"""What is in quarantine: a case is opened when something comes that can be no part of a record, and told how it ends."""

from uuid import UUID

from sqlalchemy.orm import Session

from server import clock, feed, messages
from server.access import Actor
from server.inspections.desk import Desk
from server.inspections.models import CaseState, QuarantineCase, Revision
from sync import PushItem
from sync import Revision as Sealed

KIND = "quarantine"


def hold_revision(session: Session, desk: Desk, row: Revision) -> None:
    """Open a case for a revision in quarantine, or note in the one it has why it still is. Known ones are on the desk."""
    case = desk.cases.get(row.rev)
    if case is None:
        case = desk.cases[row.rev] = QuarantineCase(rev=row.rev, state=CaseState.OPEN.value)
        _keep(session, desk, case)
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
    _keep(session, desk, case)


def _keep(session: Session, desk: Desk, case: QuarantineCase) -> None:
    if case.rev in desk.unwritten:
        desk.opened.append(case)  # it refers to a row that is written when the desk is settled
    else:
        session.add(case)


def _describe(desk: Desk, case: QuarantineCase, reason: str) -> None:
    actor = desk.sender
    case.reason, case.arrived_at = reason, desk.received_at
    if (
        case.sender_id is None or desk.relayed_by is None
    ):  # who brings it once more for its author changes nothing
        case.sender_id, case.device_id = actor.person_id, actor.device_id
    case.region = actor.region
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
    record_id: UUID | None = None,
) -> None:
    """Note how a case stands now and tell its sender's phone, with the record it became; to be followed by a fact."""
    if case is None:
        return
    case.state, case.decided_at, case.note = state.value, clock.now(), note
    case.decided_by = by.person_id if by else None
    messages.tell(
        session,
        feed.user(case.sender_id),
        f"{KIND}.{state.value}",
        {},
        about=(KIND, case.id),
        details={
            "rev": case.rev,
            "op": str(case.op) if case.op else None,
            "reason": case.reason,
            "note": note,
            "record": str(record_id) if record_id else None,
        },
    )


def note_counter(desk: Desk, row: Revision, sealed: Sealed) -> None:
    """Write down where a revision stands among those of its device and person: it has come, whatever becomes of it."""
    row.device_id, row.dev_seq, row.prev_dev_rev = sealed.device, sealed.dev_seq, sealed.prev_dev_rev
    row.wall_time = sealed.time.wall
    desk.counters.add(row.rev, sealed)
