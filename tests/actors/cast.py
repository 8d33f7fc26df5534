"""Brings people, their bureau and their phones into a test."""

import itertools
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from sqlalchemy import select

from server import audit
from server.access import Role
from server.accounts.models import Organisation, Region
from server.accounts.service import add_person
from server.http import App
from tests.actors.client import Client
from tests.actors.phone import Phone, open_task
from tests.actors.someone import PASSWORD, Someone

# argon2id as in earnest, but quick: everyone in the tests signs in with it.
_PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
_numbers = itertools.count(1)

REGIONS = {
    "000000": ("全国", None),
    "140000": ("山西省", None),
    "140500": ("晋城市", "140000"),
    "140522": ("阳城县", "140500"),
    "140524": ("陵川县", "140500"),
    "130000": ("河北省", None),
    "130800": ("承德市", "130000"),
}


class Cast:
    """Everyone a test needs, made when first asked for."""

    def __init__(self, app: App) -> None:
        self.app = app

    def organisation(self, region: str = "140522", name: str | None = None) -> Organisation:
        """The bureau of a region."""
        with audit.transaction(self.app.sessions) as session:
            known = set(session.scalars(select(Region.code).where(Region.code.in_(REGIONS))))
            for code, (title, parent) in REGIONS.items():
                if code not in known:
                    session.add(Region(code=code, name=title, parent=parent))
            session.flush()  # all at once, and parents first
            name = name or f"{REGIONS[region][0]}自然资源局"
            found = session.scalar(select(Organisation).where(Organisation.name == name))
            if found is None:
                found = Organisation(name=name, region=region)
                session.add(found)
                session.flush()
            return found

    def person(self, *roles: Role, region: str = "140522", username: str | None = None) -> Someone:
        """Someone with roles in a region, not signed in yet."""
        organisation = self.organisation(region)
        number = next(_numbers)
        username = username or f"{roles[0].value if roles else 'person'}-{number}"
        with audit.transaction(self.app.sessions) as session:
            person = add_person(
                session, username, f"人员{number}", "", list(roles), organisation, hashed=_PASSWORD_HASH
            )
        return Someone(self.app, username, person.id)

    def signed_in(self, *roles: Role, region: str = "140522", **claim: Any) -> Someone:
        """Someone with roles who has signed in."""
        someone = self.person(*roles, region=region)
        someone.sign_in(**claim)
        return someone

    def phone(self, role: Role = Role.INSPECTOR, *, region: str = "140522", signs: bool = True) -> Phone:
        """An inspector with a phone of their own, signed in on it."""
        someone = self.person(role, region=region)
        return Phone(self.app, someone.username, someone.person_id, signs=signs).signs_in()

    def task(self, *people: Someone, region: str = "140522", **planned: Any) -> UUID:
        """A task for some people, the first of them the lead, with a spot check to fill."""
        return open_task(self.app, self.organisation(region), *people, **planned)

    def stranger(self) -> Client:
        """Nobody we know."""
        return Client(self.app)
