"""Case files (案卷): all documents of a visit as one PDF with cover, catalogue and page numbers, made by the worker.

ask → claim → perform (prints photo sheets, binds; tells how far it is) → settle. Asked again while nothing changed, the one that
is there is given. A part is fetched when it is its turn, and there is an end to how much is bound.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from media import Store
from server import audit, clock
from server.access import SYSTEM, Actor, Permission, require
from server.db import Json
from server.documents import pictures
from server.documents.binding import Part, bind, size_of
from server.documents.blocks import blocks_of
from server.documents.facts import facts_of
from server.documents.fields import day
from server.documents.issuing import count_pages, documents_within, keep
from server.documents.kinds import DocumentKind
from server.documents.models import CaseFile, CaseFileState, Document, DocumentState
from server.documents.records import read_record
from server.documents.typesetting import set_pages
from server.evidence import rebuilding, taking
from server.evidence import service as evidence
from server.evidence.taking import Kept
from server.inspections import service as inspections
from server.inspections.models import Record, Task
from server.problems import CaseFileNotFound, CaseFileNotReady, DocumentNotPossible, Problem
from server.results.models import Result

Transaction = Callable[[bool], AbstractContextManager[Session]]

LEASE: Final = timedelta(minutes=10)
#: Bytes of all parts: binding holds them in memory at once.
LARGEST: Final = 200 * 1024 * 1024
#: Photos on paper at a time, so that a record of hundreds is not held whole.
_SHEET: Final = 36
_MOST_ATTEMPTS: Final = 5
_ORDER: Final = list(DocumentKind)


@dataclass(frozen=True)
class Work:
    """A case file to make: its parts as they were when it was asked for."""

    id: UUID
    task_id: UUID
    parts: tuple[Json, ...]


@dataclass(frozen=True)
class Made:
    """What came of it: the stored PDF, or why there is none."""

    kept: Kept | None
    pages: int = 0
    problem: str | None = None


def ask(session: Session, actor: Actor, task_id: UUID) -> CaseFile:
    """Ask for the case file of a task; the one that is there, or on its way, if nothing changed."""
    require(actor, Permission.DOCUMENT_READ)
    require(actor, Permission.RECORD_READ)
    task = inspections.visible_task(session, actor, task_id)
    inspections.locked_task(session, task.id)
    parts = _parts(session, actor, task)
    if not parts:
        raise DocumentNotPossible()
    newest = latest(session, task_id)
    if newest is not None and newest.parts == parts and not _is_over(session, newest):
        return newest
    case_file = CaseFile(
        task_id=task_id, parts=parts, total=len(parts) + 1, asked_by=actor.person_id, asked_at=clock.now()
    )
    session.add(case_file)
    session.flush()
    audit.append(session, actor, "case-file.asked", ("task", task_id), {"case_file": str(case_file.id)})
    return case_file


def _is_over(session: Session, case_file: CaseFile) -> bool:
    """Say whether a case file failed, or is lost by now."""
    is_lost = case_file.file_sha256 is not None and bool(evidence.missing(session, [case_file.file_sha256]))
    return case_file.state == CaseFileState.FAILED or is_lost


def latest(session: Session, task_id: UUID) -> CaseFile | None:
    """Return the case file of a task that was asked for last."""
    query = select(CaseFile).where(CaseFile.task_id == task_id)
    return session.scalar(query.order_by(CaseFile.asked_at.desc(), CaseFile.id).limit(1))


def find(session: Session, actor: Actor, case_file_id: UUID) -> CaseFile:
    """Return a case file of a task that the actor may see; others are not found."""
    require(actor, Permission.DOCUMENT_READ)
    require(actor, Permission.RECORD_READ)
    case_file = session.get(CaseFile, case_file_id)
    if case_file is None:
        raise CaseFileNotFound()
    inspections.visible_task(session, actor, case_file.task_id)
    return case_file


def ready(session: Session, actor: Actor, case_file_id: UUID) -> CaseFile:
    """Return a case file that is there to be sent."""
    case_file = find(session, actor, case_file_id)
    if case_file.state != CaseFileState.READY or case_file.file_sha256 is None:
        raise CaseFileNotReady(state=case_file.state).with_headers(Retry_After="2")
    return case_file


def claim(session: Session) -> Sequence[Work]:
    """Take the oldest case file that nobody makes."""
    now = clock.now()
    query = select(CaseFile).where(
        or_(
            CaseFile.state == CaseFileState.WAITING.value,
            (CaseFile.state == CaseFileState.MAKING.value) & (CaseFile.held_until < now),
        )
    )
    case_file = session.scalar(query.order_by(CaseFile.asked_at).limit(1).with_for_update(skip_locked=True))
    if case_file is None:
        return []
    case_file.attempts += 1
    if case_file.attempts > _MOST_ATTEMPTS:
        case_file.state, case_file.problem = CaseFileState.FAILED.value, "多次中断 · interrupted too often"
        return []
    case_file.state, case_file.held_until, case_file.done = CaseFileState.MAKING.value, now + LEASE, 0
    return [Work(case_file.id, case_file.task_id, tuple(case_file.parts))]


def perform(store: Store, transaction: Transaction, work: Work) -> Made:
    """Make the case file. What can't be printed is told; a store that is away is tried again later."""
    try:
        with transaction(False) as session:
            task = session.get_one(Task, work.task_id)
            cover = _cover(session, task, work.parts)
        parts: list[Part] = []
        for place, each in enumerate(work.parts, 1):
            parts += _part(store, transaction, each)
            if size_of(parts) > LARGEST:
                return Made(None, problem="案卷超过 200 MB，请分别下载文书和证据包 · over 200 MB")
            _tell(transaction, work.id, place)
        pdf, pages = bind(cover, parts)
    except Problem as problem:
        return Made(None, problem=" ".join(part for part in (problem.title[0], problem.detail) if part))
    return Made(keep(store, pdf), pages)


