"""`Upload-Checksum`: what the bytes of one request must hash to before they count."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

from media.tus_constants import CHECKSUM_ALGORITHMS
from media.tus_refusals import BadHeader, ChecksumMismatch


@dataclass(frozen=True)
class Checksum:
    """A promise about the body of one request: `algorithm` is of `CHECKSUM_ALGORITHMS`, `digest` its bytes."""

    algorithm: str
    digest: bytes

    def begin(self) -> Any:
        """Begin a hash to be fed with the body."""
        return hashlib.new(self.algorithm, usedforsecurity=False)

    def check(self, actual: bytes) -> None:
        """Refuse bytes that hash to something else. Raises `ChecksumMismatch`."""
        if actual != self.digest:
            raise ChecksumMismatch(self.digest.hex(), actual.hex())


def parse_checksum(value: str | None) -> Checksum | None:
    """Read `Upload-Checksum`: the name of an algorithm, a space, the digest in base64; None when absent.

    Raises `BadHeader` for an algorithm that is not ours, and for what is no digest of it.
    """
    if value is None:
        return None
    algorithm, _, encoded = value.strip().partition(" ")
    if algorithm not in CHECKSUM_ALGORITHMS:
        ours = "、".join(CHECKSUM_ALGORITHMS)
        raise BadHeader(
            "Upload-Checksum", f"的算法不支持，可用 {ours}", f"may use {', '.join(CHECKSUM_ALGORITHMS)}"
        )
    try:
        digest = base64.b64decode(encoded.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise BadHeader("Upload-Checksum", "不是 Base64", "is not base64") from error
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise BadHeader("Upload-Checksum", f"不是 {algorithm} 的长度", f"is not as long as {algorithm} is")
    return Checksum(algorithm, digest)
