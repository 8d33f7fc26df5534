"""What is new for a person: pages of the feed with the bodies of today."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, bindparam, func, null, select, union_all
from sqlalchemy.orm import Session

from server import audit, clock, feed
from server.access import Actor, Permission, require
from server.checklists import service as checklists
from server.db import Json
from server.inspections import service as inspections
from server.inspections.models import Revision
from server.installation import Installation, begin_epoch
from server.problems import BlobNotFound, FeedReset
from server.registry import service as registry
from sync import (
    AheadOfServer,
    BadCursor,
    ChannelLeft,
    Cursor,
    FeedRow,
    Page,
    Reader,
    ResetNeeded,
    positions_of,
    read_page,
    seal,
    unseal,
)

log = logging.getLogger("merestone.exchange")

CHANNELS = frozenset({checklists.CHANNEL})

CURSOR_MAY_LAG = 20_000
"""Entries of the audit log that a quiet phone's cursor may stand behind: less than half a busy day."""

Bodies = Callable[[Session, Collection[str]], Mapping[str, Json]]


def _by_id(view: Callable[[Session, Collection[UUID]], Mapping[UUID, Json]]) -> Bodies:
    def bodies(session: Session, ids: Collection[str]) -> Mapping[str, Json]:
        return {str(each): body for each, body in view(session, [UUID(each) for each in ids]).items()}

    return bodies


BODIES: Mapping[str, Bodies] = {
    "task": _by_id(inspections.task_view),
    "record": _by_id(inspections.record_view),
    "object": _by_id(registry.object_view),
    "form": checklists.form_view,
}


class SqlFeed:
    """The feed in the database; implements `sync.FeedSource` with one index range scan per recipient.

    The head of the log and the rows after all `positions`, at most `limit` of each recipient, are read at once: a
    pull is one statement, however many channels there are, and all of it is of one snapshot.
    """

    def __init__(self, session: Session, positions: Mapping[str, int], limit: int) -> None:
        self._session = session
        self._limit = limit
        self._positions = positions
        self.head = 0
        self._rows = self._read(positions, limit)

    def rows_after(self, recipient: str, seq: int, limit: int) -> Sequence[FeedRow]:
        """Give at most `limit` rows of a recipient after `seq`, in order."""
        if seq == self._positions.get(recipient):
            rows = self._rows[recipient]
            if limit <= self._limit or len(rows) < self._limit:
                return rows[:limit]
        return self._read({recipient: seq}, limit)[recipient]

    def _read(self, positions: Mapping[str, int], limit: int) -> dict[str, list[FeedRow]]:
        rows: dict[str, list[FeedRow]] = {recipient: [] for recipient in positions}
        given: dict[str, str | int] = {"most": limit}
        for place, (recipient, position) in enumerate(positions.items()):
            given |= {f"recipient_{place}": recipient, f"position_{place}": position}
        found = self._session.connection().execute(_read_after(len(positions)), given)
        for recipient, kind, entity, seq, live, why in found:
            if recipient is None:
                self.head = self.head or seq or 0
            else:
                rows[recipient].append(FeedRow(recipient, kind, entity, seq, live, why))
        for each in rows.values():
            each.sort(key=lambda row: (row.seq, row.kind, row.id))  # a union promises no order
        return rows


@cache
def _read_after(recipients: int) -> CompoundSelect[Any]:
    """Make the statement that reads so many feeds, and the head of the log in the row without a recipient."""
    rows = feed.FeedRow.__table__.c
    entries = audit.AuditEntry.__table__.c
    head = select(null(), null(), null(), func.max(entries.seq), null(), null())
    feeds = (
        select(rows.recipient, rows.kind, rows.entity, rows.seq, rows.live, rows.why)
        .where(rows.recipient == bindparam(f"recipient_{place}"), rows.seq > bindparam(f"position_{place}"))
        .order_by(rows.seq, rows.kind, rows.entity)
        .limit(bindparam("most"))
        .subquery()
        for place in range(recipients)
    )
    return union_all(*(select(each) for each in feeds), head)


@dataclass(frozen=True)
class Pulled:
    """An answered pull. `says_nothing_new`: the phone holds everything, and its cursor is good for a while yet."""

    body: Json
    says_nothing_new: bool


