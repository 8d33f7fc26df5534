"""A database as data: transactions whose statements interleave, row locks, crashes and backups.

Every statement sees what is committed at that moment and what its own transaction wrote (READ COMMITTED). Rows are
values that nobody changes, so a backup is a copy of the tables. With `one_writer` a writer waits until no other
writes (SQLite's `BEGIN IMMEDIATE`); without, writers meet at the locks they ask for (PostgreSQL).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

APPEND = ("append", "lock")
WRITER = ("writer", "lock")
GENESIS = (0, "0" * 16)

Tables = dict[str, dict[Any, Any]]


@dataclass(frozen=True)
class Lock:
    """What a verb yields to wait for a lock that it holds until its transaction ends."""

    key: tuple[str, Any]
    shared: bool = False
    """Whether others may hold it beside us, who share it too."""
    in_order: bool = True
    """Whether everybody asks for such locks in the same order, so that no two wait for each other."""


class Database:
    def __init__(self, *, one_writer: bool) -> None:
        self.one_writer = one_writer
        self.tables: Tables = defaultdict(dict)
        self.locks: dict[tuple[str, Any], Transaction] = {}
        self.shares: dict[tuple[str, Any], set[Transaction]] = defaultdict(set)

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the newest committed entry of the audit log."""
        return self.tables["head"].get(0, GENESIS)

    def copy(self) -> Tables:
        return {name: dict(rows) for name, rows in self.tables.items()}

    def take_back(self, tables: Tables) -> None:
        self.tables = defaultdict(dict, {name: dict(rows) for name, rows in tables.items()})
        self.locks.clear()
        self.shares.clear()


@dataclass(eq=False)
class Transaction:
    """Writes that nobody else sees before `commit`."""

    database: Database
    writes: dict[str, dict[Any, Any]] = field(default_factory=dict)

    def get(self, table: str, key: Any) -> Any:
        """Read one row as this statement sees it; None where there is none."""
        mine = self.writes.get(table)
        if mine is not None and key in mine:
            return mine[key]
        return self.database.tables[table].get(key)

    def rows(self, table: str) -> dict[Any, Any]:
        """Read a table as this statement sees it."""
        mine = self.writes.get(table)
        if not mine:
            return self.database.tables[table]
        merged = self.database.tables[table] | mine
        return {key: row for key, row in merged.items() if row is not None}

    def put(self, table: str, key: Any, row: Any) -> None:
        """Write one row; None deletes it."""
        self.writes.setdefault(table, {})[key] = row

    def savepoint(self) -> dict[str, dict[Any, Any]]:
        return {name: dict(rows) for name, rows in self.writes.items()}

    def undo(self, savepoint: dict[str, dict[Any, Any]]) -> None:
        self.writes = savepoint

    def takes(self, lock: Lock) -> bool:
        """Take a lock if it is free, or only shared where we share it; say whether it is ours now."""
        if not self.may_take(lock):
            return False
        if lock.shared:
            self.database.shares[lock.key].add(self)
        else:
            self.database.locks[lock.key] = self
        return True

    def may_take(self, lock: Lock) -> bool:
        """Say whether nobody else holds a lock in a way that excludes ours."""
        others = self.database.shares.get(lock.key, set()) - {self}
        return self.database.locks.get(lock.key, self) is self and (lock.shared or not others)

    def commit(self) -> None:
        for name, rows in self.writes.items():
            table = self.database.tables[name]
            for key, row in rows.items():
                if row is None:
                    table.pop(key, None)
                else:
                    table[key] = row
        self.release()

    def release(self) -> None:
        self.writes = {}
        locks = self.database.locks
        for key in [key for key, holder in locks.items() if holder is self]:
            del locks[key]
        shares = self.database.shares
        for key in [key for key, holders in shares.items() if self in holders]:
            shares[key].discard(self)
            if not shares[key]:
                del shares[key]
