"""The command line of an installation. `docs/commands.md` is written from here."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import requests
from sqlalchemy import select

from server import audit
from server.access import SYSTEM
from server.accounts.models import Person
from server.app import VERSION, create_app
from server.checklists.service import publish_catalogue, read_catalogue, unpublished
from server.commands.accounts import (
    add_organisation,
    add_person_command,
    move_region_command,
    set_password_command,
)
from server.commands.backups import backup, backups, restore
from server.commands.draws import draw
from server.commands.escrow import escrow, escrow_key, escrow_open
from server.commands.libraries import export_library, import_library
from server.commands.media import media
from server.commands.outcomes import disclose_earlier, enter_calendar
from server.commands.outlines import import_outlines
from server.commands.phone_keys import phone_keys
from server.commands.proofs import audit_roots, server_key, verify, verify_audit
from server.db import open_engine
from server.demo import (
    DEMO_PASSWORD,
    PEOPLE,
    load_demo_draw,
    load_demo_phone,
    load_demo_plans,
    load_demo_publications,
    load_demo_registry,
    load_demo_visits,
)
from server.lanes import Lane
from server.logs import configure_logs
from server.migrate import migrate as migrate_database
from server.platform.mock import GOOD, NASTY, MockPlatform, make_mock_server
from server.problems import (
    Problem,
    problems_as_markdown,
)
from server.registry.service import enter_standard_items
from server.rehearsal.first_days import play_first_days
from server.rehearsal.story import StoryBrokenError, leave_for_review, rehearse
from server.results.listing import offer_codes
from server.serve import prepare_installation, serve_all, serve_web
from server.settings import Settings, settings_as_markdown
from server.starting import opened, read_settings
from server.worker import run_worker

LAST_PORT = 65535
FAULTS = {"none": GOOD, "network": replace(NASTY, reject=0.0), "all": NASTY}
FIRST_STEPS = """
  还没有人能登录。请先录入第一个机构和管理员，其余在工作台中录入 /
  Nobody can sign in yet. Enter the first bureau and its administrator; all else is entered in the console:
    merestone add-organisation 某县自然资源局 --region 140522 --region-name 某县
    merestone add-person admin 管理员 --organisation 某县自然资源局 --role admin
"""
DOCS = Path(__file__).parent.parent / "docs"


class _Saying(click.Group):
    """Says in a sentence what was refused."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Problem as refusal:
            told = zip(refusal.title, (refusal.detail, refusal.detail_en), refusal.advice, strict=True)
            lines = [" ".join(part for part in parts if part) for parts in told]
            raise click.ClickException("\n".join(lines)) from refusal


@click.group(cls=_Saying)
@click.version_option(VERSION, prog_name="merestone")
def main() -> None:
    """Merestone 界石: field inspection under 双随机、一公开."""


@main.command()
@click.option(
    "--demo", is_flag=True, help="Load the demo bureau if nobody is here yet, with a mock platform."
)
@click.option(
    "--first-days",
    is_flag=True,
    help="With a demo that is new: play its first days meanwhile, see `simulate --first-days`.",
)
def serve(demo: bool, first_days: bool) -> None:
    """Bring the database up to date and serve everything: web and worker."""
    settings = read_settings()
    configure_logs(settings.log_level)
    _prepare(settings)
    environment, beside = dict(os.environ), [["worker"]]
    if demo:
        is_new = _load_demo_if_empty(settings)
        if not settings.platform_url:
            port = settings.port + 1 if settings.port < LAST_PORT else settings.port - 1
            environment |= {
                "MERESTONE_PLATFORM_URL": f"http://127.0.0.1:{port}/results",
                "MERESTONE_PLATFORM_APP_KEY": "demo",
                "MERESTONE_PLATFORM_SECRET": "demo-secret",
            }
            beside.append(["mock-platform", "--port", str(port), "--faults", "network"])
        if is_new and first_days:
            beside.append(["simulate", "--url", f"http://127.0.0.1:{settings.port}", "--first-days"])
        click.echo(welcome(settings))
    else:
        _tell_first_steps(settings)
    serve_all(settings, environment, beside)


@main.command()
@click.option(
    "--lane",
    type=click.Choice([lane.value for lane in Lane]),
    help="Only one of the two, where a proxy sends /api/v1/media to the processes of `media`.",
)
def web(lane: str | None) -> None:
    """Serve the web only; run `merestone migrate` before and `merestone worker` beside it."""
    serve_web(read_settings(), [Lane(lane)] if lane else list(Lane))


