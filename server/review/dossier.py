"""What a reviewer has in front of them: answers in words, media and what is missing, versions, decisions."""

import re
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms import Answer, Answers, diff_answers
from server.access import Actor
from server.accounts.keys import KeyRing
from server.accounts.models import Person
from server.db import Json
from server.evidence import possession
from server.evidence import service as evidence
from server.inspections import service as inspections
from server.inspections.models import Attestation, Record, Revision, Task
from server.problems import RevisionNotFound
from server.registry.models import InspectedObject
from server.review.models import Decision
from sync import ALGORITHM, Declarations, read_revision

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def summaries(session: Session, records: Sequence[Record]) -> list[Json]:
    """Write the lines of a list of records, in a handful of queries however many there are."""
    tasks = _tasks(session, {record.task_id for record in records})
    objects = _names(session, InspectedObject, {task.object_id for task in tasks.values()})
    people = _names(session, Person, {record.author_id for record in records})
    media = _media_counts(session, records)
    return [
        {
            "id": record.id,
            "region": record.region,
            "task_id": record.task_id,
            "task_number": tasks[record.task_id].number,
            "task_name": tasks[record.task_id].name,
            "object_id": tasks[record.task_id].object_id,
            "object_name": objects[tasks[record.task_id].object_id],
            "due_on": tasks[record.task_id].due_on,
            "form_id": record.form_id,
            "form_version": record.form_version,
            "state": record.state,
            "flags": record.flags,
            "heads": record.heads,
            "author": people[record.author_id],
            "created_at": record.created_at,
            "submitted_at": record.submitted_at,
            "finished_at": record.finished_at,
            "media": media[record.id],
        }
        for record in records
    ]


def dossier(session: Session, actor: Actor, record_id: UUID, rev: str | None) -> Json:
    """Write everything there is to know about one record, shown as of `rev`: by default the accepted version or its (first) head."""
    record = inspections.visible_record(session, actor, record_id)
    versions = inspections.revisions_of(session, record.id)
    shown = _revision(versions, rev or record.shown_rev)
    answers = inspections.answers_of(session, shown)
    return {
        **summaries(session, [record])[0],
        "rev": shown.rev,
        "final_rev": record.final_rev,
        "marks": record.marks or [],
        "return_reason": record.return_reason,
        "answers": answers.as_json()["answers"],
        "findings": shown.findings,
        "files": _files(session, shown, answers),
        "declarations": _declarations(session, shown),
        "versions": _versions(session, record, versions),
        "resolutions": inspections.resolutions_of(session, record, versions),
        "decisions": _decisions(session, record),
        "gate": inspections.gate_of_record(session, record, shown),
        "blocks": [] if record.final_rev else inspections.blocks_of(session, record),
    }


def compare(session: Session, actor: Actor, record_id: UUID, old: str, new: str) -> Json:
    """Lay two versions of a record side by side: every answer that differs, with its files.

    Rows are told apart by their key: one that only moved did not change. `key` is a path that names them so,
    `path` counts them. A file under the same name with other bytes is a change too.
    """
    record = inspections.visible_record(session, actor, record_id)
    versions = inspections.revisions_of(session, record.id)
    (before, old_files), (after, new_files) = (_side(session, versions, rev) for rev in (old, new))
    found = diff_answers(before, after, old_files, new_files)
    return {
        "old": old,
        "new": new,
        "same": found.same,
        "changes": [
            {
                "path": each.path,
                "key": each.key,
                "labels": each.labels,
                "old": _shown(each.old, old_files),
                "new": _shown(each.new, new_files),
            }
            for each in found
        ],
    }


def _side(session: Session, versions: Iterable[Revision], rev: str) -> tuple[Answers, dict[str, Json]]:
    revision = _revision(versions, rev)
    return inspections.answers_of(session, revision), {entry["name"]: entry for entry in revision.media}


def _shown(answer: Answer | None, files: dict[str, Json]) -> Json | None:
    if answer is None:
        return None
    written = answer.as_json()
    return {name: written[name] for name in ("kind", "labels", "value", "display")} | {
        "file": files.get(answer.text)
    }


def _revision(versions: Iterable[Revision], rev: str) -> Revision:
    for revision in versions:
        if revision.rev == rev:
            return revision
    raise RevisionNotFound()


