"""Taking what phones bring: every revision is judged, becomes part of its record, and is stored, whatever it came to."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from server import audit, feed
from server.audit import Acting, Fact
from server.clock import iso
from server.db import Json
from server.evidence.service import Expectation
from server.inspections.desk import Desk
from server.inspections.holding import hold_revision, note_counter, settle_case
from server.inspections.judging import (
    LATE,
    Judged,
    Quarantined,
    evidence_level,
    interval_as_json,
    judge,
    signature_flags,
)
from server.inspections.models import (
    CaseState,
    EvidenceLevel,
    Record,
    Revision,
    RevisionStatus,
    TaskState,
)
from server.inspections.standing import derive_state, tell_submitted
from server.inspections.tasks import lead_of, reason_of
from sync import Finding, Outcome, OutcomeName, PushItem, add_revision


@dataclass(frozen=True)
class Accepted:
    """What became of an item, and the fact that will give it its number."""

    outcome: Outcome
    fact: Fact


@dataclass(frozen=True)
class Taken:
    """A revision that became part of its record. `submitted`: the record waits for its reviewer since then."""

    record: Record
    is_new: bool
    submitted: bool


def accept_revision(session: Session, desk: Desk, item: PushItem) -> Accepted:
    """Make a revision part of its record, or quarantine it. Its bytes are on the desk.

    Nothing is written before the desk is settled, so that a batch is written at once.

    Bytes that are known already have no second effect, whatever the operation; but what was quarantined is
    judged again, because what it lacked may have come.
    """
    row = desk.revisions[item.rev or ""]
    level = evidence_level(desk, item)
    if row.status in {RevisionStatus.ACCEPTED, RevisionStatus.LATE}:
        return _repeat(session, desk, item, row, level)
    if row.status == RevisionStatus.RECEIVED:
        _sign(row, item, level)
    try:
        judged = judge(desk, item, level)
    except Quarantined as quarantined:
        return _quarantine(session, desk, item, row, level, quarantined.reason)
    taken = take(session, desk, item, judged, level)
    settle_case(session, desk.cases.get(row.rev), CaseState.SETTLED, record_id=taken.record.id)
    fact = tell_taken(session, desk.sender, row, taken, {"op": str(item.op), **desk.relay})
    return Accepted(_outcome_of(desk, item, row, taken.record), fact)


def take(session: Session, desk: Desk, item: PushItem, judged: Judged, level: EvidenceLevel) -> Taken:
    """Make a judged revision part of its record and show it to who is on the task; to be followed by `tell_taken`."""
    row = desk.revisions[item.rev or ""]
    is_fresh = row.rev in desk.fresh
    record, is_new = _record_of(desk, judged)
    said = {
        "author_id": desk.actor.person_id,
        "received_at": desk.received_at,
        **_signed(item, level),
        **_described(judged),
    }
    if is_fresh:
        vars(row).update(said)  # nobody keeps the history of a row that the session does not know
    else:
        for name, value in said.items():
            setattr(row, name, value)
    note_counter(desk, row, judged.sealed)
    _grow(desk, record, row, judged)
    submitted = derive_state(desk, record)
    if is_fresh:
        row.record_id = record.id  # the record is written before it
        if is_new:
            desk.made.append(record)
    else:
        row.record = record
        session.add(record)
    desk.expected.append(_expectation(desk, judged, record, row))
    _tell(session, desk, judged, record, is_new=is_new)
    return Taken(record, is_new, submitted)


def tell_taken(session: Session, actor: Acting, row: Revision, taken: Taken, more: Json) -> Fact:
    """Note that a revision was taken, and that its record waits for its reviewer if it does so now."""
    fact = audit.append(
        session,
        actor,
        "revision.accepted",
        ("revision", row.rev),
        {
            "record": str(taken.record.id),
            "task": str(row.task_id),
            "form": row.form_id,
            "form_version": row.form_version,
            "status": row.status,
            "evidence_level": row.evidence_level,
            "flags": row.flags,
            **more,
        },
    )
    if taken.submitted:
        tell_submitted(session, actor, taken.record, seen=not taken.is_new)
    return fact


def _expectation(desk: Desk, judged: Judged, record: Record, row: Revision) -> Expectation:
    form = desk.forms[judged.sealed.form, judged.sealed.form_version]
    return Expectation(
        row.rev,
        record.id,
        judged.task.id,
        record.region,
        judged.sealed.media,
        restricted=form.restricted,
        author_id=desk.actor.person_id,
        sender_id=desk.sender.person_id,
    )


def _sign(row: Revision, item: PushItem, level: EvidenceLevel) -> None:
    for name, value in _signed(item, level).items():
        setattr(row, name, value)


def _signed(item: PushItem, level: EvidenceLevel) -> Json:
    return {"alg": item.alg, "key": item.key, "sig": item.sig, "evidence_level": level.value}


def _record_of(desk: Desk, judged: Judged) -> tuple[Record, bool]:
    if judged.record is not None:
        return judged.record, False
    sealed = judged.sealed
    record = Record()
    vars(record).update(
        id=sealed.record,
        task_id=judged.task.id,
        region=judged.task.region,
        due_on=judged.task.due_on,
        form_id=sealed.form,
        form_version=sealed.form_version,
        state="open",
        heads=[],
        flags=[],
        author_id=desk.actor.person_id,
        created_at=desk.received_at,
    )
    desk.records[record.id] = record
    desk.graphs[record.id], desk.authors[record.id] = {}, {}
    return record, True


def _described(judged: Judged) -> Json:
    """Write down what was read out of the bytes."""
    sealed = judged.sealed
    return {
        "task_id": judged.task.id,
        "reason": None,
        "parents": list(sealed.parents),
        "clock": interval_as_json(judged.interval),
        "form_id": sealed.form,
        "form_version": sealed.form_version,
        "answers": judged.answers.flat_as_json(),
        "findings": [finding.as_json() for finding in judged.findings],
        "media": [
            {"name": entry.name, "sha256": entry.sha256, "size": entry.size, "type": entry.type}
            for entry in sealed.media
        ],
        "signatures": dict(judged.signatures.as_json()),
        "position": _position_of(judged),
    }


def _position_of(judged: Judged) -> Json | None:
    position = judged.sealed.position
    if position is None:
        return None
    return {
        "latitude": position.latitude,
        "longitude": position.longitude,
        "accuracy": position.accuracy,
        "altitude": position.altitude,
        "at": iso(position.at) if position.at else None,
        "is_mock": position.is_mock,
    }


def _grow(desk: Desk, record: Record, row: Revision, judged: Judged) -> None:
    """Add a revision to the record's graph; what replaces nothing stands beside the other heads."""
    graph = desk.graphs[record.id]
    grown = add_revision(record.heads, graph, row.rev, row.parents)
    graph[row.rev], desk.authors[record.id][row.rev] = row.parents, row.author_id
    flags = judged.flags + (["parent_unknown"] if grown.unknown_parents else [])
    if len(row.parents) > 1 and lead_of(desk.assignments[judged.task.id]) != row.author_id:
        flags.append("resolved_by_other")
    row.flags = sorted(set(flags))
    row.status = (RevisionStatus.LATE if LATE & set(flags) else RevisionStatus.ACCEPTED).value
    record.heads = list(grown.heads)
    record.flags = sorted({*record.flags, *flags})
    if row.rev in grown.heads and record.final_rev is None:
        record.form_version = judged.sealed.form_version


