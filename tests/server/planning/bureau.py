"""The people who make a plan, and the steps it goes through."""

from io import BytesIO

from sqlalchemy import select

from server import audit
from server.access import SYSTEM, Role
from server.planning.launches import note_launch
from server.planning.models import PlannedInspection
from server.registry.service import enter_standard_items
from tests.actors.cast import Cast


class PlanningBureau:
    """A section's planner, the policy section and the head of a bureau."""

    def __init__(self, cast: Cast, region: str = "140522") -> None:
        with audit.transaction(cast.app.sessions) as session:
            enter_standard_items(session, SYSTEM)
        self.app = cast.app
        self.planner = cast.signed_in(Role.PLANNER, region=region)
        self.policy = cast.signed_in(Role.POLICY, region=region)
        self.head = cast.signed_in(Role.SUPERVISOR, region=region)
        self.everybody = cast.stranger()

    def imports(self, data, year=2023, **query):
        """A section's draft."""
        more = "".join(f"&{name}={value}" for name, value in query.items())
        path = f"/api/v1/plans/import?year={year}{more}"
        return self.planner.post(path, data={"file": (BytesIO(data), "计划.xlsx")})["plan"]

    def publishes(self, data, number="阳自然资字〔2023〕11号", **query):
        """A plan that went through all steps."""
        draft = self.imports(data, **query)
        plan = f"/api/v1/plans/{draft['id']}"
        self.policy.post("/api/v1/plans/aggregate", {"plans": [draft["id"]]})
        self.head.post(f"{plan}/approve", {"approval_no": "阳审〔2023〕3号"})
        return self.policy.post(f"{plan}/publish", {"number": number})

    def launches(self, row, objects=3):
        """A draw of a row was published just now."""
        with audit.transaction(self.app.sessions) as session:
            planned = session.scalars(select(PlannedInspection).where(PlannedInspection.name == row)).one()
            note_launch(session, planned, objects)
