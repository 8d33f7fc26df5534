"""The questions of one record with what was answered; who may read them, and who may answer."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission
from server.accounts.models import Person
from server.db import Json, canonical_json
from server.inspections import service as inspections
from server.inspections.models import Record
from server.problems import DoubtNotFound
from server.review.doubts.declared import doubt_declarations
from server.review.doubts.devices import doubt_devices
from server.review.doubts.gathering import gather
from server.review.doubts.kinds import QUESTIONS, Code, Item, State
from server.review.doubts.means import doubt_means
from server.review.doubts.photos import doubt_photos
from server.review.doubts.places import doubt_positions
from server.review.doubts.times import doubt_times
from server.review.doubts.visits import doubt_visits
from server.review.models import Decision, DoubtAnswer, Verdict


@dataclass(frozen=True)
class Doubt:
    """One question, about all the things of its kind that were found in a version."""

    code: Code
    items: Sequence[Item]

    @property
    def keys(self) -> list[str]:
        """Name the things, sorted."""
        return sorted({item.key for item in self.items})

    @property
    def id(self) -> str:
        """Name the question: when there is one thing more to ask about, it is another one."""
        return hashlib.sha256(canonical_json({"code": self.code, "keys": self.keys})).hexdigest()[:32]


@dataclass(frozen=True)
class Answer:
    """What a reviewer says: nothing is wrong, or something is; in words if need be."""

    fine: bool
    note: str | None = None


def may_read(session: Session, actor: Actor, record: Record) -> bool:
    """Say whether the questions are for this person: for who reads the region's records, and was not at the visit."""
    if not actor.sees_region(Permission.RECORD_READ):
        return False
    on_task = inspections.assignments_of(session, [record.task_id])
    return all(each.person_id != actor.person_id for each in on_task)


def show(session: Session, actor: Actor, record_id: UUID, rev: str | None) -> list[Json] | None:
    """Write the questions of a version, by default of the accepted one or the (first) head; None for whom they are not for."""
    record = inspections.visible_record(session, actor, record_id)
    if not may_read(session, actor, record):
        return None
    answers = _answers(session, record.id)
    passed = _passed(session, record)
    names = _names(session, answers)
    return [
        _written(doubt, answers, passed, names)
        for doubt in find_doubts(session, actor, record, rev or record.shown_rev)
    ]


def answer(session: Session, actor: Actor, record_id: UUID, doubt_id: str, given: Answer) -> Json:
    """Answer a question about a record under review, as it stands now. Raises DoubtNotFound if it does not."""
    record = inspections.record_for_review(session, actor, record_id)
    doubt = next(
        (each for each in find_doubts(session, actor, record, record.heads[0]) if each.id == doubt_id), None
    )
    if doubt is None:
        raise DoubtNotFound()
    row = DoubtAnswer(
        record_id=record.id,
        rev=record.heads[0],
        code=doubt.code.value,
        keys=doubt.keys,
        fine=given.fine,
        note=given.note,
        reviewer_id=actor.person_id,
        answered_at=clock.now(),
    )
    session.add(row)
    session.flush()
    told = {"rev": row.rev, "doubt": doubt.id, "code": row.code, "keys": row.keys}
    audit.append(
        session,
        actor,
        "doubt.answered",
        ("record", record.id),
        told | {"fine": row.fine, "note": row.note},
    )
    answers = _answers(session, record.id)
    return _written(doubt, answers, frozenset(), _names(session, answers))


def open_doubts(session: Session, actor: Actor, record: Record) -> list[Json]:
    """List the questions about a record that nobody has answered, as its decision keeps them."""
    answers = _answers(session, record.id)
    return [
        {"id": doubt.id, "code": doubt.code.value, "keys": doubt.keys}
        for doubt in find_doubts(session, actor, record, record.heads[0])
        if _state(doubt, answers, frozenset()) is State.OPEN
    ]


def find_doubts(session: Session, actor: Actor, record: Record, rev: str) -> list[Doubt]:
    """Apply every rule to a version; one question for each kind of thing found, in the order of the kinds."""
    case = gather(session, actor, record, rev)
    shas = {each.entry.name: each.entry.sha256 for each in case.seen}
    found = (
        replace(item, shas=tuple(shas[name] for name in item.names)) for rule in _RULES for item in rule(case)
    )
    items = {item.key: item for item in found}
    by_code = {code: [item for item in items.values() if item.code is code] for code in Code}
    return [Doubt(code, several) for code, several in by_code.items() if several]


_RULES: Final = (
    doubt_photos,
    doubt_positions,
    doubt_means,
    doubt_declarations,
    doubt_times,
    doubt_devices,
    doubt_visits,
)


def _answers(session: Session, record_id: UUID) -> list[DoubtAnswer]:
    query = select(DoubtAnswer).where(DoubtAnswer.record_id == record_id)
    return list(session.scalars(query.order_by(DoubtAnswer.answered_at, DoubtAnswer.id)))


def _passed(session: Session, record: Record) -> frozenset[str]:
    """Name the things that were asked about when the record was accepted."""
    query = select(Decision.open_doubts).where(
        Decision.record_id == record.id, Decision.verdict == Verdict.ACCEPTED.value
    )
    return frozenset(key for doubts in session.scalars(query) for doubt in doubts for key in doubt["keys"])


def _names(session: Session, answers: Iterable[DoubtAnswer]) -> dict[UUID, str]:
    ids = {each.reviewer_id for each in answers}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _state(doubt: Doubt, answers: Iterable[DoubtAnswer], passed: frozenset[str]) -> State:
    left = set(doubt.keys).difference(*(each.keys for each in answers if each.code == doubt.code))
    if not left:
        return State.ANSWERED
    return State.PASSED if left <= passed else State.OPEN


def _written(
    doubt: Doubt, answers: Iterable[DoubtAnswer], passed: frozenset[str], names: dict[UUID, str]
) -> Json:
    about = [
        each for each in answers if each.code == doubt.code and not set(each.keys).isdisjoint(doubt.keys)
    ]
    return {
        "id": doubt.id,
        "code": doubt.code.value,
        "question": QUESTIONS[doubt.code].zh,
        "question_en": QUESTIONS[doubt.code].en,
        "state": _state(doubt, about, passed).value,
        "items": [item.as_json() for item in doubt.items],
        "answers": [
            {
                "keys": each.keys,
                "fine": each.fine,
                "note": each.note,
                "reviewer": names[each.reviewer_id],
                "answered_at": each.answered_at,
            }
            for each in about
        ],
    }
