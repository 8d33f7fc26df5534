"""`merestone phone-keys`: keys of stock ODK phones, made, listed, released and ended at the server."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import SYSTEM, System
from server.accounts.models import Person
from server.openrosa import keys, setting_up
from server.openrosa.models import PhoneKey
from server.problems import Problem
from server.starting import opened


@click.group("phone-keys")
def phone_keys() -> None:
    """Keys of ODK Collect and KoboCollect phones."""


@phone_keys.command("make")
@click.argument("username")
@click.argument("phone")
@click.option("--origin", required=True, help="Where phones reach this server: https://host[:port].")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Write the QR code as PNG.")
def make(username: str, phone: str, origin: str, picture: Path | None) -> None:
    """Make a key for USERNAME on a phone called PHONE, and write the text of its code."""
    with opened() as app, audit.transaction(app.sessions) as session:
        person = session.scalar(select(Person).where(Person.username == username))
        if person is None:
            raise click.ClickException(f"没有此人 / nobody is called {username}")
        try:
            key = keys.make_key(session, SYSTEM, person.id, phone)
        except Problem as problem:
            raise click.ClickException(" ".join(problem.title)) from problem
        setup = setting_up.set_up(session, app.installation.secret, origin, key, person)
    if picture is not None:
        picture.write_bytes(setting_up.picture_of(setup.code))
    click.echo(f"{key.id}\n{setup.settings['general']['server_url']}\n{setup.code}")


@phone_keys.command("list")
def list_keys() -> None:
    """List all keys: id, person, phone, whether a phone is bound to it, how much came, and whether it was ended."""
    query = select(PhoneKey, Person.username).join(Person, Person.id == PhoneKey.person_id)
    with opened() as app, app.readers() as session:
        for key, username in session.execute(query.order_by(PhoneKey.made_at)):
            bound = "bound" if key.bound_to else "free"
            ended = f"ended: {key.ended_because}" if key.ended_at else bound
            click.echo(f"{key.id}  {username}  {key.name}  {key.sent}  {ended}")


@phone_keys.command("release")
@click.argument("key", type=click.UUID)
@click.argument("reason")
def release(key: UUID, reason: str) -> None:
    """Let a key go from its phone: the next that asks has it, and the address stays."""
    with opened() as app, audit.transaction(app.sessions) as session:
        _do(session, keys.release_key, key, reason)


@phone_keys.command("end")
@click.argument("key", type=click.UUID)
@click.argument("reason")
def end(key: UUID, reason: str) -> None:
    """End a key for good."""
    with opened() as app, audit.transaction(app.sessions) as session:
        _do(session, keys.end_key, key, reason)


def _do(
    session: Session, verb: Callable[[Session, System, UUID, str], PhoneKey], key: UUID, reason: str
) -> None:
    try:
        verb(session, SYSTEM, key, reason)
    except Problem as problem:
        raise click.ClickException(" ".join(problem.title)) from problem
