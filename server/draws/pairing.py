"""What follows from a revealed ceremony: visits are published so that tasks open, and single people are replaced."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.access import Actor
from server.checklists import service as checklists
from server.draws import lottery
from server.draws.finding import at_step, frame_of, note
from server.draws.frame import Frame
from server.draws.history import over_cap
from server.draws.models import (
    Ceremony,
    CeremonyKind,
    CeremonyState,
    Draw,
    DrawnVisit,
    DrawSource,
    Recusal,
    ReplacementCause,
    Substitution,
)
from server.draws.planned import row_of
from server.draws.recusals import note_recusal
from server.draws.service import DrawDraft, VisitDraft, enter
from server.planning.launches import note_launch
from server.planning.models import PlannedInspection
from server.problems import DrawUnusable, ReplacementNobody, ReplacementUnknown, ReplacementVisited
from server.registry import service as registry
from server.registry.models import InspectedObject


def publish_ceremony(session: Session, actor: Actor, ceremony_id: UUID) -> Ceremony:
    """Publish what was drawn: visits with their people, so that tasks open, or objects locked to their counties.

    Objects without people stay locked and are matched later, by a ceremony of their own; nothing is drawn again for
    their sake. DrawUnusable for a match that found nobody for anything, and where the plan was amended since the frame
    was frozen: then it is drawn anew.
    """
    ceremony = at_step(session, actor, ceremony_id, CeremonyState.REVEALED)
    planned = row_of(session, ceremony)
    if (ceremony.outcome or {})["visits"]:
        ceremony.draw_id = _enter_visits(session, actor, ceremony, planned).id
    elif ceremony.kind == CeremonyKind.MATCH:
        raise DrawUnusable("没有一个对象匹配到检查人员", "not one object has its people")
    if ceremony.kind != CeremonyKind.MATCH:  # which is part of a launch that was noted
        note_launch(session, planned, len((ceremony.outcome or {})["drawn"]))
    ceremony.state, ceremony.published_at = CeremonyState.PUBLISHED.value, clock.now()
    session.flush()
    details = {"draw": ceremony.draw_id and str(ceremony.draw_id)}
    note(session, actor, ceremony, "ceremony.published", details)
    return ceremony


def replace_person(
    session: Session,
    actor: Actor,
    ceremony_id: UUID,
    place: tuple[UUID, UUID],
    cause: ReplacementCause,
    reason: str,
) -> list[Substitution]:
    """Replace somebody at an object, place = (object, person or expert), by the next by chance.

    Who comes next but has no valid certificate by now, or an interest that became known since, is passed over by a
    substitution of its own: the file shows each. ReplacementUnknown, ReplacementNobody; ReplacementVisited once all that
    was recorded there is accepted.
    """
    object_id, subject = place
    ceremony = at_step(session, actor, ceremony_id, CeremonyState.REVEALED, CeremonyState.PUBLISHED)
    frame = frame_of(ceremony)
    earlier = substitutions_of(session, ceremony.id)
    team, out = _where(ceremony, earlier, object_id, subject)
    visit = _visit_to(session, ceremony, object_id)
    if visit is not None and visit.visited_at is not None:
        raise ReplacementVisited()
    if cause is ReplacementCause.RECUSAL:
        note_recusal(session, actor, subject, session.get_one(InspectedObject, object_id), reason)
    made: list[Substitution] = []
    while out:
        step = _substitute(ceremony, frame, [*earlier, *made], (object_id, team), out)
        step.cause, step.reason = cause.value, reason
        made.append(step)
        if not step.into:
            raise ReplacementNobody()
        found = _unfit(session, ceremony, frame, team, object_id, step.into)
        out = step.into if found else ""
        cause, reason = found or cause, "" if found else reason
    session.add_all(made)
    session.flush()
    _tell_visit(session, actor, ceremony, frame, [*earlier, *made], made[0])
    return made


def substitutions_of(session: Session, ceremony_id: UUID) -> list[Substitution]:
    """Return the substitutions of a ceremony in their order."""
    query = select(Substitution).where(Substitution.ceremony_id == ceremony_id).order_by(Substitution.place)
    return list(session.scalars(query))


def teams_at(ceremony: Ceremony, substitutions: list[Substitution]) -> dict[str, dict[str, list[str]]]:
    """Say who goes to each object now: object → team → ids of the frame, whoever leads first."""
    found: dict[str, dict[str, list[str]]] = {}
    standing = lottery.standing_teams((ceremony.outcome or {}).get("visits", []), _as_steps(substitutions))
    for (object_id, team), members in standing.items():
        found.setdefault(object_id, {})[team] = members
    return found


def told(session: Session, ceremony: Ceremony) -> dict[str, Any]:
    """Tell a ceremony with its pairs as they are now, persons by their ids; for the house."""
    outcome = ceremony.outcome or {}
    going = teams_at(ceremony, substitutions_of(session, ceremony.id))
    pairs = [
        {
            "object_id": object_id,
            "teams": {team: [ceremony.people[each] for each in them] for team, them in teams.items()},
        }
        for object_id, teams in going.items()
    ]
    is_frozen = ceremony.state == CeremonyState.FROZEN
    return vars(ceremony) | {
        "over_cap": over_cap(session, ceremony, frame_of(ceremony)) if is_frozen else [],
        "drawn": outcome.get("drawn", []),
        "pairs": pairs,
        "unmatched": outcome.get("unmatched", []),
        "row_withdrawn": session.get_one(PlannedInspection, ceremony.planned_id).withdrawn_at is not None,
    }


def _enter_visits(session: Session, actor: Actor, ceremony: Ceremony, planned: PlannedInspection) -> Draw:
    teams = frame_of(ceremony)["teams"]
    # In the order of the frame, not of a database's JSON: the lead of the first department leads the visit.
    inspecting = [each["name"] for each in teams if not each["experts"]]
    advising = [each["name"] for each in teams if each["experts"]]
    forms = tuple(checklists.forms_for(session, planned.item_codes))
    going = teams_at(ceremony, substitutions_of(session, ceremony.id))
    visits = []
    for number, (object_id, its) in enumerate(going.items(), start=1):
        people = {
            name: tuple(UUID(ceremony.people[each]) for each in members) for name, members in its.items()
        }
        inspectors = {name: people[name] for name in inspecting}
        visits.append(
            VisitDraft(
                object_id=UUID(object_id),
                inspector_ids=tuple(each for them in inspectors.values() for each in them),
                task_no=f"{ceremony.number}-{number:03d}",
                task_name=planned.name,
                forms=forms,
                item_codes=tuple(planned.item_codes),
                opens_on=ceremony.opens_on,
                due_on=ceremony.due_on,
                teams=inspectors,
                expert_ids=tuple(each for name in advising for each in people[name]),
            )
        )
    draft = DrawDraft(DrawSource.OWN, locked=True, visits=tuple(visits), number=ceremony.number)
    return enter(session, actor, planned, draft, ceremony.region)


def _where(
    ceremony: Ceremony, earlier: list[Substitution], object_id: UUID, subject: UUID
) -> tuple[str, str]:
    teams = teams_at(ceremony, earlier).get(str(object_id), {})
    for team, members in teams.items():
        for each in members:
            if ceremony.people[each] == str(subject):
                return team, each
    raise ReplacementUnknown()


def _substitute(
    ceremony: Ceremony, frame: Frame, earlier: list[Substitution], where: tuple[UUID, str], out: str
) -> Substitution:
    object_id, team = where
    visits = (ceremony.outcome or {})["visits"]
    into = lottery.replace(frame, ceremony.seed, visits, _as_steps(earlier), (str(object_id), team), out)
    return Substitution(
        ceremony_id=ceremony.id,
        place=len(earlier) + 1,
        object_id=object_id,
        team=team,
        out=out,
        into=into,
        at=clock.now(),
    )


def _unfit(
    session: Session, ceremony: Ceremony, frame: Frame, team: str, object_id: UUID, into: str
) -> ReplacementCause | None:
    """Say why whoever comes next can't go either, by what is known today."""
    subject = UUID(ceremony.people[into])
    barred = select(Recusal.id).where(
        Recusal.subject_id == subject, Recusal.object_id == object_id, Recusal.withdrawn_at.is_(None)
    )
    if session.scalar(barred.limit(1)) is not None:
        return ReplacementCause.RECUSAL
    if any(each["experts"] for each in frame["teams"] if each["name"] == team):
        return None
    on = max(clock.today(), ceremony.opens_on)
    standing = registry.standings_of(session, [subject], on).get(subject)
    return None if standing and standing.certified else ReplacementCause.UNQUALIFIED


