"""`merestone verify-audit`, `audit-roots`, `verify`, `server-key`: the proofs of an installation, checked and kept elsewhere."""

import json
from functools import partial

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.installation import open_installation
from server.notary.authority import trusted_roots
from server.notary.checking import RootBrokenError, Trust, check_roots
from server.notary.models import AuditRoot
from server.notary.service import root_json
from server.starting import opened, read_settings
from sync import verifier


@click.command("verify-audit")
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


@click.command("audit-roots")
def audit_roots() -> None:
    """Print every signed root of the audit log, a line of JSON each, the oldest first, to be kept elsewhere."""
    with opened() as app, app.readers() as session:
        for root in session.scalars(select(AuditRoot).order_by(AuditRoot.size)):
            click.echo(json.dumps(root_json(root), ensure_ascii=False))


@click.command()
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


@click.command("server-key")
def server_key() -> None:
    """Print the id of the key that receipts and evidence packages are signed with, to be made known elsewhere."""
    click.echo(open_installation(read_settings()).key.key_id)