@main.command()
def worker() -> None:
    """React to what was committed and do the slow duties; run any number beside PostgreSQL, one beside SQLite."""
    settings = read_settings()
    configure_logs(settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_worker(create_app(settings), stop)


@main.command("mock-platform")
@click.option("--port", default=8001, show_default=True)
@click.option(
    "--faults",
    type=click.Choice(list(FAULTS)),
    default="none",
    show_default=True,
    help="network: lose, delay and duplicate some deliveries; all: reject some, too.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed misbehaves in the same way.")
def mock_platform(port: int, faults: str, seed: int) -> None:
    """Play a provincial platform for demonstrations; it keeps what it takes in memory only."""
    app_key = os.environ.get("MERESTONE_PLATFORM_APP_KEY", "demo")
    secret = os.environ.get("MERESTONE_PLATFORM_SECRET", "demo-secret")
    platform = MockPlatform(app_key, secret, FAULTS[faults], seed)
    make_mock_server(platform, port=port).serve_forever()


@main.command()
@click.option(
    "--url", default="http://127.0.0.1:8000", show_default=True, help="A running `merestone serve --demo`."
)
@click.option(
    "--leave",
    type=click.IntRange(1, 50),
    help="Only the field part, so many times: two records each then wait for a supervisor.",
)
@click.option(
    "--first-days",
    is_flag=True,
    help="What a new demo begins with: days whose records wait, one that is played to its end, a snapshot of reports.",
)
def simulate(url: str, leave: int | None, first_days: bool) -> None:
    """Play an inspector's offline day against a running server and print each step."""
    try:
        if first_days:
            play_first_days(url, lambda _: None)
        elif leave is None:
            rehearse(url, click.echo)
        else:
            leave_for_review(url, click.echo, leave)
    except (StoryBrokenError, requests.RequestException) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--to", default="head", show_default=True, help="A revision; `base` undoes everything.")
def migrate(to: str) -> None:
    """Bring the database to a revision; at the newest, guard the epoch and publish the forms that ship."""
    settings = read_settings()
    if to == "head":
        _prepare(settings)
        _tell_first_steps(settings)
        return
    engine = open_engine(settings.database_url, pool_size=1)
    migrate_database(engine, to)
    engine.dispose()


for command in (
    add_organisation,
    add_person_command,
    audit_roots,
    move_region_command,
    server_key,
    set_password_command,
    verify,
    verify_audit,
    backup,
    backups,
    disclose_earlier,
    draw,
    enter_calendar,
    escrow,
    escrow_key,
    escrow_open,
    export_library,
    import_library,
    import_outlines,
    media,
    phone_keys,
    restore,
):
    main.add_command(command)


@main.command()
def openapi() -> None:
    """Print the description of the API (OpenAPI 3)."""
    with opened() as app:
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
    for name, command in _all_commands(main):
        context = click.Context(command, info_name=f"merestone {name}")
        lines += [f"## {name}", "", "```", command.get_help(context), "```", ""]
    return "\n".join(lines)


def _all_commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _all_commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def welcome(settings: Settings) -> str:
    """Say where to go and who can sign in."""
    url = f"http://{settings.host}:{settings.port}"
    return f"""
  界石 Merestone   {url}
  接口说明 API     {url}/api/docs
  演示帐号 people  {" ".join(person.username for person in PEOPLE)}
  口令 password    {DEMO_PASSWORD}
  没有手机 no phone? 另开终端运行 / in another terminal:
                   .venv/bin/merestone simulate --url {url}
  Ctrl+C 停止 stops everything. 数据 data: {settings.data}
"""


def _tell_first_steps(settings: Settings) -> None:
    """Say how the first people come in, as long as there is nobody who could sign in."""
    with opened(settings) as app, app.readers() as session:
        if session.scalar(select(Person.id).limit(1)) is None:
            click.echo(FIRST_STEPS, err=True)


def _load_demo_if_empty(settings: Settings) -> bool:
    """Load the demo bureau where nobody is yet; tells whether it did."""
    with opened(settings) as app, audit.transaction(app.sessions) as session:
        if session.scalar(select(Person.id).limit(1)) is not None:
            return False
        load_demo_registry(session)
        load_demo_plans(session)
        load_demo_visits(session)
        load_demo_phone(session)
        load_demo_draw(session, app.installation.secret)
        load_demo_publications(session)
    return True


def _prepare(settings: Settings) -> None:
    reason = prepare_installation(settings)
    if reason:
        click.echo(f"a new epoch begins ({reason})", err=True)
    with opened(settings) as app:
        with app.readers() as session:
            unread = unpublished(session)
        written = read_catalogue(unread)
        with audit.transaction(app.sessions) as session:
            publish_catalogue(session, written)
            enter_standard_items(session, SYSTEM)
            offer_codes(session, SYSTEM)
