"""Short notices to one person or to everybody of a region: `message` items of the feed.

A message tells of something that its reader would otherwise meet late or never; it asks for nothing and proves
nothing, and ends by itself. What it is about has its own kind in the feed or its own page.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Index, delete, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column

from server import audit, clock, feed
from server.access import SYSTEM
from server.db import Base, Json

KIND: Final = "message"
LASTS: Final = timedelta(days=30)

#: What can be told, in Chinese and English. Codes are never reused; phones may branch on them.
TEXTS: Final[dict[str, tuple[str, str]]] = {
    "complaint.answered": (
        "您提交的投诉或建议已有答复，请在“我的 → 备案与投诉建议”中查看。",
        "What you complained of or suggested was answered: see Me, Filing and complaints.",
    ),
    "key.ended": (
        "设备“{device}”的签名密钥已由 {by} 停用，此前的签名仍然有效。请重新登录以登记新密钥。",
        "{by} ended the key that “{device}” signs with; what it signed stands. Sign in again to enrol a new one.",
    ),
    "key.revoked": (
        "设备“{device}”的签名密钥已由 {by} 吊销（自 {since} 起存疑）。如手机仍在您手中，请联系管理员。",
        "{by} revoked the key that “{device}” signs with, in doubt since {since}. If you still have the phone, ask your administrator.",
    ),
    "notice.posted": ("{text}", "{text_en}"),
    "quarantine.open": (
        "您送来的一份隔离数据已重新打开，等待处理。",
        "Something you sent that is in quarantine was opened again and waits for a decision.",
    ),
    "quarantine.dismissed": (
        "您送来的一份隔离数据已搁置，服务器仍保存着它；如有疑问请联系审核人员。",
        "Something you sent that is in quarantine was put aside; the server keeps it. Ask your reviewer if in doubt.",
    ),
    "quarantine.admitted": (
        "您送来的一份隔离数据已由审核人员接收，成为检查记录的一部分。",
        "A reviewer admitted something you sent that was in quarantine: it is part of its record.",
    ),
    "quarantine.settled": (
        "您送来的一份隔离数据所缺的内容已到，已成为检查记录的一部分。",
        "What something you sent lacked has come: it left quarantine and is part of its record.",
    ),
}


class Message(Base):
    """A notice in the words it went out with, and in `details` what its code tells beside them.

    `ended_at`: it has left the phones, and may be forgotten.
    """

    __tablename__ = "message"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recipient: Mapped[str]
    code: Mapped[str]
    text: Mapped[str]
    text_en: Mapped[str]
    about_kind: Mapped[str | None]
    about: Mapped[str | None]
    details: Mapped[Json | None]
    told_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)

    __table_args__ = (
        Index(
            "ix_message_ends_at",
            "ends_at",
            sqlite_where=sql("ended_at is null"),
            postgresql_where=sql("ended_at is null"),
        ),
    )


def tell(
    session: Session,
    recipient: str,
    code: str,
    members: Mapping[str, str],
    about: tuple[str, UUID | str] | None = None,
    details: Json | None = None,
    lasts: timedelta = LASTS,
) -> Message:
    """Tell a recipient (`feed.user`, `feed.channel`) something of `TEXTS`; the fact appended next numbers it.

    `members` fill the text; `about` is (kind, id); `details` are for programs.
    """
    chinese, english = (each.format(**members) for each in TEXTS[code])
    now = clock.now()
    message = Message(
        id=uuid4(),
        recipient=recipient,
        code=code,
        text=chinese,
        text_en=english,
        about_kind=about[0] if about else None,
        about=str(about[1]) if about else None,
        details=details,
        told_at=now,
        ends_at=now + lasts,
    )
    session.add(message)
    feed.grant(session, recipient, KIND, message.id, "told")
    return message


def message_view(session: Session, ids: Collection[UUID]) -> dict[UUID, Json]:
    """Write the bodies of messages."""
    return {
        each.id: {
            "code": each.code,
            "text": each.text,
            "text_en": each.text_en,
            "about": {"kind": each.about_kind, "id": each.about} if each.about_kind else None,
            "details": each.details,
            "told_at": clock.iso(each.told_at),
            "ends_at": clock.iso(each.ends_at),
        }
        for each in session.scalars(select(Message).where(Message.id.in_(ids)))
    }


# A duty of the worker: claim (short transaction) → perform (nothing) → settle (short transaction).

_CHUNK: Final = 500
#: A pull that was under way when a message ended still finds its text.
_KEPT: Final = timedelta(days=1)


def claim(session: Session) -> Sequence[Sequence[UUID]]:
    """Find messages whose time is over, in chunks of which there is one."""
    over = select(Message.id).where(Message.ended_at.is_(None), Message.ends_at <= clock.now())
    ids = session.scalars(over.order_by(Message.ends_at).limit(_CHUNK)).all()
    return [ids] if ids else []


def perform(ids: Sequence[UUID]) -> None:
    """Nothing is slow here."""


def settle(session: Session, ids: Sequence[UUID], _outcome: None) -> None:
    """End messages: they drop from the phones. What ended a while ago is forgotten."""
    now = clock.now()
    session.execute(delete(Message).where(Message.ended_at <= now - _KEPT))
    query = select(Message).where(Message.id.in_(ids), Message.ended_at.is_(None)).with_for_update()
    ended = session.scalars(query).all()
    for message in ended:
        message.ended_at = now
        feed.revoke(session, message.recipient, KIND, message.id, "told", "ended")
    if ended:
        audit.append(session, SYSTEM, "messages.ended", (KIND, ended[0].id), {"count": len(ended)})
