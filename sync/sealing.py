"""What a phone puts into its outbox: one operation, sealed, that may be sent any number of times."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec

from sync.item import read_item
from sync.push import ENVELOPE, MAX_BODY
from sync.revision import Revision, revision_id, write_revision
from sync.signing import ALGORITHM, attestation_bytes, key_id, public_jwk, sign
from sync.strict_json import write_object


@dataclass(frozen=True)
class SealedOp:
    """One operation as it will be sent: `item` is its wire JSON, `content` what an answer must name.

    `record` and `task` say what work it is, `media` the SHA-256 of the files it vouches for. `ours` is false of
    somebody else's work that was brought to this phone, or that it gives back after a restore.
    """

    op: UUID
    kind: str
    rev: str
    content: str
    item: Mapping[str, Any]
    record: UUID | None = None
    task: UUID | None = None
    media: tuple[str, ...] = ()
    ours: bool = True

    @cached_property
    def size(self) -> int:
        """Bytes it takes in the body of a push."""
        return len(write_object(dict(self.item))) + 1

    def under(self, op: UUID) -> "SealedOp":
        """Give the same work another id."""
        return replace(self, op=op, item={**self.item, "op": str(op)})


def seal_revision(
    revision: Revision, key: ec.EllipticCurvePrivateKey | None = None, *, op: UUID | None = None
) -> SealedOp:
    """Seal a revision, signed with the device's key or, where a phone has none, unsigned."""
    data = write_revision(revision)
    item = {
        "op": str(op or uuid4()),
        "kind": "revision",
        "rev": revision_id(data),
        "bytes": base64.b64encode(data).decode("ascii"),
    }
    return _sealed(
        item | _signature(key, data),
        record=revision.record,
        task=revision.task,
        media=tuple(entry.sha256 for entry in revision.media),
    )


def seal_attestation(
    rev: str,
    role: str,
    key: ec.EllipticCurvePrivateKey,
    *,
    op: UUID | None = None,
    record: UUID | None = None,
    task: UUID | None = None,
) -> SealedOp:
    """Seal a co-signature (会签) of a revision in a role."""
    item = {"op": str(op or uuid4()), "kind": "attest", "rev": rev, "role": role}
    return _sealed(item | _signature(key, attestation_bytes(rev, role)), record=record, task=task)


def _signature(key: ec.EllipticCurvePrivateKey | None, data: bytes) -> dict[str, str]:
    if key is None:
        return {}
    return {"alg": ALGORITHM, "key": key_id(public_jwk(key)), "sig": sign(key, data)}


def _sealed(
    item: Mapping[str, str], *, record: UUID | None, task: UUID | None, media: tuple[str, ...] = ()
) -> SealedOp:
    # Read back as the server will, so that nothing is sealed that would be quarantined as malformed.
    read = read_item(item)
    if read.defect is not None:
        raise ValueError(read.defect.message)
    sealed = SealedOp(read.op, read.kind, item["rev"], read.content, item, record, task, media)
    if sealed.size > MAX_BODY - ENVELOPE:
        raise ValueError("the operation is larger than a push may be")
    return sealed
