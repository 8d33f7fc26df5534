r"""The organisation's key: what a phone's data key is wrapped to, so that a forgotten PIN loses nothing.

A wrapped key is an ephemeral P-256 point (65 bytes, uncompressed) and 32 bytes under AES-256-GCM (48). Key (32) and
nonce (12) are HKDF-SHA-256 of the ECDH secret, with the point as salt and `MERESTONE1`, NUL, `vault`, NUL, the
person's id, NUL, the device's id as info: it opens for that person on that device, or not at all.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.signing import generate_device_key, key_id, public_jwk

POINT, KEY, NONCE = 65, 32, 12
"""Bytes."""


class NotOpened(ValueError):
    """The wrapped key is none, or is another person's, another device's or for another key."""


@dataclass(frozen=True)
class EscrowKey:
    """The organisation's P-256 key. `private` is None where only the public half is here."""

    public: ec.EllipticCurvePublicKey
    private: ec.EllipticCurvePrivateKey | None

    @classmethod
    def generate(cls) -> "EscrowKey":
        """Make a new key."""
        private = generate_device_key()
        return cls(private.public_key(), private)

    @classmethod
    def from_pem(cls, pem: bytes) -> "EscrowKey":
        """Read an unencrypted private key or a public one. Raises ValueError when it is neither, or not on P-256."""
        private = None
        if b"PRIVATE KEY" in pem:
            try:
                private = serialization.load_pem_private_key(pem, password=None)
            except TypeError as error:
                raise ValueError("the organisation's key must not be encrypted") from error
        public = private.public_key() if private else serialization.load_pem_public_key(pem)
        if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
            raise ValueError("the organisation's key must be an EC key on P-256")  # noqa: TRY004 - the file is bad
        return cls(public, private if isinstance(private, ec.EllipticCurvePrivateKey) else None)

    @property
    def private_pem(self) -> bytes:
        """The key as unencrypted PKCS #8 PEM; a secret. Raises ValueError where it is not here."""
        if self.private is None:
            raise ValueError("only the public half is here")
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def public_pem(self) -> bytes:
        """The public half as PEM, which is all that a server needs."""
        return self.public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public half, for phones."""
        return public_jwk(self.public)

    @property
    def key_id(self) -> str:
        """The key's name."""
        return key_id(self.public_jwk)

    def wrap(self, secret: bytes, person: str, device: str) -> bytes:
        """Wrap 32 bytes as a phone does."""
        ephemeral = generate_device_key()
        point = ephemeral.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        key, nonce = _derived(ephemeral.exchange(ec.ECDH(), self.public), point, person, device)
        return point + AESGCM(key).encrypt(nonce, secret, None)

    def unwrap(self, wrapped: bytes, person: str, device: str) -> bytes:
        """Open a wrapped key. Raises NotOpened, and ValueError where the private half is not here."""
        if self.private is None:
            raise ValueError("only the public half is here")
        point, sealed = wrapped[:POINT], wrapped[POINT:]
        try:
            theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            key, nonce = _derived(self.private.exchange(ec.ECDH(), theirs), point, person, device)
            return AESGCM(key).decrypt(nonce, sealed, None)
        except (ValueError, InvalidTag) as error:
            raise NotOpened("not for this person on this device, or not for this key") from error


def _derived(secret: bytes, point: bytes, person: str, device: str) -> tuple[bytes, bytes]:
    info = b"\0".join((b"MERESTONE1", b"vault", person.encode(), device.encode()))
    made = HKDF(SHA256(), KEY + NONCE, salt=point, info=info).derive(secret)
    return made[:KEY], made[KEY:]
