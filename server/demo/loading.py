"""Loading the demo bureau into an installation: people, mines, surveyors, plans. Idempotent."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import NOBODY, Actor, Role
from server.accounts.models import Organisation, Person, Region
from server.accounts.passwords import hash_password
from server.accounts.service import add_person
from server.demo.libraries import load_demo_exams, load_demo_libraries
from server.demo.mines import MINES
from server.demo.people import CHENGDE, DEMO_PASSWORD, ORGANISATIONS, PEOPLE, REGIONS, YANGCHENG
from server.demo.plan_workbooks import chengde_plan, yangcheng_internal_plan, yangcheng_joint_plan
from server.demo.surveyors import SURVEYORS
from server.planning.entering import enter_plan
from server.planning.frames import Frame, set_frame
from server.planning.importing import read_plan
from server.planning.models import Plan
from server.planning.service import rows_of
from server.planning.stages import aggregate_plans, approve_plan, publish_plan
from server.registry import service as registry
from server.registry.models import InspectedObject

PLAN_YEAR = 2023
# Somebody else than who aggregated approved the plans: nobody can sign in as either.
_APPROVER = UUID(int=1)
_TAGS = {"全县生产矿山企业": "生产矿山", "全县持有测绘资质的企事业单位": "测绘资质单位"}


def load_demo_registry(session: Session) -> None:
    """Load regions, bureaus, people, lists and libraries, mines and surveyors, where they are missing."""
    _load_places(session)
    registry.enter_standard_items(session, demo_actor(session))
    _load_people(session)
    actor = demo_actor(session)
    load_demo_libraries(session, actor)
    load_demo_exams(session, actor)
    known = set(session.scalars(select(InspectedObject.name)))
    for mine in MINES:
        if mine.site.name not in known:
            found = registry.add_object(session, actor, mine.site)
            licence, _ = registry.enter_licence(session, actor, found.id, mine.licence)
            registry.enter_markers(session, actor, licence.id, mine.markers)
    for surveyor in SURVEYORS:
        if surveyor.firm.name not in known:
            found = registry.add_object(session, actor, surveyor.firm)
            registry.enter_licence(session, actor, found.id, surveyor.qualification)


def load_demo_plans(session: Session) -> list[Plan]:
    """Import the three published plans of 2023 and publish them, where they are missing; returns all."""
    plans = []
    for bureau, number, data in (
        (YANGCHENG, "阳自然资字〔2023〕11号", yangcheng_internal_plan()),
        (YANGCHENG, "阳自然资字〔2023〕11号", yangcheng_joint_plan()),
        (CHENGDE, "承资规发[2023]6号", chengde_plan()),
    ):
        actor = demo_actor(session, bureau)
        reading = read_plan(data, PLAN_YEAR)
        plan = session.scalar(
            select(Plan).where(
                Plan.organisation_id == actor.organisation_id,
                Plan.year == PLAN_YEAR,
                Plan.name == reading.name,
            )
        )
        if plan is None:
            entered = enter_plan(session, actor, reading, number=number).plan
            assert entered is not None
            _say_frames(session, actor, entered.id)
            aggregate_plans(session, actor, [entered.id])
            approve_plan(session, replace(actor, person_id=_APPROVER), entered.id)
            plan = publish_plan(session, actor, entered.id)
        plans.append(plan)
    return plans


def _say_frames(session: Session, actor: Actor, plan_id: UUID) -> None:
    """Say which of the demo's objects a plan's words mean, so that its rows can be reckoned and compared."""
    for row in rows_of(session, [plan_id]):
        tag = _TAGS.get(row.object_scope)
        if tag:
            set_frame(session, actor, row.id, Frame(tags=(tag,)))


def demo_actor(session: Session, bureau: str = YANGCHENG) -> Actor:
    """Return the actor that loads the demo in a bureau's name; nobody can sign in as it."""
    organisation = session.scalars(select(Organisation).where(Organisation.name == bureau)).one()
    roles = frozenset({Role.ADMIN, Role.PLANNER, Role.POLICY, Role.SUPERVISOR})
    return Actor(NOBODY, "演示数据", roles, organisation.id, organisation.region)


def _load_places(session: Session) -> None:
    for code, name, parent in REGIONS:
        if session.get(Region, code) is None:
            session.add(Region(code=code, name=name, parent=parent))
            session.flush()
    for name, region, rules in ORGANISATIONS:
        if session.scalar(select(Organisation).where(Organisation.name == name)) is None:
            session.add(Organisation(name=name, region=region, rules=rules))
            session.flush()


def _load_people(session: Session) -> None:
    hashed = hash_password(DEMO_PASSWORD)  # one salt for all is enough for a password that is printed
    for each in PEOPLE:
        if session.scalar(select(Person.id).where(Person.username == each.username)):
            continue
        bureau = session.scalars(select(Organisation).where(Organisation.name == each.organisation)).one()
        person = add_person(session, each.username, each.name, "", list(each.roles), bureau, hashed=hashed)
        actor = demo_actor(session, each.organisation)
        details = {"roles": person.roles, "name": person.name}
        audit.append(session, actor, "person.added", ("person", person.id), details)
        if each.certificate:
            registry.enter_certificate(session, actor, person.id, each.certificate)
