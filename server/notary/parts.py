"""Checking log and roots part by part: each short, so that somebody can watch it, stop it and go on.

A part is believed by the ones before it: its chain begins at the hash of the last entry before, its tree at what is kept
of all before. Whoever wants to know of the whole log checks every part from the first on.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from server import audit
from server.notary.checking import Growing, RootBrokenError, Trust, check_word, follows
from server.notary.models import AuditRoot

#: Entries of one part: whole runs of what is kept for proofs.
PART: Final = 8192


@dataclass(frozen=True)
class BrokenRoot:
    """The first root that does not hold, and why in Chinese and English."""

    size: int
    date: date
    why: str
    why_en: str


@dataclass(frozen=True)
class Part:
    """What was found of the entries behind `after` up to `until`, of `head` that there are.

    `broken`: the first entry that does not hold. `roots` hold, `stamped` of them with a time-stamp, of which `verified`
    are known to be by a trusted authority; `unknown_keys` signed some that could not be checked.
    """

    after: int
    until: int
    head: int
    broken: int | None = None
    broken_root: BrokenRoot | None = None
    roots: int = 0
    stamped: int = 0
    verified: int = 0
    unknown_keys: tuple[str, ...] = ()


def check_part(session: Session, trust: Trust, after: int) -> Part:
    """Check the part behind `after`, a multiple of `PART`; nothing is written."""
    head, _ = audit.head(session)
    until = min(after + PART, head)
    broken = audit.verify_chain(session, after, until=until) if until > after else None
    if broken is not None:
        return Part(after, until, head, broken=broken)
    try:
        return _check_roots(session, trust, Part(after, until, head))
    except RootBrokenError as error:
        chinese, english = error.told
        found = BrokenRoot(error.root.size, error.root.date, chinese, english)
        return Part(after, until, head, broken_root=found)


def _check_roots(session: Session, trust: Trust, part: Part) -> Part:
    behind = select(AuditRoot).where(AuditRoot.size > part.after).order_by(AuditRoot.size)
    # At the end of the log also those that speak of more than there is.
    here = behind.where(AuditRoot.size <= part.until) if part.until < part.head else behind
    roots = session.scalars(here).all()
    later = session.scalar(behind.limit(1))
    if later is None:
        return part
    before = AuditRoot.size <= part.after
    last = session.scalar(select(AuditRoot).where(before).order_by(AuditRoot.size.desc()).limit(1))
    growing = _begin(session, part.after, later)
    unknown = set()
    for root in roots:
        if not check_word(root, trust):
            unknown.add(root.key)
        growing.grow_to(root)
        if last is not None and not follows(session, last, root):
            raise RootBrokenError(root, "与前一树根不相承", "it does not continue the root before")
        last = root
    newest = session.scalar(select(AuditRoot.size).order_by(AuditRoot.size.desc()).limit(1)) or 0
    if not growing.read_to(min(part.until, newest)):
        raise RootBrokenError(later, "存证哈希与日志不符", "what is kept for proofs is not what the log says")
    stamped = sum(root.stamp is not None for root in roots)
    return Part(
        part.after,
        part.until,
        part.head,
        roots=len(roots),
        stamped=stamped,
        verified=stamped if trust.authorities else 0,
        unknown_keys=tuple(sorted(unknown)),
    )


def _begin(session: Session, after: int, root: AuditRoot) -> Growing:
    try:
        return Growing(session, lambda _: None, after)
    except NoResultFound as error:
        raise RootBrokenError(root, "存证哈希缺失", "what is kept for proofs is missing") from error
