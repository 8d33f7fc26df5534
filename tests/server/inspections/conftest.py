"""Somebody to review what two phones on one task bring."""

import pytest

from server import audit
from server.access import Role
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.inspections import service


@pytest.fixture
def reviewing(cast, app):
    """Decide about a record as a supervisor; the endpoints for it are the room of review's."""
    supervisor = cast.person(Role.SUPERVISOR)

    def decide(record, verb, *more, by=supervisor):
        with audit.transaction(app.sessions) as session:
            actor = actor_of(session.get(Person, by.person_id))
            found = service.record_for_review(session, actor, record)
            return verb(session, actor, found, *more)

    return decide
