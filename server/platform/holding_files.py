"""A file that a platform gave out (回执对账单): what it holds over some days, where it cannot be asked.

One row for each key. A file counts as all that the platform holds of those days.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from server import clock
from server.access import Actor, Permission, require
from server.platform import reconciling
from server.platform.comparing import compare
from server.platform.delivered import Period
from server.platform.holding import Holding
from server.platform.models import Reconciliation, RunSource
from server.problems import ImportRows
from server.workbook import Column, Row, Sheet, require_table

COLUMNS = (
    Column("key", ("报送编号", "业务编号", "唯一编号"), required=True),
    Column("receipt_no", ("回执号", "回执编号", "受理编号")),
    Column("received_on", ("接收日期", "接收时间", "入库时间")),
    Column("sha256", ("内容摘要", "摘要", "SHA256")),
    Column("region", ("行政区划", "行政区划代码")),
)


def holdings_in(sheets: Sequence[Sheet]) -> list[Holding]:
    """Read the rows of a workbook; ImportColumns when there is no such table, ImportRows when a row can't be used."""
    rows = list(require_table(sheets, COLUMNS).rows())
    found = [_holding(row) for row in rows]
    seen: set[str] = set()
    for row, holding in zip(rows, found, strict=True):
        if holding.key in seen:
            row.wrong("key", "编号重复", "this key is there twice")
        seen.add(holding.key)
    errors = [error.as_json() for row in rows for error in row.errors]
    if errors:
        raise ImportRows(errors=errors)
    return found


def reconcile_file(
    session: Session,
    actor: Actor,
    target: str,
    days: tuple[date, date],
    content: bytes,
    holdings: Sequence[Holding],
) -> Reconciliation:
    """Compare a file with what was delivered in one's region; what it does not name is missing there."""
    require(actor, Permission.DELIVERY_MANAGE)
    reconciling.check_days(*days)
    run = reconciling.new_run(RunSource.FILE, actor.region, target, *days, actor.person_id)
    run.file_sha256, run.attempts = sha256(content).hexdigest(), 1
    session.add(run)
    session.flush()
    period = Period.of(target, run.region, *days, clock.now())
    compared = compare(session, period, holdings)
    compared.close_file(period)
    reconciling.finish(session, run, period, compared, actor)
    return run


def _holding(row: Row) -> Holding:
    day = row.day("received_on") if "received_on" in row.cells else None
    received_at = datetime(day.year, day.month, day.day, tzinfo=clock.CHINA).astimezone(UTC) if day else None
    return Holding(
        key=row.text("key", required=True, longest=500),
        sha256=row.text("sha256", longest=64).lower() or None,
        receipt_no=row.text("receipt_no") or None,
        received_at=received_at,
        region=row.text("region", longest=6) or None,
    )
