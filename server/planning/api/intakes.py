"""Plans on their way in: a source is kept, corrected by people, and entered."""

from typing import Any
from uuid import UUID

from server import http
from server.access import Permission, require
from server.http import actor, settings
from server.planning import importing, intakes, schemas
from server.planning.api.blueprint import blp
from server.planning.completing import Correction
from server.planning.importing import PlanReading
from server.planning.models import PlanIntake
from server.view_marks import streaming, untransacted
from server.workbook import WORKBOOK_BODY, receive_workbook


@blp.post("/plans/intakes")
@blp.arguments(schemas.IntakeQuerySchema, location="query")
@blp.response(201, schemas.IntakeSchema)
@blp.doc(requestBody=WORKBOOK_BODY)
@streaming
def receive_intake(query: dict[str, Any]) -> dict[str, Any]:
    """Keep a workbook or a text with a plan's table, and tell how it reads."""
    require(actor, Permission.PLAN_WRITE)
    data = receive_workbook(settings().max_import_bytes)
    reading = importing.read_plan(data, query["year"], query.get("kind"), query["name"])
    with http.short_transaction() as transaction:
        intake = intakes.receive(transaction, actor, data, reading, query.get("kind"), query["name"])
    return _told(intake, reading)


@blp.get("/plans/intakes/<uuid:intake_id>")
@blp.response(200, schemas.IntakeSchema)
@untransacted
def show_intake(intake_id: UUID) -> dict[str, Any]:
    """Tell how a source reads with all corrections that were made."""
    intake = _find(intake_id)
    return _told(intake, intakes.read_intake(intake))


@blp.post("/plans/intakes/<uuid:intake_id>/corrections")
@blp.arguments(schemas.CorrectionsSchema)
@blp.response(200, schemas.IntakeSchema)
@untransacted
def correct_intake(body: dict[str, Any], intake_id: UUID) -> dict[str, Any]:
    """Correct cells; the source stays as it came and is read again with them."""
    corrections = [Correction(each["row"], each["column"], each["text"]) for each in body["corrections"]]
    reading = intakes.read_intake(_find(intake_id), corrections)
    with http.short_transaction() as transaction:
        intake = intakes.keep_corrections(transaction, actor, intake_id, corrections)
    return _told(intake, reading)


@blp.post("/plans/intakes/<uuid:intake_id>/enter")
@blp.arguments(schemas.EnterSchema)
@blp.response(200, schemas.PlanImportSchema)
@untransacted
def enter_intake(body: dict[str, Any], intake_id: UUID) -> dict[str, Any]:
    """Enter what the source reads as now as a section's draft."""
    reading = intakes.read_intake(_find(intake_id))
    with http.short_transaction() as transaction:
        outcome = intakes.enter_intake(transaction, actor, intake_id, reading, **body)
    return {
        "plan": outcome.plan,
        "layout": reading.layout,
        "rows": outcome.rows,
        "findings": reading.findings,
        "errors": reading.errors,
    }


def _find(intake_id: UUID) -> PlanIntake:
    with http.short_transaction(writing=False) as reader:
        return intakes.find_intake(reader, actor, intake_id)


def _told(intake: PlanIntake, reading: PlanReading) -> dict[str, Any]:
    kept = ("id", "year", "layout", "sha256", "corrections", "received_at", "plan_id")
    return {
        **{name: getattr(intake, name) for name in kept},
        "kind": reading.kind,
        "name": reading.name,
        "rows": [
            {"row": row.row, "name": row.name, "good": row.good, "object_scope": row.object_scope}
            | {"ratio_text": row.ratio_text, "window_text": row.window_text, "items": row.items}
            for row in reading.rows
        ],
        "findings": reading.findings,
        "errors": reading.errors,
    }
