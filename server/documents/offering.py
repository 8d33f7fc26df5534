"""Which documents a task, a record, a result or a follow-up has: what is there, what can be made, what is missing."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.documents.datasets import DATA_SETS
from server.documents.issuing import documents_within, entered_of
from server.documents.kinds import READS, DocumentKind, SubjectKind, kinds_about
from server.documents.models import Document, DocumentDraft
from server.documents.reading import Entered, find_subject, read_data
from server.inspections import service as inspections
from server.inspections.models import Record
from server.problems import DocumentNotPossible


@dataclass(frozen=True)
class Offer:
    """One document that there is, or could be. `missing` and `entered` are as `DataSet` tells them.

    `why_not`: the state that keeps it from being made now, such as that of a record that was returned.
    """

    kind: DocumentKind
    subject_kind: SubjectKind
    subject_id: UUID
    missing: list[dict[str, Any]]
    entered: list[dict[str, Any]]
    issued: list[Document]
    why_not: str | None = None

    @property
    def title(self) -> str:
        """What it is called."""
        return self.kind.chinese


def offers(session: Session, actor: Actor, subject_kind: SubjectKind, subject_id: UUID) -> list[Offer]:
    """List the documents about a subject; those of a task's records stand beside those of the task."""
    require(actor, Permission.DOCUMENT_READ)
    subject = find_subject(session, actor, subject_kind, subject_id)
    about = [(subject_kind, subject_id)]
    if subject_kind is SubjectKind.TASK and actor.may(Permission.RECORD_READ):
        records = inspections.visible_records(actor).where(Record.task_id == subject_id)
        about += [
            (SubjectKind.RECORD, record.id)
            for record in session.scalars(records.order_by(Record.created_at, Record.id))
        ]
    issued = _issued(session, actor, [each for _, each in about])
    found = []
    for kind_of, its_id in about:
        subject = find_subject(session, actor, kind_of, its_id)
        found += [
            _offer(session, actor, kind_of, its_id, kind, issued.get((its_id, kind.value), []))
            for kind in (subject.kinds if kind_of is not SubjectKind.TASK else kinds_about(kind_of))
        ]
    return found


def write_draft(
    session: Session,
    actor: Actor,
    subject_kind: SubjectKind,
    subject_id: UUID,
    kind: DocumentKind,
    entered: Entered,
) -> Offer:
    """Keep what somebody wrote for a document; what is left out is taken away again."""
    require(actor, Permission.DOCUMENT_ISSUE)
    require(actor, READS[subject_kind])
    subject = find_subject(session, actor, subject_kind, subject_id)
    allowed = {each["field"] for each in DATA_SETS[kind].entered_fields()}
    if kind not in subject.kinds or not entered.keys() <= allowed:
        raise DocumentNotPossible(kind=kind.value, unknown=sorted(entered.keys() - allowed))
    draft = session.get(DocumentDraft, (subject_id, kind.value))
    if draft is None:
        draft = DocumentDraft(subject_id=subject_id, kind=kind.value)
        session.add(draft)
    draft.entered = {name: text.strip() for name, text in entered.items() if text.strip()}
    draft.written_by, draft.written_at = actor.person_id, clock.now()
    session.flush()
    told = {"kind": kind.value, "fields": sorted(draft.entered)}
    audit.append(session, actor, "document.drafted", (subject_kind.value, subject_id), told)
    issued = _issued(session, actor, [subject_id])
    return _offer(session, actor, subject_kind, subject_id, kind, issued.get((subject_id, kind.value), []))


def _offer(
    session: Session,
    actor: Actor,
    subject_kind: SubjectKind,
    subject_id: UUID,
    kind: DocumentKind,
    issued: list[Document],
) -> Offer:
    subject = find_subject(session, actor, subject_kind, subject_id)
    written = entered_of(session, subject_id, kind)
    try:
        data = read_data(session, subject, kind, written)
    except DocumentNotPossible as problem:
        return Offer(kind, subject_kind, subject_id, [], [], issued, problem.members.get("state", ""))
    entered = [{**each, "value": getattr(data, each["field"])} for each in data.entered_fields()]
    missing = [each.as_json() for each in data.missing()]
    return Offer(kind, subject_kind, subject_id, missing, entered, issued)


def _issued(session: Session, actor: Actor, subjects: list[UUID]) -> dict[tuple[UUID, str], list[Document]]:
    found: dict[tuple[UUID, str], list[Document]] = {}
    query = documents_within(actor).where(Document.subject_id.in_(subjects))
    for each in session.scalars(query.order_by(Document.version.desc())):
        found.setdefault((each.subject_id, each.kind), []).append(each)
    return found
