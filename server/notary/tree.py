"""The Merkle tree over the audit log. Its leaves are the log's own hashes, so that little of it is kept.

Kept are the hashes over whole runs of 256 entries and of what stands above those: one row for 128 entries. What is
below is computed from at most 256 neighbours in the log, in one range scan.
"""

from collections.abc import Iterator

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from server.audit import AuditEntry
from server.notary.models import AuditNode
from sync import merkle

LOWEST = 8
"""The lowest level whose hashes are kept."""
_RUN = 1 << LOWEST
_PAGE = 4096


class LogTree:
    """The tree as one transaction sees it; what it has read it keeps."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._nodes: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, position: int) -> bytes:
        """Give the hash over `2^level` entries; those of a level that is kept are below some root."""
        if (level, position) not in self._nodes:
            if level < LOWEST:
                self._read_run((position << level) >> LOWEST)
                return self._from_below(level, position)
            self._nodes[level, position] = self._session.get_one(AuditNode, (level, position)).hash
        return self._nodes[level, position]

    def _read_run(self, run: int) -> None:
        first = run << LOWEST
        if (0, first) not in self._nodes:
            leaves = enumerate(leaf_hashes(self._session, first, first + _RUN), first)
            self._nodes |= {(0, index): leaf for index, leaf in leaves}

    def _from_below(self, level: int, position: int) -> bytes:
        if (level, position) not in self._nodes:
            left = self._from_below(level - 1, 2 * position)
            right = self._from_below(level - 1, 2 * position + 1)
            self._nodes[level, position] = merkle.node_hash(left, right)
        return self._nodes[level, position]

    def grow(self, old: int, new: int) -> bytes:
        """Keep what entries behind `old`, the size of the last root, made whole; return the root of `new` entries."""
        frontier = merkle.Frontier(old & -_RUN, self.node)
        made = []
        for leaf in leaf_hashes(self._session, frontier.size, new):
            made += [
                {"level": level, "position": position, "hash": found}
                for level, position, found in frontier.add(leaf)
                if level >= LOWEST
            ]
        if made:
            self._session.execute(insert(AuditNode), made)
        return frontier.root()


def leaf_hashes(session: Session, begin: int, end: int) -> Iterator[bytes]:
    """Go through the leaves from index `begin` up to `end`; entry n of the log is leaf n - 1."""
    query = select(AuditEntry.hash).order_by(AuditEntry.seq)
    for first in range(begin, end, _PAGE):
        last = min(first + _PAGE, end)
        for found in session.scalars(query.where(AuditEntry.seq > first, AuditEntry.seq <= last)).all():
            yield merkle.leaf_hash(bytes.fromhex(found))
