"""Published versions, found again and read."""

from collections.abc import Collection, Iterable

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from forms import Form, load_form
from server.access import Actor, Permission, require
from server.checklists.models import FormVersion
from server.db import Json
from server.problems import FormNotFound

_CACHED = 64
_KNOWN = select(FormVersion).where(
    tuple_(FormVersion.form_id, FormVersion.version).in_(bindparam("pairs", expanding=True))
)
_forms: dict[str, Form] = {}  # by the sha256 of their bytes, which never change


def published(session: Session, form_id: str, version: str | None = None) -> FormVersion:
    """Find a version of a form, retired or not, or its newest that is not retired."""
    if version is not None:
        found = session.get(FormVersion, (form_id, version))
    else:
        found = newest(session, [form_id]).get(form_id)
    if found is None:
        raise FormNotFound(form=form_id, version=version)
    return found


def newest(session: Session, form_ids: Collection[str]) -> dict[str, FormVersion]:
    """Find the newest version of each form that is not retired, in one query."""
    rows = _by_age(session, form_ids)
    return {row.form_id: row for row in rows if row.retired_at is None}


def versions(session: Session, actor: Actor) -> list[FormVersion]:
    """List every published version, newest first within a form."""
    require(actor, Permission.FORM_READ)
    return list(
        session.scalars(select(FormVersion).order_by(FormVersion.form_id, FormVersion.published_at.desc()))
    )


def known(session: Session, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], FormVersion]:
    """Find those of some (form id, version) pairs that were ever published, retired or not.

    What this session has in its hands is not asked for again: who takes a submission and who judges it ask for the same.
    """
    found: dict[tuple[str, str], FormVersion] = {}
    unseen = []
    for pair in sorted(set(wanted)):
        row = session.identity_map.get(identity_key(FormVersion, pair))
        if row is None:
            unseen.append(pair)
        else:
            found[pair] = row
    if unseen:
        found |= {(row.form_id, row.version): row for row in session.scalars(_KNOWN, {"pairs": unseen})}
    return found


def load(session: Session, form_id: str, version: str) -> Form:
    """Return a published form ready to read and check instances with."""
    return read(published(session, form_id, version))


def read(row: FormVersion) -> Form:
    """Return the form of a published version, from memory where it was read before."""
    form = _forms.get(row.sha256)
    if form is None:
        if len(_forms) >= _CACHED:
            _forms.clear()
        # Of threads that read it at once the first one's stands, for all.
        form = _forms.setdefault(row.sha256, load_form(row.xform))
    return form


def blob(session: Session, sha256: str) -> bytes | None:
    """Return the XForm of that hash (hex), if one was published."""
    return session.scalar(select(FormVersion.xform).where(FormVersion.sha256 == sha256).limit(1))


def form_view(session: Session, form_ids: Collection[str]) -> dict[str, Json]:
    """Write the feed's bodies of forms: the version to use for new records, and where its bytes are.

    A form whose last version was retired a moment ago, between two statements of a pull, still has a body.
    """
    rows = _by_age(session, form_ids)
    shown = {row.form_id: row for row in rows} | {row.form_id: row for row in rows if row.retired_at is None}
    return {
        form_id: {
            "version": row.version,
            "title": row.title,
            "sha256": row.sha256,
            "files": [{"name": f"{name}.csv", "sha256": None} for name in row.lists],
            "restricted": row.restricted,
        }
        for form_id, row in shown.items()
    }


def _by_age(session: Session, form_ids: Collection[str]) -> list[FormVersion]:
    query = select(FormVersion).where(FormVersion.form_id.in_(form_ids))
    return list(session.scalars(query.order_by(FormVersion.published_at)))
