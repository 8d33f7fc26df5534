"""What a stock phone is offered: every published form, the lists beside each, under its own addresses."""

import hashlib
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, unquote

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import Actor
from server.checklists.models import FormVersion
from server.openrosa import lists
from server.openrosa.writing import OfferedFile, OfferedForm
from server.problems import FormNoneOffered, FormNotFound

_md5s: Final[dict[str, str]] = {}  # by the SHA-256 of bytes that never change
_TOLD: Final = (
    FormVersion.form_id,
    FormVersion.version,
    FormVersion.title,
    FormVersion.sha256,
    FormVersion.lists,
)


def forms(session: Session, base: str) -> list[OfferedForm]:
    """List the newest version of every form that is not retired. Raises FormNoneOffered instead of listing none.

    A phone that keeps to the list deletes what is not in it, so an empty one is never sent by accident.
    """
    query = select(*_TOLD).where(FormVersion.retired_at.is_(None)).order_by(FormVersion.published_at)
    newest = {row.form_id: row for row in session.execute(query)}
    md5s = _md5s_of(session, [row.sha256 for row in newest.values()])
    if not md5s:
        raise FormNoneOffered()
    return [
        OfferedForm(
            form_id=form_id,
            name=row.title,
            version=row.version,
            md5=md5s[row.sha256],
            url=f"{_address(base, form_id, row.version)}.xml",
            manifest_url=f"{_address(base, form_id, row.version)}/manifest" if row.lists else None,
        )
        for form_id, row in sorted(newest.items())
        if row.sha256 in md5s
    ]


def forms_tag(offered: Sequence[OfferedForm]) -> str:
    """Name the state of the list."""
    told = "\n".join(f"{form.form_id} {form.version} {form.md5} {form.name}" for form in offered)
    return hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()


def form_lists(session: Session, form_id: str, version: str) -> list[str]:
    """Name the lists that a published version looks things up in. Raises FormNotFound."""
    row = session.execute(
        select(FormVersion.lists).where(FormVersion.form_id == form_id, FormVersion.version == version)
    ).first()
    if row is None:
        raise FormNotFound(form=form_id, version=version)
    return [name for name in row.lists if name in lists.LISTS]


def files(session: Session, actor: Actor, form_id: str, version: str, base: str) -> list[OfferedFile]:
    """List the files of a form for a person, with the hash of each."""
    at = f"{_address(base, form_id, version)}/media"
    offered = []
    for name in form_lists(session, form_id, version):
        if (
            name == lists.TASKS
        ):  # its hash only has to differ when it does: the list itself is not written for it
            tag = lists.list_tag(session, actor)
            offered.append(OfferedFile("tasks.csv", tag, f"{at}/tasks.csv", f"{base}/lists/tasks/integrity"))
        else:
            md5 = md5_of(lists.write_list(session, actor, name))
            offered.append(OfferedFile(f"{name}.csv", md5, f"{at}/{name}.csv"))
    return offered


def part_of(written: str) -> str:
    """Read what `_address` wrote of a form's id or version, undone once on its way."""
    return unquote(written)


def md5_of(content: bytes) -> str:
    """Hash bytes as Collect does, to tell whether it has them; nothing is proved by it."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _address(base: str, form_id: str, version: str) -> str:
    """Say where a form is. Ids and versions hold whatever an author likes, and a phone takes no address with a blank.

    Escaped twice: what comes between undoes it once, and then a slash would part what belongs together.
    """
    return "/".join([base, "forms", *(quote(quote(part, safe=""), safe="") for part in (form_id, version))])


def _md5s_of(session: Session, shas: Sequence[str]) -> dict[str, str]:
    """Hash the bytes of forms, once for each process; what can't be read is left out, and the others are offered."""
    lacking = [sha256 for sha256 in shas if sha256 not in _md5s]
    if lacking:
        query = select(FormVersion.sha256, FormVersion.xform).where(FormVersion.sha256.in_(lacking))
        for sha256, xform in session.execute(query):
            if hashlib.sha256(xform).hexdigest() == sha256:
                _md5s[sha256] = md5_of(xform)
    return {sha256: _md5s[sha256] for sha256 in shas if sha256 in _md5s}
