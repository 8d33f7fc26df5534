"""Undoing an import: refused as a whole where later facts stand on it, else entry by entry, the newest first.

A later fact is a change of an entry since, or anything in another room that refers to it: a draw, a task, a place in
somebody's feed, a sign-in (see `resting`).
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import feed
from server.access import Actor
from server.db import Json
from server.registry.models import ImportedEntry, Library, LibraryImport
from server.registry.resting import Words, resting_on
from server.registry.reversals import REVERSALS, Reversal

CHUNK: Final = 200
_TOLD: Final = 100
_FEED_KINDS = {Library.OBJECTS: "object"}
_ON_PHONES: Final = ("手机", "a phone")


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
            chinese, english = held[entry.subject]
            found.append((entry, (f"已被{chinese}引用", f"{english} refers to it")))
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
) -> dict[str, Words]:
    """Say by what the subjects of new entries are held: rows of other tables, places in feeds."""
    if not entries:
        return {}
    subjects = {entry.subject for entry in entries}
    held = resting_on(session, reversal.key, reversal.own, subjects)
    if library in _FEED_KINDS:
        seen = select(feed.FeedRow.entity).where(
            feed.FeedRow.kind == _FEED_KINDS[library], feed.FeedRow.entity.in_(subjects)
        )
        held = dict.fromkeys(session.scalars(seen), _ON_PHONES) | held
    if library is Library.INSPECTORS:
        recipients = {feed.user(UUID(subject)): subject for subject in subjects}
        sent = select(feed.FeedRow.recipient).where(feed.FeedRow.recipient.in_(recipients)).distinct()
        held = {recipients[recipient]: _ON_PHONES for recipient in session.scalars(sent)} | held
    return held


def _as_obstacle(entry: ImportedEntry, why: tuple[str, str]) -> Json:
    return {"subject": entry.subject, "name": entry.name, "reason": why[0], "reason_en": why[1]}
