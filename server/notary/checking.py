"""Checking every root against the log it speaks of; nothing is written."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.notary.authority import StampRefusedError, read_stamp
from server.notary.models import AuditNode, AuditRoot
from server.notary.tree import LOWEST, LogTree, leaf_hashes
from sync import ServerKey, merkle, verifier, verify


@dataclass(frozen=True)
class RootsChecked:
    """How many roots hold, how many of them are time-stamped, and those whose signer is not known here."""

    held: int
    stamped: int
    other_keys: tuple[str, ...]


class RootBrokenError(Exception):
    """A root does not hold; `root` is the first one, `told` the reason in Chinese and English."""

    def __init__(self, root: AuditRoot, chinese: str, english: str) -> None:
        super().__init__(english)
        self.root = root
        self.told = (chinese, english)


def check_roots(session: Session, key: ServerKey, told: Callable[[int], None]) -> RootsChecked:
    """Recompute the tree of the whole log once and compare each root and what is kept for proofs.

    `told` hears the number of every ten thousandth entry. Raises RootBrokenError for the first root that does not hold.
    """
    growing = _Growing(session, told)
    held, stamped, other_keys, last = 0, 0, set(), None
    for root in session.scalars(select(AuditRoot).order_by(AuditRoot.size)):
        _check_statement(root)
        if root.key != key.key_id:
            other_keys.add(root.key)
        elif not verify(key.public_jwk, b"root\0" + root.statement, root.signature):
            raise RootBrokenError(root, "签名不成立", "its signature does not hold")
        growing.grow_to(root)
        if last is not None and not _follows(session, last, root):
            raise RootBrokenError(root, "与前一树根不相承", "it does not continue the root before")
        held, stamped, last = held + 1, stamped + bool(root.stamp), root
    return RootsChecked(held, stamped, tuple(sorted(other_keys)))


class _Growing:
    """The tree, computed anew from the log."""

    def __init__(self, session: Session, told: Callable[[int], None]) -> None:
        self._session = session
        self._told = told
        self._frontier = merkle.Frontier()

    def grow_to(self, root: AuditRoot) -> None:
        """Read on as far as a root goes, and compare."""
        kept = True
        for leaf in leaf_hashes(self._session, self._frontier.size, root.size):
            kept = all(self._is_kept(*made) for made in self._frontier.add(leaf)) and kept
            if self._frontier.size % audit.PROGRESS == 0:
                self._told(self._frontier.size)
        if self._frontier.size != root.size or self._frontier.root().hex() != root.root:
            raise RootBrokenError(root, "与日志不符", "it is not the root of the log")
        if not kept:
            raise RootBrokenError(
                root, "存证哈希与日志不符", "what is kept for proofs is not what the log says"
            )

    def _is_kept(self, level: int, position: int, found: bytes) -> bool:
        if level < LOWEST:
            return True
        node = self._session.get(AuditNode, (level, position), populate_existing=True)
        return node is not None and node.hash == found


def _check_statement(root: AuditRoot) -> None:
    said = json.loads(root.statement)
    columns = (root.size, root.root, root.date.isoformat(), root.key)
    if tuple(said.get(name) for name in ("size", "root", "date", "key")) != columns:
        raise RootBrokenError(root, "与其声明不符", "it is not what its statement says")
    try:
        imprint = read_stamp(root.stamp).imprint if root.stamp is not None else None
    except StampRefusedError as error:
        raise RootBrokenError(root, "时间戳无法读取", "its time-stamp can't be read") from error
    if imprint not in {None, hashlib.sha256(root.statement).digest()}:
        raise RootBrokenError(root, "时间戳不属于该树根", "its time-stamp is of something else")


def _follows(session: Session, old: AuditRoot, new: AuditRoot) -> bool:
    path = merkle.consistency_proof(old.size, new.size, LogTree(session).node)
    roots = bytes.fromhex(old.root), bytes.fromhex(new.root)
    return verifier.consistent(old.size, new.size, *roots, path)
