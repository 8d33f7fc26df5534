"""The secret of a ceremony before it is revealed: sealed with a key that is not in the database.

Whoever reads the database, a backup or the log learns nothing of it; the installation's secret lies in a file.
AES-256-GCM, bound to the ceremony.
"""

import hmac
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.problems import CeremonySecretLost

_NONCE = 12


def new_secret() -> str:
    """Make a secret: 32 random bytes in hex."""
    return secrets.token_hex(32)


def seal_secret(installation_secret: bytes, ceremony_id: UUID, secret: str) -> bytes:
    """Seal a ceremony's secret."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(installation_secret).encrypt(nonce, secret.encode(), ceremony_id.bytes)


def open_secret(installation_secret: bytes, ceremony_id: UUID, sealed: bytes) -> str:
    """Open a ceremony's secret. CeremonySecretLost where this installation's key doesn't fit."""
    try:
        opened = _cipher(installation_secret).decrypt(sealed[:_NONCE], sealed[_NONCE:], ceremony_id.bytes)
    except InvalidTag as error:
        raise CeremonySecretLost() from error
    return opened.decode()


def _cipher(installation_secret: bytes) -> AESGCM:
    return AESGCM(hmac.digest(installation_secret, b"merestone draw secret", "sha256"))
