"""The server as it runs: transactions that take turns, crashes, backups, and the epoch guard outside the database.

The guard is the production code (`sync.decide`, `sync.new_epoch`); server/installation.py says when it is asked.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sync import EpochGuard, Rotate, base64url, decide, new_epoch, read_page, says_nothing_new
from sync.fields import write_moment
from sync.strict_json import write_object
from tests.simulation.database import WRITER, Database, Lock, Tables, Transaction

MORNING = datetime(2026, 11, 20, 1, tzinfo=UTC)

Verb = Callable[..., Iterator[Lock | str]]


@dataclass(eq=False)
class Request:
    """A verb under way: between two statements, or waiting for a lock."""

    name: str
    verb: Iterator[Lock | str]
    tx: Transaction
    done: Callable[[Any], None]
    refused: Callable[[], None]
    waiting: Lock | None = None
    is_answered: bool = False
    is_patient: bool = False
    """Whether it waits until nobody reads who began before the horizon rose."""

    def may_go_on(self) -> bool:
        return self.waiting is None or self.tx.may_take(self.waiting)


@dataclass(frozen=True)
class Backup:
    """A finished copy: the tables, the files as they were, and the newest number it holds."""

    tables: Tables
    files: dict[str, bytes]
    seq: int


class Server:
    """All processes of one installation."""

    def __init__(self, world) -> None:
        self.world, self.swarm, self.random = world, world.swarm, world.random
        self.errs, self.told = world.errs, world.told
        self.database = Database(one_writer=world.swarm.one_writer)
        self.running: list[Request] = []
        self.guard: EpochGuard | None = None
        self.backups: list[Backup] = []
        self.files: dict[str, bytes] = {}
        self.uploads: dict[tuple[str, str], bytes] = {}
        self.durable_seq = self.horizon_read = 0
        self.numbers = 0
        self.read_page = world.mutated("read_page", read_page)
        self.says_nothing_new = world.mutated("says_nothing_new", says_nothing_new)
        self.start_up()

    # The epoch

    @property
    def epoch(self) -> str:
        assert self.guard is not None, "a server that started has an epoch"
        return self.guard.epoch

    def start_up(self) -> None:
        """Ask the guard whether this is the database that phones know: `guard_epoch`."""
        seq, _ = self.database.head
        at_high = self._hash_at(self.guard.high_seq) if self.guard else None
        decision = decide(self.guard, seq, at_high)
        if isinstance(decision, Rotate):
            self.begin_epoch()

    def begin_epoch(self) -> str:
        seq, digest = self.database.head
        before = self.guard.epoch if self.guard else ""
        epoch = new_epoch(self.clock(), before, self.random.getrandbits)
        self.guard = EpochGuard(epoch, seq, digest if seq else "")
        self.told("server", f"begins epoch {epoch} at {seq}")
        return epoch

    def work(self) -> None:
        """What the worker does: it notes the head after commits, and gives rows to files that have none."""
        self.remember_head()
        self._adopt_files()

    def remember_head(self) -> None:
        """Note how far the log has come: `Installation.remember_head`."""
        seq, digest = self.database.head
        if self.guard is not None and seq > self.guard.high_seq:
            self.guard = EpochGuard(self.guard.epoch, seq, digest)

    def _hash_at(self, seq: int) -> str | None:
        entry = self.database.tables["audit"].get(seq)
        return entry.hash if entry is not None else None

    def clock(self) -> datetime:
        return MORNING + timedelta(seconds=self.world.now)

    def receipt(self) -> str:
        """Write what a phone reads of a receipt: when it was given. Signatures are checked elsewhere."""
        return base64url.encode(write_object({"at": write_moment(self.clock())})) + ".unsigned"

    # Transactions

    def begin(
        self,
        name: str,
        verb: Verb,
        *args: Any,
        done: Callable[[Any], None] = lambda _: None,
        refused: Callable[[], None] = lambda: None,
        **more: Any,
    ) -> Request:
        """Begin a verb in a transaction of its own.

        `done` hears what it returned, after the commit; `refused` is told when the database ends it (`end_crossed`).
        """
        tx = Transaction(self.database)
        request = Request(name, verb(self, tx, *args, **more), tx, done, refused)
        if self.database.one_writer:
            request.waiting = Lock(WRITER)
        self.running.append(request)
        return request

    def runnable(self) -> list[Request]:
        return [request for request in self.running if request.may_go_on()]

    def advance(self, request: Request) -> None:
        """Let one request do its next statement."""
        self.world.statements += 1
        if request.waiting is not None:
            request.tx.takes(request.waiting)
            request.waiting = None
        try:
            asked = next(request.verb)
        except StopIteration as end:
            if self.errs("answered_before_commit") and not request.is_answered:
                request.done(end.value)
                request.is_answered, request.verb = True, iter(("commit",))
                return
            request.tx.commit()
            self.running.remove(request)
            self.told("server", f"commits {request.name} at {self.database.head[0]}")
            if not request.is_answered:
                request.done(end.value)
            return
        if isinstance(asked, Lock):
            request.waiting = asked

    def end_crossed(self) -> bool:
        """End a transaction that waits for another that waits for it, as PostgreSQL does; False where none may."""
        crossed = (each for each in self.running if each.waiting is not None and not each.waiting.in_order)
        request = next(crossed, None)
        if request is None:
            return False
        self.told("server", f"ends {request.name}, which crossed another")
        request.tx.release()
        self.running.remove(request)
        request.refused()
        return True

    def meanwhile(self) -> None:
        """Let others go on between two statements of a reader; a reader of SQLite sees one snapshot."""
        if self.database.one_writer or not self.running:
            return
        while self.random.random() < self.swarm.interleaving:
            risen = self.database.tables["horizon"].get(0, 0) != self.horizon_read
            ready = [request for request in self.runnable() if not (risen and request.is_patient)]
            if not ready:
                return
            self.advance(self.random.choice(ready))

    def next_number(self) -> int:
        """Give a number as a bare sequence does; for mutants."""
        self.numbers = max(self.numbers, self.database.head[0]) + 1
        return self.numbers

    # Disasters

    def crash(self) -> None:
        """Stop one process or all at once, wherever every transaction stands, and start again."""
        all_of_them = self.random.random() < 0.5
        for request in [each for each in self.running if all_of_them or self.random.random() < 0.5]:
            self.told("server", f"crashes in {request.name}")
            request.tx.release()
            self.running.remove(request)
        self.start_up()

    def back_up(self) -> None:
        """Finish a backup: everything up to its head is known to exist in a second place."""
        seq, _ = self.database.head
        self.backups = [*self.backups[-2:], Backup(self.database.copy(), dict(self.files), seq)]
        if self.swarm.tells_durable:
            self.durable_seq = seq
        self.told("server", f"finishes a backup at {seq}")

    def restore(self, backup: Backup, *, files_too: bool, runbook: bool) -> None:
        """Stop, put a backup in place, and start: with the runbook in a new epoch, else as the guard decides."""
        self.running.clear()
        self.database.take_back(backup.tables)
        if files_too:
            self.files = dict(backup.files)
            self.uploads.clear()
        self.backups = [each for each in self.backups if each.seq <= backup.seq]
        self.durable_seq = 0
        self.told(
            "server", f"is restored from the backup at {backup.seq}{' with its files' if files_too else ''}"
        )
        self._forget_files()
        if runbook:
            self._adopt_files()
        if self.errs("no_epoch_after_restore"):
            self.guard = EpochGuard(self.epoch)
        elif runbook:
            self.begin_epoch()
        else:
            self.start_up()

    def _forget_files(self) -> None:
        """Take away the rows of files that a restore took, as the runbook's check does."""
        stored = self.database.tables["stored"]
        for sha in [sha for sha in stored if sha not in self.files]:
            del stored[sha]

    def _adopt_files(self) -> None:
        """Write the rows of files whose store outlived a crash or a restore: `evidence/patrol.py`."""
        self.database.tables["stored"].update(dict.fromkeys(self.files, True))

    def file_state(self, sha: str) -> str:
        """Say how a file is held, by its row: durable once a finished backup has it."""
        if sha not in self.files or sha not in self.database.tables["stored"]:
            return "absent"
        copied = self.swarm.tells_durable and self.backups and sha in self.backups[-1].files
        return "durable" if copied else "stored"

    def take_chunk(self, phone: str, sha: str, offset: int, data: bytes, total: int) -> tuple[str, Any]:
        """Take a piece of a file at its offset, and the whole file if its hash holds."""
        if sha in self.files:
            return "stored", sha
        held = self.uploads.get((phone, sha), b"")
        careless = self.errs("files_not_checked")
        if offset == len(held) or careless:
            held += data
            self.uploads[phone, sha] = held
        if len(held) < total:
            return "offset", (sha, len(held))
        del self.uploads[phone, sha]
        if hashlib.sha256(held).hexdigest() != sha and not careless:
            return "offset", (sha, 0)
        self.files[sha] = held
        return "stored", sha


def store_file(server: Server, tx: Transaction, sha: str) -> Iterator[Lock | str]:
    """Write the row of a file that is whole; bytes without one are adopted after a crash."""
    yield "file"
    if sha in server.files:
        tx.put("stored", sha, True)
