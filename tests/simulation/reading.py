"""Pull and re-offer on the server. Mirrors server/exchange/pulling.py; the paging is the production code.

In READ COMMITTED each statement of a pull has its own snapshot: the head is read first, and `meanwhile` lets other
transactions go on between any two statements.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sync import (
    AheadOfServer,
    BadCursor,
    Cursor,
    FeedRow,
    Page,
    Reader,
    ResetNeeded,
    bucket_of,
    channel_recipient,
    digest,
    seal,
    unseal,
    user_recipient,
)
from sync.digest import Row
from sync.fields import write_moment
from sync.view import OWN_FEED
from tests.simulation.rows import Body

SECRET = b"one secret of every simulation!!"
_CHECKED_EACH = 16
_cursors: dict[str, Cursor] = {}
_texts: dict[tuple[Any, ...], str] = {}


def read_cursor(text: str) -> Cursor:
    """Unseal a cursor, each once; those that were written here are known, and one in a few is checked."""
    if text not in _cursors:
        _cursors[text] = unseal(text, SECRET)
    return _cursors[text]


def write_cursor(cursor: Cursor) -> str:
    """Seal a cursor; the same one is sealed once, because simulations ask for it often."""
    name = (cursor.epoch, cursor.user, cursor.position, cursor.begun, *sorted(cursor.channels.items()))
    if name not in _texts:
        if len(_texts) > 10_000:
            _texts.clear()
            _cursors.clear()
        _texts[name] = text = seal(cursor, SECRET)
        if len(_texts) % _CHECKED_EACH:
            _cursors[text] = cursor
        assert read_cursor(text) == cursor, "a cursor reads back as it was written"
    return _texts[name]


class ModelFeed:
    """The feed, one statement for each question; implements `sync.FeedSource`."""

    def __init__(self, server) -> None:
        self.server = server

    def rows_after(self, recipient: str, seq: int, limit: int) -> Sequence[FeedRow]:
        self.server.meanwhile()
        rows = self.server.database.tables[recipient]
        found = sorted((row.seq, key, row) for key, row in rows.items() if row.seq > seq)
        return [
            FeedRow(recipient, kind, entity, row.seq, row.live, row.why)
            for _, (kind, entity), row in found[:limit]
        ]


def pull(server, person: str, cursor: str | None) -> tuple[str, Any]:
    """Read the next page; gives ("page", its JSON) or ("reset", (reason, epoch))."""
    tables, epoch = server.database.tables, server.epoch
    # Who reads, and the state of the log that is read, are one statement: `reader_of`.
    server.horizon_read = tables["horizon"].get(0, 0)
    horizon = 0 if server.errs("horizon_ignored") else server.horizon_read
    channels = tables["person"].get(person, frozenset())
    reader = Reader(epoch, person, channels, server.database.head[0], horizon)
    try:
        start = read_cursor(cursor) if cursor else None
        page = server.read_page(ModelFeed(server), reader, start, server.swarm.page)
    except ResetNeeded as reset:
        return "reset", (reset.reason, epoch)
    except BadCursor:
        return "reset", ("epoch", epoch)
    except AheadOfServer:
        server.told("server", "a phone has seen more than the database holds: a new epoch begins")
        return "reset", ("epoch", server.begin_epoch())
    server.meanwhile()
    return "page", {
        "epoch": epoch,
        "items": _items(server, page),
        "next": write_cursor(page.next_cursor),
        "more": page.more,
        "server_time": write_moment(server.clock()),
        "durable_seq": server.durable_seq,
    }


def body_of(tables, kind: str, entity: str) -> Body:
    """Write an entity's body as of today."""
    if kind == "task":
        key = entity_id(entity)
        people = sorted(p for (task, p), ended in tables["assignment"].items() if task == key and not ended)
        return {"state": tables["task"][key].state, "people": people}
    if kind == "record":
        record = tables["record"][entity_id(entity)]
        heads = list(record.heads)
        return {"task": str(record.task), "state": record.state, "heads": heads, "final": record.final}
    if kind == "form":
        return {"version": tables["newest"][entity]}
    if kind == "list":
        return {"edition": tables["list"][entity]}
    return {}


