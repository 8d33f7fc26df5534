"""The phone protocol as plain values and rules: what a phone and a server must agree on to lose nothing.

Contract: every function here is a pure function of its arguments, except the two of `sync.epoch` that read
and write the guard file, and those that draw keys and ids at random. Bad bytes from outside raise one named
error per kind of thing (`UnreadableRevision`, `BadEnvelope`, `BadCursor`, `BadKey`, `BadGuard`), with a
stable code where a stranger must be answered; checking a signature, receipt or beacon answers no instead of
raising. Times are aware UTC.

Not here: who may do what, SQL, HTTP, forms, media bytes. The server provides a `FeedSource`, a `Ledger` and
an `Apply`; nothing in this package knows Flask, SQLAlchemy or the other rooms.

A revision's way: `write_revision` and `seal_revision` on the phone; `read_push_bytes` and `push` on the
server, which asks `read_revision`, `verify`, `add_revision`, `record_state` and `clock_interval`;
`ServerKey.sign_receipt` back. A change's way: `read_page` from a `Cursor`, `seal` to the phone, `step` in
the phone's `PhoneState`.

`sync.verifier` checks evidence packages and stands alone: it imports nothing of this package, because a copy of
it goes out with each of them.
"""

from sync.clock import CLOCK_FLAGS, ClockInterval, clock_interval
from sync.cursor import BadCursor, Cursor, seal, unseal
from sync.dag import Grown, RecordState, Review, add_revision, record_state
from sync.digest import BUCKETS, bucket_of, digest
from sync.epoch import (
    BadGuard,
    EpochGuard,
    Keep,
    Rotate,
    decide,
    new_epoch,
    read_guard,
    write_guard,
)
from sync.feed import (
    AheadOfServer,
    ChannelLeft,
    FeedRow,
    FeedSource,
    Page,
    Reader,
    ResetNeeded,
    channel_recipient,
    read_page,
    user_recipient,
)
from sync.item import Defect, PushItem, content_hash
from sync.keys import KEY_ENDED, KEY_REVOKED, KeyLife, endorsement_bytes
from sync.outcome import OUTCOMES, SAFE, Finding, Outcome, OutcomeName
from sync.phone import PhoneState, step, wishes
from sync.phone_events import (
    AskMedia,
    AskPull,
    AskPush,
    AskReoffer,
    CacheEvicted,
    Drafted,
    Effect,
    EpochRefused,
    Event,
    LoggedIn,
    MediaStored,
    PageArrived,
    PullReset,
    PushReplied,
    ReofferReplied,
    Sealed,
    Woken,
)
from sync.push import (
    Apply,
    BadEnvelope,
    EnvelopeTooLarge,
    Ledger,
    Push,
    push,
    read_push,
    read_push_bytes,
)
from sync.receipts import Beacon, Receipt, ServerKey, read_beacon, verify_receipt
from sync.revision import (
    MediaEntry,
    Position,
    Revision,
    RevisionTime,
    UnreadableRevision,
    read_revision,
    revision_id,
    write_revision,
)
from sync.sealing import SealedOp, seal_attestation, seal_revision
from sync.signing import (
    ALGORITHM,
    BadKey,
    attestation_bytes,
    generate_device_key,
    key_id,
    public_jwk,
    read_public_jwk,
    sign,
    verify,
)
from sync.view import OWN_FEED, Entity, View

__all__ = [
    "ALGORITHM",
    "BUCKETS",
    "CLOCK_FLAGS",
    "KEY_ENDED",
    "KEY_REVOKED",
    "OUTCOMES",
    "OWN_FEED",
    "SAFE",
    "AheadOfServer",
    "Apply",
    "AskMedia",
    "AskPull",
    "AskPush",
    "AskReoffer",
    "BadCursor",
    "BadEnvelope",
    "BadGuard",
    "BadKey",
    "Beacon",
    "CacheEvicted",
    "ChannelLeft",
    "ClockInterval",
    "Cursor",
    "Defect",
    "Drafted",
    "Effect",
    "Entity",
    "EnvelopeTooLarge",
    "EpochGuard",
    "EpochRefused",
    "Event",
    "FeedRow",
    "FeedSource",
    "Finding",
    "Grown",
    "Keep",
    "KeyLife",
    "Ledger",
    "LoggedIn",
    "MediaEntry",
    "MediaStored",
    "Outcome",
    "OutcomeName",
    "Page",
    "PageArrived",
    "PhoneState",
    "Position",
    "PullReset",
    "Push",
    "PushItem",
    "PushReplied",
    "Reader",
    "Receipt",
    "RecordState",
    "ReofferReplied",
    "ResetNeeded",
    "Review",
    "Revision",
    "RevisionTime",
    "Rotate",
    "Sealed",
    "SealedOp",
    "ServerKey",
    "UnreadableRevision",
    "View",
    "Woken",
    "add_revision",
    "attestation_bytes",
    "bucket_of",
    "channel_recipient",
    "clock_interval",
    "content_hash",
    "decide",
    "digest",
    "endorsement_bytes",
    "generate_device_key",
    "key_id",
    "new_epoch",
    "public_jwk",
    "push",
    "read_beacon",
    "read_guard",
    "read_page",
    "read_public_jwk",
    "read_push",
    "read_push_bytes",
    "read_revision",
    "record_state",
    "revision_id",
    "seal",
    "seal_attestation",
    "seal_revision",
    "sign",
    "step",
    "unseal",
    "user_recipient",
    "verify",
    "verify_receipt",
    "wishes",
    "write_guard",
    "write_revision",
]
