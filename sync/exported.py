r"""What a phone gives out as a file, opened with the organisation's key.

Two kinds. A *parcel* (`MSX1`) holds what had not arrived, under a key of its own, which the phone's vault sealed. A
*storage* (`MSS1`) is all that lies on a phone, as it lies there. Both begin with four letters and a header in clear (its
length in four bytes, big-endian, then JSON), which has the vault's data key wrapped to the organisation (`sync.escrow`).

- What a vault sealed: `MSV`, 1, a nonce of 12 bytes, AES-256-GCM with those four bytes as additional data.
- A parcel goes on with frames: length, AES-256-GCM, nonce and additional data being the frame's number in 12 bytes. The
  first byte inside is 0 before JSON, 1 before bytes of a file. First comes what is in it, then the files in that order.
- A storage goes on with rows: length, JSON, then as many sealed parts as `parts` tells the lengths of.

Each ends by saying so; one that was cut off raises `ExportBroken`. A part of a storage that can't be opened loses nothing
but itself: phones break.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.escrow import EscrowKey

PARCEL, STORAGE = b"MSX1", b"MSS1"
_VAULT = b"MSV\x01"
_LENGTH, _NONCE = 4, 12  # bytes
_LONGEST = 64_000_000  # bytes of one part: more than any phone writes
_PART = 1_000_000  # bytes of a file in one frame of a parcel


class ExportBroken(ValueError):
    """It is no export of a phone, or was cut off or changed."""


@dataclass(frozen=True)
class ExportedFile:
    """A captured file: `sha256` and `size` of the bytes that are there; `is_whole`: they are all that was captured."""

    name: str
    record: str
    type: str
    size: int
    sha256: str
    is_whole: bool
    told: Mapping[str, Any]


@dataclass
class Export:
    """What is in an export. `ops` are operations as the phone's outbox has them, in order; `drafts` are not sealed yet.

    `told`: by name what else lay there, such as `typed-{record}` and `declared-{task}`. `unreadable`: parts that could not
    be opened, by what they are.
    """

    person: str
    device: str
    packed_at: str
    ops: list[dict[str, Any]] = field(default_factory=list)
    drafts: list[dict[str, Any]] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    files: list[ExportedFile] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


Keep = Callable[[str, Mapping[str, Any], Iterator[bytes]], None]
"""Hears of each file: its name, its row, its bytes in pieces."""


def drop(_name: str, _row: Mapping[str, Any], _pieces: Iterator[bytes]) -> None:
    """Keep nothing of a file."""


def read_export(source: BinaryIO, key: EscrowKey, keep: Keep = drop) -> Export:
    """Read an export from its beginning. Raises ExportBroken, and NotOpened when it is not for this key."""
    magic = _take(source, len(PARCEL))
    if magic not in (PARCEL, STORAGE):
        raise ExportBroken("this is no export of a phone")
    header = _object(_take(source, _length(source)))
    try:
        person, device = str(header["person"]), str(header["device"])
        wrapped = base64.b64decode((header["organisation"] or {"bytes": ""})["bytes"], validate=True)
        found = Export(person, device, str(header["packed_at"]))
        vault = base64.b64decode(header["vault"], validate=True) if magic == PARCEL else b""
    except (KeyError, TypeError, binascii.Error) as error:
        raise ExportBroken("its header lacks something") from error
    data_key = AESGCM(key.unwrap(wrapped, person, device))
    try:
        if magic == PARCEL:
            _read_parcel(source, AESGCM(_open(data_key, vault)), found, keep)
        else:
            _read_storage(source, data_key, found, keep)
    except (KeyError, TypeError, InvalidTag) as error:
        raise ExportBroken("it is damaged") from error
    return found


def _read_parcel(source: BinaryIO, key: AESGCM, found: Export, keep: Keep) -> None:
    frames = _frames(source, key)
    contents = _object(_json(next(frames, b"")))
    found.ops, found.drafts = list(contents.get("ops", [])), list(contents.get("drafts", []))
    for row in contents.get("files", []):
        pieces = (_bytes(next(frames, b"")) for _ in range(0, row["size"], _PART))
        found.files.append(_kept(row, row["told"], pieces, keep))
    if _object(_json(next(frames, b""))).get("end") is not True:
        raise ExportBroken("it was cut off")


def _frames(source: BinaryIO, key: AESGCM) -> Iterator[bytes]:
    number = 0
    while True:
        nonce = number.to_bytes(_NONCE, "big")
        try:
            yield key.decrypt(nonce, _take(source, _length(source)), nonce)
        except InvalidTag as error:
            raise ExportBroken("it was changed, or frames are missing") from error
        number += 1


def _json(frame: bytes) -> bytes:
    if frame[:1] != b"\0":
        raise ExportBroken("a frame stands in a wrong place")
    return frame[1:]


def _bytes(frame: bytes) -> bytes:
    if frame[:1] != b"\1":
        raise ExportBroken("a frame stands in a wrong place")
    return frame[1:]


def _read_storage(source: BinaryIO, key: AESGCM, found: Export, keep: Keep) -> None:
    while (row := _object(_take(source, _length(source)))).get("kind") != "end":
        parts = (_take(source, size) for size in _sizes(row))
        try:
            _read_row(row, parts, key, found, keep)
        except (InvalidTag, json.JSONDecodeError):
            name = row.get("op") or row.get("record") or row.get("name")
            found.unreadable.append(f"{row['kind']} {name}")
        for _ in parts:
            pass


def _read_row(row: dict[str, Any], parts: Iterator[bytes], key: AESGCM, found: Export, keep: Keep) -> None:
    what = {name: value for name, value in row.items() if name not in {"kind", "parts", "has"}}
    match row.get("kind"):
        case "op":
            found.ops.append(json.loads(_open(key, next(parts))))
        case "told":
            found.told[row["name"]] = json.loads(_open(key, next(parts)))
        case "draft":
            for name in row["has"]:
                opened = _open(key, next(parts)).decode()
                what |= {"xml": opened} if name == "xml" else json.loads(opened)
            found.drafts.append(what)
        case "file":
            told = next(
                _opened(key, [next(parts)]), b"{}"
            )  # what is told of a file may be lost, and the file not
            found.files.append(_kept(what, json.loads(told), _opened(key, parts), keep))


def _opened(key: AESGCM, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Open the pieces of a file up to the first that does not open."""
    for part in parts:
        try:
            yield _open(key, part)
        except InvalidTag:
            return