def pull(
    session: Session,
    actor: Actor,
    installation: Installation,
    cursor: str | None,
    limit: int,
    *,
    without_prefill: bool = False,
) -> Pulled:
    """Read the next page of a person's feed. Raises FeedReset: the phone begins from zero.

    `without_prefill`: the phone compares hashes and fetches the prefills it lacks as blobs.
    In READ COMMITTED each statement has its own snapshot. That is safe: head and rows are read by one, numbers
    are in the order of commits, and bodies are never older than the rows that point to them.
    """
    require(actor, Permission.SYNC)
    user, epoch = str(actor.person_id), installation.epoch
    try:
        read = unseal(cursor, installation.secret) if cursor else None
        source = SqlFeed(session, positions_of(read, user, CHANNELS), limit + 1)
        page = read_page(source, Reader(epoch, user, CHANNELS, source.head), read, limit)
    except ResetNeeded as reset:
        raise FeedReset(reset=reset.reason, epoch=epoch) from reset
    except BadCursor as error:
        raise FeedReset(reset="epoch", epoch=epoch) from error
    except AheadOfServer as error:
        log.critical("a phone has seen more than the database holds: a new epoch begins")
        raise FeedReset(reset="epoch", epoch=begin_epoch(installation, session)) from error
    now = clock.now()
    body = {
        "epoch": epoch,
        "server_time": clock.iso(now),
        "beacon": installation.key.make_beacon(now, epoch),
        "items": _items(session, page, without_prefill=without_prefill),
        "next": seal(page.next_cursor, installation.secret),
        "more": page.more,
        "durable_seq": 0,  # until a second copy of the database is configured, no phone may delete anything
    }
    return Pulled(body, read is not None and _says_nothing_new(page, read))


def _says_nothing_new(page: Page, read: Cursor) -> bool:
    if page.rows or page.left or page.more or read.channels.keys() != page.next_cursor.channels.keys():
        return False
    # A cursor that is left behind comes near the horizon some day: now and then it has to move.
    return page.next_cursor.position - min(read.position, *read.channels.values()) < CURSOR_MAY_LAG


def blob(session: Session, actor: Actor, sha256: str, task: UUID | None = None) -> tuple[bytes, str]:
    """Return immutable bytes with their media type: a form's, those of a revision of a record one sees.

    With `task`, a task that one sees, the bytes of its prefill, as long as it is still the same.
    """
    require(actor, Permission.SYNC)
    xform = checklists.blob(session, sha256)
    if xform is not None:
        return xform, "application/xml; charset=utf-8"
    if task is not None and feed.sees(session, feed.user(actor.person_id), "task", task):
        prefill = inspections.prefill_blob(session, task, sha256)
        if prefill is not None:
            return prefill, "application/json"
    revision = session.get(Revision, f"sha256:{sha256}")
    if revision is None or not _sees(session, actor, revision):
        raise BlobNotFound()
    return revision.data, "application/json"


def _sees(session: Session, actor: Actor, revision: Revision) -> bool:
    if revision.author_id == actor.person_id:
        return True
    recipient = feed.user(actor.person_id)
    return revision.record_id is not None and feed.sees(session, recipient, "record", revision.record_id)


def _items(session: Session, page: Page, *, without_prefill: bool) -> list[Json]:
    wanted: dict[str, set[str]] = {}
    for row in page.rows:
        if row.live:
            wanted.setdefault(row.kind, set()).add(row.id)
    bodies = {kind: BODIES[kind](session, ids) for kind, ids in wanted.items()}
    if without_prefill:
        for body in bodies.get("task", {}).values():
            del body["prefill"]
    items = [_item(row, bodies) for row in page.rows]
    return items + [_left(left, page) for left in page.left]


def _item(row: FeedRow, bodies: Mapping[str, Mapping[str, Json]]) -> Json:
    via = {} if row.recipient.startswith("user:") else {"via": row.recipient.removeprefix("channel:")}
    item: Json = {"kind": row.kind, "id": row.id, "n": row.seq, **via}
    if not row.live:
        return {"op": "drop", **item, "why": row.why}
    return {"op": "put", **item, "body": bodies[row.kind][row.id]}


def _left(left: ChannelLeft, page: Page) -> Json:
    number = page.next_cursor.position
    return {"op": "drop", "kind": "channel", "id": left.channel, "n": number, "why": "left"}
