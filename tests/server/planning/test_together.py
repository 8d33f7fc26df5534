"""Two who do something with one plan in the same moment."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from server.audit import AuditEntry
from server.demo import yangcheng_internal_plan
from tests.actors.cast import Cast
from tests.server.planning.bureau import PlanningBureau
from tests.server.planning.tables import ENTERPRISE_ITEMS, as_text

PLANS = "/api/v1/plans"


@pytest.fixture
def bureau(fresh_app):
    return PlanningBureau(Cast(fresh_app))


def together(*asked):
    """What each of (client, address, body) is answered, asked in the same moment."""
    gate = threading.Barrier(len(asked))

    def ask(client, address, body):
        gate.wait()
        return client.call("POST", address, json=body).status_code

    with ThreadPoolExecutor(len(asked)) as pool:
        return sorted(future.result() for future in [pool.submit(ask, *each) for each in asked])


def test_corrections_that_two_make_in_one_moment_are_both_kept(bureau):
    source = as_text(ENTERPRISE_ITEMS)
    for _ in range(6):
        kept = bureau.planner.post(f"{PLANS}/intakes?year=2025", data=source, expect=201)
        intake = f"{PLANS}/intakes/{kept['id']}"
        cells = [
            {"row": None, "column": "ratio", "text": "5%"},
            {"row": None, "column": "initiator", "text": "局"},
        ]

        asked = [(bureau.planner, f"{intake}/corrections", {"corrections": [cell]}) for cell in cells]
        assert together(*asked) == [200, 200]

        held = bureau.planner.get(intake)["corrections"]
        assert {each["column"] for each in held} == {"ratio", "initiator"}


def test_a_plan_that_two_approve_in_one_moment_is_approved_once(bureau, fresh_app):
    for number in range(6):
        draft = bureau.imports(yangcheng_internal_plan(), name=f"计划{number}")
        plan = f"{PLANS}/{draft['id']}"
        bureau.policy.post(f"{PLANS}/aggregate", {"plans": [draft["id"]]})

        asked = [(bureau.head, f"{plan}/approve", {"approval_no": str(each)}) for each in range(2)]
        assert together(*asked) == [200, 409]

        assert bureau.planner.get(plan)["state"] == "approved"
    with fresh_app.readers() as session:
        told = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "plan.approved"))
        assert Counter(told) == {"plan.approved": 6}
