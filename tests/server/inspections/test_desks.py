"""What one push holds while it is taken, and what waits for it (0049). SQLite has one writer at a time."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from server.accounts.models import Person
from server.accounts.service import actor_of
from server.exchange import service as exchange
from server.inspections import fetching
from server.inspections.models import RevisionStatus
from server.inspections.service import open_desk
from server.inspections.tasks import locked_task
from sync import read_push_bytes
from tests.actors import Cast
from tests.actors.phone import SIGNED, UNSIGNED

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
    fetch = fetching._fetch_tasks

    def admitted_meanwhile(session, desk, **more):
        assert desk.revisions[held["rev"]].status == RevisionStatus.QUARANTINED
        with fresh_app.sessions() as supervisor, supervisor.begin():
            supervisor.get_one(fetching.Revision, held["rev"]).status = RevisionStatus.ACCEPTED.value
        fetch(session, desk, **more)

    monkeypatch.setattr(fetching, "_fetch_tasks", admitted_meanwhile)
    with impatient(fresh_app) as session:
        found = opened(session, lead, *lead.state.ops)
        assert found.revisions[held["rev"]].status == RevisionStatus.ACCEPTED


@pytest.mark.parametrize("first", ["revision", "attest"])
def test_a_revision_and_its_co_signature_that_come_at_once_find_each_other(
    visit, fresh_app, monkeypatch, first
):
    """In two processes: each is judged before the other is written, so that neither finds what the other brings."""
    lead, second, task = visit
    record = lead.fills(
        task, {name: text for name, text in SIGNED.items() if not name.endswith("inspector2")}
    )
    second.attests(lead.state.outbox[0].rev)
    judged = {kind: threading.Event() for kind in exchange.HANDLERS}
    go_on = {kind: threading.Event() for kind in exchange.HANDLERS}
    handlers = dict(exchange.HANDLERS)

    def pausing(session, desk, item):
        accepted = handlers[item.kind](session, desk, item)
        judged[item.kind].set()
        assert go_on[item.kind].wait(10)
        return accepted

    def taken(phone):
        queue = fresh_app.extensions["exchange"]
        given = read_push_bytes(json.dumps(phone.envelope(*phone.state.outbox)).encode())
        with fresh_app.readers() as session:
            actor = actor_of(session.get_one(Person, phone.person_id), phone.device)
        return queue._take([(actor, given)])[0][0]

    monkeypatch.setattr(exchange, "HANDLERS", dict.fromkeys(handlers, pausing))
    monkeypatch.setattr(fresh_app, "gate", nullcontext())
    with ThreadPoolExecutor(2) as pool:
        answers = {"revision": pool.submit(taken, lead), "attest": pool.submit(taken, second)}
        for event in judged.values():
            assert event.wait(10)
        go_on[first].set()
        answers[first].result()
        for event in go_on.values():
            event.set()

    last = answers["attest" if first == "revision" else "revision"].result()
    assert (last.outcome, last.record_state) == ("accepted", "under_review")
    lead.pulls()
    assert lead.record(record)["state"] == "under_review"
