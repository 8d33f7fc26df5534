r"""Signatures of device keys: ES256 (ECDSA, P-256, SHA-256), as a browser's WebCrypto makes them.

Signed is `b"MERESTONE1\0"` followed by the message; a signature is base64 of r‖s, 32 bytes each. The
message is

- of a revision: its exact bytes;
- of an attestation: `attestation_bytes(rev, role)`.

A revision's bytes start with `{` and an attestation's with `attest`, so that neither can pass for the
other.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from sync import base64url

ALGORITHM = "ES256"
"""The one algorithm that is checked here. Others (SM2) are kept with what they signed, and judged as unknown."""

PREFIX = b"MERESTONE1\0"

_ROLE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_REVISION_ID = re.compile(r"sha256:[0-9a-f]{64}")


class BadKey(ValueError):
    """A JWK is no public P-256 key.

    `code`: key.malformed, key.private, key.kind-unknown or key.not-on-curve.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def generate_device_key() -> ec.EllipticCurvePrivateKey:
    """Make a key pair as a phone does when it enrols."""
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Write a key's public part as a JWK with exactly kty, crv, x and y."""
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    numbers = public.public_numbers()
    x, y = (base64url.encode(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def read_public_jwk(jwk: object) -> ec.EllipticCurvePublicKey:
    """Read a stranger's JWK: EC, P-256, a point on the curve and nothing private. Raises BadKey."""
    if not isinstance(jwk, Mapping):
        raise BadKey("key.malformed", "公钥应为 JWK 对象。 The public key must be a JWK object.")
    if "d" in jwk:
        raise BadKey("key.private", "不得发送私钥。 The private part must never leave the device.")
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise BadKey("key.kind-unknown", "只接受 P-256 椭圆曲线公钥。 Only EC keys on P-256 are taken.")
    return _point(_written(jwk, "x"), _written(jwk, "y"))


@lru_cache(maxsize=1024)
def _point(x: str, y: str) -> ec.EllipticCurvePublicKey:
    """Read a point and check that it is on the curve; a phone's key comes with every one of its revisions."""
    numbers = ec.EllipticCurvePublicNumbers(_coordinate("x", x), _coordinate("y", y), ec.SECP256R1())
    try:
        return numbers.public_key()
    except ValueError as error:
        raise BadKey("key.not-on-curve", "公钥不在曲线上。 The point is not on the curve.") from error


def key_id(jwk: Mapping[str, Any]) -> str:
    """Name a public key: `k:` and its RFC 7638 SHA-256 thumbprint in base64url. Raises BadKey."""
    canonical = public_jwk(read_public_jwk(jwk))
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"))
    return "k:" + base64url.encode(hashlib.sha256(text.encode("ascii")).digest())


def attestation_bytes(rev: str, role: str) -> bytes:
    """Say what is signed to attest a revision (co-signature, 会签).

    It is `attest`, NUL, the revision id, NUL and the role, in ASCII. A role is a lower-case name such as
    co_inspector. Raises ValueError if either could be read in two ways.
    """
    if not _REVISION_ID.fullmatch(rev) or not _ROLE.fullmatch(role):
        raise ValueError("an attestation names a revision id and a role of lower-case letters")
    return b"attest\0" + rev.encode("ascii") + b"\0" + role.encode("ascii")


def sign(private_key: ec.EllipticCurvePrivateKey, data: bytes) -> str:
    """Sign a message; base64 of r‖s."""
    r, s = decode_dss_signature(private_key.sign(PREFIX + data, ec.ECDSA(SHA256())))
    return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode("ascii")


def verify(jwk: Mapping[str, Any], data: bytes, signature: str) -> bool:
    """Tell whether this key signed this message. A garbage signature or key is a no, never an error."""
    try:
        raw = base64.b64decode(signature.encode("ascii"), validate=True)
        key = read_public_jwk(jwk)
    except (BadKey, binascii.Error, UnicodeEncodeError):
        return False
    if len(raw) != 64 or base64.b64encode(raw).decode("ascii") != signature:
        return False
    encoded = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        key.verify(encoded, PREFIX + data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _written(jwk: Mapping[str, Any], name: str) -> str:
    text = jwk.get(name)
    return text if isinstance(text, str) else ""


def _coordinate(name: str, text: str) -> int:
    try:
        data = base64url.decode(text) if len(text) <= 64 else b""
    except ValueError:
        data = b""
    if len(data) != 32:
        raise BadKey("key.malformed", f"JWK 的 {name} 应为 32 字节。 {name} of the JWK must be 32 bytes.")
    return int.from_bytes(data, "big")
