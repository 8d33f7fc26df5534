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

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from forms import Form
from server import audit, clock
from server.access import SYSTEM, Actor
from server.checklists import service as checklists
from server.db import is_postgresql
from server.evidence import taking
from server.exchange.service import take_push
from server.inspections import service as inspections
from server.inspections.models import CaseState, QuarantineCase, Revision
from server.installation import Installation
from server.openrosa import composing, placing, reading, telling
from server.openrosa.keys import Asking
from server.openrosa.models import PhoneKey, Submission, SubmissionState, SubmittedFile
from server.openrosa.reading import ReadInstance, Unusable
from server.openrosa.receiving import ReceivedFile
from sync import Defect, Outcome, Push, PushItem

_OPERATIONS: Final = UUID("6f0d7b4e-1f0b-4d0a-9c5b-5c0b8e4d7a63")


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
    facts = taking.enter_files(
        session, asking.actor, [file.kept for file in brought.files], {"openrosa": str(asking.key_id)}
    )
    key = session.get_one(PhoneKey, asking.key_id, with_for_update=True, populate_existing=True)
    key.last_sent_at = clock.now()
    message = _submit(Taking(session, asking.actor, key, installation), brought)
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
        _make(into, submission, reading.read(xml), xml, _files(session, submission))
    elif submission.waits:
        again(into, submission)


def _submit(into: Taking, brought: Brought) -> str:
    session = into.session
    try:
        given = reading.read(brought.xml)
    except Unusable as error:
        return _hold_unusable(into, brought, error.code)
    submission, is_new = _find_or_begin(into, given.instance_id, given, brought.xml)
    fresh = _keep_files(session, submission, brought.files)
    files = _files(session, submission)
    submission.last_at = clock.now()
    submission.expected = reading.files_of(given.instance, _form_of(session, given))
    if submission.rev is not None and not fresh:
        return telling.again([file.name for file in files])
    here = {file.name for file in files}
    lacking = [name for name in submission.expected or () if name not in here]
    if submission.rev is None and (lacking or (submission.expected is None and brought.more)):
        if is_new or fresh:
            _note(into, "submission.arriving", submission, [file.name for file in brought.files])
        return telling.arriving(len(here), submission.expected)
    outcome = _make(into, submission, given, brought.xml, files)
    return telling.taken(outcome, len(files))


def _make(
    into: Taking, submission: Submission, given: ReadInstance, xml: bytes, files: Sequence[SubmittedFile]
) -> Outcome:
    """Make a revision of what has come, and push it."""
    session, key = into.session, into.key
    place = placing.place(session, submission, given)
    task = placing.home(session, into.actor.person_id, given, place)
    data = composing.compose(into.actor, key, given, xml, place, task, files)
    item = _item(data)
    objections = {item.rev or "": place.objection} if place.objection else {}
    earlier, submission.rev = submission.rev, item.rev
    key.sent, key.last_rev = key.sent + 1, item.rev
    submission.state, submission.xml = SubmissionState.TAKEN.value, None
    submission.base = given.bases[0] if given.bases else None
    session.flush()
    push = Push(into.installation.epoch, uuid4(), (item,))
    [outcome] = take_push(session, into.actor, into.installation, push, objections)
    waits = place.objection == inspections.BASE_UNKNOWN
    submission.waits = waits and outcome.outcome == "quarantined"
    session.flush()
    if earlier is not None and earlier != item.rev:
        _settle(session, earlier, outcome)
    if outcome.outcome != "quarantined":
        _release_waiting(into, submission)
    return outcome


def _release_waiting(into: Taking, base: Submission) -> None:
    """Take the edits that waited for this one. Whoever holds one of them now has found its base, or will look again."""
    waiting = (
        select(Submission)
        .where(Submission.base == base.instance_id, Submission.waits, Submission.person_id == base.person_id)
        .order_by(Submission.first_at, Submission.id)
        .with_for_update(skip_locked=True)
    )
    for edit in into.session.scalars(waiting).all():
        again(into, edit)


