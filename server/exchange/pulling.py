"""What is new for a person: pages of the feed with the bodies of today."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
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
    FeedRow,
    Page,
    Reader,
    ResetNeeded,
    read_page,
    seal,
    unseal,
)

log = logging.getLogger("merestone.exchange")

CHANNELS = frozenset({checklists.CHANNEL})

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
    """The feed in the database; implements `sync.FeedSource` with one index range scan per recipient."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rows_after(self, recipient: str, seq: int, limit: int) -> Sequence[FeedRow]:
        """Give at most `limit` rows of a recipient after `seq`, in order."""
        rows = feed.FeedRow.__table__.c
        query = (
            select(rows.kind, rows.entity, rows.seq, rows.live, rows.why)
            .where(rows.recipient == recipient, rows.seq > seq)
            .order_by(rows.seq, rows.kind, rows.entity)
            .limit(limit)
        )
        return [FeedRow(recipient, *row) for row in self._session.execute(query)]


def pull(
    session: Session, actor: Actor, installation: Installation, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Read the next page of a person's feed. Raises FeedReset: the phone begins from zero.

    In READ COMMITTED each statement has its own snapshot. That is safe: the head is read first, numbers are
    in the order of commits, and a page never reaches past what its own statement saw.
    """
    require(actor, Permission.SYNC)
    head, _ = audit.head(session)
    user, epoch = str(actor.person_id), installation.epoch
    try:
        page = read_page(
            SqlFeed(session),
            Reader(epoch, user, CHANNELS, head),
            unseal(cursor, installation.secret) if cursor else None,
            limit,
        )
    except ResetNeeded as reset:
        raise FeedReset(reset=reset.reason, epoch=epoch) from reset
    except BadCursor as error:
        raise FeedReset(reset="epoch", epoch=epoch) from error
    except AheadOfServer as error:
        log.critical("a phone has seen more than the database holds: a new epoch begins")
        raise FeedReset(reset="epoch", epoch=begin_epoch(installation, session, epoch)) from error
    now = clock.now()
    return {
        "epoch": epoch,
        "server_time": clock.iso(now),
        "beacon": installation.key.make_beacon(now, epoch),
        "items": _items(session, page),
        "next": seal(page.next_cursor, installation.secret),
        "more": page.more,
        "durable_seq": installation.durable_seq,
    }


def blob(session: Session, actor: Actor, sha256: str) -> tuple[bytes, str]:
    """Return immutable bytes with their media type: a form's, or those of a revision of a record one sees."""
    require(actor, Permission.SYNC)
    xform = checklists.blob(session, sha256)
    if xform is not None:
        return xform, "application/xml; charset=utf-8"
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


def _items(session: Session, page: Page) -> list[Json]:
    wanted: dict[str, set[str]] = {}
    for row in page.rows:
        if row.live:
            wanted.setdefault(row.kind, set()).add(row.id)
    bodies = {kind: BODIES[kind](session, ids) for kind, ids in wanted.items()}
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
