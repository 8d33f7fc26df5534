"""The audit trail over HTTP. Nothing here writes."""

from typing import Any
from uuid import UUID

from server.access import Permission, require
from server.audit import AuditEntry, actions_there_are
from server.blueprint import Blueprint
from server.db import Json
from server.http import actor, session, settings
from server.paging import next_page, page
from server.trail import life, reading, schemas, words

blp = Blueprint("trail", __name__, url_prefix="/api/v1", description="The audit trail, in words")


@blp.get("/audit")
@blp.arguments(schemas.TrailQuerySchema, location="query")
@blp.response(200, schemas.EntrySchema(many=True))
def list_entries(query: dict[str, Any]) -> Any:
    """List entries of the audit log of one's jurisdiction, the newest first."""
    chosen = reading.entries_for(session, actor, query["asked"], settings().zone)
    rows, after = page(session, chosen, [AuditEntry.seq], query["after"], query["limit"], descending=True)
    return reading.as_lines(session, rows), 200, next_page(after)


@blp.get("/audit/life")
@blp.arguments(schemas.LifeQuerySchema, location="query")
@blp.response(200, schemas.EntrySchema(many=True))
def show_life(query: dict[str, Any]) -> list[Json]:
    """Show everything the log says of a visit, from the draw to the platform, the oldest first."""
    return reading.as_lines(session, life.life_of(session, actor, query["kind"], query["id"]))


@blp.get("/audit/words")
@blp.response(200, schemas.WordsSchema)
def list_words() -> Json:
    """List the kinds of things and the events that there are in this log, with what they are called."""
    require(actor, Permission.AUDIT_READ)
    return {
        "kinds": [_word(kind, words.kind(kind)) for kind in sorted(words.NOUNS)],
        "actions": [_word(action, words.told(action)) for action in actions_there_are(session)],
    }


@blp.get("/people/<uuid:person_id>/history")
@blp.response(200, schemas.EntrySchema(many=True))
def show_history(person_id: UUID) -> list[Json]:
    """Show what was done to an account and its sign-ins, the newest first."""
    return reading.as_lines(session, reading.history_of_person(session, actor, person_id))


@blp.get("/devices/<uuid:device_id>/history")
@blp.response(200, schemas.EntrySchema(many=True))
def show_device_history(device_id: UUID) -> list[Json]:
    """Show what was done to a phone and the keys it signs with, the newest first."""
    return reading.as_lines(session, reading.history_of_device(session, actor, device_id))


def _word(value: str, names: tuple[str, str]) -> Json:
    return {"value": value, "name": names[0], "name_en": names[1]}
