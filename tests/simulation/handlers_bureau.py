"""Where every schedule begins: a small bureau with phones in the field, made once and copied."""

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partialmethod
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec

from server import audit, clock
from server.access import SYSTEM, Role
from server.app import create_app
from server.checklists import service as checklists
from server.http import App
from server.installation import guard_epoch
from server.registry.models import Certificate
from sync import ServerKey
from tests.actors import Cast
from tests.actors import phone as cast_phone
from tests.actors.phone import open_task
from tests.actors.someone import Someone
from tests.actors.supervisor import Supervisor
from tests.conftest import Database, settings_for
from tests.simulation.handlers_copies import Copies, copies_of
from tests.simulation.handlers_house import House
from tests.simulation.handlers_phone import FORMS, Pocket

BEGINNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PHONES = 3
FORM = """
| survey | | | | | | | |
| | type | name | label | hint | required | appearance | parameters |
| | text | note | 情况 | | true() | | |
| | image | photo | 照片 | 证明现场情况 | | | max-pixels=3072 |
| | begin_group | sign | 签名 | | | | |
| | image | inspector2 | 协检 | | | signature | max-pixels=1600 |
| | end_group | | | | | | |
| settings | | | |
| | form_title | form_id | version |
| | 巡查 / Patrol | patrol | {version} |
"""


@dataclass
class Timepiece:
    """Time as a schedule has it: it goes on by a millisecond whenever it is looked at, and jumps when told."""

    now: datetime = BEGINNING
    skew: timedelta = timedelta(0)

    def look(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def on_phone(self, zone: tzinfo | None = None) -> datetime:
        return (self.look() + self.skew).astimezone(zone)


@contextmanager
def one_seed(seed: int, timepiece: Timepiece) -> Iterator[None]:
    """Let everything in this process that is drawn or told by a clock come from a seed and a timepiece."""
    chance = random.Random(f"bytes {seed}").randbytes
    of_phone = type("datetime", (datetime,), {"now": timepiece.on_phone})
    signing = partialmethod(ec.ECDSA.__init__, deterministic_signing=True)  # RFC 6979
    with ExitStack() as stack:
        for owner, name, value in (
            (os, "urandom", chance),
            (random, "_urandom", chance),
            (clock, "now", timepiece.look),
            (cast_phone, "datetime", of_phone),
            (ec.ECDSA, "__init__", signing),
        ):
            stack.enter_context(mock.patch.object(owner, name, value))
        yield


@dataclass
class Bureau:
    """What is there when a schedule begins."""

    database: str
    app: App
    folder: Path
    copies: Copies
    prepared: Any
    timepiece: Timepiece
    phones: list[Pocket]
    planner: Someone
    supervisor: Supervisor
    province: Someone
    organisations: dict[str, UUID]
    tasks: list[UUID]
    used: int = 0

    def house(self) -> House:
        """A server of one's own, as it was when everything was prepared."""
        self.used += 1
        folder = self.folder.with_name(f"house-{self.used}")
        shutil.copytree(self.folder, folder)
        return House(self.app, self.copies, self.prepared, folder)

    def close(self) -> None:
        self.copies.close()
        self.app.close()


def prepare(
    database: Database,
    folder: Path,
    timepiece: Timepiece,
    phones: int = PHONES,
    kind: type[Pocket] = Pocket,
) -> Bureau:
    """Bring some inspectors with phones, a planner and a supervisor together; each two neighbours share a task."""
    with one_seed(0, timepiece):
        installation = folder / "prepared"
        (installation / "keys").mkdir(parents=True, mode=0o700)
        key = ServerKey(_key(1))
        (installation / "keys" / "server.pem").write_bytes(key.to_pem())
        url = database.fresh_url(folder)
        app = create_app(settings_for(url, installation))
        app.testing = True
        with app.readers() as session:
            guard_epoch(app.installation, session)
        cast = Cast(app)
        publish(app, 1)
        inspectors = [_phone(cast, number, kind) for number in range(phones)]
        _certify(app, inspectors)
        planner = cast.signed_in(Role.PLANNER)
        person = cast.person(Role.SUPERVISOR)
        supervisor = Supervisor(app, person.username, person.person_id)
        supervisor.sign_in()
        province = cast.signed_in(Role.PLANNER, Role.ADMIN, region="140000")
        organisations = {region: cast.organisation(region).id for region in ("140522", "140524", "140500")}
        tasks = [open_one(app, *pair) for pair in pairwise(inspectors)]
        for phone in inspectors:
            phone.syncs()
    copies = copies_of(app.sessions.kw["bind"])
    prepared = copies.save()
    return Bureau(
        database.name,
        app,
        installation,
        copies,
        prepared,
        timepiece,
        inspectors,
        planner,
        supervisor,
        province,
        organisations,
        tasks,
    )


def publish(app: App, version: int) -> None:
    """Publish a version of the form that is filled in everywhere here."""
    with audit.transaction(app.sessions) as session:
        row = checklists.publish(session, SYSTEM, FORM.format(version=version).encode(), ".md")
        FORMS[row.sha256] = checklists.read(row)


def open_one(app: App, *people: Someone) -> UUID:
    """Open a task for some people."""
    organisation = Cast(app).organisation()
    days = {"opens_on": BEGINNING.date(), "due_on": BEGINNING.date() + timedelta(days=30)}
    return open_task(app, organisation, *people, forms=("patrol",), **days)


def _phone(cast: Cast, number: int, kind: type[Pocket]) -> Pocket:
    person = cast.person(Role.INSPECTOR, username=f"inspector-{number}")
    phone = kind(cast.app, person.username, person.person_id, number, _key(100 + number))
    phone.signs_in_again()
    return phone


def _key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, ec.SECP256R1())


def _certify(app: App, phones: list[Pocket]) -> None:
    with audit.transaction(app.sessions) as session:
        session.add_all(
            Certificate(
                person_id=each.person_id,
                number=str(uuid4()),
                issuer="山西省人民政府",
                valid_from=date(2020, 1, 1),
                valid_to=date(2030, 1, 1),
            )
            for each in phones
        )
