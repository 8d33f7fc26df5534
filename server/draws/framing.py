"""Building the frame of a draw from the lists, the libraries and the plan: who is in, who is out, and why.

A frame is published as it is. It names objects, and inspectors only by a hash of their certificate: whoever is shown
the certificate can tell that its bearer was drawn.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.draws.counting import often_visited
from server.draws.frame import Candidate, Frame, Share, Stratum, plain
from server.draws.history import drawn_before
from server.draws.models import Ceremony, CeremonyKind, LockedObject
from server.draws.planned import words_of
from server.draws.roster import Roster, call_roster
from server.draws.selection import Exclusion, Selection
from server.draws.strata import EVERYTHING, UNCLASSED, leave_out_drawn, reckon, state_strata
from server.planning.frames import Frame as Scope
from server.planning.frames import in_frame
from server.planning.models import Plan, PlannedInspection
from server.planning.occasions import occasions
from server.planning.ratios import Ratio, Rounding
from server.planning.rules import quota_rule, visits_a_year
from server.problems import DrawUnusable
from server.registry.models import InspectedObject
from server.registry.uscc import public_code

_Found = Row[UUID, str, str | None, bool | None, str, str | None]
_COLUMNS = (
    InspectedObject.id,
    InspectedObject.name,
    InspectedObject.uscc,
    InspectedObject.uscc_valid,
    InspectedObject.region,
    InspectedObject.risk_class,
)


@dataclass(frozen=True)
class BuiltFrame:
    """A frame, and who is meant by the ids of its people."""

    frame: Frame
    people: dict[str, str]


def build_frame(
    session: Session, ceremony: Ceremony, planned: PlannedInspection, selection: Selection
) -> BuiltFrame:
    """Build the frame of a ceremony. DrawUnusable when there is nothing to draw, or from nobody to choose."""
    organisation = session.get_one(Organisation, ceremony.organisation_id)
    matching = ceremony.kind == CeremonyKind.MATCH
    if matching:
        objects, strata, total, sums = _locked(session, ceremony)
    else:
        objects, strata, total, sums = _chosen(session, ceremony, planned, selection, organisation)
    if not sum(each["count"] for each in strata):
        raise DrawUnusable("没有可抽取的对象", "there is nothing to draw")
    roster = Roster([], [], {}, {})
    if ceremony.kind != CeremonyKind.OBJECTS:
        roster = call_roster(session, ceremony, planned, selection, objects)
    about = _about(session, ceremony, planned, organisation) | {
        "scope": _scope(planned, selection).as_json(),
        "exam": selection.exam,
        "arithmetic": sums,
        "people_out": roster.out,
    }
    frame: Frame = {
        "about": about,
        "total": total,
        "strata": strata,
        "objects": objects,
        "teams": roster.teams,
        "people": roster.people,
    }
    return BuiltFrame(plain(frame), roster.meant)


def _about(
    session: Session, ceremony: Ceremony, planned: PlannedInspection, organisation: Organisation
) -> dict[str, Any]:
    plan = session.get_one(Plan, planned.plan_id)
    days = (ceremony.opens_on.isoformat(), ceremony.due_on.isoformat())
    about = words_of(planned) | {
        "draw": str(ceremony.id),
        "number": ceremony.number,
        "kind": ceremony.kind,
        "region": ceremony.region,
        "bureau": organisation.name,
        "plan": plan.name,
        "plan_number": plan.number,
        "task": planned.name,
        "task_no": planned.task_no or "",
        "opens_on": days[0],
        "due_on": days[1],
        "windows": planned.windows,
        # R57: 在计划规定的时限内发起.
        "within_plan": any(each["first"] <= days[0] and days[1] <= each["last"] for each in planned.windows),
    }
    return about | ({"locked_by": str(ceremony.locked_by_id)} if ceremony.locked_by_id else {})


def _locked(
    session: Session, ceremony: Ceremony
) -> tuple[list[Candidate], list[Stratum], Share, list[dict[str, str]]]:
    """Take the objects that were locked to this region and have no people yet: all of them, no others."""
    query = (
        select(*_COLUMNS)
        .join(LockedObject, LockedObject.object_id == InspectedObject.id)
        .where(
            LockedObject.ceremony_id == ceremony.locked_by_id,
            LockedObject.matched_id.is_(None),
            LockedObject.region == ceremony.region,
        )
    )
    rows = session.execute(query.order_by(InspectedObject.id))
    objects = [_candidate(row, EVERYTHING, 1, "") for row in rows]
    whole: Share = {"percent": "100", "rounding": Rounding.CEILING.value, "least": 0}
    return objects, [{**whole, "name": EVERYTHING, "count": len(objects)}], whole, []


def _chosen(
    session: Session,
    ceremony: Ceremony,
    planned: PlannedInspection,
    selection: Selection,
    organisation: Organisation,
) -> tuple[list[Candidate], list[Stratum], Share, list[dict[str, str]]]:
    ratio = _ratio(planned)
    by_risk = selection.by_risk
    if by_risk is None:
        by_risk = bool(planned.risk_rule)
    by_risk = by_risk or bool(ratio.by_class)
    meant = in_frame(session, _scope(planned, selection), ceremony.region, ceremony.opens_on)
    rows = session.execute(select(*_COLUMNS).where(*meant).order_by(InspectedObject.id)).all()
    strange = selection.out.keys() - {row.id for row in rows}
    if strange:
        raise DrawUnusable("排除的对象不在抽取范围内", f"not in the scope: {min(map(str, strange))}")
    cap = visits_a_year(organisation.rules)
    often = often_visited(session, ceremony, cap) if cap else set()
    objects = []
    for row in rows:
        reason = _why_out(row.id, selection, often)
        stratum = (row.risk_class or UNCLASSED) if by_risk else EVERYTHING
        objects.append(_candidate(row, stratum, selection.lots.get(row.risk_class or "", 1), reason))
    rule = quota_rule(organisation.rules, rising=bool(planned.risk_rule))
    reckoned = reckon(objects, ratio, rule)
    draws = max(reckoned.draws, len(occasions(planned)))
    leave_out_drawn(objects, drawn_before(session, ceremony), reckoned, draws)
    strata, total, sums = state_strata(objects, ratio, rule, reckoned)
    return objects, strata, total, sums


def _scope(planned: PlannedInspection, selection: Selection) -> Scope:
    """Say which objects are meant: as the plan says; the planner chooses where it says nothing."""
    chosen = Scope(selection.kinds, selection.tags, selection.licences, key_only=selection.key_only)
    if planned.frame is None:
        return chosen
    if chosen != Scope():
        raise DrawUnusable("计划已确定抽查对象，不得另行选择", "the plan says which objects are meant")
    return Scope.from_json(planned.frame)


def _why_out(object_id: UUID, selection: Selection, often: set[UUID]) -> str:
    if object_id in selection.out:
        why, words = selection.out[object_id]
        return f"{why.value}: {words}" if words else why.value
    return Exclusion.FREQUENCY_CAP.value if object_id in often else ""


def _candidate(row: _Found, stratum: str, lots: int, out: str) -> Candidate:
    return {
        "id": str(row.id),
        "name": row.name,
        "code": public_code(row.uscc, valid=bool(row.uscc_valid)) or "",
        "region": row.region,
        "stratum": stratum,
        "lots": lots,
        "out": out,
        "counted": bool(out) and not out.startswith(Exclusion.CANCELLED.value),
    }


def _ratio(planned: PlannedInspection) -> Ratio:
    try:
        return Ratio.from_json(planned.ratio)
    except (KeyError, TypeError, ValueError) as error:
        raise DrawUnusable("计划中的抽查比例无法读取", "the plan's ratio can't be read") from error
