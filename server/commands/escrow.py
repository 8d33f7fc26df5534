"""`merestone escrow …`: the organisation's key, kept and used away from the server."""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import requests

from server import handed_in
from server.rehearsal.door import Door, RefusedError
from sync import EscrowKey, Export, ExportBroken, NotOpened, read_export

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("escrow-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def escrow_key(file: Path) -> None:
    """Make the organisation's key: the private half to FILE (mode 0600), the public half on standard output.

    The server needs the public half only, in the file that MERESTONE_ESCROW_KEY names. Keep FILE where neither the
    server nor its backups are: it opens what every phone keeps.
    """
    made = EscrowKey.generate()
    try:
        file.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise click.ClickException(str(error)) from error
    file.write_bytes(made.private_pem)
    click.echo(made.public_pem.decode(), nl=False)


@click.command("escrow-open")
@click.argument("file", type=_FILE)
@click.argument("person")
@click.argument("device")
@click.argument("wrapped")
def escrow_open(file: Path, person: str, device: str, wrapped: str) -> None:
    """Open a phone's data key with the private half in FILE, for somebody who forgot the PIN.

    PERSON, DEVICE and WRAPPED are the line that the phone shows. Make sure who asks: what comes out opens all that this
    person has on that phone.
    """
    with _explained():
        key = EscrowKey.from_pem(file.read_bytes())
        opened = key.unwrap(base64.b64decode(wrapped, validate=True), person, device)
    click.echo(base64.b64encode(opened).decode())


@click.group()
def escrow() -> None:
    """Read what a phone gave out as a file: an export (.msx), or all that lies on it (.mss)."""


@escrow.command("list")
@click.argument("key", type=_FILE)
@click.argument("export", type=_FILE)
def list_export(key: Path, export: Path) -> None:
    """Open EXPORT with the private half in KEY and tell what is inside. Nothing is written."""
    with _explained(), export.open("rb") as source:
        found = read_export(source, EscrowKey.from_pem(key.read_bytes()))
    _tell(found)


@escrow.command("write")
@click.argument("key", type=_FILE)
@click.argument("export", type=_FILE)
@click.argument("folder", type=click.Path(path_type=Path))
def write_export(key: Path, export: Path, folder: Path) -> None:
    """Write what is in EXPORT to a new FOLDER, in clear: guard it as you guard the key."""
    with _explained():
        found = handed_in.write_out(export, EscrowKey.from_pem(key.read_bytes()), folder)
    _tell(found)


@escrow.command("offer")
@click.argument("key", type=_FILE)
@click.argument("export", type=_FILE)
@click.option("--url", required=True, help="The server, such as https://inspect.example.gov.cn.")
@click.option(
    "--username", required=True, help="An inspector who signs in for this; the work stays its author's."
)
@click.option("--password", prompt=True, hide_input=True, envvar="MERESTONE_PASSWORD")
def offer_export(key: Path, export: Path, url: str, username: str, password: str) -> None:
    """Offer the sealed records in EXPORT, and their files, to the server. Drafts are not: they are nobody's word yet.

    What the author's key signed is taken as the author's, flagged `relayed`; what came before is there once. Exit code
    1 when a record was not taken as it is, or a file is neither in EXPORT nor at the server.
    """
    door = Door(url)
    with _explained():
        opening = EscrowKey.from_pem(key.read_bytes())
        epoch = door.sign_in(username, password)["epoch"]
        offered = handed_in.offer(export, opening, door, epoch, click.echo)
    for outcome, count in sorted(offered.outcomes.items()):
        click.echo(f"记录 records {outcome}: {count}")
    click.echo(
        f"文件 files: 新送 sent {offered.sent}, 已有 there {offered.there}, 缺 lacking {len(offered.lacking)}"
    )
    for sha256 in offered.lacking:
        click.echo(f"缺 lacking {sha256}")
    if offered.lacking or offered.outcomes.keys() - handed_in.TAKEN:
        raise click.exceptions.Exit(1)


def _tell(found: Export) -> None:
    click.echo(f"{found.person} · {found.device} · {found.packed_at}（手机时钟 by the phone's clock）")
    for op in found.ops:
        click.echo(
            f"已封存 sealed  {op['kind']} {op['rev']} 记录 record {op['record']} 任务 task {op['task']}"
        )
    for draft in found.drafts:
        click.echo(
            f"草稿 draft    {draft['record']} {draft['form']} {draft['version']} 任务 task {draft['task']}"
        )
    for file in found.files:
        cut = "" if file.is_whole else " 不完整 cut off"
        click.echo(
            f"文件 file     {file.name} {file.type} {file.size} {file.sha256[:16]} 记录 record {file.record}{cut}"
        )
    for what in found.unreadable:
        click.echo(f"打不开 unreadable {what}")


@contextmanager
def _explained() -> Iterator[None]:
    """Say what is wrong in a sentence."""
    try:
        yield
    except NotOpened as error:
        raise click.ClickException(f"不属于此人此设备或此密钥 / {error}") from error
    except ExportBroken as error:
        raise click.ClickException(f"不是手机导出的文件，或不完整 / {error}") from error
    except FileExistsError as error:
        raise click.ClickException(f"文件夹已存在 / the folder is there: {error.filename}") from error
    except (ValueError, binascii.Error, RefusedError, requests.RequestException) as error:
        raise click.ClickException(str(error)) from error
