"""What is new for a person: pages of the feed with the bodies of today."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from server import clock, feed, messages
from server.access import Actor, Permission, require
from server.checklists import service as checklists
from server.db import Json
from server.exchange.scope import open_feed, resetting
from server.inspections import service as inspections
from server.inspections.models import Revision
from server.installation import Installation
from server.problems import BlobNotFound
from server.registry import service as registry
from sync import ChannelLeft, Cursor, FeedRow, Page, Reader, read_page, says_nothing_new, seal, unseal, via_of
from sync.view import OWN_FEED

CURSOR_MAY_LAG = 20_000
"""Entries of the audit log that a quiet phone's cursor may stand behind: less than half a busy day."""

CURSOR_MAY_REST = timedelta(days=1)
"""So long a quiet phone may keep a cursor, however little is written: the horizon rises by days, and in jumps."""

Bodies = Callable[[Session, Collection[str]], Mapping[str, Json]]


def _by_id(view: Callable[[Session, Collection[UUID]], Mapping[UUID, Json]]) -> Bodies:
    def bodies(session: Session, ids: Collection[str]) -> Mapping[str, Json]:
        return _by_text(view(session, [UUID(each) for each in ids]))

    return bodies


def _by_text(bodies: Mapping[UUID, Json]) -> Mapping[str, Json]:
    return {str(each): body for each, body in bodies.items()}


BODIES: Mapping[str, Bodies] = {
    "task": _by_id(inspections.task_view),
    "record": _by_id(inspections.record_view),
    "object": _by_id(registry.object_view),
    "form": checklists.form_view,
    "list": registry.list_view,
    "message": _by_id(messages.message_view),
}
_VISITED = ("task", "record")


@dataclass(frozen=True)
class Pulled:
    """An answered pull. `is_quiet`: nothing is new, and `body` has the beacon and `durable_seq` alone."""

    body: Json
    is_quiet: bool = False


def pull(
    session: Session,
    actor: Actor,
    installation: Installation,
    cursor: str | None,
    limit: int,
    *,
    without_prefill: bool = False,
    may_be_quiet: bool = False,
) -> Pulled:
    """Read the next page of a person's feed. Raises FeedReset: the phone begins from zero.

    `without_prefill`: the phone compares hashes and fetches the prefills it lacks as blobs. `may_be_quiet`: where it holds
    everything, and its cursor is good for a while yet, no page is made.
    In READ COMMITTED each statement has its own snapshot. That is safe: the head is read first, numbers are
    in the order of commits, and a page never reaches past the head. Tombstones are purged only
    a good while after the horizon rose over them.
    """
    require(actor, Permission.SYNC)
    with resetting(installation, session):
        read = unseal(cursor, installation.secret) if cursor else None
        reader, source = open_feed(session, actor, installation, read, limit)
        page = read_page(source, reader, read, limit)
    now = clock.now()
    told = {
        "beacon": installation.beacon(now, reader.epoch),
        "durable_seq": installation.durable_seq,
    }
    if may_be_quiet and read is not None and _may_be_kept(read, page, reader, now):
        return Pulled(told, is_quiet=True)
    items = items_of(session, page.rows, without_prefill=without_prefill)
    body = {
        **told,
        "epoch": reader.epoch,
        "server_time": clock.iso(now),
        "items": [*items, *(_left(left, page) for left in page.left)],
        "next": seal(page.next_cursor, installation.secret),
        "more": page.more,
    }
    return Pulled(body)


def _may_be_kept(cursor: Cursor, page: Page, reader: Reader, now: datetime) -> bool:
    """Say whether nothing is new, and the cursor stays clear of where the horizon may rise to in one jump."""
    is_recent = reader.seen_at is not None and now - reader.seen_at < CURSOR_MAY_REST
    is_at_head = cursor.seen == reader.head
    return (is_recent or is_at_head) and says_nothing_new(page, cursor, reader, CURSOR_MAY_LAG)


def blob(session: Session, actor: Actor, sha256: str, task: UUID | None = None) -> tuple[bytes, str]:
    """Return immutable bytes with their media type: a form's, a list's, those of a revision of a record one sees.

    With `task`, a task that one sees, the bytes of its prefill, as long as it is still the same.
    """
    require(actor, Permission.SYNC)
    xform = checklists.blob(session, sha256)
    if xform is not None:
        return xform, "application/xml; charset=utf-8"
    listed = registry.list_blob(session, sha256)
    if listed is not None:
        return listed, "application/json"
    if task is not None and feed.sees(session, feed.user(actor.person_id), "task", task):
        prefill = inspections.prefill_blob(session, task, sha256)
        if prefill is not None:
            return prefill, "application/json"
    revision = session.get(Revision, f"sha256:{sha256}")
    if revision is None or not sees_revision(session, actor, revision):
        raise BlobNotFound()
    return revision.data, "application/json"


def sees_revision(session: Session, actor: Actor, revision: Revision) -> bool:
    """Say whether a person may read a revision: their own, or of a record they see."""
    if revision.author_id == actor.person_id:
        return True
    recipient = feed.user(actor.person_id)
    return revision.record_id is not None and feed.sees(session, recipient, "record", revision.record_id)


def items_of(session: Session, rows: Sequence[FeedRow], *, without_prefill: bool = False) -> list[Json]:
    """Write rows of the feed as items, with the newest body of what is live."""
    wanted: dict[str, set[str]] = {}
    for row in rows:
        if row.live:
            wanted.setdefault(row.kind, set()).add(row.id)
    bodies = _bodies_of(session, wanted)
    if without_prefill:
        for body in bodies.get("task", {}).values():
            del body["prefill"]
    return [_item(row, bodies) for row in rows]


def _bodies_of(session: Session, wanted: Mapping[str, Collection[str]]) -> dict[str, Mapping[str, Json]]:
    """Write bodies by kind and id; tasks and their records, which most pages hold, are asked for together."""
    bodies = {kind: BODIES[kind](session, ids) for kind, ids in wanted.items() if kind not in _VISITED}
    visited = [[UUID(each) for each in wanted.get(kind, ())] for kind in _VISITED]
    if any(visited):
        views = inspections.visit_views(session, *visited)
        bodies |= {kind: _by_text(found) for kind, found in zip(_VISITED, views, strict=True)}
    return bodies


def _item(row: FeedRow, bodies: Mapping[str, Mapping[str, Json]]) -> Json:
    name = via_of(row.recipient)
    via = {} if name == OWN_FEED else {"via": name}
    item: Json = {"kind": row.kind, "id": row.id, "n": row.seq, **via}
    if not row.live:
        return {"op": "drop", **item, "why": row.why}
    return {"op": "put", **item, "body": bodies[row.kind][row.id]}


def _left(left: ChannelLeft, page: Page) -> Json:
    number = page.next_cursor.position
    return {"op": "drop", "kind": "channel", "id": left.channel, "n": number, "why": "left"}
