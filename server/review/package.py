"""What goes into the evidence package (证据包) of a record, and the zip it travels in.

The layout is docs/protocol.md, "Evidence packages"; `sync.verifier` checks it. Everything small is read in one
transaction; the originals are read from the store while the answer goes out, so that none is ever held whole. The
manifest comes last and tells the hash of what really went out.
"""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SM3, Hash
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from media import ObjectUnknown, Reading, Store
from server import audit, clock
from server.access import Actor, Permission, require
from server.accounts.models import DeviceKey, Person
from server.checklists import service as checklists
from server.checklists.models import FormVersion
from server.db import Json, canonical_json
from server.evidence.models import MediaObject
from server.inspections import service as inspections
from server.inspections.models import Attestation, Record, Revision
from server.notary.service import Notary, prove, roots_to_show
from server.review import dossier
from server.review.index_page import write_index
from sync import ALGORITHM, ServerKey, verifier

PACKAGED: Final = "record.packaged"


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
class Contents:
    """What goes into a package: the manifest's own words, the small files, the originals to read."""

    about: Json
    parts: Sequence[Part]
    originals: Sequence[Original]


def gather(session: Session, actor: Actor, record_id: UUID) -> Contents:
    """Read a record's evidence, for whoever may see the record and its media."""
    require(actor, Permission.MEDIA_READ)
    record = inspections.visible_record(session, actor, record_id)
    shown = dossier.dossier(session, actor, record_id, None)
    revisions = inspections.revisions_of(session, record_id)
    forms = checklists.known(session, {(each.form_id or "", each.form_version or "") for each in revisions})
    originals = _originals(session, revisions)
    parts = [
        *_revision_parts(session, revisions),
        Part("attestations.json", "attestations", canonical_json(_attestations(session, revisions))),
        *_audit_parts(session, record, revisions),
        *(Part(_form_path(each), "form", each.xform) for each in forms.values()),
        Part(
            "index.html",
            "index",
            write_index(shown, [each.sha256 for each in originals if each.size is None]),
        ),
        Part("verify.py", "verifier", Path(verifier.__file__).read_bytes()),
    ]
    return Contents(_about(record, shown, revisions, forms.values()), parts, originals)


def note(session: Session, actor: Actor, record_id: UUID, notary: Notary) -> None:
    """Write down that somebody takes a record's evidence out of the house, and sign for all that is there by now.

    To be done before `gather`, which proves the record's audit entries against that root.
    """
    require(actor, Permission.MEDIA_READ)
    inspections.visible_record(session, actor, record_id)
    notary.sign_root(session)
    audit.append(session, actor, PACKAGED, ("record", record_id))


def stream(contents: Contents, store: Store, key: ServerKey, made_at: datetime) -> Iterator[bytes]:
    """Write the zip, piece by piece. Raises `StoreError` when an original can't be read to its end.

    Then there is no manifest and no end: what has gone out is no package.
    """
    writer = _Writer(made_at)
    with writer.archive:
        for part in contents.parts:
            writer.add(part)
            yield writer.sink.take()
        for original in contents.originals:
            yield from writer.copy(original, store)
        manifest = canonical_json(
            {
                **contents.about,
                "made_at": clock.iso(made_at),
                "server_keys": [key.public_jwk],
                "missing": writer.missing,
                "damaged": writer.damaged,
                "files": writer.files,
            }
        )
        writer.add(Part("manifest.json", "manifest", manifest))
        writer.add(Part("manifest.sig", "manifest", key.sign_manifest(manifest).encode("ascii")))
    yield writer.sink.take()


# What goes in


def _about(record: Record, shown: Json, revisions: Iterable[Revision], forms: Iterable[FormVersion]) -> Json:
    return {
        "format": verifier.FORMAT,
        "version": verifier.VERSION,
        "record": str(record.id),
        "region": record.region,
        "state": record.state,
        "heads": record.heads,
        "final": record.final_rev,
        "task": {"id": str(record.task_id), "number": shown["task_number"], "name": shown["task_name"]},
        "object": {"id": str(shown["object_id"]), "name": shown["object_name"]},
        "revisions": [each.rev for each in revisions],
        "forms": [{"id": each.form_id, "version": each.version, "path": _form_path(each)} for each in forms],
    }


def _form_path(form: FormVersion) -> str:
    return f"forms/{quote(form.form_id, safe='')}_{quote(form.version, safe='')}.xml"


