"""The command line of an installation. `docs/commands.md` is written from here."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import requests
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from media import StoreError
from server import audit
from server.access import SYSTEM, Role
from server.accounts.models import Organisation, Person, Region
from server.accounts.regions import move_region
from server.accounts.service import add_person, set_password
from server.app import VERSION, create_app
from server.backup_commands import backup, backups, restore
from server.checklists.service import publish_catalogue
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
from server.draw_commands import draw
from server.escrow_commands import escrow, escrow_key, escrow_open
from server.evidence import losing, rebuilding
from server.installation import open_installation
from server.lanes import Lane
from server.library_commands import export_library, import_library
from server.logs import configure_logs
from server.migrate import migrate as migrate_database
from server.notary.authority import trusted_roots
from server.notary.checking import RootBrokenError, Trust, check_roots
from server.notary.models import AuditRoot
from server.notary.service import root_json
from server.openrosa_commands import phone_keys
from server.outcome_commands import disclose_earlier, enter_calendar
from server.outline_commands import import_outlines
from server.platform.mock import GOOD, NASTY, MockPlatform, make_mock_server
from server.problems import (
    OrganisationNameTaken,
    PersonUsernameTaken,
    Problem,
    RegionNotFound,
    RegionWithinItself,
    problems_as_markdown,
)
from server.registry.service import enter_standard_items
from server.rehearsal.first_days import play_first_days
from server.rehearsal.story import StoryBrokenError, leave_for_review, rehearse
from server.results.listing import offer_codes
from server.serve import prepare_installation, serve_all, serve_web
from server.settings import Settings, settings_as_markdown
from server.starting import opened, read_settings
from server.worker import Worker, copy_duty, inspect_duty, patrol_everything, run_worker
from sync import verifier

#: Lost originals that are looked up at a time.
_LINES = 500
LAST_PORT = 65535
DIVISION_CODE = 6  # digits, GB/T 2260
FAULTS = {"none": GOOD, "network": replace(NASTY, reject=0.0), "all": NASTY}
FIRST_STEPS = """
  还没有人能登录。请先录入第一个机构和管理员，其余在工作台中录入 /
  Nobody can sign in yet. Enter the first bureau and its administrator; all else is entered in the console:
    merestone add-organisation 某县自然资源局 --region 140522 --region-name 某县
    merestone add-person admin 管理员 --organisation 某县自然资源局 --role admin
"""
DOCS = Path(__file__).parent.parent / "docs"


@contextmanager
def _transaction(settings: Settings | None = None) -> Iterator[Session]:
    with opened(settings) as app, audit.transaction(app.sessions) as session:
        yield session


class _Saying(click.Group):
    """Says in a sentence what was refused."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Problem as refusal:
            raise click.ClickException(" / ".join(refusal.title)) from refusal


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


@main.command("add-person")
@click.argument("username")
@click.argument("name")
@click.option("--organisation", required=True, help="Name of an organisation that exists.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role])
)
@click.option("--id", "person_id", type=click.UUID, help="The id that this person had before a restore.")
@click.password_option()
def add_person_command(
    username: str, name: str, organisation: str, roles: tuple[str, ...], person_id: UUID | None, password: str
) -> None:
    """Add someone who can sign in."""
    with _transaction() as session:
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


@main.command("add-organisation")
@click.argument("name")
@click.option("--region", required=True, help="Its six-digit division code; the jurisdiction of its people.")
@click.option("--region-name", default="", help="The region's name, where it is not known yet.")
def add_organisation(name: str, region: str, region_name: str) -> None:
    """Add an organisation, and its region where that is missing."""
    if len(region) != DIVISION_CODE or not (region.isascii() and region.isdigit()):
        raise click.ClickException("a division code has six digits")
    with _transaction() as session:
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


@main.command("move-region")
@click.argument("code")
@click.option("--parent", help="The code of the region that it lies in from now on; none without.")
def move_region_command(code: str, parent: str | None) -> None:
    """Let a region lie in another one: its people hear the notices of that one."""
    try:
        with _transaction() as session:
            move_region(session, SYSTEM, code, parent)
    except (RegionNotFound, RegionWithinItself) as refusal:
        raise click.ClickException(f"{refusal.title[1]} {refusal.detail}".strip()) from refusal
    click.echo(f"{code}: {parent or '-'}")


