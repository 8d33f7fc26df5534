"""Notices that a bureau posts to phones: to one person, or to everybody of a region."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from server import audit, feed, messages
from server.access import Actor, Permission, require
from server.accounts import regions
from server.accounts.models import Person, Region
from server.messages import Message
from server.problems import PersonNotFound, RegionNotFound


@dataclass(frozen=True)
class Notice:
    """A text, in English too where that is known, for a person or a region, and the days it stands."""

    text: str
    text_en: str | None = None
    person_id: UUID | None = None
    region: str | None = None
    days: int = 30


@dataclass(frozen=True)
class _Place:
    region: str


def post_notice(session: Session, actor: Actor, notice: Notice) -> Message:
    """Post a notice within the jurisdiction. It reaches phones with their next pull and ends by itself."""
    if notice.person_id is not None:
        person = session.get(Person, notice.person_id)
        if person is None:
            raise PersonNotFound()
        require(actor, Permission.TASK_ASSIGN, person)
        recipient, to = feed.user(person.id), ("person", str(person.id))
    else:
        code = notice.region or actor.region
        require(actor, Permission.TASK_ASSIGN, _Place(code))
        if session.get(Region, code) is None:
            raise RegionNotFound(code)
        recipient, to = feed.channel(regions.channel_of(code)), ("region", code)
    texts = {"text": notice.text, "text_en": notice.text_en or notice.text}
    posted = messages.tell(session, recipient, "notice.posted", texts, lasts=timedelta(days=notice.days))
    audit.append(
        session, actor, "notice.posted", ("message", posted.id), {"to": list(to), "text": notice.text}
    )
    return posted
