"""`merestone media`: what was made of media is made anew, and originals that the store has lost are looked for."""

from collections.abc import Iterator

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from media import StoreError
from server import audit
from server.accounts.models import Person
from server.duties import copy_duty, inspect_duty, patrol_everything
from server.evidence import losing, rebuilding
from server.starting import opened
from server.worker import Worker

#: Lost originals that are looked up at a time.
_LINES = 500


@click.group()
def media() -> None:
    """Look after what was made of media."""


@media.command()
@click.option("--kind", type=click.Choice(["image", "video", "audio", "document"]), help="Only such files.")
@click.option("--sha256", help="Only this file.")
@click.option(
    "--all/--missing",
    "everything",
    default=False,
    help="All, or only what was never made or by an older recipe (the default).",
)
def rebuild(kind: str | None, sha256: str | None, everything: bool) -> None:
    """Make previews, copies and facts anew; originals are only read.

    May be broken off at any time (a worker does the rest) and run beside workers.
    """
    with opened() as app:
        with audit.transaction(app.sessions) as session:
            count = rebuilding.ask_anew(session, kind, sha256, everything=everything)
        click.echo(f"待处理 {count} 件 / {count} files to look into")
        worker = Worker(app, [inspect_duty(app), copy_duty(app)])
        while any(worker.perform(duty) for duty in worker.duties):
            with app.readers() as session:
                click.echo(f"剩余 {(left := rebuilding.waiting(session))} 件 / {left} left")


@media.command()
@click.option(
    "--right-store",
    is_flag=True,
    help="This is the right store, though it has nothing of what the database knows.",
)
@click.option("--read", "reads", is_flag=True, help="Also read every original and compare its hash.")
def check(*, right_store: bool, reads: bool) -> None:
    """Compare the whole store with the database now, which the worker does in a day; exit 1 if an original is lost.

    What the store has lost comes back from MERESTONE_BACKUP_TO, or is asked of phones again: told is who may hold it still.
    """
    restored = 0
    with opened() as app:
        try:
            for found in patrol_everything(app, is_sure=right_store, reads=reads):
                restored += len(found.losses.restored)
        except StoreError as error:
            raise click.ClickException(str(error)) from error
        with app.readers() as session:
            lost = losing.lost_now(session)
            for line in _who_may_hold(session, lost):
                click.echo(f"已丢失 lost: {line}")
    click.echo(f"{restored} 补回 brought back, {len(lost)} 待手机重传 asked of phones again")
    if lost:
        raise click.exceptions.Exit(1)


def _who_may_hold(session: Session, lost: list[str]) -> Iterator[str]:
    for start in range(0, len(lost), _LINES):
        some = lost[start : start + _LINES]
        named = list(losing.who_may_hold(session, some))
        people = {person for _, _, person in named if person}
        rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
        names = {row.id: row.name for row in rows}
        for sha256, record, person in named:
            yield f"{sha256}  记录 record {record}  {names.get(person, '') if person else ''}"
        for sha256 in sorted(set(some) - {each[0] for each in named}):
            yield sha256
