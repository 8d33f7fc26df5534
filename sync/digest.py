"""The daily check of what a phone was shown: sixteen short sums over the feed, equal on both sides or repaired.

A row is one entity as it is visible through one feed: `via` as in a pull item (`sync.view.OWN_FEED` for the
person's own), its kind, its id and the number `n` it was last told under there. The sums are compared only
between a server and a phone that has read to the end, so that nothing is merely late.
"""

import hashlib
from collections.abc import Iterable

BUCKETS = 16

Row = tuple[str, str, str, int]
"""`via`, kind, id, n."""


def bucket_of(kind: str, name: str) -> int:
    """Tell in which bucket an entity is counted: the first four bits of SHA-256 over kind, NUL, id."""
    return hashlib.sha256(f"{kind}\0{name}".encode()).digest()[0] >> 4


def digest(rows: Iterable[Row]) -> list[str]:
    """Sum rows into `BUCKETS` buckets, 16 hexadecimal digits each; the order of the rows does not matter.

    A bucket is the exclusive or of the first eight bytes of SHA-256 over via, kind, id and n (in decimal) with
    NULs between. It finds what went missing or stale by accident; it does not withstand anybody who forges rows.
    """
    sums = [0] * BUCKETS
    for via, kind, name, n in rows:
        hashed = hashlib.sha256(f"{via}\0{kind}\0{name}\0{n}".encode()).digest()
        sums[bucket_of(kind, name)] ^= int.from_bytes(hashed[:8], "big")
    return [f"{each:016x}" for each in sums]
