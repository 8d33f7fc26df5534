"""A small world of visits, made up by chance, with the list that it was made of."""

import json
import random
import zlib
from collections import defaultdict
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4

from sqlalchemy import insert

from server import audit, clock
from server.access import Role
from server.draws.models import Ceremony
from server.inspections.models import Record, Revision, Task
from server.planning.models import Plan, PlannedInspection
from server.publicity.models import Disclosure
from server.registry.models import InspectedObject, InspectionItem
from server.results.models import Deadline, Followup, Result
from tests.planting import filled

FIRST, LAST = date(2026, 3, 1), date(2026, 6, 30)
PROBLEM, FINE = ["PENDING_FOLLOWUP", "NOT_PUBLICISED"], ["NO_PROBLEM"]
CODES = [FINE, FINE, PROBLEM, ["CORRECTED_ON_ORDER"], ["MOVED_AWAY"], ["DEREGISTERED"]]
ITEMS = ("MARKER", "STEP")
TAGS = [["矿山"], ["测绘"], ["矿山", "重点"], []]


def make_world(cast, count, seed=1):
    """`count` visits to as many objects in two counties, and what came of each item."""
    chance = random.Random(seed)
    bureaus = [cast.organisation("140522"), cast.organisation("130800")]
    person = cast.person(Role.INSPECTOR).person_id
    planned = uuid4()
    rows = defaultdict(list)
    world = []
    plan = filled(Plan, organisation_id=bureaus[0].id, part_of_id=None)
    rows[Plan].append(plan)
    rows[PlannedInspection].append(
        filled(
            PlannedInspection,
            id=planned,
            plan_id=plan["id"],
            name="年度抽查",
            ratio_text="5%",
            object_scope="矿山企业",
            sampling=["targeted"],
            cooperators=["矿保科", "执法大队"],
        )
    )
    frame = zlib.compress(json.dumps({"objects": [{}] * 40}).encode())
    rows[Ceremony] += [
        filled(
            Ceremony, organisation_id=bureaus[0].id, planned_id=planned, frame=frame, state=state, kind=kind
        )
        for state, kind in (("published", "full"), ("superseded", "full"), ("published", "match"))
    ]
    for place in range(count):
        bureau = bureaus[place % 2]
        here = {"region": bureau.region, "organisation_id": bureau.id}
        task, found, record, rev = uuid4(), uuid4(), uuid4(), f"sha256:{uuid4().hex}"
        tags = chance.choice(TAGS)
        inside = chance.random() < 0.9
        due = chance.choice([date(2026, 5, 1), clock.today() + timedelta(days=9)])
        rows[InspectedObject].append(
            filled(InspectedObject, id=found, **here, kind="enterprise", tags=tags, active=True)
        )
        rows[Task].append(
            filled(Task, id=task, **here, number=f"R-{place:04}", object_id=found, state="open", draw_id=None,
                   drawn_visit_id=uuid4(), planned_id=planned, item_codes=list(ITEMS), due_on=due,
                   opens_on=FIRST if inside else date(2025, 1, 1))
        )  # fmt: skip
        rows[Record].append(filled(Record, id=record, task_id=task, author_id=person, region=bureau.region))
        rows[Revision].append(filled(Revision, rev=rev, record_id=record, task_id=task, author_id=person))
        for item in ITEMS:
            line = make_line(
                chance,
                rows,
                here,
                {"task_id": task, "object_id": found, "record_id": record, "rev": rev},
                item,
            )
            if inside:
                world.append(
                    SimpleNamespace(
                        **line, bureau=bureau, task=task, object=found, item=item, tags=tags, due=due
                    )
                )
    with audit.transaction(cast.app.sessions) as session:
        session.execute(
            insert(InspectionItem.__table__),
            [filled(InspectionItem, code=each, name=f"{each}事项") for each in ITEMS],
        )
        for model, some in rows.items():
            session.execute(insert(model.__table__), some)
    return world


def make_line(chance, rows, here, of, item):
    """One item of a visit: perhaps inspected, released, public, late, followed."""
    line = {
        "codes": [],
        "inspected": None,
        "public": False,
        "closed": False,
        "entry": None,
        "late": 0,
        "followups": 0,
        "over": 0,
        "crime": 0,
    }
    if chance.random() < 0.3:
        return line
    result, codes = uuid4(), chance.choice(CODES)
    line |= {"codes": codes, "inspected": chance.choice([date(2026, 4, 1), date(2026, 5, 20)])}
    line["public"] = chance.random() < 0.7
    line["closed"] = line["public"] and chance.random() < 0.5
    rows[Result].append(
        filled(Result, id=result, **here, **of, item_code=item, codes=codes, followup_codes=["TRANSFER_POLICE"],
               state="released", inspected_on=line["inspected"], confirmed_by=None, released_by=None,
               closed_at=clock.now() if line["closed"] else None)
    )  # fmt: skip
    if line["public"]:
        rows[Disclosure].append(
            filled(
                Disclosure,
                result_id=result,
                object_id=of["object_id"],
                version=1,
                state="public",
                **here,
                published_at=clock.now(),
            )
        )
    line["entry"] = chance.choice(
        [(date(2026, 5, 1), date(2026, 4, 30)), (date(2026, 5, 1), None), (date(2126, 5, 1), None)]
    )
    rows[Deadline].append(
        filled(
            Deadline,
            subject_id=result,
            kind="entry",
            **here,
            due_on=line["entry"][0],
            met_on=line["entry"][1],
        )
    )
    for _ in range(chance.choice([0, 1, 2])):
        state = chance.choice(["open", "entered", "cancelled"])
        late = chance.random() < 0.5
        rows[Followup].append(
            filled(Followup, result_id=result, **here, code="TRANSFER_POLICE", state=state, task_id=None, entered_by=None,
                   act_by=date(2026, 5, 1) if late else None, done_on=None)
        )  # fmt: skip
        if state != "cancelled":
            line["followups"] += 1
            line["over"] += state == "entered"
            line["late"] += late and state == "open"
            line["crime"] += state == "open"
    return line


def problem(line):
    return bool({"PENDING_FOLLOWUP", "CORRECTED_ON_ORDER"} & set(line.codes))


def frozen(person, **more):
    order = {"first": FIRST.isoformat(), "last": LAST.isoformat(), **more}
    return person.post("/api/v1/reports/snapshots", order, expect=201)


def report(person, snapshot, kind, **query):
    return person.get(f"/api/v1/reports/snapshots/{snapshot['id']}/{kind}", query_string=query)
