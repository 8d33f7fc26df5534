"""Organisations and regions, and what a move of one changes."""

from typing import Any
from uuid import UUID

from server.access import Permission, require
from server.accounts import organisations, people_schemas
from server.accounts.api.blueprint import blp
from server.accounts.models import Organisation, Region
from server.accounts.organisations import Governed, Moving, OrganisationDraft
from server.accounts.regions import move_region
from server.db import Json
from server.http import actor, session


@blp.get("/organisations")
@blp.response(200, people_schemas.OrganisationSchema(many=True))
def list_organisations() -> list[Json]:
    """List the organisations of one's jurisdiction, by region."""
    found = organisations.organisations_within(session, actor)
    return [
        {
            **{name: getattr(each, name) for name in ("id", "name", "region", "rules", "ended_at")},
            "people": people,
        }
        for each, people in found
    ]


@blp.post("/organisations")
@blp.arguments(people_schemas.OrganisationDraftSchema)
@blp.response(201, people_schemas.OrganisationSchema)
def add_organisation(draft: dict[str, str]) -> Organisation:
    """Add an organisation."""
    return organisations.add_organisation(session, actor, draft["name"], draft["region"])


@blp.patch("/organisations/<uuid:organisation_id>")
@blp.arguments(people_schemas.OrganisationChangeSchema)
@blp.response(200, people_schemas.OrganisationSchema)
def change_organisation(change: OrganisationDraft, organisation_id: UUID) -> Organisation:
    """Rename an organisation, move it with its people to another region, end it, or let it be used again."""
    return organisations.change_organisation(session, actor, organisation_id, change)


@blp.get("/organisations/<uuid:organisation_id>/moving")
@blp.arguments(people_schemas.MovingQuerySchema, location="query")
@blp.response(200, people_schemas.MovingSchema)
def show_moving(query: dict[str, str], organisation_id: UUID) -> Moving:
    """Say what a move to another region would change; nothing is changed."""
    return organisations.moving(session, actor, organisation_id, query["region"])


@blp.get("/regions")
@blp.response(200, people_schemas.RegionSchema(many=True))
def list_regions() -> Any:
    """List the regions."""
    return organisations.regions(session, actor)


@blp.post("/regions")
@blp.arguments(people_schemas.RegionDraftSchema)
@blp.response(201, people_schemas.RegionSchema)
def add_region(draft: dict[str, Any]) -> Region:
    """Add a region of one's jurisdiction."""
    return organisations.add_region(session, actor, draft["code"], draft["name"], draft["parent"])


@blp.patch("/regions/<code>")
@blp.arguments(people_schemas.RegionChangeSchema)
@blp.response(200, people_schemas.RegionSchema)
def change_region(change: dict[str, Any], code: str) -> Region:
    """Rename a region, or let it lie in another one; who hears of what follows from that, not who sees what."""
    require(actor, Permission.PERSON_MANAGE, Governed(code))
    region = organisations.rename_region(session, actor, code, change["name"]) if "name" in change else None
    if "parent" in change:
        region = move_region(session, actor, code, change["parent"])
    return region or organisations.find_region(session, code)
