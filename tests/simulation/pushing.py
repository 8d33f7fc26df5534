"""A push on the server, statement by statement.

Mirrors `take_push` and `Applying` (server/exchange/service.py), `SqlLedger` (server/exchange/ledger.py: all
operations are claimed first, in order) and `open_desk` (server/inspections/desks.py: tasks in order, then what hangs on
them; revisions in order, as they are written). What becomes of an item is in `accepting.py`. Reading and answering is the production code.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sync import Outcome, Push, PushItem, Revision, UnreadableRevision, push, read_revision
from tests.simulation.accepting import PoisonError, accept, quarantine_item
from tests.simulation.database import Lock, Transaction
from tests.simulation.log import Fact, Pen, number, prepare
from tests.simulation.rows import Op, Rev

Statements = Iterator[Lock | str]


read_bytes = lru_cache(maxsize=512)(read_revision)


@dataclass
class Desk:
    """One person's batch: what was read of it, and the tasks it is about, which are held; its records are locked."""

    person: str
    sealed: dict[str, Revision | UnreadableRevision] = field(default_factory=dict)
    unwritten: dict[str, Rev] = field(default_factory=dict)
    """Revisions that are first written when the desk is settled."""
    tasks: set[UUID] = field(default_factory=set)
    on_task: dict[UUID, dict[str, bool]] = field(default_factory=dict)
    """The people of each task, and whether they were taken off it."""


