"""Issuing a document: printed outside of any transaction, numbered and frozen in one.

prepare (reads) → print_paper (no transaction) → enter (takes the number, and looks that nothing changed meanwhile)
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from pypdf import PdfReader
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from media import Store, StoreError
from server import audit, clock
from server.access import Actor, Permission, require, within
from server.accounts.models import Organisation
from server.db import Json, canonical_json
from server.documents import pictures
from server.documents.blocks import blocks_of
from server.documents.carrying import carry_number, take_number_back
from server.documents.fields import DataSet, day
from server.documents.kinds import READS, DocumentKind, SubjectKind
from server.documents.models import Document, DocumentDraft, DocumentState
from server.documents.numbering import next_number, take_number
from server.documents.reading import Entered, Subject, find_subject, read_data
from server.documents.typesetting import code_to, set_pages
from server.evidence import taking
from server.evidence.taking import Kept
from server.inspections import service as inspections
from server.problems import (
    DocumentIncomplete,
    DocumentNotFound,
    DocumentNotPossible,
    DocumentReasonMissing,
    StoreUnavailable,
)

#: How often a number may be taken by somebody else while a document is printed.
TRIES: Final = 6


@dataclass(frozen=True)
class Paper:
    """A document as it is to be printed. `sequence` is 0 for a draft and for a later version, which keeps its number."""

    id: UUID
    subject: Subject
    kind: DocumentKind
    data: DataSet
    version: int
    sequence: int
    year: int
    replaces: UUID | None
    previews: Mapping[str, bool]

    @property
    def content(self) -> Json:
        """What is hashed: every word on the paper, and the data it was made from."""
        return {
            "format": 1,
            "kind": self.kind.value,
            "title": self.kind.chinese,
            "number": self.data.number,
            "version": self.version,
            "data": self.data.as_json(),
            "blocks": blocks_of(self.data),
        }

    @property
    def content_sha256(self) -> str:
        """The hash that stands on the paper and in its code."""
        return hash_of(self.content)


def hash_of(content: Json) -> str:
    """Hash what a document says: SHA-256 of its canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(content)).hexdigest()


def entered_of(session: Session, subject_id: UUID, kind: DocumentKind) -> Entered:
    """Return what somebody wrote for a document."""
    draft = session.get(DocumentDraft, (subject_id, kind.value))
    return draft.entered if draft else {}


def standing(session: Session, subject_id: UUID, kind: DocumentKind) -> Document | None:
    """Return the newest version of a document that was issued, whatever became of it."""
    query = select(Document).where(Document.subject_id == subject_id, Document.kind == kind.value)
    return session.scalar(query.order_by(Document.version.desc()).limit(1))


def prepare(
    session: Session,
    actor: Actor,
    subject_kind: SubjectKind,
    subject_id: UUID,
    kind: DocumentKind,
    *,
    draft: bool,
) -> Paper:
    """Read what a document says now; one that is to be issued takes the next number, or that of its version before.

    Raises `DocumentNotPossible`, and for one that is to be issued `DocumentIncomplete`, which lists what is missing.
    """
    require(actor, Permission.DOCUMENT_READ if draft else Permission.DOCUMENT_ISSUE)
    require(actor, READS[subject_kind])
    subject = find_subject(session, actor, subject_kind, subject_id)
    data = read_data(session, subject, kind, entered_of(session, subject_id, kind))
    today = clock.today()
    before = standing(session, subject_id, kind)
    version, sequence = (before.version + 1 if before else 1), 0
    if not draft:
        missing = data.missing()
        if missing:
            raise DocumentIncomplete(missing=[each.as_json() for each in missing])
        bureau = session.get_one(Organisation, subject.organisation_id)
        number = before.number if before else None
        if number is None:
            sequence, number = next_number(session, bureau, kind, today.year)
        data = data.with_(number=number, issued_on=day(today))
    shas = pictures.shown_in(blocks_of(data))
    return Paper(
        id=uuid4(),
        subject=subject,
        kind=kind,
        data=data,
        version=1 if draft else version,
        sequence=sequence,
        year=today.year,
        replaces=before.id if before else None,
        previews=pictures.previews_of(session, shas),
    )


def print_paper(paper: Paper, store: Store, address: str | None, make_anew: pictures.MakeAnew) -> bytes:
    """Print a paper as PDF. `address`: where the house is reached, for the code to check it by; None for a draft.

    `make_anew` is given the photos whose previews the store has lost.
    """
    there = pictures.fetch(store, [sha256 for sha256, made in paper.previews.items() if made], make_anew)
    printed: dict[str, Any] = {
        **paper.content,
        "organisation": paper.data.organisation,
        "content": paper.content_sha256,
        "draft": address is None,
        "code": address is not None,
        "blocks": pictures.placed(blocks_of(paper.data), there, paper.previews),
    }
    files = {f"{sha256}.jpg": content for sha256, content in there.items()}
    if address is not None:
        files["code.svg"] = code_to(
            f"{address}/public/zh/documents?id={paper.id}&sha256={paper.content_sha256}"
        )
    return set_pages("document", printed, files)