entity_id = lru_cache(maxsize=4096)(UUID)


def _items(server, page: Page) -> list[dict[str, Any]]:
    tables = server.database.tables
    items: list[dict[str, Any]] = []
    for row in page.rows:
        item: dict[str, Any] = {"kind": row.kind, "id": row.id, "n": row.seq}
        if row.recipient.startswith("channel:"):
            item["via"] = row.recipient.removeprefix("channel:")
        if row.live:
            items.append({"op": "put", **item, "body": body_of(tables, row.kind, row.id)})
        else:
            items.append({"op": "drop", **item, "why": row.why})
    if not server.errs("left_channel_not_told"):
        for left in page.left:
            number = page.next_cursor.position
            items.append({"op": "drop", "kind": "channel", "id": left.channel, "n": number, "why": "left"})
    return items


def statuses(server, person: str, ops: Sequence[UUID]) -> dict[str, Any]:
    """Tell what became of a person's own operations: `statuses` of server/exchange/service.py."""
    rows = ((op, server.database.tables["op"].get(op)) for op in ops)
    answers = [
        row.reply.as_json()
        if row is not None and row.person == person
        else {"op": str(op), "outcome": "unknown"}
        for op, row in rows
    ]
    return {"epoch": server.epoch, "items": answers}


def sums(server, person: str, cursor: str) -> tuple[str, Any]:
    """Sum up what a person sees; gives ("digest", its JSON) or ("reset", (reason, epoch))."""
    rows = _held(server, person, cursor)
    head = {"epoch": server.epoch, "seq": server.database.head[0]}
    if isinstance(rows, str):
        return "reset", (rows, server.epoch)
    if rows is None:
        return "digest", {**head, "stale": True, "buckets": []}
    return "digest", {**head, "stale": False, "buckets": digest(rows)}


def bucket(server, person: str, cursor: str, number: int) -> tuple[str, Any]:
    """Give everything in one bucket that a person sees."""
    tables = server.database.tables
    items = []
    for recipient, via in _feeds(server, person).items():
        for (kind, entity), row in tables[recipient].items():
            if row.live and bucket_of(kind, entity) == number:
                item = {
                    "op": "put",
                    "kind": kind,
                    "id": entity,
                    "n": row.seq,
                    "body": body_of(tables, kind, entity),
                }
                items.append(item if via == OWN_FEED else item | {"via": via})
    return "bucket", {"epoch": server.epoch, "items": items}


def _feeds(server, person: str) -> dict[str, str]:
    channels = server.database.tables["person"].get(person, frozenset())
    return {user_recipient(person): OWN_FEED} | {channel_recipient(each): each for each in sorted(channels)}


def _held(server, person: str, text: str) -> list[Row] | str | None:
    """List the live rows that a reader holds who has read to the end, or None; or why the cursor is over."""
    cursor = read_cursor(text)
    if cursor.epoch != server.epoch:
        return "epoch"
    rows: list[Row] = []
    feeds = _feeds(server, person)
    if cursor.channels.keys() - set(feeds.values()):
        return None
    for recipient, via in feeds.items():
        position = cursor.position if via == OWN_FEED else cursor.channels.get(via, 0)
        for (kind, entity), row in server.database.tables[recipient].items():
            if row.seq > position:
                return None
            if row.live:
                rows.append((via, kind, entity, row.seq))
    return rows


def missing_revisions(server, revs: Sequence[str]) -> tuple[str, ...]:
    """Say which revisions' bytes are not here: `missing_revisions` of server/exchange/service.py."""
    held = server.database.tables["revision"]
    return tuple(rev for rev in revs if rev not in held)