def _tell(session: Session, desk: Desk, judged: Judged, record: Record, *, is_new: bool) -> None:
    """Show the record to everyone who is on the task now; those who see it already pull it again."""
    task = judged.task
    if not is_new:
        feed.touch(session, "record", record.id)
        return
    if task.state == TaskState.ASSIGNED:
        task.state = TaskState.OPEN.value
        feed.touch(session, "task", task.id)
    if task.state == TaskState.WITHDRAWN:
        return
    for each in desk.assignments[task.id]:
        if each.ended_at is None:
            feed.grant(session, feed.user(each.person_id), "record", record.id, reason_of(task.id))


def _quarantine(
    session: Session, desk: Desk, item: PushItem, row: Revision, level: EvidenceLevel, reason: str
) -> Accepted:
    # What somebody else sends once more takes nothing away from what the author sent.
    if row.status == RevisionStatus.RECEIVED or reason != "author.differs":
        if row.status == RevisionStatus.QUARANTINED:
            row.author_id, row.received_at = desk.actor.person_id, desk.received_at
            _sign(row, item, level)
        row.status, row.reason = RevisionStatus.QUARANTINED.value, reason
        hold_revision(session, desk, row)
    fact = audit.append(
        session,
        desk.sender,
        "revision.quarantined",
        ("revision", row.rev),
        {"op": str(item.op), "reason": reason, **desk.relay},
    )
    return Accepted(Outcome(item.op, "quarantined", item.content, rev=row.rev, reason=reason), fact)


def _repeat(session: Session, desk: Desk, item: PushItem, row: Revision, level: EvidenceLevel) -> Accepted:
    """Answer bytes that are part of their record already; a signature that holds is kept where there was none."""
    if row.author_id != desk.actor.person_id:
        fact = audit.append(
            session, desk.actor, "revision.repeated", ("revision", row.rev), {"op": str(item.op)}
        )
        outcome = Outcome(item.op, "quarantined", item.content, rev=row.rev, reason="author.differs")
        return Accepted(outcome, fact)
    record = desk.records[row.record_id] if row.record_id else None
    assert record is not None, "a revision that was taken belongs to a record"
    # A signature that came later is no better than none when its key may have been in other hands.
    doubted = signature_flags(desk, item, level)
    better = level is EvidenceLevel.SIGNED and not doubted and row.evidence_level != EvidenceLevel.SIGNED
    if better:
        _sign(row, item, level)
        row.flags = [flag for flag in row.flags if flag not in {"signature_invalid", "algorithm_unknown"}]
    fact = audit.append(
        session,
        desk.sender,
        "revision.repeated",
        ("revision", row.rev),
        {"op": str(item.op), "evidence_level": row.evidence_level, **desk.relay},
    )
    return Accepted(_outcome_of(desk, item, row, record), fact)


def _outcome_of(desk: Desk, item: PushItem, row: Revision, record: Record) -> Outcome:
    name: OutcomeName = "accepted_late" if row.status == RevisionStatus.LATE else "accepted"
    return Outcome(
        item.op,
        name,
        item.content,
        rev=row.rev,
        flags=tuple(row.flags),
        findings=tuple(_findings(row.findings)),
        media_missing=tuple(
            f"sha256:{entry['sha256']}" for entry in row.media if entry["sha256"] in desk.media_missing
        ),
        record_state=record.state,
        heads=tuple(record.heads),
    )


def _findings(findings: Iterable[Json]) -> Iterable[Finding]:
    texts = ((each, f"{each['message']} / {each['message_en']}") for each in findings)
    return (Finding(each["path"], each["kind"], text) for each, text in texts)
