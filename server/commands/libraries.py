"""`merestone import-library …` and `export-library …`: lists and libraries from and to workbooks, without a browser."""

from contextlib import AbstractContextManager
from pathlib import Path
from shutil import copyfileobj
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, require
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.http import App
from server.problems import Problem
from server.registry import service as registry
from server.registry.import_duty import LEASE, Importing
from server.registry.models import ImportState, Library, LibraryImport
from server.starting import opened
from server.workbook import fill_workbook, save_workbook

_LIBRARY = click.Choice([library.value for library in Library])
_AS = click.option("--as", "username", required=True, help="Who does it: a person that may keep the library.")


@click.command("import-library")
@click.argument("library", type=_LIBRARY)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_AS
@click.option("--dry-run", is_flag=True, help="Try it, and keep nothing.")
@click.option(
    "--take-good-rows", is_flag=True, help="Take the rows that are right, leave out those that are wrong."
)
def import_library(library: str, file: Path, username: str, *, dry_run: bool, take_good_rows: bool) -> None:
    """Import a workbook of up to 50,000 rows into a library; exit with 1 where nothing could be taken.

    Wrong rows are told line by line. What was imported can be undone by its id, over HTTP.
    """
    with opened() as app:

        def transaction(writing: bool) -> AbstractContextManager[Session]:
            return audit.transaction(app.sessions) if writing else app.readers.begin()

        try:
            with transaction(True) as session:
                begun = registry.start_import(
                    session,
                    _actor(session, username),
                    Library(library),
                    file.read_bytes(),
                    dry_run=dry_run,
                    take_good_rows=take_good_rows,
                )
                begun.claimed_until = clock.now() + LEASE  # so that no worker takes it, too
            Importing(transaction).perform(begun.id)
        except Problem as problem:
            raise click.ClickException(" / ".join(problem.title)) from problem
        _tell(app, begun.id)


@click.command("export-library")
@click.argument("library", type=_LIBRARY)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_AS
@click.option("--region", help="Of one region only, by its division code.")
def export_library(library: str, file: Path, username: str, region: str | None) -> None:
    """Write a library into a workbook, which can be imported again unchanged."""
    keeping = registry.KEEPINGS[Library(library)]
    with opened() as app, app.readers.begin() as session:
        actor = _actor(session, username)
        try:
            require(actor, keeping.see)
            book = fill_workbook(keeping.sheets(session, actor, region))
        except Problem as problem:
            raise click.ClickException(" / ".join(problem.title)) from problem
    with save_workbook(book) as written, file.open("wb") as kept:
        copyfileobj(written, kept)
    click.echo(str(file))


def _actor(session: Session, username: str) -> Actor:
    person = session.scalar(select(Person).where(Person.username == username, Person.active))
    if person is None:
        raise click.ClickException(f"没有这个用户 / nobody is called {username}")
    return actor_of(person)


def _tell(app: App, import_id: UUID) -> None:
    with app.readers() as session:
        done = session.get_one(LibraryImport, import_id)
    for error in done.errors:
        place = " ".join(str(part) for part in (error["sheet"], error["row"], error["column"]) if part)
        click.echo(f"{place}: {error['reason']} / {error['reason_en']}", err=True)
    click.echo(
        f"{done.id} {done.state}: 行 rows {done.rows}, 新增 added {done.added}, 更改 changed {done.changed},"
        f" 未变 unchanged {done.unchanged}, 有误 wrong {done.wrong_rows}"
    )
    if done.state != ImportState.DONE.value:
        raise SystemExit(1)
