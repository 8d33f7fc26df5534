"""A country full of work: in every region tasks with their people and all that hangs on them, straight into the tables."""

import random
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import insert

from server import audit, clock, feed
from server.access import Actor, Role
from server.accounts.models import Organisation, Person, Region
from server.draws.models import Draw, DrawnVisit
from server.inspections.models import Assignment, QuarantineCase, Record, Revision, Task
from server.planning.models import Plan, PlannedInspection
from server.platform.models import Delivery
from server.publicity.models import Disclosure, Publication
from server.registry.models import InspectedObject
from server.reports.models import ReportSnapshot
from server.results.models import Followup, Objection, Result
from tests.access.oracle import PARENTS, STRANGE
from tests.planting import filled


@dataclass(frozen=True)
class Thing:
    """Something that somebody may see. `people`: whose work it is; `also_here`: and it has to lie in their region.

    `within_region_only`: being on it opens nothing.
    """

    id: UUID
    region: str
    people: frozenset[UUID]
    also_here: bool = False
    within_region_only: bool = False


def people(chance: random.Random, count: int) -> list[Actor]:
    """People with one to three roles in regions of every kind, some of which are none."""
    made = []
    for place in range(count):
        roles = frozenset(chance.sample(list(Role), chance.choice([1, 1, 2, 3])))
        region = chance.choice(STRANGE) if place % 12 == 11 else chance.choice(list(PARENTS))
        made.append(Actor(uuid4(), f"person {place}", roles, uuid4(), region))
    return made


def build(session, chance, actors, tasks_each):
    """Fill the tables; returns what there is of each kind, as the oracle knows it."""
    rows, things = {}, {}
    workers = [each.person_id for each in actors]
    add_places(session, actors)
    for region in PARENTS:
        here = {"region": region, "organisation_id": bureau_of(region)}
        plan, planned, draw = uuid4(), uuid4(), uuid4()
        note(
            rows,
            things,
            Plan,
            Thing(plan, region, frozenset(), within_region_only=True),
            id=plan,
            **here,
            part_of_id=None,
        )
        note(rows, things, PlannedInspection, None, id=planned, plan_id=plan, region=region)
        sent = frozenset(chance.sample(workers, 3))
        note(
            rows, things, Draw, Thing(draw, region, sent, also_here=True), id=draw, **here, planned_id=planned
        )
        snapshot, case = uuid4(), uuid4()
        alone = {"within_region_only": True}
        note(
            rows,
            things,
            ReportSnapshot,
            Thing(snapshot, region, frozenset(), **alone),
            id=snapshot,
            **here,
            made_by=workers[0],
        )
        note(rows, things, QuarantineCase, Thing(case, region, frozenset(), **alone), id=case, region=region, sender_id=workers[0],
             rev=None, op=None, bound_task_id=None, decided_by=None)  # fmt: skip
        for _ in range(tasks_each):
            add_task(rows, things, chance, here, workers, (planned, draw, sent))
    for model, some in rows.items():
        session.execute(insert(model.__table__), some)
    return things


def add_task(rows, things, chance, here, workers, drawn):
    """One task with its object, record, results and what follows them; people who left are not on it any more."""
    planned, draw, sent = drawn
    region, task, found, record = here["region"], uuid4(), uuid4(), uuid4()
    on, left = chance.sample(workers, 2), chance.sample(workers, 1)
    of = {"task_id": task, "object_id": found}
    crew = frozenset(on) - frozenset(left)
    rev = f"sha256:{uuid4().hex}"
    note(rows, things, InspectedObject, Thing(found, region, crew), id=found, **here, tags=[], active=True)
    note(
        rows,
        things,
        DrawnVisit,
        None,
        draw_id=draw,
        object_id=found,
        lead_id=workers[0],
        inspector_ids=[str(each) for each in sent],
    )
    note(rows, things, Task, Thing(task, region, crew), id=task, **here, object_id=found, planned_id=planned, draw_id=None,
         drawn_visit_id=uuid4(), forms=[], item_codes=[])  # fmt: skip
    for person in {*on, *left}:
        ended = clock.now() if person in left else None
        note(rows, things, Assignment, None, task_id=task, person_id=person, role="lead", ended_at=ended)
    for person in crew:
        rows.setdefault(feed.FeedRow, []).append(_seen(person, found))
    note(
        rows,
        things,
        Record,
        Thing(record, region, crew),
        id=record,
        task_id=task,
        region=region,
        author_id=workers[0],
    )
    note(rows, things, Revision, None, rev=rev, record_id=record, task_id=task, author_id=workers[0])
    result, followup, disclosure, publication, delivery = (uuid4() for _ in range(5))
    note(rows, things, Result, Thing(result, region, crew), id=result, **here, **of, record_id=record, rev=rev,
         confirmed_by=None, released_by=None)  # fmt: skip
    note(
        rows,
        things,
        Followup,
        Thing(followup, region, crew),
        id=followup,
        **here,
        result_id=result,
        task_id=None,
        entered_by=None,
    )
    note(
        rows,
        things,
        Objection,
        None,
        result_id=result,
        region=region,
        received_by=workers[0],
        decided_by=None,
    )
    note(rows, things, Disclosure, None, id=disclosure, **here, object_id=found, result_id=result, version=1)
    alone = {"within_region_only": True}
    note(
        rows,
        things,
        Publication,
        Thing(publication, region, crew, **alone),
        id=publication,
        region=region,
        disclosure_id=disclosure,
    )
    note(
        rows,
        things,
        Delivery,
        Thing(delivery, region, crew, **alone),
        id=delivery,
        region=region,
        result_id=result,
    )


def note(rows, things, model, thing, **known):
    """Keep a row to write, and what the oracle is to know of it."""
    rows.setdefault(model, []).append(filled(model, **known))
    if thing is not None:
        things.setdefault(model, []).append(thing)


def add_places(session, actors):
    """Regions, a bureau in each, and the people."""
    for code, parent in PARENTS.items():
        session.execute(insert(Region.__table__), [{"code": code, "name": code, "parent": parent}])
    session.execute(
        insert(Organisation.__table__),
        [{"id": bureau_of(code), "name": f"局 {code}", "region": code, "rules": {}} for code in PARENTS],
    )
    session.execute(
        insert(Person.__table__),
        [
            filled(
                Person,
                id=each.person_id,
                organisation_id=bureau_of("000000"),
                region="000000",
                roles=[],
                active=True,
            )
            for each in actors
        ],
    )


def bureau_of(region):
    """The id of a region's bureau."""
    return UUID(int=int(region) + 1)


def _seen(person, entity):
    # What the feed tells an inspector of an object, as `feed.grant` writes it.
    return filled(
        feed.FeedRow, recipient=feed.user(person), kind="object", entity=str(entity), live=True, seq=0
    )


def planted(sessions, chance, people_count, tasks_each):
    """Build the country in a database, in one transaction."""
    actors = people(chance, people_count)
    with audit.transaction(sessions) as session:
        return actors, build(session, chance, actors, tasks_each)
