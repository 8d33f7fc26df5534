"""Revisions: the immutable, content-addressed bytes in which a phone reports what an inspector found.

A revision is named by the SHA-256 of its exact bytes and signed over them; it is parsed for indexing only
and never written again from what was parsed. Shape: docs/protocol.md, "Revision bytes".
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sync.beside import Declarations, MeanOfFixes, declarations_in, measurements_in
from sync.fields import BadField, Fields, if_sound, write_moment
from sync.strict_json import NotJson, read_object, write_object

VERSION = 1
MAX_BYTES = 1024 * 1024
MAX_MEDIA = 500
MAX_PARENTS = 16
MAX_MEDIA_BYTES = 1 << 40


SOURCES = ("camera", "gallery")
"""How a file came to be in a record: taken within the app, or chosen from what was on the phone."""


class UnreadableRevision(ValueError):
    """These bytes are no revision. They are evidence all the same: keep them and quarantine them.

    `code` is one of revision.too-large, revision.not-json, revision.version-unknown,
    revision.missing-field, revision.bad-field; `message` says what is wrong, Chinese first.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Position:
    """Where the phone was: WGS 84 degrees, metres; `at` is the phone's wall clock.

    `is_mock`: the phone says that an app made the position up (Android's `isMock`); None where it can't tell.
    """

    latitude: float
    longitude: float
    accuracy: float | None = None
    altitude: float | None = None
    at: datetime | None = None
    is_mock: bool | None = None


@dataclass(frozen=True)
class RevisionTime:
    """What the phone's clocks said when it sealed the revision; nothing of it is believed, see `sync.clock`.

    `wall`: wall clock. `mono`: milliseconds of a clock that only runs forward within one `boot`. `beacon`:
    the last time token of the server. `beacon_mono`: what `mono` read when that token came, if it came in
    the same boot.
    """

    wall: datetime
    mono: int | None = None
    boot: str | None = None
    beacon: str | None = None
    beacon_mono: int | None = None


@dataclass(frozen=True)
class MediaEntry:
    """One photo, recording or signature that the revision vouches for.

    Its name in the XML and its bytes' SHA-256. `captured_mono` is what the phone's forward-only clock read at the
    capture, in the boot `captured_boot` (see `RevisionTime`). `source` is one of `SOURCES`, None where not told.
    """

    name: str
    sha256: str
    size: int
    type: str
    captured_at: datetime | None = None
    position: Position | None = None
    captured_mono: int | None = None
    captured_boot: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class Revision:
    """One state of one inspection record (检查记录), as its author sealed it on a phone."""

    record: UUID
    parents: tuple[str, ...]
    task: UUID
    form: str
    form_version: str
    author: str
    device: UUID
    dev_seq: int
    prev_dev_rev: str | None
    time: RevisionTime
    position: Position | None
    xml: str
    media: tuple[MediaEntry, ...] = ()
    declarations: Declarations | None = None
    measurements: tuple[MeanOfFixes, ...] = ()
    v: int = VERSION


def revision_id(data: bytes) -> str:
    """Name exact bytes: `sha256:` and 64 lower-case hexadecimal digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def read_revision(data: bytes) -> Revision:
    """Read revision bytes strictly.

    Unknown further fields are allowed and ignored. Raises UnreadableRevision.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableRevision("revision.too-large", f"记录超过 {MAX_BYTES} 字节。 Over {MAX_BYTES} bytes.")
    try:
        body = read_object(data)
    except NotJson as error:
        raise UnreadableRevision("revision.not-json", str(error)) from error
    version = body.get("v", VERSION)
    if type(version) is int and version != VERSION:
        message = f"不认识的记录格式版本 {version}。 Unknown revision version {version}."
        raise UnreadableRevision("revision.version-unknown", message)
    try:
        return _revision(Fields(body))
    except BadField as error:
        code = "revision.missing-field" if error.missing else "revision.bad-field"
        raise UnreadableRevision(code, str(error)) from error


def write_revision(revision: Revision) -> bytes:
    """Write a revision as the UTF-8 JSON bytes to hash and sign. The same revision gives the same bytes."""
    beside: dict[str, Any] = {}
    if revision.measurements:
        beside["measurements"] = [each.as_json() for each in revision.measurements]
    if revision.declarations is not None:
        beside["declarations"] = revision.declarations.as_json()
    return write_object(
        {
            "v": revision.v,
            "record": str(revision.record),
            "parents": list(revision.parents),
            "task": str(revision.task),
            "form": revision.form,
            "form_version": revision.form_version,
            "author": revision.author,
            "device": str(revision.device),
            "dev_seq": revision.dev_seq,
            "prev_dev_rev": revision.prev_dev_rev,
            "time": _time_json(revision.time),
            "position": _position_json(revision.position),
            "xml": revision.xml,
            "media": [_media_json(entry) for entry in revision.media],
        }
        | beside
    )


