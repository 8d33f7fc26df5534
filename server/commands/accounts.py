"""`merestone add-person`, `add-organisation`, `move-region`, `set-password`: who can sign in first, and who can't any more."""

import re
from uuid import UUID

import click
from sqlalchemy import or_, select

from server import audit
from server.access import SYSTEM, Role
from server.accounts.codes import refuse_weak
from server.accounts.models import Organisation, Person, Region
from server.accounts.people import USERNAME
from server.accounts.regions import move_region
from server.accounts.service import add_person, set_password
from server.problems import OrganisationNameTaken, PersonUsernameTaken
from server.starting import transaction

DIVISION_CODE = 6  # digits, GB/T 2260


@click.command("add-person")
@click.argument("username")
@click.argument("name")
@click.option("--organisation", required=True, help="Name of an organisation that exists.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role])
)
@click.option("--id", "person_id", type=click.UUID, help="The id that this person had before a restore.")
@click.password_option(help="At least 10 characters, not the user name, not one character repeated.")
def add_person_command(
    username: str, name: str, organisation: str, roles: tuple[str, ...], person_id: UUID | None, password: str
) -> None:
    """Add someone who can sign in."""
    if not re.match(USERNAME, username):
        raise click.ClickException("a user name has 2 to 60 letters, digits, dots, hyphens and underscores")
    refuse_weak(username, password)
    with transaction() as session:
        found = session.scalar(select(Organisation).where(Organisation.name == organisation))
        if found is None:
            raise click.ClickException(f"no organisation called {organisation}")
        taken = or_(Person.username == username, Person.id == person_id)
        if session.scalar(select(Person.id).where(taken).limit(1)):
            raise PersonUsernameTaken()
        person = add_person(
            session, username, name, password, [Role(role) for role in roles], found, person_id=person_id
        )
        audit.append(session, SYSTEM, "person.added", ("person", person.id), {"roles": list(roles)})
    click.echo(f"{username}: {person.id}")


@click.command("add-organisation")
@click.argument("name")
@click.option("--region", required=True, help="Its six-digit division code; the jurisdiction of its people.")
@click.option("--region-name", default="", help="The region's name, where it is not known yet.")
def add_organisation(name: str, region: str, region_name: str) -> None:
    """Add an organisation, and its region where that is missing."""
    if len(region) != DIVISION_CODE or not (region.isascii() and region.isdigit()):
        raise click.ClickException("a division code has six digits")
    with transaction() as session:
        if session.scalar(select(Organisation.id).where(Organisation.name == name)):
            raise OrganisationNameTaken()
        if session.get(Region, region) is None:
            session.add(Region(code=region, name=region_name or region, parent=None))
            session.flush()
        organisation = Organisation(name=name, region=region)
        session.add(organisation)
        session.flush()
        audit.append(
            session, SYSTEM, "organisation.added", ("organisation", organisation.id), {"region": region}
        )
    click.echo(f"{name}: {organisation.id}")


@click.command("move-region")
@click.argument("code")
@click.option("--parent", help="The code of the region that it lies in from now on; none without.")
def move_region_command(code: str, parent: str | None) -> None:
    """Let a region lie in another one: its people hear the notices of that one."""
    with transaction() as session:
        move_region(session, SYSTEM, code, parent)
    click.echo(f"{code}: {parent or '-'}")


@click.command("set-password")
@click.argument("username")
@click.password_option(help="At least 10 characters, not the user name, not one character repeated.")
def set_password_command(username: str, password: str) -> None:
    """Set someone's password and end the sessions opened with the old one."""
    refuse_weak(username, password)
    with transaction() as session:
        set_password(session, SYSTEM, username, password)
    click.echo(username)
