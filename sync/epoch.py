"""The epoch: one unbroken life of a server's database.

It is kept outside the database, because a restored database would bring its old epoch back with it. A
change of epoch makes every phone offer again what it holds.
"""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sync.fields import BadField, Fields
from sync.strict_json import NotJson, read_object

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: sorts as its numbers do
_LENGTH = 26


class BadGuard(ValueError):
    """The guard file is damaged.

    Nothing is known of what phones were promised, so the epoch must change.
    """


@dataclass(frozen=True)
class EpochGuard:
    """The epoch, and the newest audit entry known to be committed in it.

    Written after commit, so the database may be ahead of it; the database behind it was taken back.
    `durable_seq`: the newest entry known to exist in a second place too, with its hash and when that was found
    (ISO 8601); it begins at 0 with every epoch, because a restore may have brought back less.
    """

    epoch: str
    high_seq: int = 0
    high_hash: str = ""
    durable_seq: int = 0
    durable_hash: str = ""
    durable_at: str = ""


@dataclass(frozen=True)
class Keep:
    """The database is the one that phones know."""


@dataclass(frozen=True)
class Rotate:
    """A new epoch must begin, and why."""

    reason: Literal["no-guard", "database-behind", "hash-differs"]


def decide(guard: EpochGuard | None, database_seq: int, hash_at_high_seq: str | None) -> Keep | Rotate:
    """Decide at start whether the database still is what the guard remembers.

    `database_seq` is the newest audit number in the database, `hash_at_high_seq` the hash it has at
    `guard.high_seq`.
    """
    if guard is None:
        return Rotate("no-guard")
    if database_seq < guard.high_seq:
        return Rotate("database-behind")
    if guard.high_seq > 0 and hash_at_high_seq != guard.high_hash:
        return Rotate("hash-differs")
    return Keep()


def new_epoch(
    now: datetime | None = None, after: str = "", chance: Callable[[int], int] = secrets.randbits
) -> str:
    """Name a new epoch: 26 characters of time and chance (as a ULID) that sort after the epoch before it.

    `after` keeps the order when the server's clock was set back. `chance` gives so many random bits; a
    simulation gives its own.
    """
    moment = datetime.now(UTC) if now is None else now
    number = (int(moment.timestamp() * 1000) << 80) | chance(80)
    epoch = _base32(number)
    if epoch > after:
        return epoch
    previous = 0
    for digit in after:
        previous = previous * 32 + _ALPHABET.index(digit)
    return _base32(previous + 1 + chance(40))


def read_guard(path: Path) -> EpochGuard | None:
    """Read the guard file; None when there is none. Raises BadGuard when it is damaged."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        fields = Fields(read_object(data))
        epoch, high_hash = fields.name("epoch", longest=64), fields.text("high_hash", longest=256)
        return EpochGuard(epoch, fields.integer("high_seq"), high_hash, *_read_durable(fields))
    except (NotJson, BadField) as error:
        raise BadGuard(f"{path}：{error}") from error


def _read_durable(fields: Fields) -> tuple[int, str, str]:
    if not fields.given("durable_seq"):
        return 0, "", ""  # written by an earlier version
    digest, at = (fields.text(name, longest=256) for name in ("durable_hash", "durable_at"))
    return fields.integer("durable_seq"), digest, at


def write_guard(path: Path, guard: EpochGuard) -> None:
    """Write the guard file so that a crash leaves either the old or the new one, whole."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as file:
            file.write(json.dumps(asdict(guard)).encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _base32(number: int) -> str:
    return "".join(_ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(_LENGTH)))
