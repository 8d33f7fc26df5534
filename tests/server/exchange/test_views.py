"""After whatever happened, a phone that pulled page by page holds exactly what the business tables say it should."""

import json
import os
import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from server import audit, clock, feed, messages, tombstones
from server.access import SYSTEM, Role
from server.accounts.models import Organisation, Person, Region
from server.accounts.regions import move_region
from server.accounts.service import actor_of
from server.checklists.models import FormVersion
from server.exchange.pulling import BODIES
from server.feed import FeedReason, FeedRow
from server.inspections.models import Assignment, Record, Task
from server.messages import Message
from server.registry import service as registry
from server.registry.models import InspectedObject, ReferenceList
from server.tombstones import Tombstones
from server.worker import drain
from tests.actors.author import author
from tests.actors.holding import Holding
from tests.actors.phone import SIGNED, SPOT_CHECK, certify
from tests.actors.supervisor import supervisor

STEPS = 30
SEEDS = int(os.environ.get("VIEW_SEEDS", "2"))  # many more once in a while
COUNTY, CITY = "140522", "140500"


class Bureau:
    """A small bureau in which anything may happen; every verb goes through its real door where it has one."""

    def __init__(self, app, cast, seed):
        self.app, self.cast, self.chance = app, cast, random.Random(seed)
        self.phones = [cast.phone() for _ in range(4)]
        certify(app, *self.phones)
        self.holdings = [Holding(phone) for phone in self.phones]
        self.planner = cast.signed_in(Role.PLANNER, region=CITY)
        self.admin = cast.signed_in(Role.ADMIN, region=CITY)
        self.author = author(cast)
        self.supervisor = supervisor(cast, region=CITY)
        self.away = set()  # phones of people who are not in the field now
        self.tasks, self.records, self.versions = [], [], ["1"]
        self.opens_a_task()
        for phone in self.phones:
            phone.pulls()

    # What may happen

    def opens_a_task(self):
        same = [str(each) for each in self._ids(InspectedObject.id)]
        about = {"object_id": UUID(self.chance.choice(same))} if same and self.chance.random() < 0.7 else {}
        self.tasks.append(self.cast.task(*self._two(self.phones), **about))

    def reassigns(self):
        fit = [each for each in self.phones if each not in self.away]
        if len(fit) > 1:
            lead, second = self._two(fit)
            people = {"lead": str(lead.person_id), "assisting": [str(second.person_id)], "reason": "调整"}
            self.planner.call("POST", f"/api/v1/tasks/{self._task()}/reassign", json=people)

    def withdraws(self):
        if self.chance.random() < 0.5:
            self.planner.call("POST", f"/api/v1/tasks/{self._task()}/withdraw", json={"reason": "停产"})

    def brings_a_record(self):
        phone = self.chance.choice(self.phones)
        if phone not in self.away:
            self.records.append((phone, phone.fills(self._task(), SIGNED)))
            phone.pushes()

    def corrects_a_record(self):
        if self.records:
            phone, record = self.chance.choice(self.records)
            if phone not in self.away:
                phone.corrects(record)
                phone.pushes()

    def decides(self):
        if self.records:
            phone, record = self.chance.choice(self.records)
            if self.chance.random() < 0.4:
                marks = [{"path": "/data/note", "reason": "看不清"}]
                self.supervisor.call(
                    "POST", f"/api/v1/records/{record}/return", json={"reason": "补正", "marks": marks}
                )
            elif phone not in self.away:
                phone.uploads()
                self.supervisor.call("POST", f"/api/v1/records/{record}/accept")

    def changes_an_object(self):
        with audit.transaction(self.app.sessions) as session:
            found = session.scalars(select(InspectedObject).order_by(InspectedObject.name)).all()
            one = self.chance.choice(found)
            actor = actor_of(session.get(Person, self.planner.person_id))
            draft = registry.ObjectDraft(one.name, address=f"地址 {uuid4()}", region=one.region)
            registry.enter_object(session, actor, draft)

    def enters_a_licence(self):
        of = self.chance.choice(self._ids(InspectedObject.id))
        draft = {"licence_no": f"甲测资字{of}", "kind": "surveying", "holder": f"{uuid4()}"}
        self.planner.post(f"/api/v1/objects/{of}/licences", draft, expect=201)

    def enters_a_certificate(self):
        certify(self.app, self.chance.choice(self.phones), days=500)
        with audit.transaction(self.app.sessions) as session:
            person = self.chance.choice(self.phones).person_id
            audit.append(session, SYSTEM, "certificate.turned", ("person", person))

    def renames_somebody(self):
        self._changes(self.chance.choice(self.phones), name=f"人 {uuid4()}")

    def moves_somebody(self):
        place = self.cast.organisation(self.chance.choice([COUNTY, CITY]))
        self._changes(self.chance.choice(self.phones), organisation_id=str(place.id))

    def sends_somebody_away_or_back(self):
        phone = self.chance.choice(self.phones)
        if phone in self.away:
            self.away.remove(phone)
            self._changes(phone, roles=["inspector"], active=True)
            phone.signs_in()
        else:
            self.away.add(phone)
            self._changes(phone, **self.chance.choice([{"roles": ["publisher"]}, {"active": False}]))

    def moves_a_region(self):
        with audit.transaction(self.app.sessions) as session:
            move_region(session, SYSTEM, COUNTY, self.chance.choice([CITY, "140000", "130800", None]))

    def moves_a_bureau(self):
        place = self.cast.organisation(COUNTY)
        change = {"region": self.chance.choice([COUNTY, "140524"])}
        self.admin.patch(f"/api/v1/organisations/{place.id}", change)

    def gives_a_bureau_rules(self):
        place = self.cast.organisation(COUNTY)
        rules = {"visit": {"a_year": self.chance.randint(1, 9)}}
        self.admin.put(f"/api/v1/organisations/{place.id}/rules/planning", rules)

    def posts_a_notice(self):
        to = self.chance.choice(
            [{}, {"region": COUNTY}, {"person": str(self.chance.choice(self.phones).person_id)}]
        )
        self.planner.post("/api/v1/sync/notices", {"text": f"{uuid4()}", **to}, expect=201)

    def ends_a_notice(self):
        with self.app.sessions.begin() as session:
            session.execute(update(Message).values(ends_at=clock.now()))

    def publishes_a_form(self):
        self.versions.append(str(len(self.versions) + 1))
        source = SPOT_CHECK.replace("| spot_check | 1 |", f"| spot_check | {self.versions[-1]} |")
        self.author.writes_and_publishes(source)

    def retires_or_restores_a_form(self):
        verb = self.chance.choice([self.author.retires, self.author.restores])
        verb("spot_check", self.chance.choice(self.versions))

    def offers_a_list(self):
        with audit.transaction(self.app.sessions) as session:
            entries = [{"code": self.chance.choice("ABC")}]
            registry.enter_list(session, SYSTEM, self.chance.choice("xy"), ("表", "list"), entries)

    def forgets_tombstones(self):
        with self.app.sessions.begin() as session:
            session.execute(update(feed.FeedHorizon).values(looked_at=clock.now() - timedelta(days=1)))
        purging = Tombstones(timedelta(0))
        with audit.transaction(self.app.sessions) as session:
            purging.claim(session)
        with audit.transaction(self.app.sessions) as session:
            for work in purging.claim(session):
                purging.settle(session, work, work)

    def the_worker_works(self):
        drain(self.app)

    def somebody_pulls(self):
        holding = self.chance.choice(self.holdings)
        if holding.person not in self.away:
            holding.pulls(limit=self.chance.randint(1, 6), pages=self.chance.randint(1, 8))

    # What must hold

    def should_see(self, person_id):
        """Everything a person should see, by feed, from the tables of the business alone."""
        with self.app.readers() as session:
            mine = select(Assignment.task_id).where(
                Assignment.person_id == person_id, Assignment.ended_at.is_(None)
            )
            tasks = session.scalars(select(Task).where(Task.id.in_(mine), Task.state != "withdrawn")).all()
            records = select(Record.id).where(Record.task_id.in_([task.id for task in tasks]))
            told = select(Message.recipient, Message.id).where(Message.ended_at.is_(None))
            person = session.get(Person, person_id)
            region, heard = (
                session.get(Organisation, person.organisation_id).region,
                {f"user:{person_id}": "me"},
            )
            while region is not None:
                heard[f"channel:region:{region}"] = f"region:{region}"
                region = session.get(Region, region).parent
            forms = select(FormVersion.form_id).where(FormVersion.retired_at.is_(None)).distinct()
            return {
                *(("me", "task", str(task.id)) for task in tasks),
                *(("me", "object", str(task.object_id)) for task in tasks),
                *(("me", "record", str(each)) for each in session.scalars(records)),
                *(("forms", "form", each) for each in session.scalars(forms)),
                *(("lists", "list", each) for each in session.scalars(select(ReferenceList.name))),
                *(
                    (heard[recipient], "message", str(each))
                    for recipient, each in session.execute(told)
                    if recipient in heard
                ),
            }

    def bodies_of(self, keys):
        with self.app.readers() as session:
            found = {kind: {key[2] for key in keys if key[1] == kind} for kind in BODIES}
            bodies = {kind: BODIES[kind](session, ids) for kind, ids in found.items()}
        written = json.loads(self.app.json.dumps(bodies))
        return {key: lasting(key, written[key[1]][key[2]]) for key in keys}

    def reasons_without_sight(self):
        """Reasons of what is not seen, and what is seen for no reason: there are none of either."""
        with self.app.readers() as session:
            reasons = select(FeedReason.recipient, FeedReason.kind, FeedReason.entity)
            seen = select(FeedRow.recipient, FeedRow.kind, FeedRow.entity).where(FeedRow.live)
            return set(session.execute(reasons).all()) ^ set(session.execute(seen).all())

    def _changes(self, phone, **change):
        self.admin.patch(f"/api/v1/people/{phone.person_id}", change)

    def _two(self, of):
        return self.chance.sample(of, 2)

    def _task(self):
        return self.chance.choice(self.tasks)

    def _ids(self, column):
        with self.app.readers() as session:
            return session.scalars(select(column).order_by(InspectedObject.name)).all()


