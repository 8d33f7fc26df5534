"""What the board and the map can be filtered by."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import Actor, Permission, require, within
from server.accounts.models import Organisation, Region
from server.db import Json
from server.planning.models import Plan, PlanState
from server.registry.models import InspectionItem

_MOST = 200


def choices(session: Session, actor: Actor) -> Json:
    """List the regions, bureaus and newest plans of the jurisdiction, and the items."""
    require(actor, Permission.BOARD_READ)
    plans = (
        select(Plan.id, Plan.name, Plan.year)
        .where(within(actor, Plan.region), Plan.state == PlanState.PUBLISHED.value)
        .order_by(Plan.year.desc(), Plan.name, Plan.id)
        .limit(_MOST)
    )
    regions = select(Region.code, Region.name).where(within(actor, Region.code)).order_by(Region.code)
    bureaus = (
        select(Organisation.id, Organisation.name)
        .where(within(actor, Organisation.region))
        .order_by(Organisation.region, Organisation.name)
    )
    items = select(InspectionItem.code, InspectionItem.name).order_by(InspectionItem.code)
    return {
        "regions": [{"value": row.code, "name": row.name} for row in session.execute(regions.limit(_MOST))],
        "organisations": [
            {"value": str(row.id), "name": row.name} for row in session.execute(bureaus.limit(_MOST))
        ],
        "plans": [{"value": str(row.id), "name": f"{row.year} {row.name}"} for row in session.execute(plans)],
        "items": [{"value": row.code, "name": row.name} for row in session.execute(items.limit(_MOST))],
    }
