"""What a phone asks of its surroundings."""

from dataclasses import dataclass
from typing import ClassVar, Literal
from uuid import UUID

from sync.sealing import SealedOp

Kind = Literal["push", "pull", "reoffer", "status", "digest", "media", "media_status"]
"""Kinds of requests: each waits, fails and is in flight on its own."""


@dataclass(frozen=True)
class AskPull:
    """Pull from this cursor."""

    kind: ClassVar[Kind] = "pull"
    epoch: str
    cursor: str | None


@dataclass(frozen=True)
class AskPush:
    """Push these operations, in order."""

    kind: ClassVar[Kind] = "push"
    epoch: str
    ops: tuple[SealedOp, ...]


@dataclass(frozen=True)
class AskReoffer:
    """Ask which of these revisions the server lacks."""

    kind: ClassVar[Kind] = "reoffer"
    epoch: str
    revs: tuple[str, ...]


@dataclass(frozen=True)
class AskStatus:
    """Ask what the server knows of these operations in this epoch."""

    kind: ClassVar[Kind] = "status"
    epoch: str
    ops: tuple[UUID, ...]


@dataclass(frozen=True)
class AskDigest:
    """Ask for the sums over what this person sees."""

    kind: ClassVar[Kind] = "digest"
    epoch: str
    cursor: str | None


@dataclass(frozen=True)
class AskBucket:
    """Ask for everything in one bucket, to put it right."""

    kind: ClassVar[Kind] = "digest"
    epoch: str
    cursor: str | None
    bucket: int


@dataclass(frozen=True)
class AskMedia:
    """Upload these files, by SHA-256; those that are being uploaded go on.

    One that is not here (an older copy of the storage came back) is asked about instead, as by `AskMediaStatus`.
    """

    kind: ClassVar[Kind] = "media"
    sha256s: tuple[str, ...]


@dataclass(frozen=True)
class AskMediaStatus:
    """Ask how the server holds these files."""

    kind: ClassVar[Kind] = "media_status"
    epoch: str
    sha256s: tuple[str, ...]


@dataclass(frozen=True)
class DropMedia:
    """Delete these files from the phone: everything that vouches for them is pruned."""

    sha256s: tuple[str, ...]


Ask = AskPull | AskPush | AskReoffer | AskStatus | AskDigest | AskBucket | AskMedia | AskMediaStatus
Effect = Ask | DropMedia