def _files(session: Session, revision: Revision, answers: Answers) -> list[Json]:
    """The files of a version: what the answers name, what the phone promised, how far each has come."""
    promised = {entry["name"]: entry for entry in revision.media}
    named = {expected.name: expected for expected in answers.media()}
    told = {entry.name: entry for entry in read_revision(revision.data).media}
    statuses = evidence.statuses(session, [entry["sha256"] for entry in promised.values()])
    return [
        {
            "name": name,
            "path": named[name].path if name in named else None,
            "kind": named[name].kind if name in named else None,
            "sha256": promised[name]["sha256"] if name in promised else None,
            "size": promised[name]["size"] if name in promised else None,
            "type": promised[name]["type"] if name in promised else None,
            "status": statuses[promised[name]["sha256"]].value if name in promised else "absent",
            "captured_at": told[name].captured_at if name in told else None,
            "position": vars(told[name].position) if name in told and told[name].position else None,
            "source": told[name].source if name in told else None,
        }
        for name in dict.fromkeys([*named, *promised])
    ]


def _declarations(session: Session, revision: Revision) -> Json:
    """What the inspectors declared before the inspection, as they sealed it: recusal, and why they began all the same."""
    told = read_revision(revision.data).declarations or Declarations()
    ids = {each.person for each in told.overrides} | {each.on for each in told.recusal}
    names = _names(session, Person, {UUID(each) for each in ids if _UUID.fullmatch(each)})
    by_id = {str(person_id): name for person_id, name in names.items()}
    written = told.as_json()
    for each in written["overrides"]:
        each["name"] = by_id.get(each["person"])
    for each in written["recusal"]:
        each["on_name"] = by_id.get(each["on"])
    return written


def _versions(session: Session, record: Record, versions: Sequence[Revision]) -> list[Json]:
    on_task = {each.person_id for each in inspections.assignments_of(session, [record.task_id])}
    people = _names(session, Person, {revision.author_id for revision in versions})
    standing = {*record.heads, record.final_rev}
    signed = session.scalars(
        select(Attestation).where(Attestation.rev.in_([revision.rev for revision in versions]))
    ).all()
    people |= _names(session, Person, {each.person_id for each in signed})
    ring = KeyRing(
        session,
        [
            *((each.author_id, each.key) for each in versions),
            *((each.person_id, each.key) for each in signed),
        ],
    )
    return [
        {
            "rev": revision.rev,
            "parents": revision.parents,
            "author": people[revision.author_id],
            "received_at": revision.received_at,
            "wall_time": revision.wall_time,
            "clock": revision.clock,
            "position": revision.position,
            "form_version": revision.form_version,
            "status": revision.status,
            "evidence_level": revision.evidence_level,
            "device": revision.device_id,
            "key": revision.key,
            "key_doubts": ring.doubts(revision.author_id, revision.key, revision.received_at),
            "flags": revision.flags,
            "signatures": revision.signatures,
            "attestations": [
                {
                    "role": each.role,
                    "person": people[each.person_id],
                    "alg": each.alg or ALGORITHM,
                    "valid": each.valid,
                    "counts": inspections.counts(each, on_task, revision.author_id),
                    "voided": revision.rev not in standing,
                    "key": each.key,
                    "key_doubts": ring.doubts(each.person_id, each.key, each.received_at),
                }
                for each in signed
                if each.rev == revision.rev
            ],
        }
        for revision in versions
    ]


def _decisions(session: Session, record: Record) -> list[Json]:
    decisions = session.scalars(
        select(Decision).where(Decision.record_id == record.id).order_by(Decision.decided_at, Decision.id)
    ).all()
    people = _names(session, Person, {decision.reviewer_id for decision in decisions})
    return [vars(decision) | {"reviewer": people[decision.reviewer_id]} for decision in decisions]


def _media_counts(session: Session, records: Sequence[Record]) -> dict[UUID, Json]:
    """Count for each record the files that its heads promise and those that have come: "3 of 5"."""
    heads = {head for record in records for head in record.heads}
    promised: dict[UUID, set[str]] = {record.id: set() for record in records}
    rows = session.execute(select(Revision.record_id, Revision.media).where(Revision.rev.in_(heads)))
    for record_id, media in rows:
        if record_id is not None:
            promised[record_id] |= {entry["sha256"] for entry in media}
    absent = set(evidence.missing(session, {sha256 for shas in promised.values() for sha256 in shas}))
    withheld = possession.withheld(session, heads)
    return {
        record_id: {
            "expected": len(shas),
            "arrived": sum(sha256 not in absent and (record_id, sha256) not in withheld for sha256 in shas),
        }
        for record_id, shas in promised.items()
    }


def _tasks(session: Session, ids: Collection[UUID]) -> dict[UUID, Task]:
    return {task.id: task for task in session.scalars(select(Task).where(Task.id.in_(ids)))}


def _names(
    session: Session, kind: type[Person] | type[InspectedObject], ids: Collection[UUID]
) -> dict[UUID, str]:
    rows = session.execute(select(kind.id, kind.name).where(kind.id.in_(ids)))
    return {row.id: row.name for row in rows}
