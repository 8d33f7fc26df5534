"""`merestone enter-calendar`, `disclose-earlier`: for whoever looks after an installation."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.http import App
from server.platform.withdrawals import withdraw_earlier
from server.publicity.disclosing import disclose_earlier as disclose_some
from server.publicity.earlier import take_back_earlier
from server.results.calendars import NATION, NoticeDraft, enter_anywhere
from server.starting import opened, transaction

MOST_AT_ONCE: Final = 500
"""Results in one transaction, so that others write between them."""


@click.command("enter-calendar")
@click.argument("notice", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", "username", required=True, help="In whose name: somebody who can sign in.")
def enter_calendar(notice: Path, username: str) -> None:
    """Enter a year's notice of days off from JSON: `year`, `version`, `days_off`, `make_up`, and a `region` if not all.

    The worker counts every deadline again that it may move, and keeps what was before. `POST /calendars` does the same
    for a region's own days, and for the nation's where somebody governs every bureau of the installation.
    """
    try:
        draft = _read(json.loads(notice.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise click.ClickException(f"{notice}: {error!r}") from error
    with transaction() as session:
        person = session.scalar(select(Person).where(Person.username == username))
        if person is None:
            raise click.ClickException(f"nobody is called {username}")
        entered = enter_anywhere(session, actor_of(person), draft)
        click.echo(f"{entered.year} {entered.version}: {entered.id}")


@click.command("disclose-earlier")
def disclose_earlier() -> None:
    """Make results public that were released before this program knew publicity; once, after it was brought up to date.

    What ended before it was taken back elsewhere is to be taken back now: it waits for its file, and the province is told.
    """
    with opened() as app:
        for catch_up in (disclose_some, take_back_earlier, withdraw_earlier):
            click.echo(f"{_all_of(app, catch_up)}")


def _all_of(app: App, catch_up: Callable[[Session, int], int]) -> int:
    total = 0
    while True:
        with audit.transaction(app.sessions) as session:
            done = catch_up(session, MOST_AT_ONCE)
        if not done:
            return total
        total += done


def _read(given: dict[str, Any]) -> NoticeDraft:
    return NoticeDraft(
        region=str(given.get("region", NATION)),
        year=int(given["year"]),
        version=str(given["version"]),
        days_off=tuple(date.fromisoformat(day) for day in given["days_off"]),
        make_up=tuple(date.fromisoformat(day) for day in given.get("make_up", [])),
    )
