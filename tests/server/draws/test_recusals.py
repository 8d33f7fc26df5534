"""Two who enter or withdraw one interest in the same moment."""

from collections import Counter

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
