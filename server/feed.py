"""Who sees what: the state behind every phone's pull, fanned out when it is written.

`feed(recipient, kind, entity)` holds at most one row per visible entity, numbered by the audit log;
`live = false` is the tombstone. Visibility changes only through `grant` and `revoke`, inside the
transaction of the business change; `touch` says that an entity's body changed. `server.audit` gives
the changes their number at the end of the transaction, under the append lock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Table, bindparam, delete, exists, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.db import Base
from server.rows import insert_rows, update_rows


class FeedRow(Base):
    """One entity in one recipient's view. Recipient: `user:<uuid>` or `channel:<name>`."""

    __tablename__ = "feed"

    recipient: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    live: Mapped[bool]
    why: Mapped[str | None]

    __table_args__ = (
        Index("ix_feed_recipient_seq", "recipient", "seq"),
        Index("ix_feed_kind_entity", "kind", "entity"),
        # Of tombstones alone, so that purging them reads nothing else.
        Index("ix_feed_dead_seq", "seq", sqlite_where=text("live = 0"), postgresql_where=text("not live")),
    )


class FeedReason(Base):
    """One independent reason for a recipient to see an entity; the last one gone ends the sight."""

    __tablename__ = "feed_reason"

    recipient: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    entity: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)


class FeedHorizon(Base):
    """Up to where tombstones may have been purged: one row. A cursor below it begins from zero.

    `looked_at`: when the worker last asked whether it should rise; `raised_at`: when it last did.
    """

    __tablename__ = "feed_horizon"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    looked_at: Mapped[datetime]
    raised_at: Mapped[datetime]


@dataclass(frozen=True)
class Change:
    """A change that waits for its number. `how` is `grant`, `revoke` or `touch` (recipient empty)."""

    how: str
    kind: str
    entity: str
    recipient: str = ""
    why: str | None = None
    reason: str = ""


_ROWS: Table = FeedRow.__table__  # type: ignore[assignment]
_REASONS: Table = FeedReason.__table__  # type: ignore[assignment]


def user(person_id: UUID) -> str:
    """Name a person as a recipient."""
    return f"user:{person_id}"


def channel(name: str) -> str:
    """Name a shared channel as a recipient: one row per entity, however many listen."""
    return f"channel:{name}"


def waiting(session: Session) -> list[Change]:
    """Return this transaction's changes that have no number yet."""
    changes: list[Change] = session.info.setdefault("feed_changes", [])
    return changes


def grant(session: Session, recipient: str, kind: str, entity: UUID | str, reason: str) -> None:
    """Let a recipient see an entity, for one named reason. Idempotent."""
    waiting(session).append(Change("grant", kind, str(entity), recipient, reason=reason))


def revoke(session: Session, recipient: str, kind: str, entity: UUID | str, reason: str, why: str) -> None:
    """Take one reason away; with the last one the entity drops from the recipient's view, told `why`."""
    waiting(session).append(Change("revoke", kind, str(entity), recipient, why, reason))


def touch(session: Session, kind: str, entity: UUID | str) -> None:
    """Say that an entity's body changed: everyone who sees it will pull it again."""
    waiting(session).append(Change("touch", kind, str(entity)))


def sees(session: Session, recipient: str, kind: str, entity: UUID | str) -> bool:
    """Say whether a recipient sees an entity now."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    FeedRow.recipient == recipient,
                    FeedRow.kind == kind,
                    FeedRow.entity == str(entity),
                    FeedRow.live,
                )
            )
        )
    )


def write_reasons(session: Session, changes: Iterable[Change]) -> None:
    """Write the reasons that changes give and take, the last word on each. Called by `server.audit` only."""
    last = {
        (change.recipient, change.kind, change.entity, change.reason): change.how
        for change in changes
        if change.how != "touch"
    }
    names = ("recipient", "kind", "entity", "reason")
    given = [dict(zip(names, key, strict=True)) for key, how in sorted(last.items()) if how == "grant"]
    taken = [
        {f"its_{name}": part for name, part in zip(names, key, strict=True)}
        for key, how in sorted(last.items())
        if how == "revoke"
    ]
    if given:
        insert_rows(session, _REASONS, given, known=())
    if taken:
        rows = FeedReason.__table__
        session.connection().execute(
            delete(FeedReason).where(*(rows.c[name] == bindparam(f"its_{name}") for name in names)), taken
        )


def number(session: Session, numbered: Iterable[tuple[int, Change]]) -> None:
    """Write changes with their numbers. Called by `server.audit` only, under the append lock.

    Of several changes to one row the last number holds; recipients of a touch are those of this moment,
    so that a push and a reassignment that cross each other can't miss anyone. A revocation that follows a grant
    does not undo it: it may take another reason, so that only the reasons that are left tell whether the row lives.
    """
    grants: dict[tuple[str, str, str], int] = {}
    revokes: dict[tuple[str, str, str], tuple[int, str | None]] = {}
    touches: dict[tuple[str, str], int] = {}
    for seq, change in numbered:
        key = (change.recipient, change.kind, change.entity)
        if change.how == "grant":
            revokes.pop(key, None)
            grants[key] = seq
        elif change.how == "revoke":
            revokes[key] = (seq, change.why)
        else:
            touches[change.kind, change.entity] = seq
    _write_grants(session, grants)
    _write_revokes(session, revokes)
    _write_touches(session, touches)


def _write_grants(session: Session, grants: dict[tuple[str, str, str], int]) -> None:
    if not grants:
        return
    given = [
        {"recipient": recipient, "kind": kind, "entity": entity, "seq": seq, "live": True, "why": None}
        for (recipient, kind, entity), seq in sorted(grants.items())
    ]
    insert_rows(session, _ROWS, given, known=("seq", "live", "why"))


def _write_revokes(session: Session, revokes: dict[tuple[str, str, str], tuple[int, str | None]]) -> None:
    if not revokes:
        return
    rows = FeedRow.__table__
    still = exists().where(
        FeedReason.recipient == rows.c.recipient,
        FeedReason.kind == rows.c.kind,
        FeedReason.entity == rows.c.entity,
    )
    session.connection().execute(
        update(FeedRow)
        .where(
            rows.c.recipient == bindparam("its_recipient"),
            rows.c.kind == bindparam("its_kind"),
            rows.c.entity == bindparam("its_entity"),
        )
        .values(seq=bindparam("its_seq"), why=bindparam("its_why"), live=still),
        [
            {
                "its_recipient": key[0],
                "its_kind": key[1],
                "its_entity": key[2],
                "its_seq": seq,
                "its_why": why,
            }
            for key, (seq, why) in sorted(revokes.items())
        ],
    )


def _write_touches(session: Session, touches: dict[tuple[str, str], int]) -> None:
    if not touches:
        return
    touched = [
        {"kind": kind, "entity": entity, "live": True, "seq": seq}
        for (kind, entity), seq in sorted(touches.items())
    ]
    update_rows(session, _ROWS, touched, by=("kind", "entity", "live"))
