"""A Merkle tree over a log that only grows, hashed as RFC 6962 (RFC 9162, 2.1) says.

A leaf is SHA-256 of 0x00 and the entry, a node SHA-256 of 0x01 and its two children. A tree of `size` leaves is
told by its root; an inclusion proof ties one leaf to a root, a consistency proof ties a root to a later one of the
same log. Checking proofs is `sync.verifier`'s business, because a copy of it goes out with them.

Whoever proves brings `node(level, position)`: the hash over the leaves `position · 2^level` up to the next
`2^level`, all of which are there. Proofs and a `Frontier` ask for O(log size) of them.
"""

import hashlib
from collections.abc import Callable

Node = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Hash one entry of the log."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into their parent."""
    return hashlib.sha256(b"\1" + left + right).digest()


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Prove that leaf `index` (from 0) is in the tree of `size` leaves: its neighbours, from the leaf up.

    Raises ValueError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} among {size}")
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_hash(middle, end, node))
            end = middle
        else:
            path.append(_hash(begin, middle, node))
            begin = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """Prove that the tree of `old` leaves is the beginning of that of `new`. Raises ValueError unless 0 < old ≤ new."""
    if not 0 < old <= new:
        raise ValueError(f"{old} leaves are no beginning of {new}")
    path, begin, end = [], 0, new
    while old < end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_hash(middle, end, node))
            end = middle
        else:
            path.append(_hash(begin, middle, node))
            begin = middle
    if begin:
        path.append(_hash(begin, end, node))
    return path[::-1]


class Frontier:
    """The right edge of a growing tree: all that a root needs, and all that an added leaf changes.

    It begins with nothing, or with the `size` leaves that `node` knows.
    """

    def __init__(self, size: int = 0, node: Node | None = None) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []  # whole subtrees from the left: level and hash
        while node and self.size < size:
            level = (size - self.size).bit_length() - 1
            self._edge.append((level, node(level, self.size >> level)))
            self.size += 1 << level

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add the hash of a leaf; return the subtrees it made whole: level (from 0), position and hash."""
        level, found = 0, leaf
        self.size += 1
        made = [(level, self.size - 1, found)]
        while self._edge and self._edge[-1][0] == level:
            level, found = level + 1, node_hash(self._edge.pop()[1], found)
            made.append((level, (self.size >> level) - 1, found))
        self._edge.append((level, found))
        return made

    def root(self) -> bytes:
        """Hash the tree as it is now."""
        if not self._edge:
            return hashlib.sha256().digest()
        found = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            found = node_hash(left, found)
        return found


def _split(size: int) -> int:
    """The largest power of two that is smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _hash(begin: int, end: int, node: Node) -> bytes:
    """Hash the leaves from `begin` up to `end`, of which `begin` stands where the tree is divided."""
    size = end - begin
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, begin >> level)
    middle = begin + _split(size)
    return node_hash(_hash(begin, middle, node), _hash(middle, end, node))