def keep(store: Store, pdf: bytes) -> Kept:
    """Put a PDF into the store. Raises `StoreUnavailable`."""
    try:
        return taking.store_file(store, io.BytesIO(pdf), len(pdf))
    except StoreError as error:
        raise StoreUnavailable().with_headers(Retry_After="5") from error


def enter(
    session: Session, actor: Actor, paper: Paper, kept: Kept, pages: int, reason: str
) -> Document | None:
    """Issue a printed paper; None where its number went to another or something it tells changed: print it again."""
    inspections.locked_task(
        session, paper.subject.task.id
    )  # before anything is read: two issue one after the other
    again = prepare(session, actor, paper.subject.kind, paper.subject.id, paper.kind, draft=False)
    if again.data != paper.data or again.version != paper.version:
        return None
    if again.replaces and not reason.strip():
        raise DocumentReasonMissing()
    bureau = paper.subject.organisation_id
    if paper.sequence and not take_number(session, bureau, paper.kind, paper.year, paper.sequence):
        return None
    if again.replaces:
        before = session.get_one(Document, again.replaces)
        before.state = DocumentState.SUPERSEDED.value
    document = Document(
        id=paper.id,
        region=paper.subject.region,
        organisation_id=bureau,
        kind=paper.kind.value,
        subject_id=paper.subject.id,
        task_id=paper.subject.task.id,
        number=paper.data.number,
        version=paper.version,
        content=paper.content,
        content_sha256=paper.content_sha256,
        file_sha256=kept.stored.sha256,
        size=kept.stored.size,
        pages=pages,
        reason=reason.strip() or None,
        issued_by=actor.person_id,
        issued_at=clock.now(),
    )
    session.add(document)
    draft = session.get(DocumentDraft, (paper.subject.id, paper.kind.value))
    if draft is not None:
        session.delete(draft)
    session.flush()
    carry_number(session, actor, document, paper.data)
    _note(session, actor, document, kept)
    return document


def count_pages(pdf: bytes) -> int:
    """Count the pages of a PDF."""
    return len(PdfReader(io.BytesIO(pdf)).pages)


def withdraw(session: Session, actor: Actor, document_id: UUID, reason: str) -> Document:
    """Withdraw an issued document, with a reason; it stays as it is, and whoever checks it is told."""
    document = find_document(session, actor, document_id)
    require(actor, Permission.DOCUMENT_ISSUE, document)
    inspections.locked_task(session, document.task_id)
    session.refresh(document)
    if document.state != DocumentState.ISSUED:
        raise DocumentNotPossible(state=document.state)
    document.state, document.ended_reason = DocumentState.WITHDRAWN.value, reason.strip()
    session.flush()
    take_number_back(session, actor, document)
    told = {"number": document.number, "reason": document.ended_reason}
    audit.append(session, actor, "document.withdrawn", ("document", document.id), told)
    return document


def documents_within(actor: Actor) -> Select[Document]:
    """Select the documents an actor may see: of the jurisdiction, or of the tasks the actor is on."""
    require(actor, Permission.DOCUMENT_READ)
    kinds = [kind.value for kind in DocumentKind if actor.may(READS[kind.subject])]
    found = select(Document).where(Document.kind.in_(kinds))
    if actor.sees_region(Permission.DOCUMENT_READ):
        return found.where(within(actor, Document.region))
    return found.where(Document.task_id.in_(inspections.tasks_of(actor.person_id)))


def find_document(session: Session, actor: Actor, document_id: UUID) -> Document:
    """Return a document that the actor may see; others are not found."""
    document = session.scalar(documents_within(actor).where(Document.id == document_id))
    if document is None:
        raise DocumentNotFound()
    return document


def _note(session: Session, actor: Actor, document: Document, kept: Kept) -> None:
    """Write down what was issued, and that its bytes are in the store."""
    facts = taking.enter_files(session, [(actor, kept, {"document": str(document.id)})])
    audit.append(
        session,
        actor,
        "document.issued",
        ("document", document.id),
        {
            "kind": document.kind,
            "number": document.number,
            "version": document.version,
            "content_sha256": document.content_sha256,
            "file_sha256": document.file_sha256,
            "reason": document.reason,
        },
    )
    if facts:
        audit.seal(session)
        taking.number_files(session, facts)