def lasting(key, body):
    """What of a body must always be that of today.

    A task names the versions of its forms that were the newest when it was written; the form's own item tells the
    one to use. Once it is done, what stands beside it is not renewed.
    """
    if key[1] != "task":
        return body
    as_it_was = {"prefill", "prefill_sha256", "inspectors", "lead", "gate"}
    beside = {"forms"} | (as_it_was if body["state"] == "done" else set())
    return {name: value for name, value in body.items() if name not in beside}


HAPPENINGS = [
    name for name, verb in vars(Bureau).items() if name[0] != "_" and callable(verb)
    if name not in {"should_see", "bodies_of", "reasons_without_sight"}
]  # fmt: skip
OFTEN = ["opens_a_task", "reassigns", "reassigns", "brings_a_record", "decides", *["somebody_pulls"] * 6]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_happens_phones_end_with_what_the_tables_say(app, cast, monkeypatch, seed):
    monkeypatch.setattr(tombstones, "GRACE", timedelta(0))
    monkeypatch.setattr(messages, "_KEPT", timedelta(0))
    bureau = Bureau(app, cast, seed)
    happened = []
    for _ in range(STEPS):
        happened.append(bureau.chance.choice(HAPPENINGS + OFTEN))
        getattr(bureau, happened[-1])()
    for phone in list(bureau.away):
        bureau.away.remove(phone)
        bureau._changes(phone, roles=["inspector"], active=True)
        phone.signs_in()
    drain(app)

    for holding in bureau.holdings:
        holding.pulls(limit=bureau.chance.randint(1, 6))
        should = bureau.should_see(holding.person.person_id)
        assert set(holding.items) == should, (seed, happened)
        bodies = {key: lasting(key, body) for key, body in holding.bodies().items()}
        assert bodies == bureau.bodies_of(should), (seed, happened)
        assert holding.differs() == [], (seed, happened)
    assert bureau.reasons_without_sight() == set(), (seed, happened)
