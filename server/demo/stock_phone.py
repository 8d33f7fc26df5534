"""A key for a stock ODK phone of the demo bureau, so that a supervisor has one to show the code of."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import SYSTEM
from server.accounts.models import Person
from server.openrosa import keys
from server.openrosa.models import PhoneKey

HOLDER = "inspector2"


def load_demo_phone(session: Session) -> PhoneKey:
    """Give an inspector a key; whoever has one keeps it."""
    holder = session.scalars(select(Person).where(Person.username == HOLDER)).one()
    known = session.scalar(select(PhoneKey).where(PhoneKey.person_id == holder.id).limit(1))
    return known or keys.make_key(session, SYSTEM, holder.id, "演示手机（ODK Collect）")
