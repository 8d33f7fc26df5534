"""What becomes of one pushed item: a part of its record, a repetition, or quarantine.

Mirrors server/inspections/accepting.py (`accept_revision`, `_repeat`, `_grow`, `_tell`), attesting.py, standing.py
(`derive_state`) and the parts of judging.py that look at tasks and records.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from sync import (
    Outcome,
    PushItem,
    RecordState,
    Review,
    Revision,
    UnreadableRevision,
    add_revision,
    record_state,
    user_recipient,
)
from tests.simulation.database import Transaction
from tests.simulation.log import Fact
from tests.simulation.rows import Change, Record, Rev

TAKEN = frozenset({"accepted", "late"})
LATE = frozenset({"task_withdrawn", "task_reassigned", "not_assigned", "task_done", "late_addendum"})
POISON = "<poison/>"
"""XML at which the modelled server fails half-way through an item."""
CO_INSPECTOR = "co_inspector"


class PoisonError(Exception):
    """The server failed at an item."""


class Quarantined(Exception):
    """The revision can be no part of a record; its bytes stay."""


def accept(server, tx: Transaction, desk, item: PushItem) -> tuple[Outcome, Fact, *tuple[Fact, ...]]:
    """Apply one item; give its outcome, its fact, and further facts."""
    if item.defect is not None:
        fact = quarantine_item(tx, desk, item, item.defect.code)
        return Outcome(item.op, "quarantined", item.content, rev=item.rev, reason=item.defect.code), fact
    return (_accept_revision if item.kind == "revision" else _accept_attestation)(server, tx, desk, item)


def quarantine_item(tx: Transaction, desk, item: PushItem, reason: str) -> Fact:
    tx.put("item", item.op, (desk.person, item.raw_text(), reason))
    return Fact("item.quarantined", str(item.op), op=str(item.op))


def _accept_revision(server, tx: Transaction, desk, item: PushItem):
    rev = item.rev or ""
    row: Rev = tx.get("revision", rev)
    sealed = desk.sealed[rev]
    author = author_of(desk, item, sealed)
    if row.status in TAKEN:
        return _repeat(tx, author, item, row)
    try:
        flags = judge(tx, desk, author, sealed)
    except Quarantined as quarantined:
        reason = str(quarantined)
        tx.put("revision", rev, row._replace(status="quarantined", reason=reason))
        fact = Fact("revision.quarantined", rev, op=str(item.op))
        return Outcome(item.op, "quarantined", item.content, rev=rev, reason=reason), fact
    if sealed.xml == POISON:
        tx.put("counter", sealed.record, (tx.get("counter", sealed.record) or 0) + 1)
        raise PoisonError
    if server.errs("withdrawn_work_refused") and "task_withdrawn" in flags:
        tx.put("revision", rev, None)
        fact = Fact("revision.refused", rev, op=str(item.op))
        return Outcome(item.op, "quarantined", item.content, rev=rev, reason="task.withdrawn"), fact
    row = row._replace(author=author)
    changes, record, submitted = grow(server, tx, rev, row, sealed, flags, desk.on_task[sealed.task])
    facts = [Fact("revision.accepted", rev, changes, str(item.op))]
    if submitted:
        facts.append(Fact("record.submitted", str(sealed.record), [touch("record", sealed.record)]))
    return _outcome(tx, item, tx.get("revision", rev), record, flags), *facts


def author_of(desk, item: PushItem, sealed: Revision | UnreadableRevision) -> str:
    """Tell whose work it is: the sender's, or that of whoever's signature vouches for it (relaying.py)."""
    is_vouched = isinstance(sealed, Revision) and item.sig == sealed.author
    return sealed.author if is_vouched else desk.person


def _repeat(tx: Transaction, author: str, item: PushItem, row: Rev):
    """Bytes that are part of their record already have no second effect."""
    fact = Fact("revision.repeated", item.rev or "", op=str(item.op))
    if row.author != author:
        return Outcome(item.op, "quarantined", item.content, rev=item.rev, reason="author.differs"), fact
    return _outcome(tx, item, row, tx.get("record", row.record), ()), fact


def _outcome(tx: Transaction, item: PushItem, row: Rev, record: Record, flags: Collection[str]) -> Outcome:
    return Outcome(
        item.op,
        "accepted_late" if row.status == "late" else "accepted",
        item.content,
        rev=item.rev,
        flags=tuple(flags),
        media_missing=tuple(f"sha256:{sha}" for sha in row.media if tx.get("stored", sha) is None),
        record_state=record.state,
        heads=record.heads,
    )


def judge(tx: Transaction, desk, author: str, sealed: Revision | UnreadableRevision) -> list[str]:
    """Say what is late about a revision; raises Quarantined."""
    if isinstance(sealed, UnreadableRevision):
        raise Quarantined(sealed.code)
    if sealed.author != author:
        raise Quarantined("author.differs")
    task = tx.get("task", sealed.task)
    if task is None:
        raise Quarantined("task.unknown")
    people = desk.on_task[sealed.task]
    record = tx.get("record", sealed.record)
    if record is not None and (record.task != sealed.task or author not in people):
        raise Quarantined("record.foreign")
    if tx.get("form", sealed.form_version) is None:
        raise Quarantined("form.version-unknown")
    found = {
        "not_assigned": author not in people,
        "task_reassigned": people.get(author, False),
        "task_withdrawn": task.state == "withdrawn",
        "task_done": task.state == "done" and record is None,
        "late_addendum": record is not None and record.final is not None,
    }
    return [flag for flag, holds in found.items() if holds]


def grow(
    server,
    tx: Transaction,
    rev: str,
    row: Rev,
    sealed: Revision,
    flags: list[str],
    people: Mapping[str, bool],
) -> tuple[list[Change], Record, bool]:
    """Make a revision part of its record, derive its state, and tell who sees it: `_grow` and `_tell`."""
    known = {
        name: each.parents
        for name, each in tx.rows("revision").items()
        if each.record == sealed.record and each.status in TAKEN
    }
    record: Record | None = tx.get("record", sealed.record)
    is_new = record is None
    if record is None:
        record = Record(sealed.task, "open", (), sealed.form_version)
    heads = add_revision(record.heads, known, rev, sealed.parents).heads
    wall = sealed.time.wall.timestamp()
    row = row._replace(
        status="late" if LATE & set(flags) else "accepted",
        reason=None,
        record=sealed.record,
        task=sealed.task,
        parents=sealed.parents,
        wall=wall,
        media=tuple(entry.sha256 for entry in sealed.media),
    )
    tx.put("revision", rev, row)
    if server.errs("last_writer_wins"):
        heads = (max(heads, key=lambda head: (tx.get("revision", head).wall, head)),)
    if server.errs("second_head_hidden"):
        heads = heads[:1]
    record = record._replace(heads=heads, form_version=sealed.form_version)
    record, submitted = derive(tx, record, people)
    tx.put("record", sealed.record, record)
    tx.put("counter", sealed.record, (tx.get("counter", sealed.record) or 0) + 1)
    return _tell(tx, sealed, people, is_new=is_new), record, submitted


def _tell(tx: Transaction, sealed: Revision, people: Mapping[str, bool], *, is_new: bool) -> list[Change]:
    if not is_new:
        return [touch("record", sealed.record)]
    changes = []
    task = tx.get("task", sealed.task)
    if task.state == "assigned":
        task = task._replace(state="open")
        tx.put("task", sealed.task, task)
        changes.append(touch("task", sealed.task))
    if task.state == "withdrawn":
        return changes
    granted = [person for person, ended in sorted(people.items()) if not ended]
    return changes + [
        Change("grant", "record", str(sealed.record), user_recipient(person), f"task:{sealed.task}")
        for person in granted
    ]


def touch(kind: str, entity: UUID) -> Change:
    return Change("touch", kind, str(entity))


def derive(tx: Transaction, record: Record, people: Collection[str]) -> tuple[Record, bool]:
    """Derive a record's state anew, and say whether it was submitted just now: `derive_state`."""
    required, attested = set(), set()
    if len(record.heads) == 1:
        head = record.heads[0]
        author = tx.get("revision", head).author
        required = {CO_INSPECTOR} if tx.get("task", record.task).attested else set()
        attested = {
            role
            for rev, role, person in tx.rows("attest")
            if rev == head and person != author and person in people
        }
    review = Review(record.act, record.act_rev) if record.act and record.act_rev else None  # type: ignore[arg-type]
    state = record_state(record.heads, required=required, attested=attested, review=review)
    if state is RecordState.SIGNED:
        return record._replace(act="taken", act_rev=record.heads[0], state="under_review"), True
    return record._replace(state=state.value), False


def _accept_attestation(server, tx: Transaction, desk, item: PushItem):
    rev, role = item.rev or "", item.role or ""
    tx.put("attest", (rev, role, desk.person), True)
    row: Rev | None = tx.get("revision", rev)
    outcome = Outcome(item.op, "accepted", item.content, rev=rev)
    fact = Fact("attestation.accepted", rev, op=str(item.op))
    if row is None or row.record is None or desk.person not in desk.on_task.get(row.task, {}):
        return outcome, fact
    record, submitted = derive(tx, tx.get("record", row.record), desk.on_task[row.task])
    tx.put("record", row.record, record)
    fact.changes.append(touch("record", row.record))
    outcome = replace(outcome, record_state=record.state, heads=record.heads)
    if submitted:
        return outcome, fact, Fact("record.submitted", str(row.record), [touch("record", row.record)])
    return outcome, fact
