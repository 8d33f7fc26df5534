"""Who may be sent: inspectors and experts as they stand on the first day of the visits, without names.

Everybody is called by a hash in one draw's papers: inspectors by their certificate, so that whoever is shown it can
tell that its bearer was drawn; experts by an id that nobody can guess.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import Role, region_bounds
from server.accounts.models import Organisation
from server.draws.frame import Candidate, Member, Team
from server.draws.models import Ceremony, Recusal
from server.draws.selection import Selection
from server.planning.models import PlannedInspection
from server.problems import DrawUnusable
from server.registry import service as registry
from server.registry.service import InspectorStanding

EXPERTS = "专家"


@dataclass(frozen=True)
class Roster:
    """Teams and their people; who is meant by each id; how many are left out for each reason, by team."""

    teams: list[Team]
    people: list[Member]
    meant: dict[str, str]
    out: dict[str, dict[str, int]]


def call_roster(
    session: Session,
    ceremony: Ceremony,
    planned: PlannedInspection,
    selection: Selection,
    objects: Sequence[Candidate],
) -> Roster:
    """Call everybody who may be sent to some objects."""
    roster = Roster([], [], {}, {})
    regions = {each["region"] for each in objects}
    barred = _barred(session, ceremony, {each["id"] for each in objects})
    departments = _departments(session, ceremony, selection)
    for name in departments.values():
        roster.teams.append(_team(name, selection, experts=False))
    out: dict[str, Counter[str]] = defaultdict(Counter)
    for standing in registry.standings_at(session, ceremony.region, ceremony.opens_on):
        team = _team_of(standing, departments)
        if team is None:
            continue
        why = _why_out(standing, planned, selection)
        if why:
            out[team][why] += 1
            continue
        certificate = standing.certificates[-1]
        its_id = public_id(ceremony.id, certificate.issuer, certificate.number)
        reach = {standing.region, *standing.lent_to}
        _enter(roster, its_id, standing.person_id, team, _reached(reach, regions), barred)
        roster.people[-1]["leads"] = Role.LEAD.value in standing.roles
    if selection.experts:
        _call_experts(session, ceremony, planned, selection, regions, barred, roster)
    roster.people.sort(key=lambda each: each["id"])
    roster.out.update({team: dict(sorted(reasons.items())) for team, reasons in sorted(out.items())})
    return roster


def public_id(ceremony_id: UUID, *words: str) -> str:
    """Name somebody in one draw's papers: a hash that whoever knows the words can make again."""
    text = "\n".join(("merestone draw person", str(ceremony_id), *words))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _departments(session: Session, ceremony: Ceremony, selection: Selection) -> dict[UUID | None, str]:
    """Name the teams by organisation; one for everybody (None) where no departments are named."""
    if not selection.departments:
        return {None: session.get_one(Organisation, ceremony.organisation_id).name}
    query = select(Organisation).where(
        Organisation.id.in_(selection.departments),
        Organisation.region.between(*region_bounds(ceremony.region)),
    )
    found = {each.id: each.name for each in session.scalars(query)}
    if len(found) < len(set(selection.departments)):
        raise DrawUnusable("参与部门不在本地区", "a department that is not of this region")
    return {each: found[each] for each in selection.departments}


def _team_of(standing: InspectorStanding, departments: dict[UUID | None, str]) -> str | None:
    """Say for which team somebody may be sent: for the department that borrowed them before their own."""
    bureaus: list[UUID | None] = [*sorted(standing.borrowers), standing.organisation_id, None]
    return next((departments[each] for each in bureaus if each in departments), None)


def _team(name: str, selection: Selection, *, experts: bool) -> Team:
    if experts:
        return {"name": name, "size": selection.experts, "leads": False, "most": 0, "experts": True}
    return {
        "name": name,
        "size": selection.size,
        "leads": selection.leads,
        "most": selection.most,
        "experts": False,
    }


def _why_out(standing: InspectorStanding, planned: PlannedInspection, selection: Selection) -> str:
    if not standing.certified:
        return "no_certificate"
    if selection.exam and not standing.admitted:
        return "no_exam"  # 未通过上一年度培训考试
    if not all(standing.may_inspect(code) for code in planned.item_codes):
        return "out_of_scope"
    return "away" if standing.person_id in selection.away else ""


def _reached(reach: set[str], regions: set[str]) -> list[str]:
    bounds = [region_bounds(region) for region in reach]
    return sorted(region for region in regions if any(first <= region <= last for first, last in bounds))


def _enter(
    roster: Roster, its_id: str, subject: UUID, team: str, regions: list[str], barred: dict[UUID, list[str]]
) -> None:
    roster.meant[its_id] = str(subject)
    roster.people.append(
        {
            "id": its_id,
            "team": team,
            "regions": regions,
            "leads": False,
            "load": 0,
            "barred": barred.get(subject, []),
        }
    )


def _call_experts(
    session: Session,
    ceremony: Ceremony,
    planned: PlannedInspection,
    selection: Selection,
    regions: set[str],
    barred: dict[UUID, list[str]],
    roster: Roster,
) -> None:
    """Experts are a team of their own, drawn separately and never counted."""
    roster.teams.append(_team(EXPERTS, selection, experts=True))
    for expert in registry.experts_at(session, ceremony.region, ceremony.opens_on):
        if expert.scope and not set(planned.item_codes) <= set(expert.scope):
            continue
        its_id = public_id(ceremony.id, str(expert.id))
        _enter(roster, its_id, expert.id, EXPERTS, _reached({expert.region}, regions), barred)


def _barred(session: Session, ceremony: Ceremony, objects: set[str]) -> dict[UUID, list[str]]:
    query = select(Recusal.subject_id, Recusal.object_id).where(
        Recusal.region.between(*region_bounds(ceremony.region)), Recusal.withdrawn_at.is_(None)
    )
    found: dict[UUID, set[str]] = defaultdict(set)
    for subject_id, object_id in session.execute(query):
        if str(object_id) in objects:
            found[subject_id].add(str(object_id))
    return {subject: sorted(its) for subject, its in found.items()}
