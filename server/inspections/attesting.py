"""Taking co-signatures (会签): a person vouches for a revision with a key of their own."""

from uuid import uuid4

from sqlalchemy.orm import Session

from server import audit, feed
from server.inspections.accepting import Accepted
from server.inspections.desk import Desk
from server.inspections.judging import evidence_level, signature_flags
from server.inspections.models import Attestation, EvidenceLevel, Revision
from server.inspections.signatures import ATTESTED_ROLES
from server.inspections.standing import derive_state, tell_submitted
from sync import Outcome, PushItem


def accept_attestation(session: Session, desk: Desk, item: PushItem) -> Accepted:
    """Keep a co-signature. It counts for the record if it holds, in a role there is, and the person is on the task."""
    level = evidence_level(desk, item)
    rev, role = item.rev or "", item.role or ""
    held = desk.attestations.setdefault(rev, [])
    same = [
        each
        for each in held
        if (each.role, each.person_id, each.key) == (role, desk.actor.person_id, item.key)
    ]
    if not same:
        attestation = Attestation(
            id=uuid4(),
            rev=rev,
            role=role,
            person_id=desk.actor.person_id,
            alg=item.alg,
            key=item.key or "",
            sig=item.sig or "",
            valid=level is EvidenceLevel.SIGNED,
            received_at=desk.received_at,
        )
        desk.signed.append(attestation)
        held.append(attestation)
    row = desk.revisions.get(rev)
    doubts = signature_flags(desk, item, level)
    flags = [
        *doubts,
        *([] if role in ATTESTED_ROLES else ["role_unknown"]),
        *_flags_of_attestation(desk, row),
        *(["relayed"] if desk.relayed_by else []),
    ]
    counts = row is not None and row.record_id is not None and "not_assigned" not in flags
    record = desk.records[row.record_id] if counts and row and row.record_id else None
    submitted = derive_state(desk, record) if record else False
    if record is not None:
        if not same and level is EvidenceLevel.SIGNED:
            record.flags = sorted({*record.flags, *doubts})
        feed.touch(session, "record", record.id)
    fact = audit.append(
        session,
        desk.sender,
        "attestation.accepted",
        ("revision", rev),
        {"op": str(item.op), "role": role, "key": item.key, "flags": flags, **desk.relay},
    )
    if submitted and record is not None:
        tell_submitted(session, desk.sender, record)
    return Accepted(
        Outcome(
            item.op,
            "accepted",
            item.content,
            rev=rev,
            flags=tuple(flags),
            record_state=record.state if record else None,
            heads=tuple(record.heads) if record else (),
        ),
        fact,
    )


def _flags_of_attestation(desk: Desk, row: Revision | None) -> list[str]:
    if row is None or row.task_id is None:
        return ["revision_unknown"]
    flags = ["own_revision"] if row.author_id == desk.actor.person_id else []
    assignment = desk.assignment(row.task_id, desk.actor.person_id)
    if assignment is None:
        flags.append("not_assigned")
    elif assignment.ended_at is not None:
        flags.append("task_reassigned")
    return flags
