"""`merestone draw …`: the ceremony of a draw at a terminal, before an audience, step by step."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.draws import announcing, ceremonies, pairing, publication
from server.draws.models import Ceremony, CeremonyKind, ReplacementCause
from server.draws.schemas.frames import SelectionSchema
from server.starting import opened

_DAY = click.DateTime(["%Y-%m-%d"])
_as_somebody = click.option("--as", "username", required=True, help="Who runs the ceremony: a planner.")
_ceremony = click.argument("ceremony_id", type=click.UUID)


@click.group()
def draw() -> None:
    """Draw objects and inspectors: announce, freeze, reveal, publish. Each step is public at once."""


@draw.command()
@_as_somebody
@click.option("--planned", type=click.UUID, help="A planned inspection of a published plan.")
@click.option("--locked-by", type=click.UUID, help="Match inspectors to the objects that this draw locked.")
@click.option("--list-only", is_flag=True, help="Draw objects only, and lock them to their counties.")
@click.option("--opens", type=_DAY, required=True, help="First day of the visits.")
@click.option("--due", type=_DAY, required=True, help="Last day of the visits.")
@click.option("--randomness-source", default="", help="Public randomness that nobody can know yet.")
@click.option("--supersedes", type=click.UUID, help="The draw that is drawn anew.")
@click.option("--reason", default="", help="Why it is drawn anew; everybody can read it.")
def announce(
    username: str, planned: UUID | None, locked_by: UUID | None, *, list_only: bool, opens: datetime,
    due: datetime, randomness_source: str, supersedes: UUID | None, reason: str,
) -> None:  # fmt: skip
    """Begin a ceremony: print its id and the hash of a secret that nobody has seen."""
    kind = CeremonyKind.OBJECTS if list_only else CeremonyKind.FULL
    announced = announcing.Announcement(
        kind=CeremonyKind.MATCH if locked_by else kind,
        opens_on=_day(opens),
        due_on=_day(due),
        planned_id=planned,
        locked_by=locked_by,
        randomness_source=randomness_source,
        supersedes=supersedes,
        reason=reason,
    )
    _step(username, lambda session, actor, key: announcing.announce(session, actor, key, announced))


@draw.command()
@_as_somebody
@_ceremony
@click.option(
    "--selection",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON file: what `POST /api/v1/ceremonies/{id}/freeze` takes. All objects without.",
)
def freeze(username: str, ceremony_id: UUID, selection: Path | None) -> None:
    """Freeze the frame and print its digest."""
    try:
        chosen = SelectionSchema().loads(selection.read_text("utf-8") if selection else "{}")
    except (ValidationError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    _step(username, lambda session, actor, _: ceremonies.freeze(session, actor, ceremony_id, chosen))


@draw.command()
@_as_somebody
@_ceremony
@click.option("--randomness", default="", help="The public randomness, when it was announced.")
def reveal(username: str, ceremony_id: UUID, randomness: str) -> None:
    """Reveal the secret and draw."""
    _step(
        username,
        lambda session, actor, key: ceremonies.reveal(session, actor, key, ceremony_id, randomness),
    )


@draw.command()
@_as_somebody
@_ceremony
def publish(username: str, ceremony_id: UUID) -> None:
    """Publish what was drawn: tasks open, or counties get their locked objects."""
    _step(username, lambda session, actor, _: pairing.publish_ceremony(session, actor, ceremony_id))


@draw.command()
@_as_somebody
@_ceremony
@click.option("--reason", required=True, help="Everybody can read it.")
def abandon(username: str, ceremony_id: UUID, reason: str) -> None:
    """Give a ceremony up before anything was revealed."""
    _step(username, lambda session, actor, _: ceremonies.abandon(session, actor, ceremony_id, reason))


@draw.command()
@_as_somebody
@_ceremony
@click.option("--object", "object_id", type=click.UUID, required=True)
@click.option("--person", "person_id", type=click.UUID, required=True, help="Who can't go.")
@click.option("--cause", type=click.Choice([each.value for each in ReplacementCause]), required=True)
@click.option("--reason", required=True, help="Stays in the house; the cause is public.")
def replace(
    username: str, ceremony_id: UUID, object_id: UUID, person_id: UUID, cause: str, reason: str
) -> None:
    """Replace somebody who can't go by the next by chance."""
    with _acting(username) as (session, actor, _):
        place = (object_id, person_id)
        made = pairing.replace_person(session, actor, ceremony_id, place, ReplacementCause(cause), reason)
        for each in made:
            click.echo(f"{each.out} → {each.into} ({each.cause})")


@draw.command("file")
@_ceremony
def public_file(ceremony_id: UUID) -> None:
    """Print the public file of a draw, which `docs/verify_draw.py` checks."""
    with opened() as app, app.readers() as session:
        click.echo(publication.public_file(session, ceremony_id).decode())


def _step(username: str, verb: Callable[[Session, Actor, bytes], Ceremony]) -> None:
    with _acting(username) as (session, actor, key):
        click.echo(_told(verb(session, actor, key)))


def _told(ceremony: Ceremony) -> str:
    told: dict[str, Any] = {"id": str(ceremony.id), "number": ceremony.number, "state": ceremony.state}
    told |= {"commitment": ceremony.commitment, "frame_digest": ceremony.frame_digest, "seed": ceremony.seed}
    if ceremony.revealed_at:
        outcome = ceremony.outcome or {}
        told |= {name: len(outcome[name]) for name in ("drawn", "visits", "unmatched")}
    return json.dumps(
        {name: value for name, value in told.items() if value != ""}, ensure_ascii=False, indent=2
    )


@contextmanager
def _acting(username: str) -> Iterator[tuple[Session, Actor, bytes]]:
    with opened() as app, audit.transaction(app.sessions) as session:
        person = session.scalar(select(Person).where(Person.username == username, Person.active))
        if person is None:
            raise click.ClickException(f"没有这个人 / nobody is called {username}")
        yield session, actor_of(person), app.installation.secret


def _day(moment: datetime) -> date:
    return moment.date()
