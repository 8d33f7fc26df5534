"""Interests: of whom, and two who enter or withdraw one in the same moment."""

from collections import Counter
from uuid import uuid4

from sqlalchemy import select

from server.audit import AuditEntry
from tests.actors.at_once import at_once
from tests.actors.cast import Cast
from tests.server.draws.drawing import place


def test_one_interest_is_entered_and_withdrawn_once_by_two_at_once(fresh_app):
    here = place(Cast(fresh_app))
    for found in here.objects:
        body = {"subject_id": str(here.inspectors[0].person_id), "object_id": str(found.id), "reason": "亲属"}
        assert at_once(here.planner, "POST", "/api/v1/recusals", body) == [201, 201]
        (held,) = here.planner.get(f"/api/v1/recusals?object={found.id}")
        path = f"/api/v1/recusals/{held['id']}/withdraw"
        assert at_once(here.planner, "POST", path, {}) == [200, 404]
    with fresh_app.readers() as session:
        told = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("recusal")))
        assert Counter(told) == {"recusal.entered": 6, "recusal.withdrawn": 6}


def test_nobody_knows_whose_interest_it_is(fresh_app):
    here = place(Cast(fresh_app))
    body = {"subject_id": str(uuid4()), "object_id": str(here.objects[0].id), "reason": "亲属"}
    assert here.planner.post("/api/v1/recusals", body, expect=404)["code"] == "person.not-found"
    assert here.planner.get("/api/v1/recusals") == []
