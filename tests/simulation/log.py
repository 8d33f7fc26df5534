"""The audit log and the feed: mirrors `server/audit.py` (seal, savepoint) and `server/feed.py` (number)."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.simulation.database import APPEND, Lock, Transaction
from tests.simulation.rows import Change, Entry, Seen


@dataclass(eq=False)
class Fact:
    """A noted fact with the feed changes it brings; `seq` and `hash` are known once it is numbered."""

    action: str
    subject: str
    changes: list[Change] = field(default_factory=list)
    op: str | None = None
    seq: int = 0
    hash: str = ""


@dataclass(eq=False)
class Pen:
    """What a transaction wrote down before it takes the append lock, for mutants that decide too early."""

    previous: tuple[int, str] | None = None
    numbers: list[int] | None = None


def entry_hash(previous: str, seq: int, at: float, action: str, subject: str, op: str | None) -> str:
    """Tie an entry to the one before; `at`, in seconds, tells two entries apart that say the same."""
    return hashlib.sha256(f"{previous}|{seq}|{at}|{action}|{subject}|{op}".encode()).hexdigest()[:16]


def prepare(server, tx: Transaction, facts: Sequence[Fact]) -> Iterator[Lock | str]:
    """Write the reasons, then take the append lock: `audit.seal` up to the lock."""
    pen = Pen()
    yield "reasons"
    _write_reasons(tx, facts)
    if server.errs("chain_forks"):
        pen.previous = tx.database.head
    if server.errs("number_without_lock"):
        pen.numbers = [server.next_number() for _ in facts]
    else:
        yield Lock(APPEND)
    yield "number"
    return pen


def number(server, tx: Transaction, facts: Sequence[Fact], pen: Pen) -> None:
    """Number facts and their changes under the append lock: `audit.seal` behind it, and `feed.number`."""
    seq, previous = tx.database.head
    at = server.world.now
    if pen.previous is not None:
        previous = pen.previous[1]
    numbered = []
    for place, fact in enumerate(facts):
        seq = seq + 1 if pen.numbers is None else pen.numbers[place]
        fact.seq, fact.hash = seq, entry_hash(previous, seq, at, fact.action, fact.subject, fact.op)
        tx.put("audit", seq, Entry(previous, fact.hash, fact.action, fact.subject, fact.op, at))
        previous = fact.hash
        numbered += [(seq, change) for change in fact.changes]
    tx.put("head", 0, (max(seq, tx.database.head[0]), previous))
    _write_feed(server, tx, numbered)


def _write_reasons(tx: Transaction, facts: Sequence[Fact]) -> None:
    for fact in facts:
        for change in fact.changes:
            if change.how != "touch":
                key = (change.recipient, change.kind, change.entity, change.reason)
                tx.put("reason", key, True if change.how == "grant" else None)


def _write_feed(server, tx: Transaction, numbered: Sequence[tuple[int, Change]]) -> None:
    grants: dict[tuple[str, str, str], int] = {}
    revokes: dict[tuple[str, str, str], tuple[int, str | None]] = {}
    touches: dict[tuple[str, str], int] = {}
    for seq, change in numbered:
        key = (change.recipient, change.kind, change.entity)
        if change.how == "grant":
            revokes.pop(key, None)
            grants[key] = seq
        elif change.how == "revoke":
            revokes[key] = (seq, change.why)
        else:
            touches[change.kind, change.entity] = seq
    for (recipient, kind, entity), seq in grants.items():
        tx.put(recipient, (kind, entity), Seen(seq, live=True, why=None))
        tx.put("recipient", recipient, True)
    reasons = tx.rows("reason") if revokes else {}
    for (recipient, kind, entity), (seq, why) in revokes.items():
        if tx.get(recipient, (kind, entity)) is None:
            continue
        live = any(key[:3] == (recipient, kind, entity) for key in reasons)
        if server.errs("reasons_not_counted"):
            live = False
        if server.errs("tombstone_lost") and not live:
            tx.put(recipient, (kind, entity), None)
            continue
        tx.put(recipient, (kind, entity), Seen(seq, live, why))
    for key, seq in touches.items():
        for recipient in tx.rows("recipient"):
            row = tx.get(recipient, key)
            if row is not None and row.live:
                tx.put(recipient, key, row._replace(seq=seq))
