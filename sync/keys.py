"""The life of a device's key, and what it means for evidence that came under it.

A key is enrolled once and then may be ended (replaced by another, phone handed back, browser data lost) or revoked
since a moment (lost, stolen, compromised); a mistaken revocation is undone. What a signature proved when it came is
never judged anew: later facts are told beside it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

KEY_ENDED = "key_ended"
KEY_REVOKED = "key_revoked"


@dataclass(frozen=True)
class KeyLife:
    """When a key was ended and since when it is revoked, by the server's clock; None where it was not."""

    ended_at: datetime | None = None
    revoked_since: datetime | None = None

    def doubts(self, received_at: datetime) -> tuple[str, ...]:
        """Name what a reviewer should ask about something that the server received at a moment under this key.

        `key_ended`: it came after the end; it may have been sealed offline before. `key_revoked`: it came when
        the key may have been in other hands. What came before stands, whatever happened to the key since.
        """
        found = []
        if self.ended_at is not None and received_at > self.ended_at:
            found.append(KEY_ENDED)
        if self.revoked_since is not None and received_at >= self.revoked_since:
            found.append(KEY_REVOKED)
        return tuple(found)

    def is_outlived_by(self, not_before: datetime | None) -> bool:
        """Tell whether something was certainly sealed after the end: it carries a moment that the server told later."""
        return self.ended_at is not None and not_before is not None and not_before > self.ended_at


def endorsement_bytes(key: str, device: UUID) -> bytes:
    """Say what an old key signs to endorse the one that replaces it on the same device.

    It is `key`, NUL, the new key's id, NUL and the device's id, in ASCII.
    """
    return b"key\0" + key.encode("ascii") + b"\0" + str(device).encode("ascii")


def renewal_bytes(refresh_token: str) -> bytes:
    """Say what a device's key signs to renew a session: `renew`, NUL and the refresh token."""
    return b"renew\0" + refresh_token.encode()