def _revision(fields: Fields) -> Revision:
    return Revision(
        v=fields.integer("v", low=VERSION, high=VERSION),
        record=fields.uuid("record"),
        parents=_parents(fields),
        task=fields.uuid("task"),
        form=fields.name("form", longest=64),
        form_version=fields.name("form_version", longest=64),
        author=fields.name("author", longest=128),
        device=fields.uuid("device"),
        dev_seq=fields.integer("dev_seq"),
        prev_dev_rev=fields.revision_id("prev_dev_rev") if fields.given("prev_dev_rev") else None,
        time=_time(fields.part("time")),
        position=_position(fields),
        xml=fields.text("xml", longest=MAX_BYTES),
        media=_media(fields),
        declarations=declarations_in(fields),
        measurements=measurements_in(fields),
    )


def _parents(fields: Fields) -> tuple[str, ...]:
    names = fields.items("parents", most=MAX_PARENTS)
    parents = tuple(names.revision_id(index) for index in names)
    if len(set(parents)) != len(parents):
        raise BadField("parents", "同一上级重复出现", "a parent is named twice")
    return parents


def _time(fields: Fields) -> RevisionTime:
    return RevisionTime(
        wall=fields.moment("wall"),
        mono=fields.integer("mono") if fields.given("mono") else None,
        boot=fields.name("boot", longest=64) if fields.given("boot") else None,
        beacon=fields.text("beacon", longest=1024) if fields.given("beacon") else None,
        beacon_mono=fields.integer("beacon_mono") if fields.given("beacon_mono") else None,
    )


def _position(parent: Fields) -> Position | None:
    if not parent.given("position"):
        return None
    fields = parent.part("position")
    return Position(
        latitude=fields.number("latitude", low=-90, high=90),
        longitude=fields.number("longitude", low=-180, high=180),
        accuracy=fields.number("accuracy", low=0, high=1e9) if fields.given("accuracy") else None,
        altitude=fields.number("altitude", low=-1e6, high=1e6) if fields.given("altitude") else None,
        at=fields.moment("at") if fields.given("at") else None,
        is_mock=if_sound(lambda: fields.truth("is_mock")),
    )


def _media(fields: Fields) -> tuple[MediaEntry, ...]:
    entries = fields.items("media", most=MAX_MEDIA)
    media = tuple(_media_entry(entries.part(index)) for index in entries)
    if len({entry.name for entry in media}) != len(media):
        raise BadField("media", "附件重名", "a media name is used twice")
    return media


def _media_entry(fields: Fields) -> MediaEntry:
    return MediaEntry(
        name=fields.name("name", longest=255),
        sha256=fields.sha256("sha256"),
        size=fields.integer("size", high=MAX_MEDIA_BYTES),
        type=fields.media_type("type"),
        captured_at=fields.moment("captured_at") if fields.given("captured_at") else None,
        position=_position(fields),
        captured_mono=if_sound(lambda: fields.integer("captured_mono")),
        captured_boot=if_sound(lambda: fields.name("captured_boot", longest=64)),
        source=if_sound(lambda: fields.word("source", SOURCES)),
    )


def _time_json(time: RevisionTime) -> dict[str, Any]:
    body = {"wall": write_moment(time.wall), "mono": time.mono, "boot": time.boot, "beacon": time.beacon}
    return body if time.beacon_mono is None else body | {"beacon_mono": time.beacon_mono}


def _position_json(position: Position | None) -> dict[str, Any] | None:
    if position is None:
        return None
    body: dict[str, Any] = {"latitude": position.latitude, "longitude": position.longitude}
    if position.accuracy is not None:
        body["accuracy"] = position.accuracy
    if position.altitude is not None:
        body["altitude"] = position.altitude
    if position.at is not None:
        body["at"] = write_moment(position.at)
    if position.is_mock is not None:
        body["is_mock"] = position.is_mock
    return body


def _media_json(entry: MediaEntry) -> dict[str, Any]:
    body = {
        "name": entry.name,
        "sha256": entry.sha256,
        "size": entry.size,
        "type": entry.type,
        "captured_at": None if entry.captured_at is None else write_moment(entry.captured_at),
        "position": _position_json(entry.position),
    }
    later = {
        "captured_mono": entry.captured_mono,
        "captured_boot": entry.captured_boot,
        "source": entry.source,
    }
    return body | {name: value for name, value in later.items() if value is not None}
