"""What a snapshot keeps beside its rows: names, the sizes of the library, and risk classes at both ends of the period."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from sqlalchemy import Text, and_, cast, func, literal, select
from sqlalchemy.orm import Session

from server import clock
from server.access import region_bounds
from server.accounts.models import Organisation, Region
from server.accounts.outlines import outlines_of
from server.db import Json
from server.draws.bases import bases_of
from server.planning.models import PlannedInspection
from server.registry import service as registry
from server.registry.models import InspectedObject, InspectionItem
from server.reports.holidays import calendars_now
from server.reports.models import LEDGER_FORMAT, ReportRow, ReportSnapshot

_SEEN: Final = 0.002
"""Degrees, about two hundred metres: what a map of a county shows."""


def facts_now(session: Session, snapshot: ReportSnapshot) -> Json:
    """Names as they are now, the library's sizes, and the risk classes at both ends of the period."""
    here = snapshot.region
    mine = ReportRow.snapshot_id == snapshot.id
    planned = select(ReportRow.planned_id).where(mine).distinct()
    items = select(ReportRow.item_code).where(mine).distinct()
    bureaus = select(ReportRow.organisation_id).where(mine).distinct()
    objects = and_(InspectedObject.region.between(*region_bounds(here)), InspectedObject.active)
    kinds = select(InspectedObject.kind, func.count()).where(objects).group_by(InspectedObject.kind)
    tags = (
        select(cast(InspectedObject.tags, Text), func.count())
        .where(objects)
        .group_by(cast(InspectedObject.tags, Text))
    )
    places = select(ReportRow.region).where(mine).union(select(literal(here)))
    regions = select(Region.code, Region.name).where(Region.code.in_(places))
    rows = session.scalars(select(PlannedInspection).where(PlannedInspection.id.in_(planned))).all()
    bases = bases_of(session, [row.id for row in rows])
    return {
        "format": LEDGER_FORMAT,
        "calendars": calendars_now(session, snapshot),
        "regions": {row.code: row.name for row in session.execute(regions)},
        "planned": {
            str(row.id): {
                "name": row.name,
                "ratio": row.ratio_text,
                "sampling": row.sampling,
                "scope": row.object_scope,
                "base": bases.get(row.id),
                "plan_no": row.plan_no,
                "plan_name": row.plan_name,
                "lead": row.lead,
                "cooperators": row.cooperators,
            }
            for row in rows
        },
        "items": dict(
            session.execute(
                select(InspectionItem.code, InspectionItem.name).where(InspectionItem.code.in_(items))
            ).all()
        ),
        "organisations": {
            str(row.id): {"name": row.name, "region": row.region}
            for row in session.scalars(select(Organisation).where(Organisation.id.in_(bureaus)))
        },
        "library": {
            "kinds": dict(session.execute(kinds).all()),
            "tags": dict(session.execute(tags).all()),
        },
        "risk": _risk(session, snapshot),
        **_outlines(session, snapshot),
    }


def _outlines(session: Session, snapshot: ReportSnapshot) -> Json:
    """Where the region and those in it next lie, in hundredths of a degree as places are kept; nothing where nobody took any in."""
    found = outlines_of(session, snapshot.region, _SEEN)
    if not found:
        return {}
    rings = {
        code: [[[round(100 * x, 2), round(100 * y, 2)] for x, y in ring] for ring in rings]
        for code, _, rings in found
    }
    return {"outlines": {"sources": sorted({source for _, source, _ in found}), "rings": rings}}


def _risk(session: Session, snapshot: ReportSnapshot) -> Json:
    """The risk class of each object whose class is another one at the end than before the first day."""
    before = registry.risk_classes_within(session, snapshot.region, snapshot.first - timedelta(days=1))
    after = registry.risk_classes_within(session, snapshot.region, min(snapshot.last, clock.today()))
    both = before.keys() & after.keys()
    changed = sorted((str(each), before[each], after[each]) for each in both if before[each] != after[each])
    return {
        "rated": len(both),
        "before": _tally(before[each] for each in both),
        "after": _tally(after[each] for each in both),
        "changed": [list(each) for each in changed],
    }


def _tally(classes: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in classes:
        found[each] = found.get(each, 0) + 1
    return found