def settle(session: Session, work: Work, made: Made) -> None:
    """Write down what came of it."""
    case_file = session.get_one(CaseFile, work.id, with_for_update=True)
    case_file.held_until = None
    if made.kept is None:
        case_file.state, case_file.problem = CaseFileState.FAILED.value, made.problem
        return
    case_file.state, case_file.done = CaseFileState.READY.value, case_file.total
    case_file.file_sha256, case_file.size = made.kept.stored.sha256, made.kept.stored.size
    case_file.pages, case_file.ready_at = made.pages, clock.now()
    facts = taking.enter_files(session, [(SYSTEM, made.kept, {"case_file": str(work.id)})])
    told = {"case_file": str(work.id), "sha256": case_file.file_sha256, "pages": made.pages}
    audit.append(session, SYSTEM, "case-file.made", ("task", work.task_id), told)
    if facts:
        audit.seal(session)
        taking.number_files(session, facts)


def _parts(session: Session, actor: Actor, task: Task) -> list[Json]:
    """The documents that stand, in the order of the file, and the photos of records that have no document in it."""
    query = documents_within(actor).where(
        Document.task_id == task.id, Document.state == DocumentState.ISSUED.value
    )
    documents = sorted(
        session.scalars(query),
        key=lambda each: (_ORDER.index(DocumentKind(each.kind)), each.issued_at, each.id),
    )
    recorded = {each.subject_id for each in documents if each.kind == DocumentKind.RECORD}
    records = session.scalars(
        inspections.visible_records(actor).where(Record.task_id == task.id).order_by(Record.created_at)
    )
    photos = [
        {"record": str(each.id), "rev": each.shown_rev}
        for each in records
        if each.id not in recorded and each.final_rev is not None
    ]
    return [*({"document": str(each.id)} for each in documents), *photos]


def _part(store: Store, transaction: Transaction, part: Json) -> list[Part]:
    with transaction(False) as session:
        if "document" in part:
            document = session.get_one(Document, UUID(part["document"]))
            described = (
                DocumentKind(document.kind).chinese,
                document.number,
                day(clock.day_of(document.issued_at)),
            )
            sha256, pages = document.file_sha256, document.pages
        else:
            record = session.get_one(Record, UUID(part["record"]))
            return _photo_sheets(store, session, record, partial(_make_anew, transaction))
    with store.open(sha256) as reading:
        return [Part(*described, b"".join(bytes(piece) for piece in reading), pages)]


def _make_anew(transaction: Transaction, shas: list[str]) -> None:
    with transaction(True) as session:
        rebuilding.make_anew(session, shas)


def _photo_sheets(store: Store, session: Session, record: Record, make_anew: pictures.MakeAnew) -> list[Part]:
    facts = facts_of(session, session.get_one(Task, record.task_id))
    data = read_record(session, facts, record)
    blocks = [each for each in blocks_of(data) if each["kind"] == "photos"]
    previews = pictures.previews_of(session, pictures.shown_in(blocks))
    items = [item for block in blocks for item in block["items"]]
    found = []
    for start in range(0, len(items), _SHEET):
        some = [{"kind": "photos", "items": items[start : start + _SHEET]}]
        shas = [sha for sha in pictures.shown_in(some) if previews.get(sha)]
        there = pictures.fetch(store, shas, make_anew)
        title = f"照片页（{facts.task.number} {facts.found.name}）"
        shown = pictures.placed(some, there, previews)[0]["items"]
        paper = {"title": title, "items": shown}
        pdf = set_pages("sheets", paper, {f"{sha256}.jpg": each for sha256, each in there.items()})
        found.append(Part("照片页", facts.task.number, data.started_at.split(" ")[0], pdf, count_pages(pdf)))
    return found


def _cover(session: Session, task: Task, parts: Sequence[Json]) -> dict[str, Any]:
    facts = facts_of(session, task)
    there = {UUID(each["document"]) for each in parts if "document" in each}
    kinds = set(session.scalars(select(Document.kind).where(Document.id.in_(there))))
    results = session.scalars(select(Result).where(Result.task_id == task.id)).all()
    closed = bool(results) and all(each.closed_at for each in results)
    absent = [
        kind.chinese
        for kind in (DocumentKind.APPROVAL, DocumentKind.NOTICE, DocumentKind.RECORD, DocumentKind.RESULT)
        if kind.value not in kinds
    ]
    return {
        "title": "行政检查案卷",
        "organisation": facts.bureau.name,
        "facts": [
            ["任务编号", task.number],
            ["任务名称", task.name],
            ["被检查单位（个人）", facts.found.name],
            ["统一社会信用代码", facts.found.uscc or "／"],
            ["检查时间", facts.period],
            ["检查人员", "、".join(each.name for each in facts.inspectors) or "／"],
            ["处理结果", "已办结" if closed else "未办结"],
            ["立卷日期", day(clock.today())],
        ],
        "absent": [f"{title}（未制作）" for title in absent],
    }


def _tell(transaction: Transaction, case_file_id: UUID, done: int) -> None:
    """Tell how far it is, and that somebody is still at it."""
    with transaction(True) as session:
        case_file = session.get_one(CaseFile, case_file_id, with_for_update=True)
        case_file.done, case_file.held_until = done, clock.now() + LEASE
