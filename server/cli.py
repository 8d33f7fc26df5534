"""The command line of an installation. `docs/commands.md` is written from here."""

import json
import os
from pathlib import Path

import click
from sqlalchemy import select

from server import audit
from server.access import SYSTEM, Role
from server.accounts.models import Organisation
from server.accounts.service import add_person
from server.app import VERSION, create_app
from server.db import open_engine
from server.logs import configure_logs
from server.migrate import migrate as migrate_database
from server.problems import problems_as_markdown
from server.serve import prepare_installation, serve_all, serve_web
from server.settings import Settings, WrongSettingError, settings_as_markdown

DOCS = Path(__file__).parent.parent / "docs"


def _settings() -> Settings:
    try:
        return Settings.from_environment(os.environ)
    except WrongSettingError as error:
        raise click.ClickException(str(error)) from error


@click.group()
@click.version_option(VERSION, prog_name="merestone")
def main() -> None:
    """Merestone 界石: field inspection under 双随机、一公开."""


@main.command()
@click.option("--demo", is_flag=True, help="Load the demo bureau if the installation is empty.")
def serve(demo: bool) -> None:
    """Bring the database up to date and serve everything: web and worker."""
    settings = _settings()
    configure_logs(settings.log_level)
    _prepare(settings)
    environment = dict(os.environ)
    beside = [["worker"]]
    serve_all(settings, environment, beside)


@main.command()
def web() -> None:
    """Serve the web only; run `merestone migrate` before and `merestone worker` beside it."""
    serve_web(_settings())


@main.command()
@click.option("--to", default="head", show_default=True, help="A revision; `base` undoes everything.")
def migrate(to: str) -> None:
    """Bring the database to a revision and guard the epoch."""
    settings = _settings()
    if to == "head":
        _prepare(settings)
        return
    engine = open_engine(settings.database_url, pool_size=1)
    migrate_database(engine, to)
    engine.dispose()


@main.command("add-person")
@click.argument("username")
@click.argument("name")
@click.option("--organisation", required=True, help="Name of an organisation that exists.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@click.password_option()
def add_person_command(username: str, name: str, organisation: str, roles: tuple[str, ...], password: str) -> None:
    """Add someone who can sign in."""
    app = create_app(_settings())
    with audit.transaction(app.sessions) as session:
        found = session.scalar(select(Organisation).where(Organisation.name == organisation))
        if found is None:
            raise click.ClickException(f"no organisation called {organisation}")
        person = add_person(session, username, name, password, [Role(role) for role in roles], found)
        audit.append(session, SYSTEM, "person.added", ("person", person.id), {"roles": list(roles)})
    click.echo(f"{username}: {person.id}")


@main.command("verify-audit")
def verify_audit() -> None:
    """Recompute the hash chain of the audit log; exit 1 at the first entry that does not hold."""
    app = create_app(_settings())
    with app.readers() as session:
        head, _ = audit.head(session)
        broken = audit.verify_chain(session)
    if broken is not None:
        raise click.ClickException(f"审计链在第 {broken} 条断裂 / the audit chain breaks at entry {broken}")
    click.echo(f"审计链完好，共 {head} 条 / the audit chain holds over {head} entries")


@main.command()
def openapi() -> None:
    """Print the description of the API (OpenAPI 3)."""
    app = create_app(_settings())
    answer = app.test_client().get("/api/openapi.json").get_json()
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2, sort_keys=True))


@main.command()
def docs() -> None:
    """Write the pages that are made from the code: settings, problem codes, commands."""
    for name, text in documented().items():
        (DOCS / name).write_text(text, encoding="utf-8")


def documented() -> dict[str, str]:
    """Make the pages that `docs/` has to agree with."""
    return {
        "settings.md": settings_as_markdown(),
        "problems.md": problems_as_markdown(),
        "commands.md": commands_as_markdown(),
    }


def commands_as_markdown() -> str:
    """Write the page of all commands from their own help."""
    lines = ["# Commands", "", "`merestone` in the virtual environment, `python -m server` in the image.", ""]
    for name, command in sorted(main.commands.items()):
        context = click.Context(command, info_name=f"merestone {name}")
        lines += [f"## {name}", "", "```", command.get_help(context), "```", ""]
    return "\n".join(lines)


def _prepare(settings: Settings) -> None:
    reason = prepare_installation(settings)
    if reason:
        click.echo(f"a new epoch begins ({reason})", err=True)
