"""A province's bureau of any size: inspectors, their tasks and records, whose own view stays the same size.

Sixty tasks are seen by each inspector: forty as lead, twenty as the second. A third of the objects are mines, with a
boundary of twelve corners and their markers.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from sqlalchemy import text

import forms
from forms.catalog import catalog
from server import audit, feed
from server.access import SYSTEM, Role
from server.accounts.devices import DeviceClaim
from server.accounts.models import Organisation, Region
from server.accounts.passwords import Attempt, hash_password
from server.accounts.service import Lifetimes, actor_of, add_person, sign_in
from server.app import create_app
from server.checklists.service import publish
from server.db import is_postgresql
from server.http import App
from server.serve import prepare_installation
from server.settings import Settings
from sync import generate_device_key, public_jwk
from tests.bench.bulk import filling, in_chunks
from tests.bench.filling import FORM, MEASURED, REGION, TASKS_AS_LEAD, Filling, Size, id_of, inspectors_of

PASSWORD = "bench-password"


@dataclass(frozen=True)
class Inspector:
    """Someone who pushes and pulls in the measurement.

    `tasks` are those led, `together` those of them that are visited with the next (or last) inspector of the measurement;
    `sealed` are the revisions that the phone has sealed so far.
    """

    person_id: UUID
    token: str
    device: UUID
    key: EllipticCurvePrivateKey
    tasks: tuple[UUID, ...]
    together: tuple[UUID, ...] = ()
    sealed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Bureau:
    """A populated installation."""

    settings: Settings
    inspectors: tuple[Inspector, ...]
    forms: tuple[forms.Form, ...]
    size: Size
    seed: int = 20260101

    @property
    def form(self) -> forms.Form:
        """The form of its tasks, which is the dearest of all to check."""
        return next(form for form in self.forms if form.form_id == FORM)

    def entities(self, count: int) -> Iterator[tuple[str, UUID]]:
        """Pick so many tasks and records at random, each as likely as any other."""
        chance = random.Random(self.seed)
        for _ in range(count):
            place = chance.randrange(self.size.tasks + self.size.records)
            if place < self.size.tasks:
                yield "task", id_of("task", place)
            else:
                yield "record", id_of("record", place - self.size.tasks)


def build_bureau(settings: Settings, records: int) -> Bureau:
    """Migrate, publish the forms, and fill the database with tasks and records of everybody."""
    prepare_installation(settings)
    app = create_app(settings)
    size = Size.of(records)
    with audit.transaction(app.sessions) as session:
        if is_postgresql(session):
            # Forms are compiled within; on a busy machine that takes longer than a request may.
            session.execute(text("set local idle_in_transaction_session_timeout = 0"))
        session.add(Region(code=REGION, name="阳城县"))
        session.flush()
        organisation = Organisation(name="阳城县自然资源局", region=REGION)
        session.add(organisation)
        session.flush()
        admin = add_person(session, "bench-admin", "管理员", PASSWORD, [Role.ADMIN], organisation)
        actor = actor_of(admin)
        for form in catalog():
            publish(session, actor, form.source, ".md")
    hashed = hash_password(PASSWORD)
    measured = [_sign_in(app, organisation, number, hashed) for number in range(MEASURED)]
    people = [person for person, *_ in measured]
    people += [id_of("person", number) for number in range(MEASURED, size.inspectors)]
    with app.readers() as session:
        head = audit.head(session)
    with filling(app.sessions.kw["bind"].engine) as bulk:
        Filling(bulk, size, organisation.id, people, head).run()
    led = [tuple(range(number, size.tasks, size.inspectors))[:TASKS_AS_LEAD] for number in range(MEASURED)]
    inspectors = tuple(
        Inspector(
            *signed_in,
            tasks=tuple(id_of("task", place) for place in places),
            together=tuple(id_of("task", place) for place in places if len(inspectors_of(place, size.inspectors)) > 1),
        )
        for signed_in, places in zip(measured, led, strict=True)
    )  # fmt: skip
    compiled = (forms.compile_xlsform(form.source, ".md") for form in catalog())
    app.close()
    return Bureau(settings, inspectors, tuple(forms.load_form(each.xform) for each in compiled), size)


def touch(bureau: Bureau, count: int) -> None:
    """Change so many tasks and records of the whole bureau, as the server does."""
    app = create_app(bureau.settings)
    for chunk in in_chunks(bureau.entities(count), 500):
        with audit.transaction(app.sessions) as session:
            for kind, entity in chunk:
                feed.touch(session, kind, entity)
                audit.append(session, SYSTEM, f"{kind}.changed", (kind, entity))
    app.close()


def _sign_in(
    app: App, organisation: Organisation, number: int, hashed: str
) -> tuple[UUID, str, UUID, EllipticCurvePrivateKey]:
    with audit.transaction(app.sessions) as session:
        name = f"measured-{number}"
        person = add_person(session, name, name, "", [Role.INSPECTOR], organisation, hashed=hashed)
        device, key = id_of("device", number), generate_device_key()
        claim = DeviceClaim(device, name, public_jwk(key))
        lifetimes = Lifetimes(timedelta(hours=8), timedelta(days=1))
        opened = sign_in(session, Attempt(name, hashed, True), claim, lifetimes)
        return person.id, opened.token, device, key
