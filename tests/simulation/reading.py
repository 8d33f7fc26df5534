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
    digest,
    positions_of,
    read_held,
    seal,
    unseal,
    via_of,
)
from sync.fields import write_moment
from sync.view import OWN_FEED
from tests.simulation.rows import Body

SECRET = b"one secret of every simulation!!"
CURSOR_MAY_LAG = 25
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
    places = (cursor.position, cursor.begun, cursor.seen, cursor.trace)
    name = (cursor.epoch, cursor.user, *places, *sorted(cursor.channels.items()))
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

    def held(self, recipient: str, seq: int) -> Sequence[FeedRow]:
        """Give live rows, and tombstones after `seq`; implements `sync.HeldSource`."""
        self.server.meanwhile()
        return [
            FeedRow(recipient, kind, entity, row.seq, row.live, row.why)
            for (kind, entity), row in self.server.database.tables[recipient].items()
            if row.live or row.seq > seq
        ]


def reader_of(server, person: str, cursor: Cursor | None) -> Reader:
    """Tell who reads, and the state of the log that is read, in one statement: `reader_of` of exchange/scope.py."""
    tables = server.database.tables
    server.horizon_read = tables["horizon"].get(0, 0)
    horizon = 0 if server.errs("horizon_ignored") else server.horizon_read
    channels = tables["person"].get(person, frozenset())
    head, head_hash = server.database.head
    entry = tables["audit"].get(cursor.seen) if cursor else None
    seen_hash = entry.hash if entry else ""
    if server.errs("trace_ignored") and cursor:
        seen_hash = cursor.trace
    return Reader(server.epoch, person, channels, head, horizon, head_hash, seen_hash)


def pull(server, person: str, cursor: str | None, *, may_be_quiet: bool) -> tuple[str, Any]:
    """Read the next page; gives ("page", its JSON) or ("reset", (reason, epoch)).

    Who may be told in few words that nothing is new goes on with the cursor they have; a page says here what it means.
    """
    epoch = server.epoch
    try:
        start = read_cursor(cursor) if cursor else None
        reader = reader_of(server, person, start)
        page = server.read_page(ModelFeed(server), reader, start, server.swarm.page)
    except ResetNeeded as reset:
        return "reset", (reset.reason, epoch)
    except BadCursor:
        return "reset", ("epoch", epoch)
    except AheadOfServer:
        server.told("server", "a phone has seen what the database does not hold: a new epoch begins")
        return "reset", ("epoch", server.begin_epoch())
    if may_be_quiet and start and server.says_nothing_new(page, start, reader, CURSOR_MAY_LAG):
        items, following = [], cursor
    else:
        server.meanwhile()
        items, following = _items(server, page), write_cursor(page.next_cursor)
    return "page", {
        "epoch": epoch,
        "items": items,
        "next": following,
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


def sums(server, person: str, text: str) -> tuple[str, Any]:
    """Sum up what a person sees; gives ("digest", its JSON) or ("reset", (reason, epoch))."""
    cursor = read_cursor(text)
    reader = reader_of(server, person, cursor)
    try:
        rows = read_held(ModelFeed(server), reader, cursor)
    except ResetNeeded as reset:
        return "reset", (reset.reason, reader.epoch)
    except AheadOfServer:
        return "reset", ("epoch", server.begin_epoch())
    buckets = [] if rows is None else digest(rows)
    return "digest", {"epoch": reader.epoch, "seq": reader.head, "stale": rows is None, "buckets": buckets}


def bucket(server, person: str, cursor: str, number: int) -> tuple[str, Any]:
    """Give everything in one bucket that a person sees."""
    tables = server.database.tables
    items = []
    for recipient in positions_of(reader_of(server, person, None), Cursor(server.epoch, person)):
        via = via_of(recipient)
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


def missing_revisions(server, revs: Sequence[str]) -> tuple[str, ...]:
    """Say which revisions' bytes are not here: `missing_revisions` of server/exchange/service.py."""
    held = server.database.tables["revision"]
    return tuple(rev for rev in revs if rev not in held)
