"""Signing roots of the audit log, and proving entries against them.

A root is a statement about the log and no fact in it: it adds no entry, or every day would have something new.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock, locks
from server.db import Json, canonical_json, is_postgresql
from server.locks import Lock
from server.notary.models import AuditRoot
from server.notary.tree import LogTree
from sync import ServerKey, merkle

FORMAT: Final = "merestone-root"


@dataclass(frozen=True)
class Notary:
    """Who signs, and the bureau's time zone for the dates of roots. The daily root is a duty of the worker."""

    key: ServerKey
    zone: tzinfo

    def claim(self, session: Session) -> list[datetime]:
        """Say whether a root is due: the newest is of another day and something was written since.

        A day that is still to come is another one, too: the clock was set back since.
        """
        now = clock.now()
        return [now] if self._is_due(session, now) else []

    def perform(self, due: datetime) -> datetime:
        """Nothing of it is slow."""
        return due

    def settle(self, session: Session, _work: datetime, due: datetime) -> None:
        """Make the root, unless another worker did."""
        lock(session)
        if self._is_due(session, due):
            self.sign_root(session)

    def sign_root(self, session: Session) -> AuditRoot | None:
        """Give the root over all that is committed, making it where there is none yet; None while the log is empty.

        Raises RuntimeError when the log has become shorter than its newest root: nothing is signed over that.
        """
        lock(session)
        last, (size, _) = newest_root(session), audit.head(session)
        if last is not None and last.size > size:
            raise RuntimeError(f"the audit log has {size} entries and a root over {last.size}")
        if last is not None and last.size == size:
            return last
        if size == 0:
            return None
        root = LogTree(session).grow(last.size if last else 0, size).hex()
        made_at = clock.now()
        date = made_at.astimezone(self.zone).date()
        statement = canonical_json(
            {
                "format": FORMAT,
                "size": size,
                "root": root,
                "date": date.isoformat(),
                "made_at": clock.iso(made_at),
                "key": self.key.key_id,
            }
        )
        made = AuditRoot(
            size=size,
            root=root,
            date=date,
            made_at=made_at,
            statement=statement,
            signature=self.key.sign_root(statement),
            key=self.key.key_id,
            # One time-stamp a day is enough: it vouches for all that was there before.
            stamp_after=made_at if last is None or last.date != date else None,
        )
        session.add(made)
        session.flush()
        return made

    def _is_due(self, session: Session, now: datetime) -> bool:
        last = newest_root(session)
        if last is None:
            return audit.head(session)[0] > 0
        return last.date != now.astimezone(self.zone).date() and last.size < audit.head(session)[0]


def lock(session: Session) -> None:
    """Let one transaction at a time make roots; SQLite has one writer anyway."""
    if is_postgresql(session):
        locks.take(session, Lock.ROOT)


def newest_root(session: Session) -> AuditRoot | None:
    """Give the root over the most entries."""
    return session.scalar(select(AuditRoot).order_by(AuditRoot.size.desc()).limit(1))


def roots_to_show(session: Session, key: str) -> list[AuditRoot]:
    """Give the roots that evidence is proved against: the newest with a time-stamp, and the newest, of one key.

    `key` is the id of the key that signs the evidence, too: who checks it has no other.
    """
    query = select(AuditRoot).where(AuditRoot.key == key).order_by(AuditRoot.size.desc()).limit(1)
    newest = session.scalar(query)
    if newest is None or newest.stamp is not None:
        return [newest] if newest else []
    stamped = session.scalar(query.where(AuditRoot.stamp.is_not(None)))
    return [stamped, newest] if stamped else [newest]


def prove(session: Session, seqs: Iterable[int], roots: Iterable[AuditRoot]) -> Json:
    """Prove entries against the largest of some roots, and that the others are its beginnings.

    `{"size", "inclusion": {seq: [hash]}, "consistency": [{"old", "new", "path"}]}`, hashes in hexadecimal digits.
    Entries behind the largest root are left out; without a root `size` is 0.
    """
    tree, sizes = LogTree(session), sorted(root.size for root in roots)
    size = sizes[-1] if sizes else 0
    include, tie = (
        partial(merkle.inclusion_proof, node=tree.node),
        partial(merkle.consistency_proof, node=tree.node),
    )
    return {
        "size": size,
        "inclusion": {str(seq): _hex(include(seq - 1, size)) for seq in sorted(seqs) if seq <= size},
        "consistency": [{"old": old, "new": size, "path": _hex(tie(old, size))} for old in sizes[:-1]],
    }


def root_json(root: AuditRoot) -> Json:
    """Write a root for whoever keeps or publishes it; `statement` is what was signed, to the letter."""
    return {
        "size": root.size,
        "root": root.root,
        "date": root.date.isoformat(),
        "made_at": clock.iso(root.made_at),
        "statement": root.statement.decode(),
        "signature": root.signature,
        "key": root.key,
        "stamp": base64.b64encode(root.stamp).decode("ascii") if root.stamp else None,
        "stamped_at": clock.iso(root.stamped_at) if root.stamped_at else None,
    }


def _hex(path: Iterable[bytes]) -> list[str]:
    return [each.hex() for each in path]
