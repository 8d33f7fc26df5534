"""The two plans of the seeds (阳城 2023, 承德 2023): from import to a draw in public, tasks, results, publicity and statistics."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server import audit, clock
from server.access import SYSTEM, Role
from server.checklists import service as checklists
from server.demo.plan_workbooks import chengde_plan, yangcheng_internal_plan
from server.inspections.models import Assignment, Task
from server.planning.models import PlannedInspection
from server.registry.models import InspectionItem
from server.worker import drain
from tests.actors.cast import Cast
from tests.actors.phone import Phone
from tests.actors.supervisor import CONCLUSION, VISIT_FORM, supervisor, visit_answers
from tests.server.draws.drawing import VERIFIER, certify, mine
from tests.server.planning.bureau import PlanningBureau

YANGCHENG, CHENGDE = "140522", "130800"
GIVEN = VISIT_FORM.partition("| | begin_group | conclusions")[0]
AFTER = VISIT_FORM[VISIT_FORM.index("| | begin_group | statement") :]


@dataclass
class Bureau:
    """One bureau with its published plan, its objects and its inspectors' phones."""

    cast: Cast
    region: str
    planning: PlanningBureau
    phones: dict[UUID, Phone]

    def draws(self, name: str, **selection: Any) -> dict[str, Any]:
        """A ceremony from its commitment to the publication; gives what everybody can read of it."""
        with self.cast.app.readers() as session:
            planned = session.scalars(
                select(PlannedInspection.id).where(PlannedInspection.name == name)
            ).one()
        today = clock.today()
        announced = {
            "planned_id": str(planned),
            "opens_on": str(today),
            "due_on": str(today + timedelta(days=20)),
        }
        ceremony = self.planning.planner.post("/api/v1/ceremonies", announced, expect=201)
        for step, given in (("freeze", {"exam": False, **selection}), ("reveal", {}), ("publish", {})):
            self.planning.planner.post(f"/api/v1/ceremonies/{ceremony['id']}/{step}", given)
        drain(self.cast.app)
        file: dict[str, Any] = self.cast.stranger().get(f"/public/draws/{ceremony['id']}")
        return file

    def inspects(self, task: Task, *, problem_with: str | None = None) -> None:
        """The drawn lead fills every form of a task; a supervisor accepts, results are confirmed and released."""
        lead = self.phones[lead_of(self.cast, task)]
        lead.pulls()
        head = supervisor(self.cast, region=self.region)
        for form in task.forms:
            answers = visit_answers(end_at=f"{clock.today()}T08:30:00.000+08:00")
            answers["/data/conclusions"] = {
                code: {"answer": "not_conform", "problem": "界桩缺失", "disposal": "ORDER_RECTIFY",
                       "rectify_deadline": str(clock.today() + timedelta(days=30))}
                if code == problem_with else {"answer": "conform"}
                for code in items_of(self.cast, form, task.item_codes)
            }  # fmt: skip
            record = lead.fills(task.id, answers, form_id=form)
            lead.syncs()
            head.accepts(record)
        drain(self.cast.app)
        results = lead.get(f"/api/v1/results?task={task.id}")
        assert {result["item_code"] for result in results} == set(task.item_codes)
        for result in results:
            lead.post(f"/api/v1/results/{result['id']}/confirm", {})
            head.releases(result["id"])
        drain(self.cast.app)


def lead_of(cast: Cast, task: Task) -> UUID:
    with cast.app.readers() as session:
        on_task = select(Assignment.person_id).where(Assignment.task_id == task.id, Assignment.role == "lead")
        return session.scalars(on_task).one()


def items_of(cast: Cast, form: str, codes: list[str]) -> list[str]:
    with cast.app.readers() as session:
        wanted = select(InspectionItem.code).where(
            InspectionItem.form_id == form, InspectionItem.code.in_(codes)
        )
        return sorted(session.scalars(wanted))


def offer_forms(cast: Cast) -> None:
    """A short form for every item: its conclusion, the end of the visit and both signatures."""
    with audit.transaction(cast.app.sessions) as session:
        items = defaultdict(list)
        for item in session.scalars(select(InspectionItem)):
            items[item.form_id].append(item)
        for form, its in items.items():
            conclusions = "\n".join(CONCLUSION.format(item=each.code, name=each.name) for each in its)
            group = f"| | begin_group | conclusions | 检查结论 | | | |\n{conclusions}\n| | end_group | | | | | |\n"
            source = (GIVEN + group + AFTER).replace("| visit | 1 |", f"| {form} | 1 |")
            checklists.publish(session, SYSTEM, source.encode(), ".md")


