"""Draws over HTTP: ceremonies step by step, published draws, recusals, and the files for everybody."""

from typing import Any
from uuid import UUID

from flask import Response

from server.blueprint import Blueprint
from server.draws import (
    announcing,
    ceremonies,
    finding,
    overlaps,
    pairing,
    publication,
    recusals,
    service,
)
from server.draws.models import Ceremony, Draw, Recusal
from server.draws.schemas.ceremonies import (
    AnnouncementSchema,
    CeremonyDetailSchema,
    CeremonySchema,
    LockSchema,
    PublicDrawSchema,
    ReplacingSchema,
    RevelationSchema,
    SubstitutionSchema,
    WhySchema,
)
from server.draws.schemas.draws import DrawSchema, DrawsQuerySchema, DrawWithVisitsSchema
from server.draws.schemas.frames import PreviewSchema, SelectionSchema
from server.draws.schemas.overlaps import DrawnOverlapsSchema, DrawnYearSchema
from server.draws.schemas.recusals import InterestSchema, NewInterestSchema, RecusalsQuerySchema
from server.draws.selection import Selection
from server.http import actor, installation, session
from server.paging import PagingSchema, next_page, page
from server.planning.overlaps import told
from server.view_marks import public

blp = Blueprint("draws", __name__, url_prefix="/api/v1", description="Draws and the visits they ordain")
public_blp = Blueprint(
    "public-draws", __name__, url_prefix="/public", description="Draws, for everybody to check"
)


