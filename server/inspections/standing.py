"""Where a record stands: derived, never set by hand."""

from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from server import audit, feed
from server.audit import Acting
from server.inspections.desk import Desk
from server.inspections.models import Attestation, Record, Revision
from server.inspections.signatures import ATTESTED_ROLES
from sync import RecordState, Review, record_state

VOIDED: Final = "attestation_voided"
"""Flag of a record whose co-signature is of an earlier version: it still vouches for that one."""


def derive_state(desk: Desk, record: Record) -> bool:
    """Derive a record's state anew; return whether it was submitted just now.

    One that is signed by all it needs goes to its reviewer by itself.
    """
    required, given = _signatures(desk, record)
    flags = set(record.flags) - {VOIDED}
    record.flags = sorted(flags | {VOIDED} if _has_voided(desk, record) else flags)
    state = record_state(record.heads, required=required, attested=given, review=review_of(record))
    began = record.conflicted_at or desk.received_at
    is_conflicted = state is RecordState.CONFLICTED
    record.conflicted_at = began if is_conflicted else None
    record.merge_asked = record.merge_asked if is_conflicted else None
    if state is RecordState.SIGNED:
        record.review_act, record.review_rev = "taken", record.heads[0]
        record.submitted_at = desk.judged_at
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


def counts(attestation: Attestation, on_task: Collection[UUID], author_id: UUID) -> bool:
    """Say whether a co-signature counts: in a role there is, by a valid key of who is or was on the task, no author."""
    return (
        attestation.valid
        and attestation.role in ATTESTED_ROLES
        and attestation.person_id != author_id
        and attestation.person_id in on_task
    )


def attested_roles(
    attestations: Iterable[Attestation], on_task: Collection[UUID], author_id: UUID
) -> set[str]:
    """Name the signatures on the form that co-signatures stand for."""
    return {ATTESTED_ROLES[each.role] for each in attestations if counts(each, on_task, author_id)}


def _signatures(desk: Desk, record: Record) -> tuple[set[str], set[str]]:
    if len(record.heads) != 1:
        return set(), set()
    head = desk.revisions[record.heads[0]]
    signatures = head.signatures or {"required": [], "given": []}
    return set(signatures["required"]), set(signatures["given"]) | _attested(
        desk, record, head.rev, head.author_id
    )


def _has_voided(desk: Desk, record: Record) -> bool:
    """Say whether a signature was given by key to an earlier version, and to none of those that stand."""
    stand = {record.final_rev} if record.final_rev else set(record.heads)
    earlier, renewed = set(), set()
    for rev, author_id in desk.authors.get(record.id, {}).items():
        roles = _attested(desk, record, rev, author_id)
        if rev in stand:
            renewed |= roles | set((desk.revisions[rev].signatures or {}).get("given", ()))
        else:
            earlier |= roles
    return bool(earlier - renewed)


def _attested(desk: Desk, record: Record, rev: str, author_id: UUID) -> set[str]:
    on_task = {each.person_id for each in desk.assignments[record.task_id]}
    return attested_roles(desk.attestations.get(rev, ()), on_task, author_id)
