"""Freeze, then ask the frozen."""

from datetime import date
from typing import Any
from uuid import UUID

from server.http import actor, session
from server.paging import next_page, page
from server.reports import service
from server.reports.api.blueprint import blp
from server.reports.ledger import COLUMNS, Ledger, LedgerFilter, Line, cells_of
from server.reports.models import ReportRow, ReportSnapshot
from server.reports.schemas.figures import AssessmentSchema, CoverageSchema, RatesSchema, StatisticsSchema
from server.reports.schemas.ledgers import LedgerLineSchema, LedgerQuerySchema
from server.reports.schemas.snapshots import (
    SnapshotCheckSchema,
    SnapshotOrderSchema,
    SnapshotSchema,
    SnapshotsQuerySchema,
)
from server.reports.schemas.warnings import WarningsQuerySchema, WarningsSchema


@blp.post("/reports/snapshots")
@blp.arguments(SnapshotOrderSchema)
@blp.response(201, SnapshotSchema)
def freeze_report(order: dict[str, Any]) -> ReportSnapshot:
    """Freeze how the visits of a period stand now."""
    return service.freeze(session, actor, order.get("region", actor.region), order["first"], order["last"])


@blp.get("/reports/snapshots")
@blp.arguments(SnapshotsQuerySchema, location="query")
@blp.response(200, SnapshotSchema(many=True))
def list_snapshots(query: dict[str, Any]) -> Any:
    """List the snapshots of one's jurisdiction, the newest first."""
    keys = (ReportSnapshot.as_of, ReportSnapshot.id)
    found = service.snapshots_within(actor)
    rows, after = page(session, found, keys, query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.get("/reports/snapshots/<uuid:snapshot_id>/check")
@blp.response(200, SnapshotCheckSchema)
def check_snapshot(snapshot_id: UUID) -> dict[str, Any]:
    """Hash a snapshot again and say whether it still is what it was."""
    snapshot = service.find_snapshot(session, actor, snapshot_id)
    rows, sha256 = service.digest(session, snapshot)
    return {"holds": (rows, sha256) == (snapshot.rows, snapshot.sha256), "rows": rows, "sha256": sha256}


@blp.get("/reports/snapshots/<uuid:snapshot_id>/statistics")
@blp.response(200, StatisticsSchema)
def show_statistics(snapshot_id: UUID) -> dict[str, Any]:
    """Show the work report (抽查工作情况统计)."""
    snapshot = service.find_snapshot(session, actor, snapshot_id)
    return {"snapshot": snapshot, **service.statistics(session, snapshot)}


@blp.get("/reports/snapshots/<uuid:snapshot_id>/coverage")
@blp.response(200, CoverageSchema)
def show_coverage(snapshot_id: UUID) -> dict[str, Any]:
    """Show how much of the library was inspected, by field."""
    snapshot = service.find_snapshot(session, actor, snapshot_id)
    return {"snapshot": snapshot, **service.coverage(session, snapshot)}


@blp.get("/reports/snapshots/<uuid:snapshot_id>/warnings")
@blp.arguments(WarningsQuerySchema, location="query")
@blp.response(200, WarningsSchema)
def show_warnings(query: dict[str, Any], snapshot_id: UUID) -> dict[str, Any]:
    """Show common and rising problems and risk, with the targeted draws that they call for."""
    snapshot = service.find_snapshot(session, actor, snapshot_id)
    before = service.find_snapshot(session, actor, query["before"]) if "before" in query else None
    return {"snapshot": snapshot, **service.warnings(session, snapshot, before)}


@blp.get("/reports/snapshots/<uuid:snapshot_id>/assessment")
@blp.response(200, AssessmentSchema)
def show_assessment(snapshot_id: UUID) -> dict[str, Any]:
    """Show the assessment data of units; of no person, and in no order of merit."""
    snapshot = service.find_snapshot(session, actor, snapshot_id)
    return {"snapshot": snapshot, **service.assessment(session, snapshot)}


@blp.get("/reports/snapshots/<uuid:snapshot_id>/rates")
@blp.response(200, RatesSchema)
def show_rates(snapshot_id: UUID) -> dict[str, Any]:
    """Show the five figures by county and by item; of no person, and in no order of merit."""
    snapshot = service.find_snapshot(session, actor, snapshot_id)
    return {"snapshot": snapshot, **service.rates(session, snapshot)}


@blp.get("/reports/snapshots/<uuid:snapshot_id>/ledger")
@blp.arguments(LedgerQuerySchema, location="query")
@blp.response(200, LedgerLineSchema(many=True))
def list_ledger(query: dict[str, Any], snapshot_id: UUID) -> Any:
    """List the lines of a ledger (台账), one for each item of a visit, as the same filters export them."""
    ledger = Ledger(service.find_snapshot(session, actor, snapshot_id))
    after, limit = query.pop("after"), query.pop("limit")
    rows, next_place = page(session, ledger.select(LedgerFilter(**query)), (ReportRow.place,), after, limit)
    return [_line(ledger, row) for row in rows], 200, next_page(next_place)


def _line(ledger: Ledger, row: ReportRow) -> dict[str, Any]:
    told = zip(COLUMNS, cells_of(Line(ledger, row)), strict=True)
    cells = {column.key: value.isoformat() if isinstance(value, date) else value for column, value in told}
    return {"id": str(row.place), **cells}
