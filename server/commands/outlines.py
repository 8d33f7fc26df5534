"""`merestone import-outlines`: where regions lie, from a GeoJSON file that a bureau holds."""

import json
from pathlib import Path

import click
from sqlalchemy import select

from server.accounts.models import Person
from server.accounts.outlines import take_outlines
from server.accounts.service import actor_of
from server.problems import Problem
from server.starting import transaction


@click.command("import-outlines")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="Whose file it is, and of when; it stands on every picture.")
@click.option(
    "--by", "username", required=True, help="In whose name: somebody who looks after people and regions."
)
@click.option(
    "--code", "code_property", default="code", show_default=True, help="The property that holds the code."
)
def import_outlines(file: Path, source: str, username: str, code_property: str) -> None:
    """Take in outlines of regions for the map picture, from GeoJSON in degrees (CGCS2000 or WGS 84), whole or not at all.

    Older ones are replaced; codes that are no region here are told and left out. Snapshots that were taken before stay as they are.
    """
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file}: {error}") from error
    with transaction() as session:
        person = session.scalar(select(Person).where(Person.username == username))
        if person is None:
            raise click.ClickException(f"nobody is called {username}")
        try:
            taken = take_outlines(
                session, actor_of(person), given, code_property=code_property, source=source
            )
        except Problem as problem:
            for each in problem.members.get("errors", ()):
                click.echo(f"feature {each['feature']}: {each['reason']}", err=True)
            raise click.ClickException(" / ".join((*problem.title, problem.detail))) from problem
    click.echo(f"taken: {' '.join(taken.taken) or '-'}")
    if taken.unknown:
        click.echo(f"no region here: {' '.join(taken.unknown)}")
