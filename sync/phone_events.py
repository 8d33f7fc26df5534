"""What can happen to a phone.

Every reply carries what was asked, because replies come late, twice and out of order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal
from uuid import UUID

from sync.phone_effects import Kind
from sync.sealing import SealedOp


@dataclass(frozen=True)
class LoggedIn:
    """A person signed in; `epoch` and, where given, `limits` as the server's reply has them."""

    user: str
    epoch: str
    limits: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Woken:
    """The phone is online and has time: opened, back on the network, or a timer.

    `now` is milliseconds of any clock of the phone that goes on by itself; only waits are measured with it.
    """

    now: int | None = None


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
class Held:
    """A revision of somebody else was fetched: `item` is its push item without `op`, `record` its record."""

    request_epoch: str
    record: UUID
    item: Mapping[str, Any]


@dataclass(frozen=True)
class Released:
    """The phone would be rid of somebody else's revision again."""

    rev: str


@dataclass(frozen=True)
class Pruned:
    """The phone would be rid of the bytes of an operation, or of a record's; see `safe_to_delete`."""

    name: UUID
    now: int


@dataclass(frozen=True)
class CacheEvicted:
    """The browser threw away what was pulled; what was sealed is kept elsewhere."""


@dataclass(frozen=True)
class PageArrived:
    """A pull was answered 200 with `page`, the reply's JSON."""

    answers: ClassVar[tuple[Kind, ...]] = ("pull",)
    request_epoch: str
    request_cursor: str | None
    page: Mapping[str, Any]

    @property
    def epoch(self) -> str:
        """The server's epoch."""
        return str(self.page["epoch"])


@dataclass(frozen=True)
class PullReset:
    """A pull was answered 410; `epoch` is the server's."""

    answers: ClassVar[tuple[Kind, ...]] = ("pull",)
    request_epoch: str
    request_cursor: str | None
    epoch: str
    reset: Literal["epoch", "horizon", "user"]


@dataclass(frozen=True)
class PushReplied:
    """A push was answered 200 with `reply`, its JSON."""

    answers: ClassVar[tuple[Kind, ...]] = ("push",)
    request_epoch: str
    reply: Mapping[str, Any]

    @property
    def epoch(self) -> str:
        """The server's epoch."""
        return str(self.reply["epoch"])


@dataclass(frozen=True)
class EpochRefused:
    """A push or a re-offer was answered 409; `epoch` is the server's."""

    answers: ClassVar[tuple[Kind, ...]] = ("push", "reoffer")
    request_epoch: str
    epoch: str


@dataclass(frozen=True)
class ReofferReplied:
    """Of the revisions `offered`, the server lacks `missing`."""

    answers: ClassVar[tuple[Kind, ...]] = ("reoffer",)
    request_epoch: str
    epoch: str
    offered: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class StatusReplied:
    """`POST /sync/ops/status` was answered with `reply`, its JSON."""

    answers: ClassVar[tuple[Kind, ...]] = ("status",)
    request_epoch: str
    reply: Mapping[str, Any]

    @property
    def epoch(self) -> str:
        """The server's epoch."""
        return str(self.reply["epoch"])


@dataclass(frozen=True)
class DigestReplied:
    """`GET /sync/digest` was answered with `reply`, its JSON."""

    answers: ClassVar[tuple[Kind, ...]] = ("digest",)
    request_epoch: str
    request_cursor: str | None
    reply: Mapping[str, Any]

    @property
    def epoch(self) -> str:
        """The server's epoch."""
        return str(self.reply["epoch"])


@dataclass(frozen=True)
class BucketReplied:
    """`GET /sync/digest/{bucket}` was answered with `reply`, its JSON."""

    answers: ClassVar[tuple[Kind, ...]] = ("digest",)
    request_epoch: str
    request_cursor: str | None
    bucket: int
    reply: Mapping[str, Any]

    @property
    def epoch(self) -> str:
        """The server's epoch."""
        return str(self.reply["epoch"])


@dataclass(frozen=True)
class MediaStored:
    """The server has the whole file. Give the epoch it was asked in, so that late news can be told."""

    answers: ClassVar[tuple[Kind, ...]] = ("media_status",)

    sha256: str
    request_epoch: str | None = None


@dataclass(frozen=True)
class MediaDurable:
    """The server has the whole file, and a second copy of it is known."""

    answers: ClassVar[tuple[Kind, ...]] = ("media_status",)

    sha256: str
    request_epoch: str


@dataclass(frozen=True)
class MediaAbsent:
    """The server lacks the file, or some of it."""

    answers: ClassVar[tuple[Kind, ...]] = ("media_status",)

    sha256: str
    request_epoch: str


@dataclass(frozen=True)
class Refused:
    """A request was refused: 400 and 413 to a push of `ops`, 401, 403 and 426 to anything."""

    request_epoch: str
    what: Kind
    status: int
    ops: tuple[UUID, ...] = ()

    @property
    def answers(self) -> tuple[Kind, ...]:
        """What was asked."""
        return (self.what,)


@dataclass(frozen=True)
class Throttled:
    """A request was answered 429 or 503, or not at all: not again before `until`, by the clock of `Woken`."""

    what: Kind
    until: int

    @property
    def answers(self) -> tuple[Kind, ...]:
        """What was asked."""
        return (self.what,)


Reply = (
    PageArrived
    | PullReset
    | PushReplied
    | EpochRefused
    | ReofferReplied
    | StatusReplied
    | DigestReplied
    | BucketReplied
)
"""An answer of the server that names its epoch."""
MediaNews = MediaStored | MediaDurable | MediaAbsent
Keeping = Drafted | Sealed | Held | Released | Pruned | CacheEvicted | MediaNews
"""What happens on the phone itself, or to a file."""
Event = LoggedIn | Woken | Keeping | Reply | Refused | Throttled