@blp.get("/draws")
@blp.arguments(DrawsQuerySchema, location="query")
@blp.response(200, DrawSchema(many=True))
def list_draws(query: dict[str, Any]) -> Any:
    """List draws, the newest first; inspectors see those that send them somewhere."""
    found = service.draws_within(actor, planned_id=query.get("planned"))
    keys = (Draw.published_at, Draw.id)
    rows, after = page(session, found, keys, query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.get("/draws/overlaps")
@blp.arguments(DrawnYearSchema, location="query")
@blp.response(200, DrawnOverlapsSchema)
def show_drawn_overlaps(query: dict[str, Any]) -> dict[str, Any]:
    """Tell where visits that were drawn meet: the same object at a time, over the cap, or to be made in one."""
    return told(*overlaps.drawn_overlaps(session, actor, query["year"]))


@blp.get("/draws/<uuid:draw_id>")
@blp.response(200, DrawWithVisitsSchema)
def show_draw(draw_id: UUID) -> dict[str, Any]:
    """Show one draw with its visits."""
    draw = service.find_draw(session, actor, draw_id)
    return vars(draw) | {"visits": service.visits_of(session, [draw.id])}


@blp.get("/ceremonies")
@blp.arguments(DrawsQuerySchema, location="query")
@blp.response(200, CeremonySchema(many=True))
def list_ceremonies(query: dict[str, Any]) -> Any:
    """List the ceremonies of the jurisdiction, the newest first."""
    found = finding.ceremonies_within(actor, planned_id=query.get("planned"))
    keys = (Ceremony.committed_at, Ceremony.id)
    rows, after = page(session, found, keys, query["after"], query["limit"], descending=True)
    return rows, 200, next_page(after)


@blp.get("/ceremonies/<uuid:ceremony_id>")
@blp.response(200, CeremonyDetailSchema)
def show_ceremony(ceremony_id: UUID) -> dict[str, Any]:
    """Show one ceremony with who goes where, for the house."""
    return pairing.told(session, finding.find_ceremony(session, actor, ceremony_id))


@blp.post("/ceremonies")
@blp.arguments(AnnouncementSchema)
@blp.response(201, CeremonySchema)
def commit_ceremony(announced: announcing.Announcement) -> Ceremony:
    """Announce a draw, with the hash of a secret that nobody has seen; with `supersedes`, draw anew."""
    return announcing.announce(session, actor, installation().secret, announced)


@blp.post("/ceremonies/<uuid:ceremony_id>/preview")
@blp.arguments(SelectionSchema)
@blp.response(200, PreviewSchema)
def preview_frame(selection: Selection, ceremony_id: UUID) -> dict[str, Any]:
    """Tell what a frame would hold, and which objects nobody could visit; nothing is kept."""
    return ceremonies.preview(session, actor, ceremony_id, selection)


@blp.post("/ceremonies/<uuid:ceremony_id>/freeze")
@blp.arguments(SelectionSchema)
@blp.response(200, CeremonySchema)
def freeze_ceremony(selection: Selection, ceremony_id: UUID) -> Ceremony:
    """Freeze the frame: who may be drawn, who is out and why, how many, and who may be sent."""
    return ceremonies.freeze(session, actor, ceremony_id, selection)


@blp.post("/ceremonies/<uuid:ceremony_id>/reveal")
@blp.arguments(RevelationSchema)
@blp.response(200, CeremonyDetailSchema)
def reveal_ceremony(given: dict[str, Any], ceremony_id: UUID) -> dict[str, Any]:
    """Reveal the secret and draw: the list stands from now on, its objects are locked."""
    key = installation().secret
    revealed = ceremonies.reveal(session, actor, key, ceremony_id, given["randomness"])
    return pairing.told(session, revealed)


@blp.post("/ceremonies/<uuid:ceremony_id>/publish")
@blp.response(200, CeremonySchema)
def publish_ceremony(ceremony_id: UUID) -> Ceremony:
    """Publish what was drawn: tasks open, or counties get their locked objects."""
    return pairing.publish_ceremony(session, actor, ceremony_id)


@blp.post("/ceremonies/<uuid:ceremony_id>/abandon")
@blp.arguments(WhySchema)
@blp.response(200, CeremonySchema)
def abandon_ceremony(given: dict[str, Any], ceremony_id: UUID) -> Ceremony:
    """Give a ceremony up before anything was revealed, or where the plan's row was withdrawn since."""
    return ceremonies.abandon(session, actor, ceremony_id, given["reason"])


@blp.post("/ceremonies/<uuid:ceremony_id>/replace")
@blp.arguments(ReplacingSchema)
@blp.response(200, SubstitutionSchema(many=True))
def replace_person(given: dict[str, Any], ceremony_id: UUID) -> Any:
    """Replace somebody who can't go by the next by chance; several steps where the next can't go either."""
    place = (given["object_id"], given["person_id"])
    return pairing.replace_person(session, actor, ceremony_id, place, given["cause"], given["reason"])


@blp.get("/locks")
@blp.response(200, LockSchema(many=True))
def list_locks() -> list[dict[str, Any]]:
    """List the objects that other draws locked to one's region and that wait for their inspectors."""
    return finding.locks_within(session, actor)


@blp.get("/recusals")
@blp.arguments(RecusalsQuerySchema, location="query")
@blp.response(200, InterestSchema(many=True))
def list_recusals(query: dict[str, Any]) -> Any:
    """List the recusals that hold; inspectors see their own."""
    keys = (Recusal.entered_at, Recusal.id)
    found = recusals.recusals_within(actor, query.get("subject"), query.get("object"))
    rows, after = page(session, found, keys, query["after"], query["limit"])
    return rows, 200, next_page(after)


@blp.post("/recusals")
@blp.arguments(NewInterestSchema)
@blp.response(201, InterestSchema)
def enter_recusal(given: dict[str, Any]) -> Recusal:
    """Enter that somebody has an interest in an object and is not to be sent there."""
    return recusals.enter_recusal(session, actor, given["subject_id"], given["object_id"], given["reason"])


@blp.post("/recusals/<uuid:recusal_id>/withdraw")
@blp.response(200, InterestSchema)
def withdraw_recusal(recusal_id: UUID) -> Recusal:
    """End a recusal."""
    return recusals.withdraw_recusal(session, actor, recusal_id)


@public_blp.get("/draws")
@public_blp.arguments(PagingSchema, location="query")
@public_blp.response(200, PublicDrawSchema(many=True))
@public
def list_public_draws(query: dict[str, Any]) -> Any:
    """List all draws, the newest first: also those that were abandoned, or drawn anew."""
    keys = (Ceremony.committed_at, Ceremony.id)
    found = publication.published_ceremonies()
    rows, after = page(session, found, keys, query["after"], query["limit"], descending=True)
    return publication.public_heads(session, rows), 200, next_page(after)


@public_blp.get("/draws/<uuid:ceremony_id>")
@public_blp.response(200, {"type": "object"}, description="What docs/verify_draw.py checks")
@public
def show_public_draw(ceremony_id: UUID) -> Response:
    """Give the file of a draw, with which anybody finds list and pairs again."""
    return Response(publication.public_file(session, ceremony_id), mimetype="application/json")