class ModelLedger:
    """What was claimed and found, and the numbering at the end; implements `sync.Ledger`."""

    def __init__(self, server, tx: Transaction, person: str) -> None:
        self.server, self.tx, self.person = server, tx, person
        self.earlier: dict[UUID, Outcome] = {}
        self.facts: list[Fact] = []
        self.fact_of: dict[UUID, Fact] = {}
        self.pen = Pen()
        self.rows: dict[UUID, Op] = {}

    def claim(self, op: UUID) -> Outcome | None:
        return self.earlier.get(op)

    def release(self, op: UUID) -> None:
        self.tx.put("op", op, None)

    def settle(self, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        number(self.server, self.tx, self.facts, self.pen)
        settled = []
        for outcome in outcomes:
            fact = self.fact_of[outcome.op]
            settled.append(outcome.settled(fact.seq, fact.hash, self.server.receipt()))
            self.rows[outcome.op] = Op(self.person, outcome.content, settled[-1])
        return settled


def take_push(server, tx: Transaction, person: str, given: Push) -> Statements:
    """Apply a push in one transaction and return its outcomes; None when the epoch differs."""
    if given.epoch != server.epoch and not server.errs("dead_epoch_taken"):
        return None
    ledger = ModelLedger(server, tx, person)
    yield from _claim_all(ledger, given.items)
    fresh = {item.op: item for item in reversed(given.items) if ledger.claim(item.op) is None}
    items = list(fresh.values())[::-1]
    desk = yield from _open_desk(server, tx, person, items, store=False)
    yield "apply"
    accepted = yield from _apply_together(server, tx, desk, items, ledger)
    if accepted is None:
        desk = yield from _open_desk(server, tx, person, items, store=True)
        accepted = yield from _apply_each(server, tx, desk, items, ledger)
    if ledger.facts:
        ledger.pen = yield from prepare(server, tx, ledger.facts)
    answers = push(given.items, lambda item: accepted[item.op], ledger)
    if server.errs("receipt_in_a_transaction_of_its_own"):
        tx.commit()
        yield "receipts"
    for op, row in ledger.rows.items():
        tx.put("op", op, row)
    return answers


def _claim_all(ledger: ModelLedger, items: Sequence[PushItem]) -> Statements:
    """`SqlLedger._claim_all` and `_find`: a row that somebody is inserting is waited for."""
    tx, server = ledger.tx, ledger.server
    by_op = {item.op: item for item in items}
    yield "claim"
    claimed = set()
    for op in sorted(by_op):
        if tx.get("op", op) is None and not server.errs("claims_do_not_wait"):
            yield Lock(("op", op))
        if tx.get("op", op) is None:
            claimed.add(op)
            if not server.errs("receipt_in_a_transaction_of_its_own"):
                tx.put("op", op, Op(ledger.person, by_op[op].content, None))
    yield "find"
    for op in by_op.keys() - claimed:
        row = tx.get("op", op)
        ours = row.reply is not None and row.person == ledger.person
        earlier = row.reply if ours else Outcome(op, "op_reuse", content="")
        if ours and server.errs("content_not_compared"):
            earlier = replace(earlier, content=by_op[op].content)
        ledger.earlier[op] = earlier


def _open_desk(server, tx: Transaction, person: str, items: Sequence[PushItem], *, store: bool) -> Statements:
    desk = Desk(person)
    revisions = {
        item.rev: item for item in items if item.defect is None and item.kind == "revision" and item.rev
    }
    if revisions:
        yield "store bytes" if store else "look for bytes"
    for rev in sorted(revisions):
        row = Rev(revisions[rev].data, person, sig=revisions[rev].sig)
        if store:
            if tx.get("revision", rev) is None:
                yield Lock(("revision", rev))
            if tx.get("revision", rev) is None:
                tx.put("revision", rev, row)
        elif tx.get("revision", rev) is None:
            desk.unwritten[rev] = row
        try:
            desk.sealed[rev] = read_bytes(revisions[rev].data)
        except UnreadableRevision as error:
            desk.sealed[rev] = error
    tasks = {sealed.task for sealed in desk.sealed.values() if isinstance(sealed, Revision)}
    rows = (tx.get("revision", item.rev) for item in items if item.rev)
    tasks |= {row.task for row in rows if row is not None and row.task}
    yield "hold tasks"
    for task in sorted(tasks):
        if tx.get("task", task) is not None and not server.errs("push_locks_no_task"):
            yield Lock(("task", task), shared=True)
    yield "lock records"
    records = {sealed.record for sealed in desk.sealed.values() if isinstance(sealed, Revision)}
    rows = (tx.get("revision", item.rev) for item in items if item.rev)
    records |= {row.record for row in rows if row is not None and row.record}
    for record in sorted(records):
        if tx.get("record", record) is not None and not server.errs("push_locks_no_record"):
            yield Lock(("record", record))
    desk.tasks = {task for task in tasks if tx.get("task", task) is not None}
    yield "people"
    desk.on_task = {task: {} for task in desk.tasks}
    for (task, person), ended in tx.rows("assignment").items():
        if task in desk.tasks:
            desk.on_task[task][person] = ended
    return desk


def _apply_together(
    server, tx: Transaction, desk: Desk, items: Sequence[PushItem], ledger: ModelLedger
) -> Statements:
    """Apply the items and write each row once; None when one fails, or somebody else wrote a revision of them meanwhile."""
    savepoint, facts = tx.savepoint(), len(ledger.facts)
    for rev, row in desk.unwritten.items():
        tx.put("revision", rev, row)
    outcomes = _try(server, tx, desk, items, ledger)
    if outcomes is None:
        _undo(server, tx, ledger, savepoint, facts)
        return None
    if not (yield from _is_alone(tx, [*_made(tx), *(("revision", rev) for rev in desk.unwritten)])):
        _undo(server, tx, ledger, savepoint, facts)
        return None
    return outcomes


def _made(tx: Transaction) -> list[tuple[str, Any]]:
    """Name the records that a transaction makes."""
    made = tx.writes.get("record", {}).keys() - tx.database.tables["record"].keys()
    return [("record", record) for record in sorted(made)]


def _is_alone(tx: Transaction, written: Sequence[tuple[str, Any]], *, in_order: bool = True) -> Statements:
    """Write new rows; say whether nobody else wrote one of them meanwhile, who is waited for."""
    for table, key in written:
        yield Lock((table, key), in_order=in_order)
        if key in tx.database.tables[table]:
            return False
    return True


def _apply_each(
    server, tx: Transaction, desk: Desk, items: Sequence[PushItem], ledger: ModelLedger
) -> Statements:
    """Apply the items one by one, twice where somebody else made their record meanwhile, and quarantine the one that fails.

    Records are made as the items come, so that two pushes may wait for each other here.
    """
    outcomes = {}
    for item in items:
        savepoint, facts_before = tx.savepoint(), len(ledger.facts)
        alone = _try(server, tx, desk, [item], ledger)
        if alone is not None and not (yield from _is_alone(tx, _made(tx), in_order=False)):
            _undo(server, tx, ledger, savepoint, facts_before)
            desk = yield from _open_desk(server, tx, desk.person, items, store=True)
            alone = _try(server, tx, desk, [item], ledger)
        if alone is None:
            facts = [quarantine_item(tx, desk, item, "item.failed")]
            ledger.facts += facts
            ledger.fact_of[item.op] = facts[0]
            outcome = Outcome(item.op, "quarantined", item.content, rev=item.rev, reason="item.failed")
            alone = {item.op: outcome}
        outcomes |= alone
    return outcomes


def _try(
    server, tx: Transaction, desk: Desk, items: Sequence[PushItem], ledger: ModelLedger
) -> dict[UUID, Outcome] | None:
    """Apply items behind a savepoint; None when they were undone because one of them failed."""
    savepoint, facts = tx.savepoint(), len(ledger.facts)
    outcomes = {}
    try:
        for item in items:
            outcome, fact, *more = accept(server, tx, desk, item)
            ledger.facts += [fact, *more]
            ledger.fact_of[item.op] = fact
            outcomes[item.op] = outcome
    except PoisonError:
        _undo(server, tx, ledger, savepoint, facts)
        return None
    return outcomes


def _undo(server, tx: Transaction, ledger: ModelLedger, savepoint: dict, facts: int) -> None:
    if not server.errs("savepoint_leaks"):
        tx.undo(savepoint)
        del ledger.facts[facts:]
