"""Templates of a bureau: the newest version counts, none is ever lost, and the one that ships is always there to go back to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.documents.datasets import DATA_SETS, field_table
from server.documents.issuing import entered_of, find_document
from server.documents.kinds import READS, DocumentKind, SubjectKind
from server.documents.models import Document, DocumentTemplate
from server.documents.reading import find_subject, read_data
from server.documents.word import check_template, shipped, write_docx
from server.results.calendars import find_bureau


@dataclass(frozen=True)
class TemplateInUse:
    """The template of a kind that a bureau uses: version 0 is the one that ships."""

    kind: DocumentKind
    version: int
    is_shipped: bool
    note: str
    entered_at: datetime | None

    @property
    def title(self) -> str:
        """What the document is called."""
        return self.kind.chinese

    @property
    def fields(self) -> list[dict[str, str]]:
        """The fields that a template may name."""
        table = field_table(DATA_SETS[self.kind])
        return [{"field": name, "label": label, "filled": how} for name, label, how in table]


def templates_of(session: Session, actor: Actor) -> list[TemplateInUse]:
    """List the templates that the actor's bureau uses."""
    require(actor, Permission.DOCUMENT_MANAGE)
    query = select(DocumentTemplate).where(DocumentTemplate.organisation_id == actor.organisation_id)
    newest = {each.kind: each for each in session.scalars(query.order_by(DocumentTemplate.version))}
    return [_in_use(kind, newest.get(kind.value)) for kind in DocumentKind]


def upload(session: Session, actor: Actor, kind: DocumentKind, docx: bytes, note: str) -> TemplateInUse:
    """Put a template in use. Raises `DocumentTemplateWrong`, which names every unknown field."""
    require(actor, Permission.DOCUMENT_MANAGE)
    check_template(docx, kind)
    return _in_use(kind, _add(session, actor, kind, docx, note))


def return_to_shipped(session: Session, actor: Actor, kind: DocumentKind, note: str) -> TemplateInUse:
    """Use the template that ships again; the bureau's own versions stay."""
    require(actor, Permission.DOCUMENT_MANAGE)
    return _in_use(kind, _add(session, actor, kind, None, note))


def template_bytes(session: Session, actor: Actor, kind: DocumentKind, version: int | None) -> bytes:
    """Return a template of the actor's bureau to be edited: a version of it, 0 the one that ships, None the one in use."""
    require(actor, Permission.DOCUMENT_MANAGE)
    return _bytes(session, actor.organisation_id, kind, version)


def draft_docx(
    session: Session, actor: Actor, subject_kind: SubjectKind, subject_id: UUID, kind: DocumentKind
) -> bytes:
    """Write a draft as a Word file."""
    require(actor, Permission.DOCUMENT_READ)
    require(actor, READS[subject_kind])
    subject = find_subject(session, actor, subject_kind, subject_id)
    data = read_data(session, subject, kind, entered_of(session, subject_id, kind))
    template = _bytes(session, subject.organisation_id, kind, None)
    return write_docx(template, kind, data, draft=True)


def issued_docx(session: Session, actor: Actor, document_id: UUID) -> tuple[Document, bytes]:
    """Write what was issued as a Word file: a copy to work on, with the template in use now. What counts is the PDF."""
    document = find_document(session, actor, document_id)
    kind = DocumentKind(document.kind)
    template = _bytes(session, document.organisation_id, kind, None)
    return document, write_docx(template, kind, document.content["data"], draft=False)


def _add(
    session: Session, actor: Actor, kind: DocumentKind, docx: bytes | None, note: str
) -> DocumentTemplate:
    find_bureau(session, actor, actor.organisation_id)  # locked: versions are numbered one after the other
    before = _newest(session, actor.organisation_id, kind)
    template = DocumentTemplate(
        organisation_id=actor.organisation_id,
        kind=kind.value,
        version=(before.version if before else 0) + 1,
        docx=docx,
        sha256=hashlib.sha256(docx).hexdigest() if docx else None,
        note=note.strip(),
        entered_by=actor.person_id,
        entered_at=clock.now(),
    )
    session.add(template)
    session.flush()
    told = {"kind": kind.value, "version": template.version, "sha256": template.sha256}
    audit.append(session, actor, "document.template-set", ("organisation", actor.organisation_id), told)
    return template


def _in_use(kind: DocumentKind, newest: DocumentTemplate | None) -> TemplateInUse:
    if newest is None:
        return TemplateInUse(kind, 0, is_shipped=True, note="", entered_at=None)
    is_shipped = newest.sha256 is None
    return TemplateInUse(kind, newest.version, is_shipped, newest.note, newest.entered_at)


def _bytes(session: Session, organisation_id: UUID, kind: DocumentKind, version: int | None) -> bytes:
    if version == 0:
        return shipped(kind)
    if version is None:
        found = _newest(session, organisation_id, kind)
    else:
        found = session.get(DocumentTemplate, (organisation_id, kind.value, version))
    return found.docx if found and found.docx else shipped(kind)


def _newest(session: Session, organisation_id: UUID, kind: DocumentKind) -> DocumentTemplate | None:
    query = select(DocumentTemplate).where(
        DocumentTemplate.organisation_id == organisation_id, DocumentTemplate.kind == kind.value
    )
    found: Sequence[DocumentTemplate] = session.scalars(
        query.order_by(DocumentTemplate.version.desc()).limit(1)
    ).all()
    return found[0] if found else None
