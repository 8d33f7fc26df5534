"""Verbs of published versions: they are entered, retired and restored, and never change."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms import load_form
from forms.catalog import CatalogForm, catalog
from server import audit, clock, feed
from server.access import SYSTEM, Actor, Permission, System, require
from server.checklists.authoring import Compiled, Written, read_source, require_publishable
from server.checklists.models import FormVersion
from server.problems import FormNotFound, FormVersionExists

CHANNEL = "forms"


def publish(session: Session, actor: Actor | System, source: bytes, source_type: str) -> FormVersion:
    """Compile, lint and publish an XLSForm (".md", ".xlsx", ".csv") in one go, the transaction held over all of it.

    Refused: what does not compile or has errors, and other bytes under an id and version that are published.
    """
    return publish_written(session, actor, read_source(source, source_type))


def publish_written(session: Session, actor: Actor | System, written: Written) -> FormVersion:
    """Publish what was compiled and linted before; refused as `publish` refuses."""
    compiled = require_publishable(written.compiled, written.findings)
    return enter_version(session, actor, compiled, written.source, written.source_type)


def unpublished(session: Session) -> list[CatalogForm]:
    """List the forms that ship and are not published as they ship."""
    shipped = catalog()
    query = select(FormVersion.source).where(FormVersion.form_id.in_([each.form_id for each in shipped]))
    there = set(session.scalars(query))
    return [each for each in shipped if each.source not in there]


def read_catalogue(forms: Iterable[CatalogForm]) -> list[Written]:
    """Compile and lint forms that ship, which takes up to seconds each: hold no transaction over it."""
    return [read_source(each.source, ".md") for each in forms]


def publish_catalogue(session: Session, written: Iterable[Written]) -> None:
    """Publish forms that ship, which were read before the transaction."""
    for each in written:
        publish_written(session, SYSTEM, each)


def enter_version(
    session: Session, actor: Actor | System, compiled: Compiled, source: bytes, source_type: str
) -> FormVersion:
    """Enter a form that may be published and offer it to phones; the same bytes again change nothing."""
    if isinstance(actor, Actor):
        require(actor, Permission.FORM_PUBLISH)
    existing = session.get(FormVersion, (compiled.form_id, compiled.version))
    if existing is not None:
        if existing.sha256 != compiled.sha256:
            raise FormVersionExists(form=compiled.form_id, version=compiled.version)
        return existing
    form = load_form(compiled.xform)
    row = FormVersion(
        form_id=compiled.form_id,
        version=compiled.version,
        title=compiled.title,
        sha256=compiled.sha256,
        xform=compiled.xform,
        source=source,
        source_type=source_type,
        lists=sorted(form.external_lists),
        restricted=form.restricted,
        published_at=clock.now(),
        retired_at=None,
    )
    session.add(row)
    session.flush()
    _offer(session, row)
    _note(session, actor, "form.published", row)
    return row


def retire(session: Session, actor: Actor, form_id: str, version: str) -> FormVersion:
    """Offer a version no longer; what was begun with it is taken as before. The newest of the others follows.

    With the last one the form drops from the phones. A version that is retired already stays as it is.
    """
    row = _locked_version(session, actor, form_id, version)
    if row.retired_at is None:
        row.retired_at = clock.now()
        session.flush()
        feed.revoke(session, feed.channel(CHANNEL), "form", form_id, version, "retired")
        _note(session, actor, "form.retired", row)
    return row


def restore(session: Session, actor: Actor, form_id: str, version: str) -> FormVersion:
    """Offer a retired version again; one that is offered stays as it is."""
    row = _locked_version(session, actor, form_id, version)
    if row.retired_at is not None:
        row.retired_at = None
        session.flush()
        _offer(session, row)
        _note(session, actor, "form.restored", row)
    return row


def _locked_version(session: Session, actor: Actor, form_id: str, version: str) -> FormVersion:
    require(actor, Permission.FORM_PUBLISH)
    row = session.get(FormVersion, (form_id, version), with_for_update=True)
    if row is None:
        raise FormNotFound(form=form_id, version=version)
    return row


def _offer(session: Session, row: FormVersion) -> None:
    # Each version is a reason of its own to see the form: when the last one goes, the form drops.
    feed.grant(session, feed.channel(CHANNEL), "form", row.form_id, row.version)


def _note(session: Session, actor: Actor | System, action: str, row: FormVersion) -> None:
    audit.append(
        session, actor, action, ("form", row.form_id), {"version": row.version, "sha256": row.sha256}
    )
