"""Reference lists for phones: what the house has words for, offered to everybody through one channel.

The list itself is a blob, named by its SHA-256, that a phone fetches when the name changes.
"""

import hashlib
from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock, feed
from server.db import Json, canonical_json
from server.registry.models import ReferenceList

LISTS = "lists"
"""The channel."""


def enter_list(
    session: Session, actor: audit.Acting, name: str, title: tuple[str, str], entries: Iterable[Json]
) -> ReferenceList:
    """Offer a list to phones; the same entries again change nothing. `title` in Chinese and English.

    Its bytes are canonical JSON: `{"name", "entries": […]}`. Earlier ones stay readable by their hash.
    """
    rows = list(entries)
    data = canonical_json({"name": name, "entries": rows})
    sha256 = hashlib.sha256(data).hexdigest()
    current = _current(session, [name]).get(name)
    if current is not None and current.sha256 == sha256:
        return current
    found = session.get(ReferenceList, (name, sha256)) or ReferenceList(name=name, sha256=sha256, data=data)
    found.title, found.title_en = title
    found.count, found.offered_at = len(rows), clock.now()
    session.add(found)
    session.flush()
    feed.grant(session, feed.channel(LISTS), "list", name, "offered")
    audit.append(session, actor, "list.offered", ("list", name), {"sha256": sha256, "count": len(rows)})
    return found


def list_view(session: Session, names: Collection[str]) -> dict[str, Json]:
    """Write the feed's bodies of lists: what each is called, and where its bytes are."""
    return {
        name: {
            "title": row.title,
            "title_en": row.title_en,
            "sha256": row.sha256,
            "size": len(row.data),
            "count": row.count,
        }
        for name, row in _current(session, names).items()
    }


def list_blob(session: Session, sha256: str) -> bytes | None:
    """Return the bytes of the list of that hash (hex), if one was offered."""
    return session.scalar(select(ReferenceList.data).where(ReferenceList.sha256 == sha256).limit(1))


def _current(session: Session, names: Collection[str]) -> dict[str, ReferenceList]:
    query = select(ReferenceList).where(ReferenceList.name.in_(names)).order_by(ReferenceList.offered_at)
    return {row.name: row for row in session.scalars(query)}
