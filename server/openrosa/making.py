"""Making revisions of submissions: written here, pushed by the door of every push, and what follows from that."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server import audit
from server.access import SYSTEM, Actor
from server.exchange.service import take_together
from server.inspections import service as inspections
from server.inspections.models import CaseState, QuarantineCase, Revision
from server.installation import Installation
from server.openrosa import composing, holders, placing, reading, telling
from server.openrosa.holders import Held
from server.openrosa.models import Submission, SubmissionState
from server.openrosa.pieces import Pieces, gathered, keep
from server.openrosa.reading import ReadInstance
from sync import Defect, Outcome, PushItem

_OPERATIONS: Final = UUID("6f0d7b4e-1f0b-4d0a-9c5b-5c0b8e4d7a63")

_WAITING = (
    select(Submission)
    .where(
        Submission.base == bindparam("its_base"),
        Submission.waits,
        Submission.person_id == bindparam("its_person_id"),
    )
    .order_by(Submission.first_at, Submission.id)
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True)
class Taking:
    """Who brings something, under a key that is held, into which installation."""

    session: Session
    key: Held
    installation: Installation

    @property
    def actor(self) -> Actor:
        """The inspector whose key it is."""
        return self.key.actor


@dataclass(frozen=True)
class Made:
    """What is to be pushed of a submission. `earlier`: the revision whose place it takes; `objection`: why it is to be held.

    `message`: what to tell, where that does not depend on what becomes of it.
    """

    pieces: Pieces
    item: PushItem
    earlier: str | None = None
    objection: str | None = None
    message: str | None = None


def write(into: Taking, pieces: Pieces, given: ReadInstance, xml: bytes) -> Made:
    """Write the revision of what has come, the next of its phone; it and the key are to be written down, and it is to be pushed."""
    session, key, submission = into.session, into.key, pieces.submission
    place = placing.place(session, pieces, given)
    task = placing.home(session, into.actor.person_id, given, place)
    item = _item(composing.compose(key, given, xml, place, task, pieces.files))
    earlier, submission.rev = submission.rev, item.rev
    key.sent, key.last_rev = key.sent + 1, item.rev
    submission.state, submission.xml = SubmissionState.TAKEN.value, None
    submission.base = place.base or submission.base
    submission.waits = place.objection == inspections.BASE_UNKNOWN
    return Made(pieces, item, earlier, place.objection)


def write_unusable(into: Taking, pieces: Pieces, xml: bytes, code: str) -> Made:
    """Write an item of what nobody can read: it is quarantined, and every repetition is the same operation."""
    op = uuid5(_OPERATIONS, f"{into.actor.person_id} {pieces.submission.instance_id}")
    raw = {"op": str(op), "kind": "submission", "bytes": base64.b64encode(xml).decode()}
    item = PushItem(op, "submission", raw, defect=Defect(code, telling.held(code)))
    return Made(pieces, item, message=telling.held(code))


def push(made: Sequence[tuple[Taking, Made]]) -> list[Outcome]:
    """Push what was written, of people who differ, and say what became of each."""
    if not made:
        return []
    into = made[0][0]
    objections = {each.item.rev or "": each.objection for _, each in made if each.objection}
    brought = [(its.actor, each.item) for its, each in made]
    return take_together(into.session, into.installation, brought, objections)


def settle(into: Taking, made: Made, outcome: Outcome, *, is_waited_for: bool = True) -> None:
    """Do what follows from the outcome: for what its revision takes the place of, and for the edits that wait for it."""
    submission = made.pieces.submission
    if made.earlier is not None and made.earlier != made.item.rev:
        _end_case(into.session, made.earlier, outcome)
    if outcome.outcome != "quarantined" and is_waited_for:
        _release_waiting(into, submission)


def make(into: Taking, pieces: Pieces, given: ReadInstance, xml: bytes) -> Outcome:
    """Make a revision of what has come, and all that follows."""
    made = write(into, pieces, given, xml)
    keep(into.session, [pieces])
    holders.write_down(into.session, [into.key])
    [outcome] = push([(into, made)])
    settle(into, made, outcome)
    return outcome


def again(into: Taking, edit: Submission) -> Outcome:
    """Make a new revision of an edit that was held, from the bytes that its quarantined one keeps."""
    xml = composing.xml_of(into.session.get_one(Revision, edit.rev))
    return make(into, gathered(into.session, edit), reading.read(xml), xml)


def _release_waiting(into: Taking, base: Submission) -> None:
    """Take the edits that waited for this one. Whoever holds one of them now has found its base, or will look again."""
    asked = {"its_base": base.instance_id, "its_person_id": base.person_id}
    for edit in into.session.scalars(_WAITING, asked).all():
        again(into, edit)


def _end_case(session: Session, earlier: str, outcome: Outcome) -> None:
    """End the case of a revision in quarantine that a newer one takes the place of."""
    case = session.scalar(
        select(QuarantineCase).where(
            QuarantineCase.rev == earlier, QuarantineCase.state == CaseState.OPEN.value
        )
    )
    if case is None:
        return
    made = session.get_one(Revision, outcome.rev)
    is_taken = outcome.outcome != "quarantined"
    state = CaseState.SETTLED if is_taken else CaseState.DISMISSED
    note = f"由后到的内容取代：{outcome.rev}"
    inspections.settle_case(session, case, state, note=note, record_id=made.record_id)
    session.flush()
    told = {"case": str(case.id), "reason": case.reason, "note": note}
    audit.append(session, SYSTEM, f"quarantine.{state.value}", ("revision", earlier), told)


def _item(data: bytes) -> PushItem:
    rev = composing.name(data)
    op = uuid5(_OPERATIONS, rev)
    raw = {"op": str(op), "kind": "revision", "rev": rev, "bytes": base64.b64encode(data).decode()}
    return PushItem(op, "revision", raw, rev, data=data)
