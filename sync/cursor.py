"""The pull cursor: how far one person's phone has read, opaque to the phone and signed by the server."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from sync import base64url
from sync.fields import BadField, Fields
from sync.packing import NotPacked, Packer, Unpacker
from sync.strict_json import NotJson, read_object

MAX_TEXT = 4096
_JSON, _PACKED, _TRACED = 1, 2, 3
"""Versions: JSON with a MAC beside it, which phones may still hold; bytes with the MAC behind them; with a trace."""
_TRACE_BYTES = 4
_MAC_BYTES = 16


class BadCursor(ValueError):
    """A cursor that this server did not make, or made with another secret."""


@dataclass(frozen=True)
class Cursor:
    """How far a phone has read, in audit sequence numbers.

    `position` counts in the person's own feed, `channels` in each shared channel the phone knows. `begun`
    is the head of the log when this phone's first sync began: what was already dead then never reached it.
    `seen` is the newest entry of the log that a page was read under, and `trace` the beginning of its hash: a
    database that was put back and written on has another one there. A cursor from before there were traces has none.
    """

    epoch: str
    user: str
    position: int = 0
    channels: Mapping[str, int] = field(default_factory=dict)
    begun: int = 0
    seen: int = 0
    trace: str = ""


def trace_of(entry_hash: str) -> str:
    """Shorten the hash of an entry of the log (hex) to what a cursor carries of it, 32 bits."""
    return entry_hash[: 2 * _TRACE_BYTES]


def seal(cursor: Cursor, secret: bytes) -> str:
    """Write a cursor as opaque URL-safe text that only this secret can have made (HMAC-SHA256, 128 bits).

    It travels with every pull, so it is short: about 90 characters.
    """
    packer = Packer()
    packer.number(_TRACED if cursor.trace else _PACKED)
    packer.name(cursor.epoch)
    packer.name(cursor.user)
    packer.number(cursor.position)
    packer.signed(cursor.position - cursor.begun)
    if cursor.trace:
        packer.signed(cursor.position - cursor.seen)
        packer.raw(bytes.fromhex(cursor.trace))
    for channel, position in sorted(cursor.channels.items()):
        packer.name(channel)
        packer.signed(cursor.position - position)
    data = bytes(packer.data)
    return base64url.encode(data + _mac(data, secret)[:_MAC_BYTES])


def unseal(text: str, secret: bytes) -> Cursor:
    """Read a cursor sealed with this secret, in this version or the one before. Raises BadCursor on anything else."""
    if len(text) > MAX_TEXT:
        raise BadCursor("无法识别的游标。 Not a cursor.")
    payload, dot, mac = text.partition(".")
    try:
        data = base64url.decode(payload)
        data, given = (data, base64url.decode(mac)) if dot else (data[:-_MAC_BYTES], data[-_MAC_BYTES:])
    except ValueError as error:
        raise BadCursor("无法识别的游标。 Not a cursor.") from error
    expected = _mac(data, secret)
    if not hmac.compare_digest(given, expected if dot else expected[:_MAC_BYTES]):
        raise BadCursor("游标签名不符。 The cursor is not signed by this server.")
    try:
        return _of_json(Fields(read_object(data))) if dot else _unpacked(Unpacker(data))
    except (NotJson, BadField, NotPacked) as error:
        raise BadCursor("游标格式已不支持。 A cursor of another version.") from error


def _unpacked(unpacker: Unpacker) -> Cursor:
    version = unpacker.number()
    if version not in {_PACKED, _TRACED}:
        raise NotPacked("another version")
    epoch, user, position = unpacker.name(), unpacker.name(), unpacker.number()
    begun, seen, trace = position - unpacker.signed(), 0, ""
    if version == _TRACED:
        seen, trace = position - unpacker.signed(), unpacker.raw(_TRACE_BYTES).hex()
    channels = {}
    while not unpacker.at_end:
        name = unpacker.name()
        channels[name] = position - unpacker.signed()
    return Cursor(epoch, user, position, channels, begun, seen, trace)


def _of_json(fields: Fields) -> Cursor:
    fields.integer("v", low=_JSON, high=_JSON)
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
