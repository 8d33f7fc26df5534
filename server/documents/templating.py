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
from server.accounts.models import Person
from server.documents.datasets import described_fields
from server.documents.issuing import entered_of, find_document
from server.documents.kinds import READS, DocumentKind, SubjectKind
from server.documents.models import Document, DocumentTemplate
from server.documents.reading import find_subject, read_data
from server.documents.word import check_template, shipped, write_docx
from server.problems import DocumentNotFound
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
        return described_fields(self.kind)


@dataclass(frozen=True)
class TemplateVersion:
    """One version of a template, who entered it and whether it counts. `sha256`: None for the one that ships."""

    version: int
    sha256: str | None
    note: str
    entered_at: datetime | None
    entered_by: str | None
    in_use: bool

    @property
    def is_shipped(self) -> bool:
        """Whether it is the one that ships, put in use again."""
        return self.sha256 is None


def templates_of(session: Session, actor: Actor) -> list[TemplateInUse]:
    """List the templates that the actor's bureau uses."""
    require(actor, Permission.DOCUMENT_MANAGE)
    query = select(DocumentTemplate).where(DocumentTemplate.organisation_id == actor.organisation_id)
    newest = {each.kind: each for each in session.scalars(query.order_by(DocumentTemplate.version))}
    return [_in_use(kind, newest.get(kind.value)) for kind in DocumentKind]


def versions_of(session: Session, actor: Actor, kind: DocumentKind) -> list[TemplateVersion]:
    """List the versions of a kind that the actor's bureau entered, the newest first, and the one that ships."""
    require(actor, Permission.DOCUMENT_MANAGE)
    query = (
        select(DocumentTemplate, Person.name)
        .join(Person, Person.id == DocumentTemplate.entered_by)
        .where(DocumentTemplate.organisation_id == actor.organisation_id, DocumentTemplate.kind == kind.value)
        .order_by(DocumentTemplate.version.desc())
    )
    found = [
        TemplateVersion(each.version, each.sha256, each.note, each.entered_at, name, in_use=place == 0)
        for place, (each, name) in enumerate(session.execute(query))
    ]
    return [*found, TemplateVersion(0, None, "", None, None, in_use=not found)]


def upload(session: Session, actor: Actor, kind: DocumentKind, docx: bytes, note: str) -> TemplateInUse:
    """Put a template in use. Raises `DocumentTemplateWrong`, which names every unknown field and its place."""
    require(actor, Permission.DOCUMENT_MANAGE)
    check_template(docx, kind)
    return _in_use(kind, _add(session, actor, kind, docx, note))


def use_again(session: Session, actor: Actor, kind: DocumentKind, version: int, note: str) -> TemplateInUse:
    """Put an earlier version in use again, as a new one; it is tried anew, since fields may have gone meanwhile."""
    require(actor, Permission.DOCUMENT_MANAGE)
    template = _template(session, actor.organisation_id, kind, version)
    check_template(template.docx, kind)
    own = None if template.is_shipped else template.docx
    return _in_use(kind, _add(session, actor, kind, own, note.strip() or f"恢复使用第 {version} 版"))


def return_to_shipped(session: Session, actor: Actor, kind: DocumentKind, note: str) -> TemplateInUse:
    """Use the template that ships again; the bureau's own versions stay."""
    require(actor, Permission.DOCUMENT_MANAGE)
    return _in_use(kind, _add(session, actor, kind, None, note))


def template_bytes(session: Session, actor: Actor, kind: DocumentKind, version: int | None) -> bytes:
    """Return a template of the actor's bureau to be edited: a version of it, 0 the one that ships, None the one in use."""
    require(actor, Permission.DOCUMENT_MANAGE)
    return _template(session, actor.organisation_id, kind, version).docx


def draft_docx(
    session: Session, actor: Actor, subject_kind: SubjectKind, subject_id: UUID, kind: DocumentKind
) -> bytes:
    """Write a draft as a Word file."""
    require(actor, Permission.DOCUMENT_READ)
    require(actor, READS[subject_kind])
    subject = find_subject(session, actor, subject_kind, subject_id)
    data = read_data(session, subject, kind, entered_of(session, subject_id, kind))
    template = _template(session, subject.organisation_id, kind)
    return write_docx(template.docx, kind, data, draft=True, remark=template.remark)


def issued_docx(session: Session, actor: Actor, document_id: UUID) -> tuple[Document, bytes]:
    """Write what was issued as a Word file: a copy to work on, with the template in use now. What counts is the PDF."""
    document = find_document(session, actor, document_id)
    kind = DocumentKind(document.kind)
    template = _template(session, document.organisation_id, kind)
    data = document.content["data"]
    return document, write_docx(template.docx, kind, data, draft=False, remark=template.remark)


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


@dataclass(frozen=True)
class _Template:
    docx: bytes
    remark: str
    is_shipped: bool


def _template(
    session: Session, organisation_id: UUID, kind: DocumentKind, version: int | None = None
) -> _Template:
    """Return a version of a template, None: the one in use. DocumentNotFound where there never was such a one."""
    if version:
        found = session.get(DocumentTemplate, (organisation_id, kind.value, version))
        if found is None:
            raise DocumentNotFound()
    else:
        found = _newest(session, organisation_id, kind) if version is None else None
    if found is None or found.docx is None:
        return _Template(shipped(kind), f"{kind.chinese}：随系统提供的模板", is_shipped=True)
    remark = f"{kind.chinese}：模板第 {found.version} 版，SHA-256 {found.sha256}"
    return _Template(found.docx, remark, is_shipped=False)


def _newest(session: Session, organisation_id: UUID, kind: DocumentKind) -> DocumentTemplate | None:
    query = select(DocumentTemplate).where(
        DocumentTemplate.organisation_id == organisation_id, DocumentTemplate.kind == kind.value
    )
    found: Sequence[DocumentTemplate] = session.scalars(
        query.order_by(DocumentTemplate.version.desc()).limit(1)
    ).all()
    return found[0] if found else None
