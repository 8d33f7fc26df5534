"""Undoing an import: refused as a whole where later facts stand on it, else entry by entry, the newest first.

A later fact is a change of an entry since, or anything in another room that refers to it: a draw, a task, a place in
somebody's feed, a sign-in. Which tables refer to what the tables themselves say.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Column, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server import feed
from server.access import Actor
from server.db import Base, Json
from server.registry.models import ImportedEntry, Library, LibraryImport
from server.registry.reversals import REVERSALS, Reversal

CHUNK: Final = 200
_TOLD: Final = 100
_FEED_KINDS = {Library.OBJECTS: "object"}


def built_upon(session: Session, done: LibraryImport) -> list[Json]:
    """List what stands in the way of undoing an import, the first so many."""
    found: list[Json] = []
    position, newest = done.done, set[str]()
    while position > 0 and len(found) < _TOLD:
        entries = entries_before(session, done, position)
        found += [_as_obstacle(entry, why) for entry, why in _obstacles(session, done, entries, newest)]
        position -= len(entries)
    return found[:_TOLD]


def undo_some(session: Session, actor: Actor, done: LibraryImport) -> None:
    """Take back the newest entries that are left; what others changed in the meantime is left alone and counted."""
    reversal = REVERSALS[Library(done.library)]
    entries = entries_before(session, done, done.done)
    in_the_way = {entry.id for entry, _ in _obstacles(session, done, entries, set())}
    for entry in entries:
        if entry.id in in_the_way:
            done.left += 1
            continue
        reversal.write(session, actor, entry)
    done.done -= len(entries)
    session.flush()


def entries_before(session: Session, done: LibraryImport, position: int) -> list[ImportedEntry]:
    """Return the entries of an import before a position, at most a chunk of them, the newest first."""
    first = max(position - CHUNK, 0)
    query = select(ImportedEntry).where(ImportedEntry.import_id == done.id).order_by(ImportedEntry.id)
    return list(reversed(session.scalars(query.offset(first).limit(position - first)).all()))


def _obstacles(
    session: Session, done: LibraryImport, entries: Sequence[ImportedEntry], newest: set[str]
) -> list[tuple[ImportedEntry, tuple[str, str]]]:
    """Find the entries that others built upon. `newest` collects subjects whose newest entry was looked at."""
    library = Library(done.library)
    reversal = REVERSALS[library]
    kind = reversal.key.type.python_type
    subjects = [kind(entry.subject) for entry in entries]
    loaded = session.scalars(select(reversal.table).where(reversal.key.in_(subjects))).all()
    held = _referred_to(session, library, reversal, [entry for entry in entries if not entry.before])
    found = []
    for entry in entries:
        if entry.subject in held:
            found.append((entry, ("已被其他数据引用", "something else refers to it")))
        elif not _stands(reversal.state(session, entry), entry.after, is_newest=entry.subject not in newest):
            found.append((entry, ("导入后又有改动", "it was changed since")))
        newest.add(entry.subject)
    assert len(loaded) == len(
        set(subjects)
    )  # held by the session until here, so that none is asked for again
    return found


def _stands(present: Json, after: Json, *, is_newest: bool) -> bool:
    """Say whether an entry is as the import left it; a later row of the same import may have gone on with it."""
    return all(present.get(key) == after[key] for key in after if is_newest or key != "object")


def _referred_to(
    session: Session, library: Library, reversal: Reversal, entries: Sequence[ImportedEntry]
) -> set[str]:
    """Return the subjects of new entries that rows of other tables refer to."""
    if not entries:
        return set()
    kind = reversal.key.type.python_type
    subjects = {kind(entry.subject): entry.subject for entry in entries}
    held: set[str] = set()
    for column in _references(reversal.key, reversal.own):
        rows = session.scalars(select(column).where(column.in_(list(subjects))).distinct())
        held |= {subjects[row] for row in rows}
    if library in _FEED_KINDS:
        seen = select(feed.FeedRow.entity).where(
            feed.FeedRow.kind == _FEED_KINDS[library], feed.FeedRow.entity.in_(list(subjects.values()))
        )
        held |= set(session.scalars(seen))
    if library is Library.INSPECTORS:
        recipients = {feed.user(key): subject for key, subject in subjects.items()}
        sent = select(feed.FeedRow.recipient).where(feed.FeedRow.recipient.in_(list(recipients))).distinct()
        held |= {recipients[recipient] for recipient in session.scalars(sent)}
    return held


@cache
def _references(key: InstrumentedAttribute[Any], own: frozenset[str]) -> tuple[Column[Any], ...]:
    """Find the columns of other tables that refer to a key."""
    return tuple(
        reference.parent
        for table in Base.metadata.tables.values()
        if table.name not in own
        for reference in table.foreign_keys
        if reference.column is key.property.columns[0]
    )


def _as_obstacle(entry: ImportedEntry, why: tuple[str, str]) -> Json:
    return {"subject": entry.subject, "name": entry.name, "reason": why[0], "reason_en": why[1]}
