r"""What the server signs: receipts, which make every phone a witness of the audit chain, and time beacons.

A token is `base64url(JSON) + "." + base64url(r‖s)`; signed is `b"MERESTONE1\0"`, the token's kind, NUL, and
the exact JSON bytes. Kinds are `receipt` and `beacon`; `manifest` and `root` are signed the same way and travel
as files.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sync import base64url
from sync.fields import BadField, Fields, write_moment
from sync.signing import generate_device_key, key_id, public_jwk, sign, verify
from sync.strict_json import NotJson, read_object, write_object

MAX_TOKEN = 4096
"""Characters of a token; a receipt has about 600."""


@dataclass(frozen=True)
class Receipt:
    """The server's word that an operation's bytes are safe, and where in the audit chain they stand.

    `content` is `sync.content_hash` of what was pushed; `seq` and `hash` are those of the audit entry.
    """

    epoch: str
    op: str
    content: str
    rev: str | None
    outcome: str
    seq: int
    hash: str
    at: datetime


@dataclass(frozen=True)
class Beacon:
    """A moment that the server vouches for: a revision that carries it was sealed later."""

    at: datetime
    epoch: str | None = None


@dataclass(frozen=True)
class ServerKey:
    """The server's P-256 signing key."""

    private_key: ec.EllipticCurvePrivateKey

    @classmethod
    def generate(cls) -> "ServerKey":
        """Make a new key."""
        return cls(generate_device_key())

    @classmethod
    def from_pem(cls, pem: bytes) -> "ServerKey":
        """Read an unencrypted PEM private key. Raises ValueError when it is none, or none on P-256."""
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except TypeError as error:
            raise ValueError("the server key must not be encrypted") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("the server key must be an EC key on P-256")  # noqa: TRY004 - the file is bad, not the call
        return cls(key)

    def to_pem(self) -> bytes:
        """Write the key as unencrypted PKCS #8 PEM; the file is a secret."""
        return self.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public part, for phones to check receipts with."""
        return public_jwk(self.private_key)

    @property
    def key_id(self) -> str:
        """The key's name."""
        return key_id(self.public_jwk)

    def sign_receipt(self, receipt: Receipt) -> str:
        """Sign a receipt."""
        body = {
            "epoch": receipt.epoch,
            "op": receipt.op,
            "content": receipt.content,
            "rev": receipt.rev,
            "outcome": receipt.outcome,
            "seq": receipt.seq,
            "hash": receipt.hash,
            "at": write_moment(receipt.at),
        }
        return self._token("receipt", body)

    def sign_again(self, receipt: str) -> str:
        """Sign the words of a receipt that a key before this one gave, and that phones can't check by now.

        One of this key stays as it is. Only for receipts out of one's own keeping: nothing is asked of them.
        """
        if verify_receipt(self.public_jwk, receipt) is not None:
            return receipt
        return self._signed("receipt", base64url.decode(receipt.partition(".")[0]))

    def make_beacon(self, now: datetime, epoch: str | None = None) -> str:
        """Sign the present moment."""
        return self._token("beacon", {"at": write_moment(now), "epoch": epoch})

    def sign_manifest(self, data: bytes) -> str:
        """Sign the exact bytes of an evidence package's manifest; base64 of r‖s."""
        return sign(self.private_key, b"manifest\0" + data)

    def sign_root(self, data: bytes) -> str:
        """Sign the exact bytes of a statement about the audit log's Merkle root; base64 of r‖s."""
        return sign(self.private_key, b"root\0" + data)

    def _token(self, kind: str, body: dict[str, Any]) -> str:
        return self._signed(kind, write_object(body))

    def _signed(self, kind: str, data: bytes) -> str:
        signature = base64.b64decode(sign(self.private_key, kind.encode("ascii") + b"\0" + data))
        return f"{base64url.encode(data)}.{base64url.encode(signature)}"


def verify_receipt(jwk: Mapping[str, Any], token: str) -> dict[str, Any] | None:
    """Read a receipt that this server key signed; None if it did not."""
    return _opened(jwk, "receipt", token)


def read_beacon(jwk: Mapping[str, Any], token: str) -> Beacon | None:
    """Read a time beacon that this server key signed; None if it did not."""
    body = _opened(jwk, "beacon", token)
    if body is None:
        return None
    try:
        fields = Fields(body)
        return Beacon(
            fields.moment("at"), fields.name("epoch", longest=64) if fields.given("epoch") else None
        )
    except BadField:
        return None


def _opened(jwk: Mapping[str, Any], kind: str, token: str) -> dict[str, Any] | None:
    if len(token) > MAX_TOKEN or token.count(".") != 1:
        return None
    payload, signature = token.split(".")
    try:
        data, raw = base64url.decode(payload), base64url.decode(signature)
    except ValueError:
        return None
    if not verify(jwk, kind.encode("ascii") + b"\0" + data, base64.b64encode(raw).decode("ascii")):
        return None
    try:
        return read_object(data)
    except NotJson:
        return None