def _kept(
    row: Mapping[str, Any], told: Mapping[str, Any], pieces: Iterator[bytes], keep: Keep
) -> ExportedFile:
    sha256, size = hashlib.sha256(), 0

    def hashed() -> Iterator[bytes]:
        nonlocal size
        for piece in pieces:
            sha256.update(piece)
            size += len(piece)
            yield piece

    passing = hashed()
    keep(row["name"], row, passing)
    for _ in passing:
        pass
    made = sha256.hexdigest()
    return ExportedFile(row["name"], row["record"], row["type"], size, made, made == row["sha256"], told)


def _open(key: AESGCM, sealed: bytes) -> bytes:
    start = len(_VAULT)
    if sealed[:start] != _VAULT:
        raise InvalidTag()
    return key.decrypt(sealed[start : start + _NONCE], sealed[start + _NONCE :], _VAULT)


def _sizes(row: Mapping[str, Any]) -> list[int]:
    sizes = row.get("parts")
    if not isinstance(sizes, list) or not all(
        isinstance(each, int) and 0 <= each <= _LONGEST for each in sizes
    ):
        raise ExportBroken("a row is damaged")
    return sizes


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ExportBroken("it is damaged") from error
    if not isinstance(found, dict):
        raise ExportBroken("it is damaged")
    return found


def _length(source: BinaryIO) -> int:
    size = int.from_bytes(_take(source, _LENGTH), "big")
    if size > _LONGEST:
        raise ExportBroken("it is damaged")
    return size


def _take(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise ExportBroken("it was cut off")
    return data
