"""The zip that an evidence package travels in; its layout is docs/protocol.md, "Evidence packages".

Everything small is read in one transaction (`gathering`); the originals are read from the store while the answer goes
out, so that none is ever held whole. The manifest comes last and tells the hash of what really went out.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SM3, Hash

from media import ObjectUnknown, Reading, Store
from server import clock
from server.db import Json, canonical_json
from server.problems import Problem
from server.review.stamped import StampedPhoto
from sync import ServerKey


@dataclass(frozen=True)
class Part:
    """A small file of a package; `role` tells what it is."""

    path: str
    role: str
    data: bytes


@dataclass(frozen=True)
class Original:
    """A file that revisions vouch for under some names. `size`: bytes in the store, None if it has not come."""

    sha256: str
    size: int | None
    names: Sequence[str]


@dataclass(frozen=True)
class Copy:
    """A stamped copy (水印副本) to be printed: of the photo that `rev` of a record has under a name."""

    record: UUID
    rev: str
    name: str
    photo: StampedPhoto

    @property
    def path(self) -> str:
        """Where it lies in the package."""
        return f"stamped/{self.record}/{self.photo.sha256}.jpg"


@dataclass(frozen=True)
class Contents:
    """What goes into a package: the manifest's own words, the small files, the originals to read, copies to print."""

    about: Json
    parts: Sequence[Part]
    originals: Sequence[Original]
    copies: Sequence[Copy] = ()


def stream(
    contents: Contents,
    store: Store,
    key: ServerKey,
    made_at: datetime,
    printing: Callable[[StampedPhoto], bytes] | None = None,
) -> Iterator[bytes]:
    """Write the zip, piece by piece. Raises `StoreError` when an original can't be read to its end.

    Then there is no manifest and no end: what has gone out is no package. `printing` makes the stamped copies; one that
    it refuses is told as such, and without it there are none.
    """
    writer = _Writer(made_at)
    with writer.archive:
        for part in contents.parts:
            writer.add(part)
            yield writer.sink.take()
        for original in contents.originals:
            yield from writer.copy(original, store)
        if printing is not None:
            for copy in contents.copies:
                writer.add_stamped(copy, printing)
                yield writer.sink.take()
        manifest = canonical_json(
            {
                **contents.about,
                "made_at": clock.iso(made_at),
                "server_keys": [key.public_jwk],
                "missing": writer.missing,
                "damaged": writer.damaged,
                "stamped": writer.stamped,
                "unstamped": writer.unstamped,
                "files": writer.files,
            }
        )
        writer.add(Part("manifest.json", "manifest", manifest))
        writer.add(Part("manifest.sig", "manifest", key.sign_manifest(manifest).encode("ascii")))
    yield writer.sink.take()


class _Sink:
    """Takes what a zip writes and hands it on; it can't be seeked, so that nothing waits for the end."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def take(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


@dataclass
class _Writer:
    """A zip on its way out, and what its manifest will say of it."""

    made_at: datetime
    files: list[Json] = field(default_factory=list)
    missing: list[Json] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    stamped: list[Json] = field(default_factory=list)
    unstamped: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sink = _Sink()
        self.archive = zipfile.ZipFile(self.sink, "w", zipfile.ZIP_STORED)  # type: ignore[call-overload]

    def add(self, part: Part) -> None:
        self.archive.writestr(self._info(part.path, len(part.data)), part.data)
        digest = _Digest()
        digest.update(part.data)
        self._list(part.path, digest.as_json(), len(part.data), part.role)

    def add_stamped(self, copy: Copy, printing: Callable[[StampedPhoto], bytes]) -> None:
        """Print a stamped copy and add it, or tell why there is none."""
        told = {"record": str(copy.record), "rev": copy.rev, "name": copy.name, "sha256": copy.photo.sha256}
        try:
            data = printing(copy.photo)
        except Problem as problem:
            self.unstamped.append({**told, "reason": problem.code})
            return
        self.add(Part(copy.path, "stamped", data))
        self.stamped.append({**told, "path": copy.path})

    def copy(self, original: Original, store: Store) -> Iterator[bytes]:
        """Copy an original out of the store, and tell if it is not there or not what its name says."""
        reading = _open(store, original)
        if reading is None:
            self.missing.append({"sha256": original.sha256, "names": list(original.names)})
            return
        path, digest, size = f"media/{original.sha256}", _Digest(), 0
        with reading, self.archive.open(self._info(path, reading.length), "w") as member:
            for piece in reading:
                digest.update(piece)
                size += len(piece)
                member.write(piece)
                yield self.sink.take()
        found = digest.as_json()
        if found["sha256"] != original.sha256:
            self.damaged.append(original.sha256)
        self._list(path, found, size, "media")

    def _list(self, path: str, found: Json, size: int, role: str) -> None:
        self.files.append({"path": path, **found, "size": size, "role": role})

    def _info(self, path: str, size: int) -> zipfile.ZipInfo:
        info = _Info(path, self.made_at.astimezone(clock.CHINA).timetuple()[:6])
        info.create_system, info.external_attr, info.file_size = 3, 0o644 << 16, size
        return info


class _Info(zipfile.ZipInfo):
    """Begins a member that may be large as Python does since 3.11.4, whatever Python this is: the verifier reads every byte."""

    def FileHeader(self, zip64: bool | None = None) -> bytes:  # noqa: N802 - overrides
        """Write what stands before a member: for a large one, that its sizes follow (PKWARE APPNOTE 4.4.8 and 4.5.3)."""
        if zip64:
            self.extract_version = self.create_version = zipfile.ZIP64_VERSION
        header = super().FileHeader(zip64)
        return header[:18] + b"\xff" * 8 + header[26:] if zip64 else header


class _Digest:
    """Both hashes of what goes out, in one pass."""

    def __init__(self) -> None:
        self._sha256, self._sm3 = hashlib.sha256(), Hash(SM3())

    def update(self, data: bytes) -> None:
        self._sha256.update(data)
        self._sm3.update(data)

    def as_json(self) -> Json:
        return {"sha256": self._sha256.hexdigest(), "sm3": self._sm3.finalize().hex()}


def _open(store: Store, original: Original) -> Reading | None:
    if original.size is None:
        return None
    try:
        return store.open(original.sha256)
    except ObjectUnknown:
        return None
