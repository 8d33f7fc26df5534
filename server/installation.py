"""What makes an installation itself: its signing key, its secret, its epoch. All live outside the database."""

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.settings import Settings
from sync import BadGuard, EpochGuard, Rotate, ServerKey, decide, new_epoch, read_guard, write_guard


@dataclass
class Installation:
    """The keys and the epoch of one installation; all its processes read the same files."""

    key: ServerKey
    secret: bytes
    epoch_file: Path
    _read: tuple[int, str] = field(default=(0, ""), repr=False)

    @property
    def epoch(self) -> str:
        """The epoch now. The file is read again when another process has changed it."""
        changed = self.epoch_file.stat().st_mtime_ns
        if self._read[0] != changed:
            guard = read_guard(self.epoch_file)
            if guard is None:
                raise FileNotFoundError(self.epoch_file)
            self._read = (changed, guard.epoch)
        return self._read[1]

    def remember_head(self, session: Session) -> None:
        """Write down how far the audit log has come, after commit, so that a database taken back is noticed."""
        guard = read_guard(self.epoch_file)
        seq, digest = audit.head(session)
        if guard is None or seq <= guard.high_seq:
            return
        write_guard(self.epoch_file, EpochGuard(guard.epoch, seq, digest))


def open_installation(settings: Settings) -> Installation:
    """Read the keys, making them on first start with mode 0600."""
    settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.epoch_file.parent.mkdir(parents=True, exist_ok=True)
    pem = _read_or_make(settings.keys / "server.pem", lambda: ServerKey.generate().to_pem())
    secret = _read_or_make(settings.keys / "secret", lambda: secrets.token_bytes(32))
    return Installation(ServerKey.from_pem(pem), secret, settings.epoch_file)


def guard_epoch(installation: Installation, session: Session) -> str | None:
    """Begin a new epoch if the database is not the one phones know; return the reason, or None if it is."""
    try:
        guard = read_guard(installation.epoch_file)
    except BadGuard:
        guard = None
    seq, digest = audit.head(session)
    at_high = digest
    if guard and guard.high_seq and guard.high_seq != seq:
        at_high = (
            session.scalar(select(audit.AuditEntry.hash).where(audit.AuditEntry.seq == guard.high_seq)) or ""
        )
    decision = decide(guard, seq, at_high)
    if not isinstance(decision, Rotate):
        return None
    begin_epoch(installation, session)
    return decision.reason


def begin_epoch(installation: Installation, session: Session) -> str:
    """Begin a new epoch at the head of this database and return it: phones will offer again what they hold."""
    try:
        guard = read_guard(installation.epoch_file)
    except BadGuard:
        guard = None
    seq, digest = audit.head(session)
    epoch = new_epoch(clock.now(), after=guard.epoch if guard else "")
    write_guard(installation.epoch_file, EpochGuard(epoch, seq, digest if seq else ""))
    return epoch


def _read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_bytes(make())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)  # the first process wins; the others read what it made
        draft.unlink()
    return path.read_bytes()