def _revision_parts(session: Session, revisions: Sequence[Revision]) -> Iterator[Part]:
    keys = _keys(session, {(each.author_id, each.key or "") for each in revisions})
    for each in revisions:
        name = each.rev.removeprefix("sha256:")
        signature = {
            "rev": each.rev,
            "level": each.evidence_level,
            "alg": each.alg,
            "sig": each.sig,
            **_key_json(each.key, keys.get((each.author_id, each.key or ""))),
        }
        yield Part(f"revisions/{name}.json", "revision", each.data)
        yield Part(f"revisions/{name}.sig.json", "signature", canonical_json(signature))


def _keys(session: Session, wanted: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], DeviceKey]:
    query = select(DeviceKey).where(tuple_(DeviceKey.person_id, DeviceKey.key_id).in_(list(wanted)))
    return {(key.person_id, key.key_id): key for key in session.scalars(query)}


def _key_json(named: str | None, key: DeviceKey | None) -> Json:
    """A key as it was enrolled: whose, on which device, from when until when. Only its name if it never was."""
    if key is None:
        return {"key": named, "jwk": None}
    return {
        "key": named,
        "jwk": key.jwk,
        "person": str(key.person_id),
        "device": str(key.device_id),
        "enrolled_at": clock.iso(key.enrolled_at),
        "ended_at": clock.iso(key.ended_at) if key.ended_at else None,
    }


def _attestations(session: Session, revisions: Iterable[Revision]) -> Json:
    query = select(Attestation).where(Attestation.rev.in_([each.rev for each in revisions]))
    found = session.scalars(query.order_by(Attestation.received_at, Attestation.id)).all()
    keys = _keys(session, {(each.person_id, each.key) for each in found})
    people = session.execute(
        select(Person.id, Person.name).where(Person.id.in_({each.person_id for each in found}))
    )
    names = {row.id: row.name for row in people}
    return {
        "attestations": [
            {
                "rev": each.rev,
                "role": each.role,
                "name": names[each.person_id],
                "alg": each.alg or ALGORITHM,
                "sig": each.sig,
                "valid": each.valid,
                "received_at": clock.iso(each.received_at),
                **_key_json(each.key, keys.get((each.person_id, each.key))),
                "person": str(each.person_id),
            }
            for each in found
        ]
    }


def _audit_parts(session: Session, record: Record, revisions: Iterable[Revision]) -> Iterator[Part]:
    """The record's audit entries, the newest root and the newest with a time-stamp, and what ties them together."""
    subjects = {("record", str(record.id)), *(("revision", each.rev) for each in revisions)}
    entries = audit.entries_about(session, subjects, without=[PACKAGED])
    roots = roots_to_show(session)
    proofs = prove(session, [each["seq"] for each in entries], roots)
    yield Part("audit/chain.json", "chain", canonical_json({"entries": entries}))
    yield Part("audit/proofs.json", "proofs", canonical_json(proofs))
    for root in roots:
        path = f"audit/root-{root.size}"
        yield Part(f"{path}.json", "root", root.statement)
        yield Part(f"{path}.sig", "root-signature", root.signature.encode("ascii"))
        if root.stamp is not None:
            yield Part(f"{path}.tsr", "time-stamp", root.stamp)


def _originals(session: Session, revisions: Iterable[Revision]) -> list[Original]:
    names: dict[str, set[str]] = {}
    for revision in revisions:
        for entry in revision.media:
            names.setdefault(entry["sha256"], set()).add(entry["name"])
    query = select(MediaObject.sha256, MediaObject.size).where(MediaObject.sha256.in_(names))
    sizes = {row.sha256: row.size for row in session.execute(query)}
    return [Original(sha256, sizes.get(sha256), sorted(names[sha256])) for sha256 in sorted(names)]


# The zip


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

    def __post_init__(self) -> None:
        self.sink = _Sink()
        self.archive = zipfile.ZipFile(self.sink, "w", zipfile.ZIP_STORED)  # type: ignore[call-overload]

    def add(self, part: Part) -> None:
        self.archive.writestr(self._info(part.path, len(part.data)), part.data)
        digest = _Digest()
        digest.update(part.data)
        self._list(part.path, digest.as_json(), len(part.data), part.role)

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
        info = zipfile.ZipInfo(path, self.made_at.astimezone(clock.CHINA).timetuple()[:6])
        info.create_system, info.external_attr, info.file_size = 3, 0o644 << 16, size
        return info


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
