"""What was announced lately: lists, plans and their changes, work schemes and draws, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.draws.models import Ceremony
from server.planning.models import Plan, PlannedInspection, PlanVersion, WorkScheme
from server.registry.models import ListVersion

LIST, PLAN, CHANGE, SCHEME, DRAW = "Item list", "Annual plan", "Plan changed", "Work scheme", "Draw"


@dataclass(frozen=True)
class Announcement:
    """One thing that was announced: which kind, by whom, when, and the page (endpoint and its place) that shows it.

    `name` is what its publisher called it; empty for lists, which are told apart by `number` alone. `sha256` (hex) is
    that of what was published; of a draw that of its frame, empty before there is one.
    """

    kind: str
    name: str
    number: int | str
    bureau: str
    at: datetime
    endpoint: str
    place: Mapping[str, Any]
    sha256: str


def newest(session: Session, most: int) -> list[Announcement]:
    """Return the newest announcements of all bureaus, in four questions."""
    found = [*_lists(session, most), *_plans(session, most), *_schemes(session, most), *_draws(session, most)]
    return sorted(found, key=lambda each: each.at, reverse=True)[:most]


def _lists(session: Session, most: int) -> list[Announcement]:
    query = (
        select(ListVersion.sha256, ListVersion.number, ListVersion.published_at, Organisation.name)
        .join(Organisation, Organisation.id == ListVersion.organisation_id)
        .where(ListVersion.published_at.is_not(None))
        .order_by(ListVersion.published_at.desc())
        .limit(most)
    )
    return [
        Announcement(LIST, "", number, bureau, at, "show_list", {"sha256": sha256}, sha256)
        for sha256, number, at, bureau in session.execute(query)
        if at is not None
    ]


def _plans(session: Session, most: int) -> list[Announcement]:
    query = (
        select(
            PlanVersion.plan_id,
            PlanVersion.number,
            PlanVersion.published_at,
            PlanVersion.sha256,
            Plan.name,
            Organisation.name,
        )
        .join(Plan, Plan.id == PlanVersion.plan_id)
        .join(Organisation, Organisation.id == Plan.organisation_id)
        .order_by(PlanVersion.published_at.desc())
        .limit(most)
    )
    return [
        Announcement(
            PLAN if number == 1 else CHANGE,
            name,
            number,
            bureau,
            at,
            "show_plan_version",
            {"plan_id": plan_id, "number": number},
            sha256,
        )
        for plan_id, number, at, sha256, name, bureau in session.execute(query)
    ]


def _schemes(session: Session, most: int) -> list[Announcement]:
    query = (
        select(
            WorkScheme.planned_id,
            WorkScheme.number,
            WorkScheme.published_at,
            WorkScheme.title,
            WorkScheme.sha256,
            Organisation.name,
        )
        .join(PlannedInspection, PlannedInspection.id == WorkScheme.planned_id)
        .join(Plan, Plan.id == PlannedInspection.plan_id)
        .join(Organisation, Organisation.id == Plan.organisation_id)
        .where(WorkScheme.published_at.is_not(None))
        .order_by(WorkScheme.published_at.desc())
        .limit(most)
    )
    return [
        Announcement(
            SCHEME,
            title,
            number,
            bureau,
            at,
            "show_scheme",
            {"planned_id": planned_id, "number": number},
            sha256 or "",
        )
        for planned_id, number, at, title, sha256, bureau in session.execute(query)
        if at is not None
    ]


def _draws(session: Session, most: int) -> list[Announcement]:
    query = (
        select(
            Ceremony.id,
            Ceremony.number,
            Ceremony.committed_at,
            Ceremony.frame_digest,
            PlannedInspection.name,
            Organisation.name,
        )
        .join(PlannedInspection, PlannedInspection.id == Ceremony.planned_id)
        .join(Organisation, Organisation.id == Ceremony.organisation_id)
        .order_by(Ceremony.committed_at.desc(), Ceremony.id.desc())
        .limit(most)
    )
    return [
        Announcement(DRAW, name, number, bureau, at, "show_draw", {"ceremony_id": ceremony_id}, digest)
        for ceremony_id, number, at, digest, name, bureau in session.execute(query)
    ]
