"""What happens at the bureau: tasks, reviews, forms, and the house's own work, statement by statement.

Mirrors server/inspections/opening.py and assigning.py (`open_tasks`, `reassign`, `withdraw_task`: each locks the task
before it reads who is on it, R1), reviewing.py (`record_for_review`, `return_for_correction`, `finish`) and the supervisor's admission
of what was quarantined. Each verb is one transaction that ends with `audit.seal`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from uuid import UUID

from sync import RecordState, UnreadableRevision, channel_recipient, read_revision, user_recipient
from tests.simulation.accepting import grow, touch
from tests.simulation.database import APPEND, Lock, Transaction
from tests.simulation.log import Fact, number, prepare
from tests.simulation.rows import Change, Record, Task

Statements = Iterator[Lock | str]
CLOSED = {"done", "withdrawn"}
FORM = "spot_check"


def seal(server, tx: Transaction, facts: Sequence[Fact]) -> Statements:
    """Number what was noted: the end of every writing transaction."""
    pen = yield from prepare(server, tx, facts)
    number(server, tx, facts, pen)


def open_task(
    server, tx: Transaction, task: UUID, thing: str, people: Collection[str], *, attested: bool
) -> Statements:
    yield "open"
    tx.put("task", task, Task("assigned", thing, attested))
    for person in people:
        tx.put("assignment", (task, person), False)
    changes = _show(task, thing, people, ())
    yield from seal(server, tx, [Fact("task.opened", str(task), changes)])


def reassign(server, tx: Transaction, task: UUID, people: Collection[str]) -> Statements:
    yield from _lock_task(server, tx, task)
    row = tx.get("task", task)
    if row.state in CLOSED:
        return
    yield "people"
    held = _people(tx, task)
    before = {person for person, ended in held.items() if not ended}
    for person in held.keys() | set(people):
        tx.put("assignment", (task, person), person not in people)
    yield "records"
    records = _records(tx, task)
    changes = _hide(task, row.object, before - set(people), records, "reassigned")
    changes += _show(task, row.object, set(people) - before, records)
    yield from seal(server, tx, [Fact("task.reassigned", str(task), [*changes, touch("task", task)])])


def withdraw(server, tx: Transaction, task: UUID) -> Statements:
    yield from _lock_task(server, tx, task)
    row = tx.get("task", task)
    if row.state in CLOSED:
        return
    tx.put("task", task, row._replace(state="withdrawn"))
    yield "people"
    people = {person for person, ended in _people(tx, task).items() if not ended}
    changes = _hide(task, row.object, people, _records(tx, task), "withdrawn")
    yield from seal(server, tx, [Fact("task.withdrawn", str(task), changes)])


def publish_form(server, tx: Transaction, version: str) -> Statements:
    yield "publish"
    tx.put("form", version, True)
    tx.put("newest", FORM, version)
    change = Change("grant", "form", FORM, channel_recipient("forms"), "published")
    yield from seal(server, tx, [Fact("form.published", version, [change])])


def change_list(server, tx: Transaction, name: str, channels: Iterable[str]) -> Statements:
    """Say a reference list anew to some channels, and take it from those that have it and are not named."""
    yield "list"
    tx.put("list", name, (tx.get("list", name) or 0) + 1)
    named = set(channels)
    changes = [Change("grant", "list", name, channel_recipient(each), "listed") for each in sorted(named)]
    shown = {key[0] for key in tx.rows("reason") if key[1:3] == ("list", name)}
    for recipient in sorted(shown - {channel_recipient(each) for each in named}):
        changes.append(Change("revoke", "list", name, recipient, "listed", "unlisted"))
    yield from seal(server, tx, [Fact("list.changed", name, [*changes, Change("touch", "list", name)])])


def move(server, tx: Transaction, person: str, channels: Collection[str]) -> Statements:
    """Give a person other channels: another region."""
    yield "move"
    tx.put("person", person, frozenset(channels))
    yield from seal(server, tx, [Fact("person.moved", person)])


def return_record(server, tx: Transaction, name: UUID) -> Statements:
    record = yield from _for_review(server, tx, name)
    if record is None:
        return
    tx.put("record", name, record._replace(act="returned", act_rev=record.heads[0], state="returned"))
    yield from seal(server, tx, [Fact("record.returned", str(name), [touch("record", name)])])


def finish_record(server, tx: Transaction, name: UUID) -> Statements:
    record = yield from _for_review(server, tx, name)
    if record is None or len(record.heads) != 1:
        return
    yield "media"
    if any(tx.get("stored", sha) is None for sha in tx.get("revision", record.heads[0]).media):
        return
    final = record.heads[0]
    tx.put("record", name, record._replace(act="accepted", act_rev=final, state="final", final=final))
    changes = []
    task = tx.get("task", record.task)
    records = [tx.get("record", each) for each in _records(tx, record.task)]
    if task.state != "withdrawn" and all(each.final for each in records):
        tx.put("task", record.task, task._replace(state="done"))
        changes.append(touch("task", record.task))
    yield from seal(server, tx, [Fact("record.finished", str(name), [*changes, touch("record", name)])])


def admit(server, tx: Transaction, rev: str) -> Statements:
    """Let a supervisor admit a quarantined revision: it becomes a part of its record by the usual rules."""
    row = tx.get("revision", rev)
    try:
        sealed = read_revision(row.data)
    except UnreadableRevision:
        return
    if tx.get("task", sealed.task) is None:
        return
    yield from _lock_task(server, tx, sealed.task)
    yield Lock(("revision", rev))  # after its task, as a push does (decision 0049)
    row, record = tx.get("revision", rev), tx.get("record", sealed.record)
    if row.status != "quarantined" or (record is not None and record.task != sealed.task):
        return
    yield "people"
    people = _people(tx, sealed.task)
    changes, _, submitted = grow(server, tx, rev, row, sealed, [], people)
    facts = [Fact("revision.admitted", rev, changes)]
    if submitted:
        facts.append(Fact("record.submitted", str(sealed.record), [touch("record", sealed.record)]))
    yield from seal(server, tx, facts)


def raise_horizon(server, tx: Transaction, horizon: int) -> Statements:
    """Say that tombstones at or below a number may be gone from now on; a good while later they are (`purge`)."""
    yield Lock(APPEND)
    yield "horizon"
    horizon = min(horizon, tx.database.head[0])
    if horizon > (tx.get("horizon", 0) or 0):
        tx.put("horizon", 0, horizon)
    if server.errs("purged_at_once"):
        _purge(tx)


def purge(server, tx: Transaction) -> Statements:
    """Forget the tombstones under the horizon."""
    yield Lock(APPEND)
    yield "purge"
    _purge(tx)


def _purge(tx: Transaction) -> None:
    horizon = tx.get("horizon", 0) or 0
    for recipient in list(tx.rows("recipient")):
        for key, row in list(tx.rows(recipient).items()):
            if not row.live and row.seq <= horizon:
                tx.put(recipient, key, None)


def _lock_task(server, tx: Transaction, task: UUID) -> Statements:
    if not server.errs("office_locks_no_task"):
        yield Lock(("task", task))
    yield "task"


def _for_review(server, tx: Transaction, name: UUID) -> Iterator[Lock | str]:
    yield "record"
    record: Record = tx.get("record", name)
    yield from _lock_task(server, tx, record.task)
    record = tx.get("record", name)
    return record if record.state == RecordState.UNDER_REVIEW else None


def _people(tx: Transaction, task: UUID) -> dict[str, bool]:
    return {person: ended for (each, person), ended in tx.rows("assignment").items() if each == task}


def _records(tx: Transaction, task: UUID) -> list[UUID]:
    return sorted(name for name, record in tx.rows("record").items() if record.task == task)


def _seen(task: UUID, thing: str, records: Iterable[UUID]) -> list[tuple[str, str]]:
    return [("task", str(task)), ("object", thing), *(("record", str(each)) for each in records)]


def _show(task: UUID, thing: str, people: Iterable[str], records: Sequence[UUID]) -> list[Change]:
    return [
        Change("grant", kind, entity, user_recipient(person), f"task:{task}")
        for person in sorted(people)
        for kind, entity in _seen(task, thing, records)
    ]


def _hide(task: UUID, thing: str, people: Iterable[str], records: Sequence[UUID], why: str) -> list[Change]:
    return [
        Change("revoke", kind, entity, user_recipient(person), f"task:{task}", why)
        for person in sorted(people)
        for kind, entity in _seen(task, thing, records)
    ]
