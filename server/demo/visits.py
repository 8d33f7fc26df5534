"""Visits of the demo bureau that are open at once, so that its inspectors have something to do from the first minute."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.access import Actor
from server.accounts.models import Person
from server.checklists import service as checklists
from server.demo.loading import demo_actor
from server.inspections import service as inspections
from server.inspections.models import Task
from server.planning.models import PlannedInspection
from server.registry.models import InspectedObject


@dataclass(frozen=True)
class DemoVisit:
    """Where inspector1 goes with inspector2, for which row of the plan and how; `opens` and `due` in days from today."""

    number: str
    planned: str
    name: str
    site: str
    opens: int
    due: int
    mode: str = "on_site"


VISITS = (
    DemoVisit(
        "阳检-演示-01",
        "2023年第一季度生产矿山抽查",
        "生产矿山抽查",
        "阳城县青龙坪石灰岩矿",
        -20,
        -2,
    ),
    DemoVisit(
        "阳检-演示-02",
        "2023年第一季度生产矿山抽查",
        "生产矿山抽查",
        "阳城县磨石岭煤业有限公司",
        -7,
        0,
    ),
    DemoVisit(
        "阳检-演示-03",
        "2023年度对测绘成果质量的监督检查",
        "测绘成果质量监督检查",
        "阳城县经纬测绘有限公司",
        -1,
        14,
        "written",
    ),
)


def load_demo_visits(session: Session) -> list[Task]:
    """Open the visits that are not there yet, counted from today; returns those it opened. Needs the plans."""
    actor = demo_actor(session)
    today = clock.today()
    known = set(session.scalars(select(Task.number).where(Task.organisation_id == actor.organisation_id)))
    visits = [
        _planned(session, actor, visit, place, today)
        for place, visit in enumerate(VISITS, start=1)
        if visit.number not in known
    ]
    return inspections.open_visits(session, actor, visits)


def _planned(
    session: Session, actor: Actor, visit: DemoVisit, place: int, today: date
) -> inspections.PlannedVisit:
    lead, second = (
        session.scalars(select(Person.id).where(Person.username == username)).one()
        for username in ("inspector1", "inspector2")
    )
    site = session.scalars(select(InspectedObject).where(InspectedObject.name == visit.site)).one()
    planned = session.scalars(select(PlannedInspection).where(PlannedInspection.name == visit.planned)).one()
    return inspections.PlannedVisit(
        number=visit.number,
        name=visit.name,
        region=site.region,
        organisation_id=actor.organisation_id,
        object_id=site.id,
        forms=checklists.forms_for(session, planned.item_codes),
        item_codes=planned.item_codes,
        lead_id=lead,
        assisting_ids=[second],
        opens_on=today + timedelta(days=visit.opens),
        due_on=today + timedelta(days=visit.due),
        approval_no=f"阳自然资检审〔{today.year}〕{100 + place}号",
        notice_no=f"阳自然资检通〔{today.year}〕{100 + place}号",
        approved_on=today + timedelta(days=visit.opens),
        notice_served_on=today + timedelta(days=visit.opens),
        mode=visit.mode,
        planned_id=planned.id,
    )