def again(into: Taking, edit: Submission) -> Outcome:
    """Make a new revision of an edit that was held, from the bytes that its quarantined one keeps."""
    xml = composing.xml_of(into.session.get_one(Revision, edit.rev))
    return _make(into, edit, reading.read(xml), xml, _files(into.session, edit))


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
    submission, is_new = _find_or_begin(into, name, None, brought.xml)
    fresh = _keep_files(into.session, submission, brought.files)
    submission.last_at, submission.state = clock.now(), SubmissionState.TAKEN.value
    if is_new:
        raw = {
            "op": str(uuid5(_OPERATIONS, f"{into.actor.person_id} {name}")),
            "kind": "submission",
            "bytes": base64.b64encode(brought.xml).decode(),
        }
        item = PushItem(UUID(raw["op"]), "submission", raw, defect=Defect(code, telling.held(code)))
        into.session.flush()
        take_push(
            into.session, into.actor, into.installation, Push(into.installation.epoch, uuid4(), (item,))
        )
    elif fresh:
        _note(into, "submission.arriving", submission, [file.name for file in brought.files])
    return telling.held(code)


def _find_or_begin(
    into: Taking, instance_id: str, given: ReadInstance | None, xml: bytes
) -> tuple[Submission, bool]:
    """Find the submission of these very bytes, or begin it; its row is ours until the transaction ends."""
    session, now = into.session, clock.now()
    form, version = given.form if given else ("?", "?")
    sha256 = reading.hash_of(xml)
    insert = (postgresql.insert if is_postgresql(session) else sqlite.insert)(Submission)
    begun = insert.values(
        id=uuid4(),
        person_id=into.actor.person_id,
        key_id=into.key.id,
        instance_id=instance_id,
        xml_sha256=sha256,
        xml=xml,
        form_id=form,
        form_version=version,
        waits=False,
        state=SubmissionState.ARRIVING.value,
        first_at=now,
        last_at=now,
    )
    fresh = session.scalar(begun.on_conflict_do_nothing().returning(Submission.id))
    query = select(Submission).where(
        Submission.instance_id == instance_id,
        Submission.person_id == into.actor.person_id,
        Submission.xml_sha256 == sha256,
    )
    found = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
    return found, fresh is not None


def _keep_files(session: Session, submission: Submission, files: Sequence[ReceivedFile]) -> bool:
    """Write down what came with a submission; say whether any of it is new."""
    if not files:
        return False
    insert = (postgresql.insert if is_postgresql(session) else sqlite.insert)(SubmittedFile)
    rows = {
        (file.name, file.kept.stored.sha256): {
            "submission_id": submission.id,
            "name": file.name,
            "sha256": file.kept.stored.sha256,
            "size": file.kept.stored.size,
            "type": file.type,
            "came_at": clock.now(),
        }
        for file in files
    }
    kept = insert.on_conflict_do_nothing().returning(SubmittedFile.name)
    return bool(session.scalars(kept, list(rows.values())).all())


def _files(session: Session, submission: Submission) -> list[SubmittedFile]:
    query = select(SubmittedFile).where(SubmittedFile.submission_id == submission.id)
    order = (SubmittedFile.came_at, SubmittedFile.name, SubmittedFile.sha256)
    return list(session.scalars(query.order_by(*order)))


def _form_of(session: Session, given: ReadInstance) -> Form | None:
    row = checklists.known(session, [given.form]).get(given.form)
    return checklists.read(row) if row is not None else None


def _item(data: bytes) -> PushItem:
    rev = composing.name(data)
    op = uuid5(_OPERATIONS, rev)
    raw = {"op": str(op), "kind": "revision", "rev": rev, "bytes": base64.b64encode(data).decode()}
    return PushItem(op, "revision", raw, rev, data=data)


def _note(into: Taking, action: str, submission: Submission, files: Sequence[str]) -> None:
    told = {"instance": submission.instance_id, "key": str(into.key.id), "files": sorted(files)}
    audit.append(into.session, into.actor, action, ("submission", submission.id), told)
