"""Judging again what is in quarantine: by itself when what it lacked has come, or because a supervisor admits it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms import Answers, UnreadableInstance, parse_instance, read_answers
from server.access import SYSTEM, Actor
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.checklists import service as checklists
from server.inspections.accepting import take, tell_taken
from server.inspections.desk import Admission, Desk
from server.inspections.desks import desk_of_case
from server.inspections.holding import hold_revision, settle_case
from server.inspections.judging import BASE_STALE, BASE_UNKNOWN, Quarantined, evidence_level, judge
from server.inspections.models import CaseState, EvidenceLevel, QuarantineCase, Record, Revision, Task
from server.inspections.settling import settle_desk
from server.inspections.tasks import assignments_of
from server.problems import (
    QuarantineNotAdmissible,
    QuarantineOwnWork,
    QuarantineSettled,
    QuarantineTaskDiffers,
    QuarantineTaskMissing,
)
from sync import PushItem, UnreadableRevision, read_revision
from sync import Revision as Sealed


@dataclass
class Looked:
    """What can be read out of a revision in quarantine.

    `obstacles`: codes of what stands against admitting it; `task.unknown` goes away when a task is named. `author`:
    the person of ours whom the bytes name. `level`: what vouches for the bytes. `task`: where it belongs.
    """

    sealed: Sealed | None = None
    author: Person | None = None
    level: EvidenceLevel | None = None
    task: Task | None = None
    record: Record | None = None
    answers: Answers | None = None
    obstacles: list[str] = field(default_factory=list)


def item_of(row: Revision) -> PushItem:
    """Make the item anew that brought a revision; nothing asks for its operation any more."""
    return PushItem(UUID(int=0), "revision", {}, row.rev, None, row.alg, row.key, row.sig, row.data)


def look(session: Session, case: QuarantineCase, item: PushItem) -> Looked:
    """Read a revision in quarantine and say what an admission would come to; changes nothing."""
    try:
        sealed = read_revision(item.data)
    except UnreadableRevision as error:
        return Looked(obstacles=[error.code])
    author, home = _author(session, sealed), _home(session, sealed)
    answers, missing = _answers(session, sealed)
    looked = Looked(
        sealed=sealed,
        author=author,
        task=session.get(Task, home) if home else None,
        record=session.get(Record, sealed.record),
        answers=answers,
    )
    if author is None:
        looked.obstacles.append("author.differs")
    else:
        desk = _desk_of_author(session, case, item, author, home, lock=False)
        looked.level = evidence_level(desk, item)
        try:
            judge(desk, item, looked.level)
        except Quarantined as quarantined:
            looked.obstacles.append(quarantined.reason)
    looked.obstacles += [each for each in missing if each not in looked.obstacles]
    return looked


def admit(
    session: Session, by: Actor, case: QuarantineCase, item: PushItem, note: str, task_id: UUID | None
) -> Record:
    """Make a revision in quarantine part of its record, because a supervisor says so.

    `task_id`: where it belongs, if the bytes name no task there is. Bytes are never altered: what is let pass is
    flagged. Raises QuarantineNotAdmissible, QuarantineTaskMissing, QuarantineTaskDiffers, QuarantineOwnWork or
    QuarantineSettled.
    """
    sealed, author = _readable(session, item)
    home = _home(session, sealed)
    if home is not None and task_id not in {None, home}:
        raise QuarantineTaskDiffers(task=str(home))
    home = home or task_id
    if home is None:
        raise QuarantineTaskMissing()
    require_others_work(session, by, case, author.id, home)
    desk = _desk_of_author(session, case, item, author, home, lock=True)
    hold_open(session, case)
    level = evidence_level(desk, item)
    try:
        judged = judge(desk, item, level)
    except Quarantined as quarantined:
        raise QuarantineNotAdmissible(reason=quarantined.reason) from quarantined
    case.bound_task_id = desk.bound.get(item.rev or "")
    told = {"reason": case.reason, "note": note, "author": author.username, "by": by.name}
    taken = take(session, desk, item, judged, level)
    settle_case(session, case, CaseState.ADMITTED, by, note, taken.record.id)
    tell_taken(session, by, desk.revisions[item.rev or ""], taken, {"admitted": told})
    settle_desk(session, desk)
    return taken.record


def judge_again(session: Session, cases: Sequence[QuarantineCase]) -> None:
    """Judge open cases of revisions again by the rules of every push: what each lacked may have come.

    An edit that waits for what it replaces lacks neither a task nor a form: it is not looked at.
    """
    cases = [case for case in cases if case.reason not in {BASE_UNKNOWN, BASE_STALE}]
    if not cases:
        return
    revs = [case.rev for case in cases]
    rows = {row.rev: row for row in session.scalars(select(Revision).where(Revision.rev.in_(revs)))}
    people = select(Person).where(Person.id.in_({case.sender_id for case in cases}))
    senders = {person.id: person for person in session.scalars(people)}
    tasks = {case.task_id for case in cases}
    session.execute(select(Task.id).where(Task.id.in_(tasks)).order_by(Task.id).with_for_update())
    for case in cases:
        _judge_again(session, case, item_of(rows[case.rev or ""]), senders[case.sender_id])


def _judge_again(session: Session, case: QuarantineCase, item: PushItem, sender: Person) -> None:
    desk = _desk_of_push(session, case, item, sender)
    session.refresh(case, with_for_update=True)
    if case.state != CaseState.OPEN:
        return  # somebody decided meanwhile, or it was sent again
    level = evidence_level(desk, item)
    if desk.relayed_by is not None and not _is_vouched_for(desk, item, level):
        return
    row = desk.revisions[item.rev or ""]
    try:
        judged = judge(desk, item, level)
    except Quarantined as quarantined:
        if row.reason != quarantined.reason:
            row.reason = quarantined.reason
            hold_revision(session, desk, row)
        return
    taken = take(session, desk, item, judged, level)
    settle_case(session, case, CaseState.SETTLED, record_id=taken.record.id)
    tell_taken(
        session,
        SYSTEM,
        row,
        taken,
        {"judged_again": {"reason": case.reason, "author": desk.actor.name}, **desk.relay},
    )
    settle_desk(session, desk)


def hold_open(session: Session, case: QuarantineCase) -> None:
    """Hold a case until the transaction ends. Raises QuarantineSettled unless it waits for a decision."""
    session.refresh(case, with_for_update=True)
    if case.state != CaseState.OPEN:
        raise QuarantineSettled(state=case.state)


def require_others_work(
    session: Session, by: Actor, case: QuarantineCase, author: UUID | None = None, task_id: UUID | None = None
) -> None:
    """Refuse whoever sent or sealed it, or is or was on the task it belongs to."""
    home = task_id or case.task_id
    on_task = assignments_of(session, [home]) if home else []
    if by.person_id in {case.sender_id, author, *(each.person_id for each in on_task)}:
        raise QuarantineOwnWork()


def _readable(session: Session, item: PushItem) -> tuple[Sealed, Person]:
    try:
        sealed = read_revision(item.data)
    except UnreadableRevision as error:
        raise QuarantineNotAdmissible(reason=error.code) from error
    author = _author(session, sealed)
    if author is None:
        raise QuarantineNotAdmissible(reason="author.differs")
    return sealed, author


def _author(session: Session, sealed: Sealed) -> Person | None:
    """Find the person of ours whom the bytes name, by id or by user name."""
    try:
        return session.get(Person, UUID(sealed.author))
    except ValueError:
        return session.scalar(select(Person).where(Person.username == sealed.author))


def _home(session: Session, sealed: Sealed) -> UUID | None:
    """Tell the task a revision belongs to: that of its record, if there is one, or the one it names, if there is one."""
    of_record = session.scalar(select(Record.task_id).where(Record.id == sealed.record))
    return of_record or session.scalar(select(Task.id).where(Task.id == sealed.task))


def _answers(session: Session, sealed: Sealed) -> tuple[Answers | None, list[str]]:
    """Read the answers as far as they can be, and name what hinders it."""
    row = checklists.known(session, [(sealed.form, sealed.form_version)]).get(
        (sealed.form, sealed.form_version)
    )
    if row is None:
        return None, ["form.version-unknown"]
    try:
        return read_answers(checklists.read(row), parse_instance(sealed.xml.encode("utf-8"))), []
    except UnreadableInstance as error:
        return None, [error.reason_code]


def _desk_of_push(session: Session, case: QuarantineCase, item: PushItem, sender: Person) -> Desk:
    """Open a desk on which a revision is judged as when it was pushed: the sender's own, or brought for its author."""
    try:
        author = _author(session, read_revision(item.data))
    except UnreadableRevision:
        author = None
    mine = actor_of(sender, case.device_id)
    if author is None or author.id == sender.id:
        return desk_of_case(session, mine, item, case, lock=True)
    return desk_of_case(session, actor_of(author), item, case, lock=True, relayed_by=mine)


def _is_vouched_for(desk: Desk, item: PushItem, level: EvidenceLevel) -> bool:
    """Say whether the author's key proves it, whoever brought it; a revoked one proves nothing here (0029)."""
    key = desk.keys.get(item.key or "")
    return level is EvidenceLevel.SIGNED and key is not None and key.revoked_at is None


def _desk_of_author(
    session: Session, case: QuarantineCase, item: PushItem, author: Person, home: UUID | None, *, lock: bool
) -> Desk:
    """Open a desk on which a revision is judged as its author's, admitted, on the task it belongs to."""
    is_foreign = case.sender_id != author.id
    actor = actor_of(author, None if is_foreign else case.device_id)
    bound = {item.rev or "": home} if home and home != read_revision(item.data).task else {}
    return desk_of_case(session, actor, item, case, lock=lock, bound=bound, admission=Admission(is_foreign))
