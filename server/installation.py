"""What makes an installation itself: its signing key, its secret, its epoch. All live outside the database."""

import contextlib
import fcntl
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.problems import EpochDiffers
from server.settings import Settings
from sync import (
    BadGuard,
    EpochGuard,
    EscrowKey,
    Rotate,
    ServerKey,
    decide,
    new_epoch,
    read_guard,
    write_guard,
)

#: For so long a time beacon is given to all who ask.
BEACON_SERVES: Final = timedelta(milliseconds=200)


@dataclass
class Installation:
    """The keys and the epoch of one installation; all its processes read the same files.

    `escrow`: the organisation's key, which phones wrap their data keys to; perhaps its public half only.
    `second_copy`: whether the operator named one, so that `durable_seq` may be told to phones.
    """

    key: ServerKey
    secret: bytes
    epoch_file: Path
    escrow: EscrowKey
    second_copy: bool = False
    _read: tuple[tuple[int, int], EpochGuard] | None = field(default=None, repr=False)
    _beacon: tuple[datetime, str, str] | None = field(default=None, repr=False)

    @property
    def guard(self) -> EpochGuard:
        """The guard now. The file is read again when another process has changed it. Raises BadGuard, also when it is lost."""
        try:
            facts = self.epoch_file.stat()
        except FileNotFoundError as error:
            raise BadGuard(f"没有 {self.epoch_file} / there is no {self.epoch_file}") from error
        changed = (facts.st_mtime_ns, facts.st_ino)
        known = self._read
        if known is None or known[0] != changed:
            guard = read_guard(self.epoch_file)
            if guard is None:
                raise BadGuard(f"没有 {self.epoch_file} / there is no {self.epoch_file}")
            known = self._read = (changed, guard)
        return known[1]

    @property
    def epoch(self) -> str:
        """The epoch now."""
        return self.guard.epoch

    def epoch_for(self, believed: str | None) -> str:
        """Give the epoch for an answer, to be read before the answer is: if one begins meanwhile, it says nothing.

        `believed` is the one that the phone named, if it did. Raises EpochDiffers.
        """
        epoch = self.epoch
        if believed is not None and believed != epoch:
            raise EpochDiffers(epoch=epoch)
        return epoch

    @property
    def durable_seq(self) -> int:
        """The newest entry that phones may take for safe: in a second place, in this epoch; 0 when none is known."""
        return self.guard.durable_seq if self.second_copy else 0

    def beacon(self, now: datetime, epoch: str) -> str:
        """Sign the present moment, or give what was just signed: when many pull, signing is a tenth of what a pull costs.

        A beacon proves that what quotes it was sealed later. That holds of one that is a moment older, too; it is never
        of a moment to come.
        """
        if self._beacon is not None:
            at, of_epoch, beacon = self._beacon
            if of_epoch == epoch and timedelta(0) <= now - at < BEACON_SERVES:
                return beacon
        beacon = self.key.make_beacon(now, epoch)
        self._beacon = now, epoch, beacon
        return beacon

    def remember_head(self, session: Session) -> None:
        """Write down how far the audit log has come, after commit, so that a database taken back is noticed."""
        before = self.guard
        seq, digest = audit.head(session)
        if seq <= before.high_seq:
            return
        with self._changing() as guard:
            # A head that was read in an epoch that is over is of a database that may be gone.
            if guard is not None and guard.epoch == before.epoch and seq > guard.high_seq:
                write_guard(self.epoch_file, replace(guard, high_seq=seq, high_hash=digest))

    def remember_durable(self, session: Session, epoch: str, seq: int, digest: str) -> bool:
        """Write down that the log up to entry `seq`, whose hash is `digest`, exists in a second place.

        `epoch` is the one in which that place was read: what was found in one that is over is not believed, nor
        what this database does not hold. Returns whether it is believed; the number never falls within an epoch.
        """
        here = session.scalar(select(audit.AuditEntry.hash).where(audit.AuditEntry.seq == seq))
        with self._changing() as guard:
            if guard is None or guard.epoch != epoch or here != digest:
                return False
            if seq > guard.durable_seq:
                now = clock.iso(clock.now())
                further = replace(guard, durable_seq=seq, durable_hash=digest, durable_at=now)
                write_guard(self.epoch_file, further)
        return True

    def begin_epoch(self, seq: int, digest: str, instead_of: str | None = None) -> str:
        """Begin a new epoch at an entry of the log and return it.

        With `instead_of` only if that one still is the epoch: of several processes that see the same, one begins.
        """
        with self._changing() as guard:
            if guard is not None and instead_of is not None and guard.epoch != instead_of:
                return guard.epoch
            epoch = new_epoch(clock.now(), after=guard.epoch if guard else "")
            write_guard(self.epoch_file, EpochGuard(epoch, seq, digest if seq else ""))
        return epoch

    @contextmanager
    def _changing(self) -> Iterator[EpochGuard | None]:
        """Read the guard and keep others from changing it, so that nobody writes an epoch back that is over.

        None when there is none, or it is damaged.
        """
        with self.epoch_file.with_suffix(".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield _read_guard(self.epoch_file)


def key_files(settings: Settings) -> dict[str, Path]:
    """Where the keys of an installation are, by the names they have in its folder of keys unless set otherwise."""
    keys = settings.keys
    return {"server.pem": keys / "server.pem", "secret": keys / "secret", "escrow.pem": settings.escrow_key}


def open_installation(settings: Settings) -> Installation:
    """Read the keys, making them on first start with mode 0600."""
    settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.epoch_file.parent.mkdir(parents=True, exist_ok=True)
    files = key_files(settings)
    pem = _read_or_make(files["server.pem"], lambda: ServerKey.generate().to_pem())
    secret = _read_or_make(files["secret"], lambda: secrets.token_bytes(32))
    key = ServerKey.from_pem(pem)
    settings.escrow_key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    escrow = EscrowKey.from_pem(_read_or_make(settings.escrow_key, lambda: EscrowKey.generate().private_pem))
    return Installation(key, secret, settings.epoch_file, escrow, settings.second_copy != "none")


def guard_epoch(installation: Installation, session: Session) -> str | None:
    """Begin a new epoch if the database is not the one phones know; return the reason, or None if it is.

    The guard is read before the database: others may take both further meanwhile.
    """
    guard = _read_guard(installation.epoch_file)
    seq, digest = audit.head(session)
    at_high = digest
    if guard and guard.high_seq and guard.high_seq != seq:
        at_high = (
            session.scalar(select(audit.AuditEntry.hash).where(audit.AuditEntry.seq == guard.high_seq)) or ""
        )
    decision = decide(guard, seq, at_high)
    if not isinstance(decision, Rotate):
        return None
    begin_epoch(installation, session, instead_of=guard.epoch if guard else None)
    return decision.reason


def begin_epoch(installation: Installation, session: Session, instead_of: str | None = None) -> str:
    """Begin a new epoch at the head of this database and return it: phones will offer again what they hold."""
    return installation.begin_epoch(*audit.head(session), instead_of=instead_of)


def _read_guard(path: Path) -> EpochGuard | None:
    try:
        return read_guard(path)
    except BadGuard:
        return None


def _read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_bytes(make())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)  # the first process wins; the others read what it made
        draft.unlink()
    return path.read_bytes()
