"""Brings people, their bureau and their phones into a test."""

import itertools
from typing import Any

from sqlalchemy import select

from server import audit
from server.access import Role
from server.accounts.models import Organisation, Region
from server.accounts.service import add_person, hash_password
from server.http import App
from tests.actors.client import Client

PASSWORD = "merestone-demo"
_PASSWORD_HASH = hash_password(PASSWORD)  # argon2 is slow on purpose; once is enough for all tests
_numbers = itertools.count(1)

REGIONS = {
    "140000": ("山西省", None),
    "140500": ("晋城市", "140000"),
    "140522": ("阳城县", "140500"),
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
            for code, (title, parent) in REGIONS.items():
                if session.get(Region, code) is None:
                    session.add(Region(code=code, name=title, parent=parent))
                    session.flush()
            name = name or f"{REGIONS[region][0]}自然资源局"
            found = session.scalar(select(Organisation).where(Organisation.name == name))
            if found is None:
                found = Organisation(name=name, region=region)
                session.add(found)
                session.flush()
            return found

    def person(self, *roles: Role, region: str = "140522", username: str | None = None) -> "Someone":
        """Someone with roles in a region, not signed in yet."""
        organisation = self.organisation(region)
        number = next(_numbers)
        username = username or f"{roles[0].value if roles else 'person'}-{number}"
        with audit.transaction(self.app.sessions) as session:
            person = add_person(
                session, username, f"人员{number}", "", list(roles), organisation, hashed=_PASSWORD_HASH
            )
        return Someone(self.app, username, person.id)

    def signed_in(self, *roles: Role, region: str = "140522", **claim: Any) -> "Someone":
        """Someone with roles who has signed in."""
        someone = self.person(*roles, region=region)
        someone.sign_in(**claim)
        return someone

    def stranger(self) -> Client:
        """Nobody we know."""
        return Client(self.app)


class Someone(Client):
    """A person at a browser or a phone."""

    def __init__(self, app: App, username: str, person_id: Any) -> None:
        super().__init__(app)
        self.username = username
        self.person_id = person_id
        self.session: dict[str, Any] = {}

    def sign_in(
        self, password: str = PASSWORD, expect: int = 201, device: dict[str, Any] | None = None
    ) -> Any:
        """Sign in; keeps the tokens."""
        body = {"username": self.username, "password": password} | ({"device": device} if device else {})
        self.token = None
        answer = self.post("/api/v1/session", body, expect=expect)
        if expect == 201:
            self.session, self.token = answer, answer["token"]
        return answer
