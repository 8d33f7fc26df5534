"""What must hold when a healed world is at rest; I9 is watched while it runs.

Out of the fault model, and left out exactly: a revision of which a fault took the phone's copy (its storage was
rolled back) while the server did not hold it, or took the server's too (a restore from an older backup).
"""

import base64
import hashlib

from sync import channel_recipient
from sync.outcome import SAFE
from tests.simulation.accepting import TAKEN
from tests.simulation.log import entry_hash
from tests.simulation.reading import body_of


def check_all(world) -> None:
    """Check one after the other; the first that does not hold is told."""
    for check in (
        receipted_revisions_are_here,
        every_operation_counted_once,
        phones_show_what_is_true,
        files_are_whole,
        the_chain_holds,
        sealed_work_is_here,
        nothing_is_overwritten,
        what_a_restore_lost_is_back,
    ):
        check(world)


def _bytes_of(op) -> bytes:
    return base64.b64decode(op.item["bytes"])


def _is_here(world, rev: str) -> bool:
    """Say whether the server holds exactly the bytes that were sealed."""
    row = world.server.database.tables["revision"].get(rev)
    return row is not None and row.data == _bytes_of(world.sealed[rev][1])


def receipted_revisions_are_here(world) -> None:
    """I1: what the server or a phone calls safe is on the server with identical bytes."""
    called_safe = {each.rev for each in world.promised.values() if each.outcome in SAFE and each.rev}
    for phone in world.phones:
        receipts = phone.state.receipts
        called_safe |= {op.rev for op in phone.state.ops if op.op in receipts and op.kind == "revision"}
    for rev in sorted(called_safe & world.sealed.keys() - world.excused):
        if not _is_here(world, rev):
            world.violated("I1", f"{rev[:15]} of {world.sealed[rev][0].name} has a receipt and is not here")


def every_operation_counted_once(world) -> None:
    """I2: one entry in the log for each operation, one effect on its record for each revision."""
    tables = world.server.database.tables
    entries: dict[str, int] = {}
    taken: dict[str, int] = {}
    for entry in tables["audit"].values():
        if entry.op is not None:
            entries[entry.op] = entries.get(entry.op, 0) + 1
        if entry.action in {"revision.accepted", "revision.admitted"}:
            taken[entry.subject] = taken.get(entry.subject, 0) + 1
    for op, row in tables["op"].items():
        if entries.get(str(op)) != 1 or row.reply is None or tables["audit"][row.reply.seq].op != str(op):
            world.violated("I2", f"operation {op} has {entries.get(str(op), 0)} entries in the log")
    twice = sorted(op for op in entries if entries[op] > 1)
    if twice:
        world.violated("I2", f"operation {twice[0]} stands in the log {entries[twice[0]]} times")
    counted: dict[object, int] = {}
    for rev, row in tables["revision"].items():
        if row.status in TAKEN:
            counted[row.record] = counted.get(row.record, 0) + 1
            if taken.get(rev) != 1:
                world.violated("I2", f"{rev[:15]} took effect {taken.get(rev, 0)} times")
    for record, count in counted.items():
        if tables["counter"].get(record) != count:
            told = tables["counter"].get(record)
            world.violated("I2", f"a record of {count} revisions counted {told}")


def phones_show_what_is_true(world) -> None:
    """I3 and I7: after healing a phone shows all that is its person's to see, as it is, and nothing else."""
    for phone in world.phones:
        shown = {key: dict(entity.body) for key, entity in phone.state.view.entities.items()}
        due = visible_to(world, phone.person)
        for key in sorted(shown.keys() - due.keys()):
            world.violated("I7", f"{phone.name} still shows {key[0]} {world.names.get(key[1], key[1])}")
        for key in sorted(due.keys() - shown.keys()):
            world.violated("I3", f"{phone.name} does not show {key[0]} {world.names.get(key[1], key[1])}")
        for key in sorted(due):
            if shown[key] != due[key]:
                name = world.names.get(key[1], key[1])
                world.violated("I3", f"{phone.name} shows {key[0]} {name} as {shown[key]}, not {due[key]}")


