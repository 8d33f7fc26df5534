"""What one push holds while it is taken, and what waits for it (0049). SQLite has one writer at a time."""

import json
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from server.accounts.models import Person
from server.accounts.service import actor_of
from server.inspections import desk as desks
from server.inspections.models import RevisionStatus
from server.inspections.service import open_desk
from server.inspections.tasks import locked_task
from sync import read_push_bytes
from tests.actors import Cast
from tests.actors.phone import UNSIGNED

pytestmark = pytest.mark.parametrize("database", ["postgres"], indirect=True)


@pytest.fixture
def visit(fresh_app):
    cast = Cast(fresh_app)
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    lead.syncs()
    second.syncs()
    return lead, second, task


@contextmanager
def impatient(app):
    """A transaction that waits for nobody, and is undone."""
    with app.sessions() as session:
        session.execute(text("set local lock_timeout = '200ms'"))
        yield session
        session.rollback()


def opened(session, phone, *ops):
    items = read_push_bytes(json.dumps(phone.envelope(*ops)).encode()).items
    actor = actor_of(session.get_one(Person, phone.person_id), phone.device)
    return open_desk(session, actor, items, {}, store=False)


def waits(act, *given):
    with pytest.raises(OperationalError, match="lock timeout"):
        act(*given)


def test_colleagues_push_to_one_task_side_by_side_but_not_to_one_record(visit, fresh_app):
    lead, second, task = visit
    record = lead.fills(task, UNSIGNED)
    lead.pushes()
    second.takes_over(record, lead)
    lead.corrects(record)
    second.fills(task, UNSIGNED)
    second.corrects(record)
    other, same = second.state.outbox
    with impatient(fresh_app) as first:
        assert opened(first, lead, *lead.state.outbox).records.keys() == {record}
        with impatient(fresh_app) as beside:
            assert opened(beside, second, other).tasks.keys() == {task}
        with impatient(fresh_app) as beside:
            waits(opened, beside, second, same)


def test_who_changes_a_task_waits_for_the_pushes_to_it_and_they_for_them(visit, fresh_app):
    lead, _, task = visit
    lead.fills(task, UNSIGNED)
    with impatient(fresh_app) as pushing, impatient(fresh_app) as planning:
        opened(pushing, lead, *lead.state.outbox)
        waits(locked_task, planning, task)
    with impatient(fresh_app) as planning, impatient(fresh_app) as pushing:
        locked_task(planning, task)
        waits(opened, pushing, lead, *lead.state.outbox)


def test_what_was_let_pass_while_a_push_waited_is_not_taken_twice(visit, fresh_app, monkeypatch):
    """A push finds its revision in quarantine, and waits; meanwhile a supervisor admits it."""
    lead, _, task = visit
    lead.fills(task, UNSIGNED, form_version="9999")
    [held] = lead.pushes()
    assert held["outcome"] == "quarantined"
    fetch = desks._fetch_tasks

    def admitted_meanwhile(session, desk, **more):
        assert desk.revisions[held["rev"]].status == RevisionStatus.QUARANTINED
        with fresh_app.sessions() as supervisor, supervisor.begin():
            supervisor.get_one(desks.Revision, held["rev"]).status = RevisionStatus.ACCEPTED.value
        fetch(session, desk, **more)

    monkeypatch.setattr(desks, "_fetch_tasks", admitted_meanwhile)
    with impatient(fresh_app) as session:
        found = opened(session, lead, *lead.state.ops)
        assert found.revisions[held["rev"]].status == RevisionStatus.ACCEPTED