def only_in_writing(cast: Cast, name: str) -> None:
    """Let the items of a planned inspection be inspected by reading papers only."""
    with audit.transaction(cast.app.sessions) as session:
        planned = session.scalars(select(PlannedInspection).where(PlannedInspection.name == name)).one()
        for code in planned.item_codes:
            session.get_one(InspectionItem, code).modes = ["written"]


def found(cast: Cast, region: str, plan: bytes, objects: int, tag: str, **imported: Any) -> Bureau:
    planning = PlanningBureau(cast, region)
    planning.publishes(plan, **imported)
    people = [cast.person(Role.INSPECTOR, Role.LEAD, region=region) for _ in range(4)]
    organisation = cast.organisation(region)
    with audit.transaction(cast.app.sessions) as session:
        session.add_all([mine(region, organisation.id, n, tags=[tag]) for n in range(objects)])
        certify(session, region, people)
    phones = {each.person_id: Phone(cast.app, each.username, each.person_id).signs_in() for each in people}
    return Bureau(cast, region, planning, phones)


def tasks_of(cast: Cast, region: str) -> list[Task]:
    with cast.app.readers() as session:
        return list(session.scalars(select(Task).where(Task.region == region).order_by(Task.number)))


def test_two_plans_run_from_import_to_a_public_draw_to_results_and_statistics(cast):
    yangcheng = found(cast, YANGCHENG, yangcheng_internal_plan(), 8, "生产矿山")
    offer_forms(cast)
    chengde = found(
        cast, CHENGDE, chengde_plan(), 20, "测绘资质单位", number="承资规发〔2023〕6号", kind="provincial"
    )

    only_in_writing(cast, "2023年河北省自然资源厅测绘行业监督检查随机抽查")

    mines = yangcheng.draws("2023年第一季度生产矿山抽查", tags=["生产矿山"])
    surveyors = chengde.draws("2023年河北省自然资源厅测绘行业监督检查随机抽查", tags=["测绘资质单位"])

    # Who is drawn is what the plans' ratios ask, and anybody finds it again from the published file alone.
    for file, share in ((mines, 2), (surveyors, 1)):
        VERIFIER.verify(file)
        assert len(file["visits"]) == share
        assert all(len(team) >= 2 for visit in file["visits"] for team in visit["teams"].values())
    assert [len(tasks_of(cast, region)) for region in (YANGCHENG, CHENGDE)] == [2, 1]

    first, second = tasks_of(cast, YANGCHENG)
    yangcheng.inspects(first, problem_with="BOUNDARY_MARKER")
    yangcheng.inspects(second)
    [only] = tasks_of(cast, CHENGDE)
    assert [task.mode for task in (first, second, only)] == ["on_site", "on_site", "written"]
    chengde.inspects(only)

    # What was found is public under the enterprise's name, a problem with what is done about it; nobody's name is.
    rows = [
        row
        for region in (YANGCHENG, CHENGDE)
        for row in cast.stranger().get(f"/public/results?region={region}&limit=100")
    ]
    assert [row["region"] for row in rows] == [YANGCHENG] * 4 + [CHENGDE] * len(only.item_codes)
    assert [row["item_code"] for row in rows if row["result_codes"] != ["NO_PROBLEM"]] == ["BOUNDARY_MARKER"]
    text = str(rows)
    assert not [
        name
        for bureau in (yangcheng, chengde)
        for each in bureau.phones.values()
        if (name := each.username) in text
    ]

    # The statistics are those of what happened, and of a frozen snapshot.
    for bureau, drawn, problems in ((yangcheng, 2, 1), (chengde, 1, 0)):
        period = {"first": str(clock.today()), "last": str(clock.today() + timedelta(days=40))}
        snapshot = bureau.planning.head.post("/api/v1/reports/snapshots", period, expect=201)
        total = bureau.planning.head.get(f"/api/v1/reports/snapshots/{snapshot['id']}/statistics")["total"]
        assert (total["drawn"], total["inspected"]) == (drawn, drawn)
        assert total["discovery"]["part"] == problems
        assert bureau.planning.head.get(f"/api/v1/reports/snapshots/{snapshot['id']}/check")["holds"] is True
