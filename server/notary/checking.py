"""Checking every root against the log it speaks of; nothing is written."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography.x509 import Certificate
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.notary.authority import StampRefusedError, read_stamp, verify_stamp
from server.notary.models import AuditNode, AuditRoot
from server.notary.tree import LOWEST, LogTree, leaf_hashes
from sync import ServerKey, merkle, verifier, verify


@dataclass(frozen=True)
class RootsChecked:
    """How many roots hold, how many of them are time-stamped, and those whose signer is not known here.

    `verified`: how many time-stamps were checked to be of an authority that is trusted here.
    """

    held: int
    stamped: int
    other_keys: tuple[str, ...]
    verified: int = 0


class RootBrokenError(Exception):
    """A root does not hold; `root` is the first one, `told` the reason in Chinese and English."""

    def __init__(self, root: AuditRoot, chinese: str, english: str) -> None:
        super().__init__(english)
        self.root = root
        self.told = (chinese, english)


@dataclass(frozen=True)
class Trust:
    """What a root is believed by: the server's own key, and the root certificates of authorities."""

    key: ServerKey
    authorities: Sequence[Certificate] = ()


def check_roots(session: Session, trust: Trust, told: Callable[[int], None]) -> RootsChecked:
    """Recompute the tree of the whole log once and compare each root and what is kept for proofs.

    `told` hears the number of every ten thousandth entry. Raises RootBrokenError for the first root that does not hold.
    """
    growing, roots = Growing(session, told), session.scalars(select(AuditRoot).order_by(AuditRoot.size))
    held, stamped, other_keys, last = 0, 0, set(), None
    for root in roots:
        if not check_word(root, trust):
            other_keys.add(root.key)
        growing.grow_to(root)
        if last is not None and not follows(session, last, root):
            raise RootBrokenError(root, "与前一树根不相承", "it does not continue the root before")
        held, stamped, last = held + 1, stamped + bool(root.stamp), root
    return RootsChecked(held, stamped, tuple(sorted(other_keys)), stamped if trust.authorities else 0)


def check_word(root: AuditRoot, trust: Trust) -> bool:
    """Check what a root says of itself: statement, signature and time-stamp. Raises RootBrokenError.

    False where the signature is by a key that is not ours now. A stamp is verified where an authority is trusted.
    """
    _check_statement(root)
    if root.stamp is not None and trust.authorities:
        try:
            verify_stamp(root.stamp, root.statement, trust.authorities)
        except StampRefusedError as error:
            told = "its time-stamp is by no authority that is trusted here"
            raise RootBrokenError(root, "时间戳不是受信任的机构签发", told) from error
    if root.key != trust.key.key_id:
        return False
    if not verify(trust.key.public_jwk, b"root\0" + root.statement, root.signature):
        raise RootBrokenError(root, "签名不成立", "its signature does not hold")
    return True


class Growing:
    """The tree, computed anew from the log: from its beginning, or behind `after` entries that were checked before."""

    def __init__(self, session: Session, told: Callable[[int], None], after: int = 0) -> None:
        self._session = session
        self._told = told
        self._frontier = merkle.Frontier(after, LogTree(session).node)

    def grow_to(self, root: AuditRoot) -> None:
        """Read on as far as a root goes, and compare. Raises RootBrokenError."""
        kept = self.read_to(root.size)
        if self._frontier.size != root.size or self._frontier.root().hex() != root.root:
            raise RootBrokenError(root, "与日志不符", "it is not the root of the log")
        if not kept:
            raise RootBrokenError(
                root, "存证哈希与日志不符", "what is kept for proofs is not what the log says"
            )

    def read_to(self, size: int) -> bool:
        """Read on; say whether what is kept for proofs is what the log says."""
        kept = True
        for leaf in leaf_hashes(self._session, self._frontier.size, size):
            kept = all(self._is_kept(*made) for made in self._frontier.add(leaf)) and kept
            if self._frontier.size % audit.PROGRESS == 0:
                self._told(self._frontier.size)
        return kept

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


def follows(session: Session, old: AuditRoot, new: AuditRoot) -> bool:
    """Prove that a root is the beginning of a later one."""
    path = merkle.consistency_proof(old.size, new.size, LogTree(session).node)
    roots = bytes.fromhex(old.root), bytes.fromhex(new.root)
    return verifier.consistent(old.size, new.size, *roots, path)
