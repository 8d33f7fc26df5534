"""Verbs of drafts: kept however broken, changed, looked at, published or thrown away."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.accounts.models import Person
from server.checklists.authoring import Compiled, Written, require_publishable, source_hash
from server.checklists.models import FormDraft, FormVersion
from server.checklists.publishing import enter_version
from server.db import Json
from server.problems import FormDraftNotFound, FormDraftPublished, FormDraftsFull

MOST_OPEN = 200


def create_draft(session: Session, actor: Actor, written: Written) -> FormDraft:
    """Keep what an author wrote as a new draft, broken or not."""
    require(actor, Permission.FORM_PUBLISH)
    is_open = FormDraft.published_at.is_(None)
    if (session.scalar(select(func.count()).where(is_open)) or 0) >= MOST_OPEN:
        raise FormDraftsFull(limit=MOST_OPEN)
    now = clock.now()
    draft = FormDraft(author_id=actor.person_id, created_at=now, changed_at=now, published_at=None)
    _write(draft, written)
    session.add(draft)
    session.flush()
    _note(session, actor, "form_draft.created", draft)
    return draft


def change_draft(session: Session, actor: Actor, draft_id: UUID, written: Written) -> FormDraft:
    """Put another source in a draft's place."""
    draft = _open_draft(session, actor, draft_id)
    _write(draft, written)
    draft.author_id, draft.changed_at = actor.person_id, clock.now()
    session.flush()
    _note(session, actor, "form_draft.changed", draft)
    return draft


def delete_draft(session: Session, actor: Actor, draft_id: UUID) -> None:
    """Throw a draft away."""
    draft = _open_draft(session, actor, draft_id)
    _note(session, actor, "form_draft.deleted", draft)
    session.delete(draft)
    session.flush()


def publish_draft(session: Session, actor: Actor, draft_id: UUID) -> FormVersion:
    """Publish a draft, byte for byte as it was previewed; published again, it answers the same version.

    Refused with the findings as long as one of them is an error.
    """
    draft = find_draft(session, actor, draft_id, locked=True)
    compiled = require_publishable(compiled_of(draft), draft.findings)
    version = enter_version(session, actor, compiled, draft.source, draft.source_type)
    if draft.published_at is None:
        draft.published_at = clock.now()
        session.flush()
        _note(session, actor, "form_draft.published", draft)
    return version


def find_draft(session: Session, actor: Actor, draft_id: UUID, *, locked: bool = False) -> FormDraft:
    """Find a draft, published or not."""
    require(actor, Permission.FORM_PUBLISH)
    draft = session.get(FormDraft, draft_id, with_for_update=locked)
    if draft is None:
        raise FormDraftNotFound()
    return draft


def open_drafts(session: Session, actor: Actor) -> list[FormDraft]:
    """List the drafts that are not published, those that changed last first."""
    require(actor, Permission.FORM_PUBLISH)
    query = select(FormDraft).where(FormDraft.published_at.is_(None))
    return list(session.scalars(query.order_by(FormDraft.changed_at.desc(), FormDraft.id)))


def compiled_of(draft: FormDraft) -> Compiled | None:
    """Return the form that a draft's source makes; None where it does not compile."""
    if not (draft.form_id and draft.version and draft.xform and draft.sha256):
        return None
    return Compiled(draft.form_id, draft.version, draft.title or "", draft.xform, draft.sha256)


def draft_views(session: Session, drafts: Collection[FormDraft]) -> list[Json]:
    """Write drafts for the wire, with the names of their authors."""
    ids = {draft.author_id for draft in drafts}
    names = dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all())
    return [
        {
            "id": draft.id,
            "form_id": draft.form_id,
            "version": draft.version,
            "title": draft.title,
            "state": draft.state.value,
            "errors": draft.errors,
            "warnings": draft.warnings,
            "source_type": draft.source_type,
            "author": names[draft.author_id],
            "created_at": draft.created_at,
            "changed_at": draft.changed_at,
            "published_at": draft.published_at,
            "findings": draft.findings,
        }
        for draft in drafts
    ]


def _open_draft(session: Session, actor: Actor, draft_id: UUID) -> FormDraft:
    draft = find_draft(session, actor, draft_id, locked=True)
    if draft.published_at is not None:
        raise FormDraftPublished(form=draft.form_id, version=draft.version)
    return draft


def _write(draft: FormDraft, written: Written) -> None:
    form = written.compiled
    draft.source, draft.source_type, draft.findings = written.source, written.source_type, written.findings
    draft.form_id = form.form_id if form else None
    draft.version = form.version if form else None
    draft.title = form.title if form else None
    draft.sha256 = form.sha256 if form else None
    draft.xform = form.xform if form else None


def _note(session: Session, actor: Actor, action: str, draft: FormDraft) -> None:
    audit.append(
        session,
        actor,
        action,
        ("form_draft", draft.id),
        {
            "form": draft.form_id,
            "version": draft.version,
            "sha256": draft.sha256,
            "source_sha256": source_hash(draft.source),
            "errors": draft.errors,
        },
    )
