"""Roots of the audit log, and the hashes that proofs are made from."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base


class AuditNode(Base):
    """The hash over the `2^level` entries from number `position · 2^level + 1` on; levels below 8 are not kept."""

    __tablename__ = "audit_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class AuditRoot(Base):
    """The server's signed word that the first `size` entries of the audit log have this Merkle root.

    `statement` are the exact bytes that `signature` is over. `stamp` is an authority's answer about them (RFC 3161,
    DER) and `stamped_at` the time in it. `stamp_after`: when to ask for one, or to ask again; none is wanted without.
    """

    __tablename__ = "audit_root"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[str]
    date: Mapped[date]
    made_at: Mapped[datetime]
    statement: Mapped[bytes]
    signature: Mapped[str]
    key: Mapped[str]
    stamp: Mapped[bytes | None]
    stamped_at: Mapped[datetime | None]
    stamp_after: Mapped[datetime | None]
    stamp_attempts: Mapped[int] = mapped_column(default=0)
    stamp_error: Mapped[str | None]

    __table_args__ = (Index("ix_audit_root_stamp_after", "stamp_after"),)
