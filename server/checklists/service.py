"""Publishing forms and finding them again."""

from collections.abc import Collection, Iterable
from typing import cast, get_args

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from forms import AuthoringError, Form, UnreadableForm, compile_xlsform, load_form
from forms.catalog import catalog
from forms.xlsform import FileType
from server import audit, clock, feed
from server.access import SYSTEM, Actor, Permission, System, require
from server.checklists.models import FormVersion
from server.db import Json
from server.problems import FormNotFound, FormUncompilable, FormVersionExists

CHANNEL = "forms"
_CACHED = 64
_forms: dict[str, Form] = {}  # by the sha256 of their bytes, which never change


def publish(session: Session, actor: Actor | System, source: bytes, file_type: str) -> FormVersion:
    """Compile an XLSForm (".md", ".xlsx", ".csv") and publish it; the same bytes again change nothing.

    Refused: what does not compile, and other bytes under an id and version that are published already.
    """
    if isinstance(actor, Actor):
        require(actor, Permission.FORM_PUBLISH)
    if file_type not in get_args(FileType):
        raise FormUncompilable(f"不支持的文件类型 {file_type}", f"file type {file_type} is not known")
    try:
        compiled = compile_xlsform(source, cast("FileType", file_type))
        form = load_form(compiled.xform)
    except AuthoringError as error:
        rows = [{"sheet": each.sheet, "row": each.row, "message": each.message} for each in error.findings]
        raise FormUncompilable(findings=rows) from error
    except UnreadableForm as error:
        raise FormUncompilable(error.message, error.message_en) from error
    existing = session.get(FormVersion, (compiled.form_id, compiled.version))
    if existing is not None:
        if existing.sha256 != compiled.sha256:
            raise FormVersionExists(form=compiled.form_id, version=compiled.version)
        return existing
    row = FormVersion(
        form_id=compiled.form_id,
        version=compiled.version,
        title=form.title,
        sha256=compiled.sha256,
        xform=compiled.xform,
        source=source,
        source_type=file_type,
        published_at=clock.now(),
    )
    session.add(row)
    session.flush()
    feed.grant(session, feed.channel(CHANNEL), "form", row.form_id, "published")
    audit.append(
        session,
        actor,
        "form.published",
        ("form", row.form_id),
        {"version": row.version, "sha256": row.sha256, "warnings": list(compiled.warnings)},
    )
    return row


def publish_catalogue(session: Session) -> list[FormVersion]:
    """Publish every form that ships; those that are published already stay as they are."""
    return [publish(session, SYSTEM, each.source, ".md") for each in catalog()]


def published(session: Session, form_id: str, version: str | None = None) -> FormVersion:
    """Find a version of a form, or its newest that is not retired."""
    if version is not None:
        found = session.get(FormVersion, (form_id, version))
    else:
        found = newest(session, [form_id]).get(form_id)
    if found is None:
        raise FormNotFound(form=form_id, version=version)
    return found


def newest(session: Session, form_ids: Collection[str]) -> dict[str, FormVersion]:
    """Find the newest version of each form that is not retired, in one query."""
    query = (
        select(FormVersion)
        .where(FormVersion.form_id.in_(form_ids), FormVersion.retired_at.is_(None))
        .order_by(FormVersion.published_at)
    )
    return {row.form_id: row for row in session.scalars(query)}


def versions(session: Session, actor: Actor) -> list[FormVersion]:
    """List every published version, newest first within a form."""
    require(actor, Permission.FORM_READ)
    return list(
        session.scalars(select(FormVersion).order_by(FormVersion.form_id, FormVersion.published_at.desc()))
    )


def known(session: Session, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], FormVersion]:
    """Find those of some (form id, version) pairs that were ever published, retired or not."""
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    query = select(FormVersion).where(tuple_(FormVersion.form_id, FormVersion.version).in_(pairs))
    return {(row.form_id, row.version): row for row in session.scalars(query)}


def load(session: Session, form_id: str, version: str) -> Form:
    """Return a published form ready to read and check instances with."""
    return read(published(session, form_id, version))


def read(row: FormVersion) -> Form:
    """Return the form of a published version, from memory where it was read before."""
    form = _forms.get(row.sha256)
    if form is None:
        if len(_forms) >= _CACHED:
            _forms.clear()
        form = _forms[row.sha256] = load_form(row.xform)
    return form


def blob(session: Session, sha256: str) -> bytes | None:
    """Return the XForm of that hash (hex), if one was published."""
    return session.scalar(select(FormVersion.xform).where(FormVersion.sha256 == sha256).limit(1))


def form_view(session: Session, form_ids: Collection[str]) -> dict[str, Json]:
    """Write the feed's bodies of forms: the version to use for new records, and where its bytes are."""
    return {
        form_id: {
            "version": row.version,
            "title": row.title,
            "sha256": row.sha256,
            "files": [],
        }
        for form_id, row in newest(session, form_ids).items()
    }
