"""Cases as the desk shows them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Person
from server.db import Json
from server.evidence import service as evidence
from server.inspections import service as inspections
from server.inspections.models import QuarantineCase, Revision
from server.inspections.service import Looked
from server.quarantine import service
from server.quarantine.explaining import explain
from sync import MediaEntry, Position


def summaries(session: Session, cases: Sequence[QuarantineCase]) -> list[Json]:
    """Write the lines of a list, in two queries however many there are."""
    names = _names(session, {each for case in cases for each in (case.sender_id, case.decided_by) if each})
    records = _records(session, [case.rev for case in cases if case.rev])
    return [
        {
            **_about(case),
            "sender": {"id": case.sender_id, "name": names[case.sender_id]},
            "decided_by": names[case.decided_by] if case.decided_by else None,
            "joined": records.get(case.rev or ""),
        }
        for case in cases
    ]


def whole(session: Session, case: QuarantineCase) -> Json:
    """Write one case with all that can be read out of it, and what it would take to admit it."""
    item = service.item_of(session, case)
    looked = inspections.look(session, case, item) if item else Looked(obstacles=[case.reason])
    return {**summaries(session, [case])[0], "read": _read(session, looked), "admission": _admission(looked)}


def _about(case: QuarantineCase) -> Json:
    words = explain(case.reason)
    names = (
        "id", "rev", "op", "reason", "state", "region", "device_id", "arrived_at",
        "task_id", "record_id", "form_id", "form_version", "bound_task_id", "decided_at", "note",
    )  # fmt: skip
    return {name: getattr(case, name) for name in names} | {"message": words.zh, "message_en": words.en}


def _read(session: Session, looked: Looked) -> Json | None:
    sealed = looked.sealed
    if sealed is None:
        return None
    task, record = looked.task, looked.record
    return {
        "author": sealed.author,
        "author_name": looked.author.name if looked.author else None,
        "device": sealed.device,
        "dev_seq": sealed.dev_seq,
        "parents": sealed.parents,
        "wall_time": sealed.time.wall,
        "position": _position(sealed.position),
        "evidence_level": looked.level.value if looked.level else None,
        "task": {"id": task.id, "number": task.number, "name": task.name} if task else None,
        "record": {"id": record.id, "state": record.state, "form_id": record.form_id} if record else None,
        "answers": looked.answers.as_json()["answers"] if looked.answers else None,
        "media": _media(session, sealed.media),
    }


def _admission(looked: Looked) -> Json:
    names_task = looked.sealed is not None and looked.task is None
    hard = [code for code in looked.obstacles if not (names_task and code == "task.unknown")]
    return {
        "possible": not hard,
        "names_task": names_task,
        "obstacles": [
            {"code": code, "message": explain(code).zh, "message_en": explain(code).en}
            for code in looked.obstacles
        ],
    }


def _media(session: Session, entries: Sequence[MediaEntry]) -> list[Json]:
    statuses = evidence.statuses(session, [entry.sha256 for entry in entries])
    return [
        {
            "name": entry.name,
            "sha256": entry.sha256,
            "size": entry.size,
            "type": entry.type,
            "status": statuses[entry.sha256].value,
        }
        for entry in entries
    ]


def _position(position: Position | None) -> Json | None:
    return None if position is None else vars(position)


def _records(session: Session, revs: Collection[str]) -> dict[str, UUID]:
    rows = session.execute(select(Revision.rev, Revision.record_id).where(Revision.rev.in_(revs)))
    return {rev: record_id for rev, record_id in rows if record_id is not None}


def _names(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    return {
        row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    }