def visible_to(world, person: str) -> dict[tuple[str, str], dict]:
    """Derive what a person sees from tasks and memberships, without the feed."""
    tables = world.server.database.tables
    mine = {task for (task, each), ended in tables["assignment"].items() if each == person and not ended}
    tasks = {task: tables["task"][task] for task in mine if tables["task"][task].state != "withdrawn"}
    keys = {("task", str(task)) for task in tasks} | {("object", row.object) for row in tasks.values()}
    keys |= {("record", str(name)) for name, record in tables["record"].items() if record.task in tasks}
    listened = {channel_recipient(each) for each in tables["person"][person]}
    keys |= {(kind, name) for recipient, kind, name, _ in tables["reason"] if recipient in listened}
    return {key: dict(body_of(tables, *key)) for key in keys}


def files_are_whole(world) -> None:
    """I4: every file that sealed work vouches for is here, byte for byte."""
    for rev, (phone, op) in sorted(world.sealed.items()):
        if rev in world.excused or rev in phone.lost:
            continue
        for sha in op.media:
            data = world.server.files.get(sha)
            if data is None or hashlib.sha256(data).hexdigest() != sha:
                state = "missing" if data is None else "another"
                world.violated("I4", f"a file of {rev[:15]} of {phone.name} is {state}")
            if not world.server.database.tables["stored"].get(sha):
                world.violated("I4", f"a file of {rev[:15]} of {phone.name} has no row")


def the_chain_holds(world) -> None:
    """I5: the log has no gap, every entry is tied to the one before, and receipts lie on it."""
    audit = world.server.database.tables["audit"]
    previous = "0" * 16
    for seq in range(1, len(audit) + 1):
        entry = audit.get(seq)
        if entry is None:
            world.violated("I5", f"entry {seq} is not in the log of {len(audit)}")
        told = entry_hash(previous, seq, entry.at, entry.action, entry.subject, entry.op)
        if entry.previous != previous or entry.hash != told:
            world.violated("I5", f"entry {seq} is not tied to the one before")
        previous = entry.hash
    for outcome in world.promised.values():
        entry = audit.get(outcome.seq)
        if entry is None or entry.hash != outcome.hash:
            world.violated("I5", f"the receipt of entry {outcome.seq} does not lie on the log")


def sealed_work_is_here(world) -> None:
    """I6: all that was sealed on a phone and not lost with it has come, taken or quarantined."""
    tables = world.server.database.tables
    for rev, (phone, _) in sorted(world.sealed.items()):
        if rev not in world.excused and not _is_here(world, rev):
            world.violated("I6", f"{rev[:15]} of {phone.name} never came")
    for phone in world.phones:
        for op in phone.state.ops:
            if op.kind == "attest":
                key = (op.rev, op.item["role"], phone.person)
                if key not in tables["attest"]:
                    world.violated("I6", f"a co-signature of {phone.name} never came")
            elif op.kind != "revision" and op.op not in tables["item"]:
                world.violated("I6", f"a {op.kind} of {phone.name} never came")


def nothing_is_overwritten(world) -> None:
    """I8: the heads of a record are all its revisions that none replaces, so every revision leads to a head."""
    tables = world.server.database.tables
    for name, record in sorted(tables["record"].items()):
        graph = {
            rev: row.parents
            for rev, row in tables["revision"].items()
            if row.record == name and row.status in TAKEN
        }
        replaced = {parent for parents in graph.values() for parent in parents}
        heads = sorted(graph.keys() - replaced)
        if sorted(record.heads) != heads:
            lost = sorted(each[:15] for each in set(heads) - set(record.heads))
            world.violated(
                "I8", f"{world.names.get(str(name))} hides {lost} behind {len(record.heads)} heads"
            )


def what_a_restore_lost_is_back(world) -> None:
    """I10: what a restore took from the server and a phone still has is here again."""
    for phone in world.phones:
        for rev in sorted(phone.holds() & world.taken_back - world.excused):
            if not _is_here(world, rev):
                world.violated("I10", f"{rev[:15]} on {phone.name} did not come back after a restore")