@main.command("set-password")
@click.argument("username")
@click.password_option()
def set_password_command(username: str, password: str) -> None:
    """Set someone's password and end the sessions opened with the old one."""
    with _transaction() as session:
        set_password(session, SYSTEM, username, password)
    click.echo(username)


@main.command("verify-audit")
def verify_audit() -> None:
    """Recompute the audit log's hash chain and compare every signed root; exit 1 at the first that does not hold.

    Writes nothing. Progress goes to standard error.
    """
    with opened() as app, app.readers() as session:
        head, _ = audit.head(session)
        broken = audit.verify_chain(session, told=partial(_tell_progress, "链 chain", head))
        if broken is not None:
            covered = _covered_by(session, broken)
            raise click.ClickException(
                f"审计链在第 {broken} 条断裂 / the audit chain breaks at entry {broken}{covered}"
            )
        try:
            trust = Trust(app.installation.key, trusted_roots(app.settings))
            roots = check_roots(session, trust, partial(_tell_progress, "树 tree", head))
        except RootBrokenError as error:
            chinese, english = error.told
            raise click.ClickException(
                f"{error.root.date} 的树根（{error.root.size} 条）{chinese} / "
                f"the root of {error.root.date} over {error.root.size} entries: {english}"
            ) from error
    click.echo(f"审计链完好，共 {head} 条 / the audit chain holds over {head} entries")
    click.echo(
        f"树根完好，共 {roots.held} 个，其中 {roots.stamped} 个有时间戳 / "
        f"{roots.held} roots hold, {roots.stamped} of them time-stamped"
    )
    if roots.verified:
        click.echo(
            f"{roots.verified} 个时间戳的签名已核对 / the signatures of {roots.verified} time-stamps were checked"
        )
    elif roots.stamped:
        click.echo(
            "未核对时间戳的签名：未配置受信任的时间戳机构 / "
            "signatures of time-stamps were not checked: no authority is trusted here (MERESTONE_TSA_CERTIFICATES)"
        )
    for key in roots.other_keys:
        click.echo(f"未核对密钥 {key} 的签名 / signatures by key {key} were not checked: it is not ours now")


def _tell_progress(what: str, head: int, seq: int) -> None:
    click.echo(f"{what}: {seq} / {head}", err=True)


def _covered_by(session: Session, seq: int) -> str:
    root = session.scalar(select(AuditRoot).where(AuditRoot.size >= seq).order_by(AuditRoot.size).limit(1))
    return f" ({root.date} 的树根涵盖该条 / covered by the root of {root.date})" if root else ""


@main.command("audit-roots")
def audit_roots() -> None:
    """Print every signed root of the audit log, a line of JSON each, the oldest first, to be kept elsewhere."""
    with opened() as app, app.readers() as session:
        for root in session.scalars(select(AuditRoot).order_by(AuditRoot.size)):
            click.echo(json.dumps(root_json(root), ensure_ascii=False))


@main.command()
@click.argument("package", type=click.Path(exists=True, dir_okay=False))
@click.option("--key", help="The key id that the server must have, from a source you trust.")
@click.option("--receipt", "receipts", multiple=True, help="A receipt that a phone kept.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for machines.")
def verify(package: str, key: str | None, receipts: tuple[str, ...], *, as_json: bool) -> None:
    """Check an evidence package; exit 1 if it contradicts itself. Needs no installation: `verify.py` is the same."""
    report = verifier.check(package, key, receipts)
    click.echo(verifier.written(report, as_json=as_json), nl=False)
    if not report.holds:
        raise click.exceptions.Exit(1)


@main.command("server-key")
def server_key() -> None:
    """Print the id of the key that receipts and evidence packages are signed with, to be made known elsewhere."""
    click.echo(open_installation(read_settings()).key.key_id)


for command in (
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
    phone_keys,
    restore,
):
    main.add_command(command)


@main.group()
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
    with _transaction(settings) as session:
        publish_catalogue(session)
        enter_standard_items(session, SYSTEM)
        offer_codes(session, SYSTEM)
