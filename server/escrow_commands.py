"""`merestone escrow-key`, `escrow-open`: the organisation's key, kept and used away from the server."""

import base64
import binascii
from pathlib import Path

import click

from sync import EscrowKey, NotOpened


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
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("person")
@click.argument("device")
@click.argument("wrapped")
def escrow_open(file: Path, person: str, device: str, wrapped: str) -> None:
    """Open a phone's data key with the private half in FILE, for somebody who forgot the PIN.

    PERSON, DEVICE and WRAPPED are the line that the phone shows. Make sure who asks: what comes out opens all that this
    person has on that phone.
    """
    try:
        key = EscrowKey.from_pem(file.read_bytes())
        opened = key.unwrap(base64.b64decode(wrapped, validate=True), person, device)
    except NotOpened as error:
        raise click.ClickException(f"不属于此人此设备或此密钥 / {error}") from error
    except (ValueError, binascii.Error) as error:
        raise click.ClickException(str(error)) from error
    click.echo(base64.b64encode(opened).decode())
