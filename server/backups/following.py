"""How far the second copy of a PostgreSQL database reaches: what a standby has on its disk, or what is archived.

Neither says which audit entry it holds, only how much of the write-ahead log. So the newest entry is noted together
with the log's end at that moment: entries are numbered in the order of their commits, and whoever has the log up to
there has that entry and all before.
"""

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from server import audit
from server.installation import Installation

#: Pairs that wait to be reached; when there are more, every other one goes.
_MOST: Final = 1024
_SEGMENT: Final = re.compile(r"(?P<timeline>[0-9A-F]{8})(?P<high>[0-9A-F]{8})(?P<low>[0-9A-F]{8})")
_FOUR_GIGABYTES: Final = 0x1_0000_0000

# A position is a number of bytes: the difference to the log's beginning.
_END = text("select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint")
_STANDBY = text(
    "select (max(flush_lsn) - '0/0'::pg_lsn)::bigint from pg_stat_replication "
    "where state = 'streaming' and (:name = '' or application_name = :name)"
)
_ARCHIVED = text(
    "select last_archived_wal as segment, pg_size_bytes(current_setting('wal_segment_size')) as size, "
    "left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as timeline from pg_stat_archiver"
)


@dataclass(frozen=True)
class Noted:
    """An entry of the audit log, and a position of the write-ahead log behind its commit."""

    position: int
    seq: int
    hash: str


@dataclass
class Following:
    """Follows one kind of second copy, `standby` or `archive`, within one epoch after the other."""

    installation: Installation
    kind: str
    standby_name: str = ""
    _epoch: str = field(default="", init=False)
    _newest: int = field(default=0, init=False)
    _noted: deque[Noted] = field(default_factory=deque, init=False)

    def refresh(self, session: Session) -> int:
        """Note where the log is now, and write down the newest entry that the second copy has; return it, or 0."""
        self._note(session)
        reached = self._standby(session) if self.kind == "standby" else self._archive(session)
        newest: Noted | None = None
        while self._noted and reached is not None and self._noted[0].position <= reached:
            newest = self._noted.popleft()
        if newest is None:
            return 0
        believed = self.installation.remember_durable(session, self._epoch, newest.seq, newest.hash)
        return newest.seq if believed else 0

    def _note(self, session: Session) -> None:
        if self.installation.epoch != self._epoch:
            self._noted.clear()
            self._newest, self._epoch = 0, self.installation.epoch
        seq, digest = audit.head(session)
        if seq == self._newest:
            return
        self._newest = seq
        # Read after the entry: what is visible was committed, and its commit lies before the log's end.
        self._noted.append(Noted(session.scalar(_END) or 0, seq, digest))
        if len(self._noted) > _MOST:
            self._noted = deque(list(self._noted)[1::2])

    def _standby(self, session: Session) -> int | None:
        position: int | None = session.scalar(_STANDBY, {"name": self.standby_name})
        return position

    def _archive(self, session: Session) -> int | None:
        row = session.execute(_ARCHIVED).one()
        return end_of_segment(row.segment, row.size, row.timeline)


def end_of_segment(name: str | None, size: int, timeline: str) -> int | None:
    """Say where a segment of the write-ahead log ends, by its file's name; None for a file of another kind or timeline."""
    match = _SEGMENT.fullmatch(name or "")
    if match is None or match["timeline"] != timeline:
        return None
    return int(match["high"], 16) * _FOUR_GIGABYTES + (int(match["low"], 16) + 1) * size
