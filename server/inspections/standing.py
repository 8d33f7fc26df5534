"""Where a record stands: derived, never set by hand."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from server import audit, feed
from server.audit import Acting
from server.inspections.desk import Desk
from server.inspections.models import Attestation, Record, Revision
from server.inspections.signatures import ATTESTED_ROLES
from sync import RecordState, Review, record_state


def derive_state(desk: Desk, record: Record) -> bool:
    """Derive a record's state anew; return whether it was submitted just now.

    One that is signed by all it needs goes to its reviewer by itself.
    """
    required, given = _signatures(desk, record)
    state = record_state(record.heads, required=required, attested=given, review=review_of(record))
    began = record.conflicted_at or desk.received_at
    record.conflicted_at = began if state is RecordState.CONFLICTED else None
    if state is RecordState.SIGNED:
        record.review_act, record.review_rev = "taken", record.heads[0]
        record.submitted_at = desk.received_at
        record.marks, record.return_reason = None, None
        record.state = RecordState.UNDER_REVIEW.value
        return True
    record.state = state.value
    return False


def tell_submitted(session: Session, actor: Acting, record: Record, *, seen: bool = True) -> None:
    """Say that a record waits for its reviewer. `seen`: somebody had it on a phone before this transaction."""
    if seen:
        feed.touch(session, "record", record.id)
    audit.append(session, actor, "record.submitted", ("record", record.id), {"rev": record.heads[0]})


def review_of(record: Record) -> Review | None:
    """Tell the reviewer's last act on a record."""
    if record.review_act is None or record.review_rev is None:
        return None
    return Review(record.review_act, record.review_rev)  # type: ignore[arg-type]


def missing_signatures(head: Revision, attested: set[str]) -> list[str]:
    """List the signatures that a revision needs and has neither on the form nor by a key."""
    signatures = head.signatures or {"required": [], "given": []}
    return sorted(set(signatures["required"]) - set(signatures["given"]) - attested)


def attested_roles(
    attestations: Iterable[Attestation], on_task: Collection[UUID], head: Revision
) -> set[str]:
    """Name the signatures replaced by a valid key of somebody who is or was on the task, not the author."""
    return {
        ATTESTED_ROLES.get(each.role, each.role)
        for each in attestations
        if each.valid and each.person_id != head.author_id and each.person_id in on_task
    }


def _signatures(desk: Desk, record: Record) -> tuple[set[str], set[str]]:
    if len(record.heads) != 1:
        return set(), set()
    head = desk.revisions[record.heads[0]]
    signatures = head.signatures or {"required": [], "given": []}
    on_task = {each.person_id for each in desk.assignments[record.task_id]}
    attested = attested_roles(desk.attestations.get(head.rev, ()), on_task, head)
    return set(signatures["required"]), set(signatures["given"]) | attested
