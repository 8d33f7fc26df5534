"""One item of a push: read when it can be, kept raw when it cannot."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sync.fields import BadField, Fields
from sync.revision import MAX_BYTES, revision_id
from sync.signing import attestation_bytes

_KEY_ID = re.compile(r"k:[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Defect:
    """Why an item cannot be read; a stable `noun.reason` code and a sentence, Chinese first."""

    code: str
    message: str


@dataclass(frozen=True)
class PushItem:
    """One operation of a phone, `kind` revision or attest. When `defect` is set, quarantine `raw_text()`.

    `data` is what was signed: the revision's exact bytes, or `sync.signing.attestation_bytes`. An unsigned
    revision has neither `alg`, `key` nor `sig`.
    """

    op: UUID
    kind: str
    raw: Mapping[str, Any]
    rev: str | None = None
    role: str | None = None
    alg: str | None = None
    key: str | None = None
    sig: str | None = None
    data: bytes = b""
    defect: Defect | None = None

    @property
    def content(self) -> str:
        """Name what was pushed; see `content_hash`."""
        return content_hash(self)

    def raw_text(self) -> str:
        """Write the item as it came, as JSON in ASCII."""
        return _canonical(self.raw)


class _Defective(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.defect = Defect(code, message)


def content_hash(item: PushItem) -> str:
    """Name an item's content, whatever its op id, as `sha256:…`.

    Of a revision it is the revision id (a second signature over the same bytes is the same content); of an
    attestation the SHA-256 of its bytes, NUL and key id; of an unreadable item that of its JSON without
    `op`, names sorted.
    """
    if item.defect is None and item.kind == "revision":
        return item.rev or revision_id(item.data)  # compared when it was read; asked for several times a push
    if item.defect is None:
        return "sha256:" + hashlib.sha256(item.data + b"\0" + (item.key or "").encode()).hexdigest()
    rest = {name: value for name, value in item.raw.items() if name != "op"}
    return "sha256:" + hashlib.sha256(_canonical(rest).encode("ascii")).hexdigest()


def read_item(raw: Mapping[str, Any]) -> PushItem:
    """Read one item.

    What is wrong with it becomes its `defect`. Raises BadField only when `op` is no UUID.
    """
    op = Fields(raw).uuid("op")
    kind = raw.get("kind")
    item = PushItem(op, kind if isinstance(kind, str) else "", raw)
    reader = _READERS.get(item.kind)
    if reader is None:
        return replace(
            item, defect=Defect("item.kind-unknown", "不认识的操作类型。 Unknown kind of operation.")
        )
    try:
        return reader(item, Fields(raw))
    except _Defective as error:
        return replace(item, defect=error.defect)
    except BadField as error:
        code = "item.missing-field" if error.missing else "item.bad-field"
        return replace(item, defect=Defect(code, str(error)))


def _revision(item: PushItem, fields: Fields) -> PushItem:
    try:
        data = base64.b64decode(fields.text("bytes", longest=2 * MAX_BYTES).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _Defective("item.bytes-not-base64", "bytes 不是 base64。 bytes is not base64.") from error
    rev = fields.revision_id("rev")
    if rev != revision_id(data):
        raise _Defective("item.rev-mismatch", "rev 与内容的哈希不符。 rev is not the hash of bytes.")
    signed = replace(item, rev=rev, data=data)
    if any(fields.given(name) for name in ("alg", "key", "sig")):
        return _with_signature(signed, fields)
    return signed


def _attestation(item: PushItem, fields: Fields) -> PushItem:
    rev, role = fields.revision_id("rev"), fields.name("role", longest=32)
    try:
        data = attestation_bytes(rev, role)
    except ValueError as error:
        raise _Defective(
            "item.bad-field", "role：应为小写字母名称。 role: must be a lower-case name."
        ) from error
    return _with_signature(replace(item, rev=rev, role=role, data=data), fields)


def _with_signature(item: PushItem, fields: Fields) -> PushItem:
    """Take the signature's parts as text; whether it holds is for who knows the key, and the algorithm."""
    algorithm, key = fields.name("alg", longest=32), fields.name("key", longest=64)
    if not _KEY_ID.fullmatch(key):
        raise _Defective(
            "item.bad-field", "key：应为 k: 加密钥指纹。 key: must be k: and a key's thumbprint."
        )
    return replace(item, alg=algorithm, key=key, sig=fields.text("sig", longest=256))


_READERS = {"revision": _revision, "attest": _attestation}


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
