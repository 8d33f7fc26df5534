"""A submission becomes an unsigned revision, by the same door as every push: stored, judged, receipted.

It may come in any number of POSTs, in any order, repeated and at once: whatever comes is kept with it, and when
every file that its XML names is here, a revision is made. What comes after that makes a child of it. One phone's
submissions are taken one after the other (its key's row is locked first, then rows of submissions).
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4, uuid5

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from forms import Form
from server import audit, clock
from server.access import SYSTEM, Actor
from server.checklists import service as checklists
from server.evidence import taking
from server.exchange.service import take_push
from server.inspections import service as inspections
from server.inspections.models import CaseState, QuarantineCase, Revision
from server.installation import Installation
from server.openrosa import composing, placing, reading, telling
from server.openrosa.keys import Asking
from server.openrosa.models import PhoneKey, Submission, SubmissionState
from server.openrosa.pieces import Begun, Pieces, gather, gathered
from server.openrosa.reading import ReadInstance, Unusable
from server.openrosa.receiving import ReceivedFile
from sync import Defect, Outcome, Push, PushItem

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
class Brought:
    """One POST: the exact bytes of the XML, its files, and whether the phone says that more is to come."""

    xml: bytes
    files: Sequence[ReceivedFile]
    more: bool = False


@dataclass(frozen=True)
class Taking:
    """Who brings something, into which installation."""

    session: Session
    actor: Actor
    key: PhoneKey
    installation: Installation


def submit(session: Session, asking: Asking, installation: Installation, brought: Brought) -> str:
    """Take one POST and return what to tell the inspector. Whatever its content, it is kept: nothing is refused."""
    # Locked first: what this phone brings is taken one after the other.
    key = session.get_one(PhoneKey, asking.key_id, with_for_update=True, populate_existing=True)
    facts = taking.enter_files(
        session, asking.actor, [file.kept for file in brought.files], {"openrosa": str(asking.key_id)}
    )
    before = key.sent
    message = _submit(Taking(session, asking.actor, key, installation), brought)
    if (
        key.sent == before
    ):  # else it is written already: after a push others wait for the end of this transaction
        key.last_sent_at = clock.now()
    session.flush()
    if facts:
        audit.seal(session)
        taking.number_files(session, facts)
    return message


def take_as_it_stands(
    session: Session, installation: Installation, asking: Asking, submission: Submission, silence: timedelta
) -> None:
    """Make a revision of a submission that was silent for so long, or of an edit that was held and has its base now."""
    key = session.get_one(PhoneKey, asking.key_id, with_for_update=True, populate_existing=True)
    session.refresh(submission, with_for_update=True)
    into = Taking(session, asking.actor, key, installation)
    is_silent = submission.last_at <= clock.now() - silence
    if submission.state == SubmissionState.ARRIVING and is_silent and submission.xml is not None:
        xml = submission.xml
        _make(into, gathered(session, submission), reading.read(xml), xml)
    elif submission.waits:
        again(into, submission)


def _submit(into: Taking, brought: Brought) -> str:
    session = into.session
    try:
        given = reading.read(brought.xml)
    except Unusable as error:
        return _hold_unusable(into, brought, error.code)
    begun = Begun.of(into.actor.person_id, into.key.id, given, brought.xml)
    pieces = gather(session, begun, brought.files)
    submission = pieces.submission
    if submission.rev is not None and not pieces.fresh:
        return telling.again([file.name for file in pieces.files])
    submission.expected = reading.files_of(given.instance, _form_of(session, given))
    here = {file.name for file in pieces.files}
    lacking = [name for name in submission.expected or () if name not in here]
    if submission.rev is None and (lacking or (submission.expected is None and brought.more)):
        pieces.keep(session)
        if pieces.is_new or pieces.fresh:
            _note(into, submission, brought)
        return telling.arriving(len(here), submission.expected)
    return telling.taken(_make(into, pieces, given, brought.xml), len(pieces.files))


def _make(into: Taking, pieces: Pieces, given: ReadInstance, xml: bytes) -> Outcome:
    """Make a revision of what has come, and push it."""
    session, key, submission = into.session, into.key, pieces.submission
    place = placing.place(session, pieces, given)
    task = placing.home(session, into.actor.person_id, given, place)
    item = _item(composing.compose(into.actor, key, given, xml, place, task, pieces.files))
    earlier, submission.rev = submission.rev, item.rev
    key.sent, key.last_rev, key.last_sent_at = key.sent + 1, item.rev, clock.now()
    submission.state, submission.xml = SubmissionState.TAKEN.value, None
    submission.base = given.bases[0] if given.bases else None
    submission.waits = place.objection == inspections.BASE_UNKNOWN
    pieces.keep(session)
    push = Push(into.installation.epoch, uuid4(), (item,))
    objections = {item.rev or "": place.objection} if place.objection else {}
    [outcome] = take_push(session, into.actor, into.installation, push, objections)
    if earlier is not None and earlier != item.rev:
        _settle(session, earlier, outcome)
    if outcome.outcome != "quarantined":
        _release_waiting(into, submission)
    return outcome


def _release_waiting(into: Taking, base: Submission) -> None:
    """Take the edits that waited for this one. Whoever holds one of them now has found its base, or will look again."""
    asked = {"its_base": base.instance_id, "its_person_id": base.person_id}
    for edit in into.session.scalars(_WAITING, asked).all():
        again(into, edit)


def again(into: Taking, edit: Submission) -> Outcome:
    """Make a new revision of an edit that was held, from the bytes that its quarantined one keeps."""
    xml = composing.xml_of(into.session.get_one(Revision, edit.rev))
    return _make(into, gathered(into.session, edit), reading.read(xml), xml)


def _settle(session: Session, earlier: str, outcome: Outcome) -> None:
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


def _hold_unusable(into: Taking, brought: Brought, code: str) -> str:
    """Keep what nobody can read, once for its content: every repetition is answered the same."""
    name = f"sha256:{reading.hash_of(brought.xml)}"
    begun = Begun(into.actor.person_id, into.key.id, name, ("?", "?"), brought.xml)
    pieces = gather(into.session, begun, brought.files)
    pieces.submission.state = SubmissionState.TAKEN.value
    pieces.keep(into.session)
    if pieces.is_new:
        raw = {
            "op": str(uuid5(_OPERATIONS, f"{into.actor.person_id} {name}")),
            "kind": "submission",
            "bytes": base64.b64encode(brought.xml).decode(),
        }
        item = PushItem(UUID(raw["op"]), "submission", raw, defect=Defect(code, telling.held(code)))
        take_push(
            into.session, into.actor, into.installation, Push(into.installation.epoch, uuid4(), (item,))
        )
    elif pieces.fresh:
        _note(into, pieces.submission, brought)
    return telling.held(code)


def _form_of(session: Session, given: ReadInstance) -> Form | None:
    row = checklists.known(session, [given.form]).get(given.form)
    return checklists.read(row) if row is not None else None


def _item(data: bytes) -> PushItem:
    rev = composing.name(data)
    op = uuid5(_OPERATIONS, rev)
    raw = {"op": str(op), "kind": "revision", "rev": rev, "bytes": base64.b64encode(data).decode()}
    return PushItem(op, "revision", raw, rev, data=data)


def _note(into: Taking, submission: Submission, brought: Brought) -> None:
    files = sorted(file.name for file in brought.files)
    told = {"instance": submission.instance_id, "key": str(into.key.id), "files": files}
    audit.append(into.session, into.actor, "submission.arriving", ("submission", submission.id), told)
