"""A city with two counties, where everything is ready to be drawn."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server import audit, clock
from server.access import SYSTEM, Role
from server.audit import AuditEntry
from server.planning.models import Plan, PlannedInspection
from server.planning.ratios import Ratio
from server.reactions import REACTIONS
from server.registry import service as registry
from server.registry.models import Certificate, InspectedObject, TrainingExam
from tests.actors.cast import Cast
from tests.actors.someone import Someone
from tests.server.draws.paper import verifier

CITY, COUNTY, OTHER = "140500", "140522", "140524"
DAYS = {"opens_on": "2026-03-02", "due_on": "2026-03-31"}
VERIFIER = verifier()


@dataclass
class Place:
    """A planned inspection with its objects, inspectors and a planner who has signed in."""

    cast: Cast
    planned_id: UUID
    objects: list[InspectedObject]
    inspectors: list[Someone]
    planner: Someone

    def commits(self, by: Someone | None = None, expect: int = 201, **more: Any) -> dict[str, Any]:
        announced = {"planned_id": str(self.planned_id), **DAYS, **more}
        return (by or self.planner).post("/api/v1/ceremonies", announced, expect=expect)

    def step(
        self, ceremony: dict[str, Any], step: str, given: Any = None, expect: int = 200, by: Any = None
    ) -> Any:
        path = f"/api/v1/ceremonies/{ceremony['id']}/{step}"
        return (by or self.planner).post(path, {} if given is None else given, expect=expect)

    def draws(self, selection: Any = None, **more: Any) -> dict[str, Any]:
        """Everything from commitment to publication."""
        ceremony = self.commits(**more)
        self.step(ceremony, "freeze", selection)
        self.step(ceremony, "reveal")
        self.step(ceremony, "publish")
        return self.planner.get(f"/api/v1/ceremonies/{ceremony['id']}")

    def file(self, ceremony: dict[str, Any]) -> dict[str, Any]:
        return self.cast.stranger().get(f"/public/draws/{ceremony['id']}")

    def holds(self, ceremony: dict[str, Any], locked: dict[str, Any] | None = None) -> dict[str, Any]:
        """Get the file as a stranger and find the draw again."""
        file = self.file(ceremony)
        VERIFIER.verify(file, locked)
        return file


def place(cast: Cast, region: str = COUNTY, *, mines: int = 6, inspectors: int = 5, **planned: Any) -> Place:
    """Make a place; `planned` are further columns of the planned inspection."""
    people = [
        cast.person(Role.INSPECTOR, *([Role.LEAD] if n < 2 else []), region=region) for n in range(inspectors)
    ]
    planner = cast.signed_in(Role.PLANNER, region=region)
    organisation = cast.organisation(region)
    with audit.transaction(cast.app.sessions) as session:
        registry.enter_standard_items(session, SYSTEM)
        row = _planned(session, region, organisation.id, planned)
        objects = [mine(region, organisation.id, n) for n in range(mines)]
        session.add_all(objects)
        session.flush()
        certify(session, region, people)
        return Place(cast, row.id, objects, people, planner)


def react(cast: Cast, *actions: str) -> None:
    """Let the worker do what follows."""
    with audit.transaction(cast.app.sessions) as session:
        query = select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.seq)
        for fact in session.scalars(query).all():
            for reaction in REACTIONS[fact.action]:
                reaction(session, fact)


def certify(session: Any, region: str, people: list[Someone]) -> None:
    """Give people a certificate and last year's exam."""
    for number, each in enumerate(people):
        session.add(
            Certificate(
                person_id=each.person_id,
                number=f"ZF{region}{number:03d}",
                issuer="山西省",
                valid_from=date(2020, 1, 1),
                valid_to=date(2099, 1, 1),
            )
        )
        session.add(TrainingExam(person_id=each.person_id, year=2025, passed=True, held_on=None))
    session.flush()


def mine(region: str, organisation_id: UUID, number: int, **more: Any) -> InspectedObject:
    plain = {"kind": "enterprise", "address": "某县", "legal_representative": "王某", "tags": ["矿山"]}
    return InspectedObject(
        region=region, organisation_id=organisation_id, name=f"虚构{region}-{number}号矿", **{**plain, **more}
    )


def _planned(session: Any, region: str, organisation_id: UUID, more: dict[str, Any]) -> PlannedInspection:
    plan = Plan(
        region=region,
        organisation_id=organisation_id,
        year=2026,
        number="自然资字〔2026〕1号",
        name="2026年度计划",
        kind="internal",
        state="published",
        source="",
        findings=[],
        imported_at=clock.now(),
    )
    session.add(plan)
    session.flush()
    plain: dict[str, Any] = {
        "task_no": "2026-001",
        "name": "生产矿山抽查",
        "sampling": ["untargeted"],
        "items": ["矿山超层越界检查"],
        "item_codes": ["MINE_OVERSTEP"],
        "object_scope": "生产矿山企业",
        "ratio": Ratio(percent=Decimal(50), at_least=True).as_json(),
        "ratio_text": "≥50%",
        "windows": [{"first": "2026-01-01", "last": "2026-12-31"}],
        "window_text": "全年",
        "initiator": "矿管局",
        "cooperators": [],
        "notes": [],
    }
    row = PlannedInspection(plan_id=plan.id, region=region, row_no=1, **{**plain, **more})
    session.add(row)
    session.flush()
    return row
