"""What can happen to a phone (events), and what a phone then asks of its surroundings (effects).

Every reply carries what was asked, because replies come late, twice and out of order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sync.sealing import SealedOp


@dataclass(frozen=True)
class LoggedIn:
    """A person signed in; `epoch` as the server gave it."""

    user: str
    epoch: str


@dataclass(frozen=True)
class Woken:
    """The phone is online and has time: opened, back on the network, or a timer."""


@dataclass(frozen=True)
class Drafted:
    """Someone began to work on a record; nothing is sealed yet."""

    record: UUID
    task: UUID


@dataclass(frozen=True)
class Sealed:
    """An operation was sealed and is durably stored."""

    op: SealedOp


@dataclass(frozen=True)
class PageArrived:
    """A pull was answered 200 with `page`, the reply's JSON."""

    request_epoch: str
    request_cursor: str | None
    page: Mapping[str, Any]


@dataclass(frozen=True)
class PullReset:
    """A pull was answered 410; `epoch` is the server's."""

    request_epoch: str
    request_cursor: str | None
    epoch: str
    reset: Literal["epoch", "horizon", "user"]


@dataclass(frozen=True)
class PushReplied:
    """A push was answered 200 with `reply`, its JSON."""

    request_epoch: str
    reply: Mapping[str, Any]


@dataclass(frozen=True)
class EpochRefused:
    """A push or a re-offer was answered 409; `epoch` is the server's."""

    request_epoch: str
    epoch: str


@dataclass(frozen=True)
class ReofferReplied:
    """Of the revisions `offered`, the server lacks `missing`."""

    request_epoch: str
    epoch: str
    offered: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class MediaStored:
    """The server has the whole file."""

    sha256: str


@dataclass(frozen=True)
class CacheEvicted:
    """The browser threw away what was pulled; what was sealed is kept elsewhere."""


@dataclass(frozen=True)
class AskPull:
    """Pull from this cursor."""

    epoch: str
    cursor: str | None


@dataclass(frozen=True)
class AskPush:
    """Push these operations, in order."""

    epoch: str
    ops: tuple[SealedOp, ...]


@dataclass(frozen=True)
class AskReoffer:
    """Ask which of these revisions the server lacks."""

    epoch: str
    revs: tuple[str, ...]


@dataclass(frozen=True)
class AskMedia:
    """Upload these files, by SHA-256."""

    sha256s: tuple[str, ...]


Event = (
    LoggedIn
    | Woken
    | Drafted
    | Sealed
    | PageArrived
    | PullReset
    | PushReplied
    | EpochRefused
    | ReofferReplied
    | MediaStored
    | CacheEvicted
)
Effect = AskPull | AskPush | AskReoffer | AskMedia
