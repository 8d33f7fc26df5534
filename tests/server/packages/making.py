"""Large packages made without a database: sealed by the phone's own code, written by the server's own writer.

Only the audit chain is made up here, entry by entry as the server would.
"""

import base64
import hashlib
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from media import MemoryStore
from server import clock
from server.packages import package
from server.packages.package import Contents, Original, Part
from sync import (
    MediaEntry,
    Receipt,
    Revision,
    RevisionTime,
    ServerKey,
    generate_device_key,
    key_id,
    merkle,
    public_jwk,
    seal_revision,
    verifier,
)
from tests.server.packages.packaging import canonical

NOON = datetime(2026, 11, 26, 4, tzinfo=UTC)
PERSON, DEVICE, TASK = (UUID(int=number) for number in (1, 2, 3))


class Maker:
    """One server and one phone, and the log between them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.server, self.phone = ServerKey.generate(), generate_device_key()
        self.key = key_id(public_jwk(self.phone))
        self.store = MemoryStore()
        self.entries: list[dict[str, Any]] = []
        self.receipts: list[str] = []
        self.sealed = 0
        self.last: str | None = None
        self.beacon = self.server.make_beacon(NOON)
        enrolled = {"key": self.key, "person": str(PERSON), "replaces": None, "endorsement": None}
        self.enrolment = self.notes("device.key-enrolled", "device", str(DEVICE), enrolled)

    def case(self, records: int, revisions: int, photos: int) -> bytes:
        """A package of so many records, each of so many revisions in a row, each with so many photos of its own."""
        parts: list[Part] = []
        originals: list[Original] = []
        told = []
        for number in range(records):
            record, line = UUID(int=1000 + number), []
            for _ in range(revisions):
                rev, made = self.revision(record, line[-1:], photos, parts)
                line.append(rev)
                originals += made
            told.append({"record": str(record), "state": "open", "heads": line[-1:], "final": None})
            told[-1] |= {"revisions": line, "page": f"record-{record}.html"}
            parts.append(Part(f"record-{record}.html", "page", f"<p>{record}</p>".encode()))
        parts += [
            Part("attestations.json", "attestations", canonical({"attestations": []})),
            Part("decisions.json", "decisions", canonical({"decisions": []})),
            Part("receipts.json", "receipts", canonical({"receipts": self.receipts})),
            *self.log(),
            Part("forms/visit_1.xml", "form", b"<h:html/>"),
            Part("index.html", "index", "<p>案卷</p>".encode()),
        ]
        about = {
            "format": verifier.FORMAT,
            "version": verifier.VERSION,
            "region": "140522",
            "task": {"id": str(TASK), "number": "1", "name": "检查"},
            "object": {"id": str(UUID(int=4)), "name": "虚构采石场"},
            "records": told,
            "forms": [{"id": "visit", "version": "1", "path": "forms/visit_1.xml"}],
        }
        pieces = package.stream(Contents(about, parts, originals), self.store, self.server, NOON)
        return b"".join(pieces)

    def log(self) -> list[Part]:
        """The whole log, and what ties each entry to its root."""
        size = len(self.entries)
        statement = {
            "format": verifier.ROOT,
            "size": size,
            "root": self.root().hex(),
            "date": "2026-11-26",
            "made_at": clock.iso(NOON),
            "key": self.server.key_id,
        }
        data = canonical(statement)
        proofs = {
            "size": size,
            "inclusion": {
                str(seq): [each.hex() for each in merkle.inclusion_proof(seq - 1, size, self.node)]
                for seq in range(1, size + 1)
            },
            "consistency": [],
        }
        return [
            Part("audit/chain.json", "chain", canonical({"entries": self.entries})),
            Part("audit/proofs.json", "proofs", canonical(proofs)),
            Part(f"audit/root-{size}.json", "root", data),
            Part(f"audit/root-{size}.sig", "root-signature", self.server.sign_root(data).encode("ascii")),
        ]

    def node(self, level: int, position: int) -> bytes:
        """Hash a subtree of the log."""
        if level == 0:
            return merkle.leaf_hash(bytes.fromhex(self.entries[position]["hash"]))
        left, right = self.node(level - 1, 2 * position), self.node(level - 1, 2 * position + 1)
        return merkle.node_hash(left, right)

    def root(self) -> bytes:
        """Hash the log."""
        tree = merkle.Frontier()
        for entry in self.entries:
            tree.add(merkle.leaf_hash(bytes.fromhex(entry["hash"])))
        return tree.root()

    def revision(
        self, record: UUID, parents: list[str], photos: int, parts: list[Part]
    ) -> tuple[str, list[Original]]:
        """Seal a revision and have it taken; adds its two parts."""
        files = [self.photo() for _ in range(photos)]
        self.sealed += 1
        sealed = Revision(
            record=record,
            parents=tuple(parents),
            task=TASK,
            form="visit",
            form_version="1",
            author=str(PERSON),
            device=DEVICE,
            dev_seq=self.sealed,
            prev_dev_rev=self.last,
            time=RevisionTime(NOON + timedelta(seconds=self.sealed), beacon=self.beacon),
            position=None,
            xml=f"<data><n>{self.sealed}</n></data>",
            media=tuple(
                MediaEntry(f"{place}.jpg", each.sha256, each.size or 0, "image/jpeg")
                for place, each in enumerate(files)
            ),
        )
        op = seal_revision(sealed, self.phone)
        self.last = op.rev
        details = {"record": str(record), "op": str(op.item["op"]), "evidence_level": "signed"}
        entry = self.notes("revision.accepted", "revision", op.rev, details)
        at = datetime.fromisoformat(entry["at"])
        given = (str(op.item["op"]), op.rev, op.rev, "accepted", entry["seq"], entry["hash"], at)
        self.receipts.append(self.server.sign_receipt(Receipt("epoch", *given)))
        signature = {
            "rev": op.rev,
            "level": "signed",
            "alg": "ES256",
            "sig": op.item["sig"],
            "received_at": entry["at"],
            "key": self.key,
            "jwk": public_jwk(self.phone),
            "person": str(PERSON),
            "device": str(DEVICE),
            "history": [self.life()],
            "replaces_jwk": None,
        }
        data = base64.b64decode(op.item["bytes"])
        parts.append(Part(f"revisions/{op.rev[7:]}.json", "revision", data))
        parts.append(Part(f"revisions/{op.rev[7:]}.sig.json", "signature", canonical(signature)))
        return op.rev, files

    def photo(self) -> Original:
        content = self.chance.randbytes(self.chance.randint(16, 200))
        sha256 = hashlib.sha256(content).hexdigest()
        with self.store.write(sha256[:32], self.store.begin(sha256[:32], len(content), sha256)) as writing:
            writing.write(content)
            writing.finish(sha256)
        self.store.discard(sha256[:32], writing.progress)
        return Original(sha256, len(content), ["photo.jpg"])

    def life(self) -> dict[str, Any]:
        """What a signature tells of the key, from the only entry about it."""
        entry = self.enrolment
        told = {"seq": entry["seq"], "at": entry["at"], "fact": "enrolled", "by": entry["actor"]}
        return told | {"replaces": None, "endorsement": None}

    def notes(self, action: str, kind: str, subject: str, details: dict[str, Any]) -> dict[str, Any]:
        """Append to the log."""
        seq = len(self.entries) + 1
        entry = {
            "seq": seq,
            "at": clock.iso(NOON + timedelta(seconds=seq)),
            "actor": "inspector1",
            "action": action,
            "subject_kind": kind,
            "subject": subject,
            "details": details,
        }
        previous = self.entries[-1]["hash"] if self.entries else "0" * 64
        entry["hash"] = hashlib.sha256(previous.encode() + canonical(entry)).hexdigest()
        entry["previous"] = previous
        self.entries.append(entry)
        return entry