def _tell_visit(
    session: Session,
    actor: Actor,
    ceremony: Ceremony,
    frame: Frame,
    substitutions: list[Substitution],
    asked: Substitution,
) -> None:
    """Bring the published visit up to date. In its task who came last takes the place of whom it was `asked` for.

    That is after the commit.
    """
    last = substitutions[-1]
    details = {
        "object": str(last.object_id),
        "cause": asked.cause,
        "left": ceremony.people[asked.out],
        "came": ceremony.people[last.into],
        "visit": None,
    }
    visit = _visit_to(session, ceremony, last.object_id)
    if visit is not None:
        members = teams_at(ceremony, substitutions)[str(last.object_id)][last.team]
        people = [ceremony.people[each] for each in members]
        if last.team in visit.teams:
            visit.teams = {**visit.teams, last.team: people}
            inspecting = [each["name"] for each in frame["teams"] if not each["experts"]]
            visit.inspector_ids = [each for name in inspecting for each in visit.teams[name]]
            visit.lead_id = UUID(visit.inspector_ids[0])
        else:
            visit.expert_ids = people
        details["visit"] = str(visit.id)
        session.flush()
    note(session, actor, ceremony, "inspector.replaced", details)


def _visit_to(session: Session, ceremony: Ceremony, object_id: UUID) -> DrawnVisit | None:
    """Find and lock the published visit to an object, so that nobody finishes it meanwhile; None before it is published."""
    query = select(DrawnVisit).where(
        DrawnVisit.draw_id == ceremony.draw_id, DrawnVisit.object_id == object_id
    )
    return session.scalar(query.with_for_update())


def _as_steps(substitutions: list[Substitution]) -> list[lottery.Replacement]:
    return [
        {"object": str(each.object_id), "team": each.team, "out": each.out, "into": each.into}
        for each in substitutions
    ]
