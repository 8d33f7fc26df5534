"""Draws as a platform delivers them: visits, published at once."""

from dataclasses import replace
from datetime import date

from server import audit
from server.accounts import service as accounts
from server.accounts.models import Person
from server.draws import service
from server.draws.models import DrawSource
from server.draws.service import DrawDraft, VisitDraft
from server.planning.models import PlannedInspection


def visit(house, place, *people, **more):
    plan = VisitDraft(
        object_id=house.objects[place].id,
        inspector_ids=tuple(each.person_id for each in people),
        task_no=f"T-{place}",
        task_name="生产矿山抽查",
        forms=("mine_overstep",),
        item_codes=("MINE_OVERSTEP",),
        opens_on=date(2026, 2, 2),
        due_on=date(2026, 3, 31),
    )
    return replace(plan, **more)


def publish(house, person, *visits):
    draft = DrawDraft(DrawSource.PLATFORM, locked=True, visits=visits)
    with audit.transaction(house.app.sessions) as session:
        planned = session.get_one(PlannedInspection, house.planned_id)
        actor = accounts.actor_of(session.get_one(Person, person.person_id))
        return service.publish(session, actor, planned, draft)
