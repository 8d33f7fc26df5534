"""A lead and an assistant on one task, and a supervisor at the quarantine desk."""

from types import SimpleNamespace

import pytest
from sqlalchemy import event

from tests.actors.supervisor import supervisor


@pytest.fixture
def visit(cast):
    """Two phones that have pulled the same task."""
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    lead.syncs()
    second.syncs()
    return SimpleNamespace(lead=lead, second=second, task=task)


@pytest.fixture
def desk(cast):
    return supervisor(cast)


@pytest.fixture
def statements(app):
    """The statements that reached the database since it was cleared."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement)

    engine = app.sessions.kw["bind"].engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
