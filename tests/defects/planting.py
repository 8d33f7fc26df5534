"""Records of which some hold planted defects, made on phones and handed in over the wire; and what a reviewer is shown of them."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from server import audit
from server.access import SYSTEM
from server.accounts.models import Person
from server.clock import CHINA, now
from server.demo import DEMO_PASSWORD
from server.inspections import service as inspections
from server.registry.models import InspectedObject
from server.rehearsal.door import Door
from server.worker import drain
from tests.defects.kinds import DEFECTS, MINE, SURVEY, Defect
from tests.defects.visits import BendablePhone, Visit, honest_visit
from tests.phone.bureau import Bureau

PEOPLE = (("inspector1", "inspector2"), ("inspector2", "inspector3"), ("inspector3", "inspector1"))
SITES: Final = {
    MINE: ("青龙坪", "铁炉井"),
    SURVEY: ("经纬测绘", "析城山", "沁河勘测", "濩泽测量队"),
}
ITEMS = {
    MINE: ["MINE_OVERSTEP", "BOUNDARY_MARKER"],
    SURVEY: ["QUALITY_ORG", "QUALITY_SYSTEM", "INSTRUMENTS"],
}
HOURS = (time(9), time(14))
ROUND = 8  # records that one phone makes, two a day
#: A record to be made: its form, and what is planted in it.
Record = tuple[str, Sequence[Defect]]


@dataclass
class Planted:
    """A record with what was planted in it; `beside`: it is honest, and another one uses something of it."""

    record: UUID
    defects: Sequence[Defect]
    beside: bool = False
    dossier: Mapping[str, Any] = field(default_factory=dict)

    def missed(self) -> list[str]:
        """Name what was planted and is not shown."""
        return [each.name for each in self.defects if not each.shows(self.dossier)]

    @property
    def questions(self) -> list[str]:
        """What a reviewer would have to look at: questions, blocks, findings that are no plain verdict."""
        found = [each["code"] for each in (*self.dossier["doubts"], *self.dossier["blocks"])]
        for each in self.dossier["findings"]:
            if each["kind"] != "position":
                found.append(f"{each['kind']} {each['path']}")
            elif (each["details"] or {}).get("state") in {"suspected", "confirmed"}:
                found.append(f"position {each['details']['state']} {each['path']}")
        return found


def packed(defects: Sequence[Defect] = DEFECTS) -> list[Record]:
    """Put the kinds into as few records as may hold them together: for each its form and its defects."""
    records: list[tuple[str, list[Defect]]] = []
    for defect in defects:
        for form, held in records:
            if form == defect.form and all(defect.touches.isdisjoint(each.touches) for each in held):
                held.append(defect)
                break
        else:
            records.append((defect.form, [defect]))
    return records


def spread(count: int, seed: int = 1) -> list[Record]:
    """Put each kind into a record of its own among so many."""
    chance = random.Random(seed)
    plan: list[Record] = [(defect.form, [defect]) for defect in DEFECTS]
    plan += [(chance.choice((MINE, SURVEY)), []) for _ in range(count - len(plan))]
    chance.shuffle(plan)
    return plan


def rounds(plan: Iterable[Record], size: int = ROUND) -> list[list[Record]]:
    """Deal the records of a plan to phones, each of which begins with an honest visit of either form."""
    planted = [each for each in plan if each[1]]
    honest = {form: [each for each in plan if each[0] == form and not each[1]] for form in (SURVEY, MINE)}
    dealt = []
    while planted or any(honest.values()):
        mine = [_one_of(honest[form]) or (form, ()) for form in (SURVEY, MINE)]
        while len(mine) < size and (planted or any(honest.values())):
            # One of three holds something, so that honest ones are between them.
            more = planted if planted and (len(mine) % 3 == 2 or not any(honest.values())) else None
            mine.append((more or max(honest.values(), key=len)).pop())
        dealt.append(mine)
    return dealt


def _one_of(several: list[Record]) -> Record | None:
    return several.pop() if several else None


def hand_in(bureau: Bureau, dealt: Sequence[Sequence[Record]], seed: int = 1) -> Iterator[list[Planted]]:
    """Make the records and hand them in, a phone's round at a time."""
    for number, chosen in enumerate(dealt):
        yield _round(bureau, chosen, PEOPLE[number % len(PEOPLE)], seed * 1000 + number)


def _round(bureau: Bureau, chosen: Sequence[Record], people: Sequence[str], seed: int) -> list[Planted]:
    """One phone, two visits a day, the last of them yesterday."""
    days = (len(chosen) + 1) // len(HOURS)
    today = now().astimezone(CHINA).date()
    begins = [
        datetime.combine(today - timedelta(days=days - at // len(HOURS)), HOURS[at % len(HOURS)], CHINA)
        for at in range(len(chosen))
    ]
    tasks = [
        _open(bureau, form, _site(form, chosen[:at], seed), people, f"{seed}-{at}")
        for at, (form, _) in enumerate(chosen)
    ]
    phone = BendablePhone(Door(bureau.address), lambda _: None)
    phone.sign_in(people[0], DEMO_PASSWORD)
    phone.pull()
    made: list[tuple[Visit, Planted]] = []
    for at, (_, defects) in enumerate(chosen):
        visit = honest_visit(phone, tasks[at], begins[at], seed * 100 + at)
        earlier = [each for each in made if each[0].form == visit.form and not each[1].defects]
        other = next((each for each in reversed(earlier) if each[0].site != visit.site), None)
        for defect in defects:
            assert other is not None
            defect.plant(visit, other[0])
            other[1].beside = other[1].beside or defect.tells_of_both
        phone.seal(visit)
        made.append((visit, Planted(visit.record, defects)))
    phone.hand_in()
    return [planted for _, planted in made]


def _site(form: str, before: Sequence[Record], seed: int) -> str:
    """Go to one site first, and to the others after it: what is taken from the first visit is another object's."""
    sites, nth = SITES[form], sum(each == form for each, _ in before)
    place = 0 if nth == 0 else 1 + (nth - 1) % (len(sites) - 1)
    return sites[(place + seed) % len(sites)]


def _open(bureau: Bureau, form: str, site: str, people: Sequence[str], number: str) -> UUID:
    today = now().astimezone(CHINA).date()
    with audit.transaction(bureau.app.sessions) as session:
        found = session.scalars(select(InspectedObject).where(InspectedObject.name.contains(site))).one()
        ids = [session.scalars(select(Person.id).where(Person.username == each)).one() for each in people]
        planned = inspections.PlannedVisit(
            number=f"阳检-{number}",
            name="生产矿山抽查" if form == MINE else "测绘成果质量监督检查",
            region=found.region,
            organisation_id=found.organisation_id,
            object_id=found.id,
            forms=[form],
            item_codes=ITEMS[form],
            lead_id=ids[0],
            assisting_ids=ids[1:],
            opens_on=today - timedelta(days=20),
            due_on=today + timedelta(days=10),
            approval_no=f"阳自然资检审〔{today.year}〕{number}号",
            notice_no=f"阳自然资检通〔{today.year}〕{number}号",
            approved_on=today - timedelta(days=20),
            notice_served_on=today - timedelta(days=15),
        )
        return inspections.open_visits(session, SYSTEM, [planned])[0].id


def reviewed(bureau: Bureau, planted: Sequence[Planted]) -> None:
    """Let the worker look into what came, and read each record as its reviewer does."""
    drain(bureau.app)
    office = Door(bureau.address)
    office.sign_in("supervisor1", DEMO_PASSWORD)
    for each in planted:
        each.dossier = office.ask("GET", f"/api/v1/records/{each.record}")
