"""The pull cursor: how far one person's phone has read, opaque to the phone and signed by the server."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from sync import base64url
from sync.fields import BadField, Fields
from sync.strict_json import NotJson, read_object, write_object

MAX_TEXT = 4096
_VERSION = 1


class BadCursor(ValueError):
    """A cursor that this server did not make, or made with another secret."""


@dataclass(frozen=True)
class Cursor:
    """How far a phone has read, in audit sequence numbers.

    `position` counts in the person's own feed, `channels` in each shared channel the phone knows. `begun`
    is the head of the log when this phone's first sync began: what was already dead then never reached it.
    """

    epoch: str
    user: str
    position: int = 0
    channels: Mapping[str, int] = field(default_factory=dict)
    begun: int = 0


def seal(cursor: Cursor, secret: bytes) -> str:
    """Write a cursor as opaque URL-safe text that only this secret can have made (HMAC-SHA256)."""
    data = write_object(
        {
            "v": _VERSION,
            "epoch": cursor.epoch,
            "user": cursor.user,
            "p": cursor.position,
            "c": dict(sorted(cursor.channels.items())),
            "b": cursor.begun,
        }
    )
    return f"{base64url.encode(data)}.{base64url.encode(_mac(data, secret))}"


def unseal(text: str, secret: bytes) -> Cursor:
    """Read a cursor sealed with this secret. Raises BadCursor on anything else."""
    payload, dot, mac = text.partition(".")
    if len(text) > MAX_TEXT or not dot:
        raise BadCursor("无法识别的游标。 Not a cursor.")
    try:
        data, given = base64url.decode(payload), base64url.decode(mac)
    except ValueError as error:
        raise BadCursor("无法识别的游标。 Not a cursor.") from error
    if not hmac.compare_digest(given, _mac(data, secret)):
        raise BadCursor("游标签名不符。 The cursor is not signed by this server.")
    try:
        return _cursor(Fields(read_object(data)))
    except (NotJson, BadField) as error:
        raise BadCursor("游标格式已不支持。 A cursor of another version.") from error


def _cursor(fields: Fields) -> Cursor:
    fields.integer("v", low=_VERSION, high=_VERSION)
    channels = fields.part("c")
    return Cursor(
        epoch=fields.text("epoch", longest=64),
        user=fields.text("user", longest=128),
        position=fields.integer("p"),
        channels={name: channels.integer(name) for name in channels},
        begun=fields.integer("b"),
    )


def _mac(data: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, b"MERESTONE1\0cursor\0" + data, hashlib.sha256).digest()
