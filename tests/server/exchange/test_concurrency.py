"""Real threads on a database of their own: nothing is lost between a commit and a cursor, nothing doubled."""

import base64
import io
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import OperationalError

from server import audit, clock, feed
from server.access import SYSTEM, Role
from server.exchange import api, service
from server.exchange.models import PushedOperation
from server.inspections.models import QuarantineCase, Record, Revision
from server.installation import guard_epoch
from sync import PushReplied
from tests.actors import Cast
from tests.actors.phone import UNSIGNED, certify

PUSH = "/api/v1/sync/push"
READER = feed.user(UUID(int=7))


@pytest.fixture
def cast(fresh_app):
    return Cast(fresh_app)


@pytest.fixture
def visit(cast):
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    lead.syncs()
    second.syncs()
    return lead, second, task


def outcomes(phone, body):
    return phone.post(PUSH, body)["items"]


def test_the_same_push_twice_at_once_has_one_effect_and_one_answer(visit, fresh_app):
    lead, _, task = visit
    rounds = 6
    for _ in range(rounds):
        before = len(lead.state.ops)
        lead.fills(task, UNSIGNED)
        lead.fills(task, UNSIGNED)
        body = lead.envelope(*lead.state.ops[before:])
        gate = threading.Barrier(2)

        def send(body=body, gate=gate):
            gate.wait()
            return outcomes(lead, body)

        with ThreadPoolExecutor(2) as pool:
            one, two = (future.result() for future in [pool.submit(send), pool.submit(send)])
        assert sorted([one[0]["replayed"], two[0]["replayed"]]) == [False, True]
        for answers in (one, two):
            for answer in answers:
                del answer["replayed"]
        assert one == two
    with fresh_app.readers() as session:
        for model in (Revision, Record, PushedOperation):
            assert session.scalar(select(func.count()).select_from(model)) == 2 * rounds


def test_overlapping_batches_in_opposite_order_neither_lock_up_nor_double(visit, fresh_app):
    lead, _, task = visit
    for _ in range(8):
        lead.fills(task, UNSIGNED)
    ops = lead.state.ops
    batches = [ops, ops[::-1], ops[3:] + ops[:3], ops[::2] + ops[1::2]]
    gate = threading.Barrier(len(batches))

    def send(batch):
        gate.wait()
        return {answer["op"]: answer["receipt"] for answer in outcomes(lead, lead.envelope(*batch))}

    with ThreadPoolExecutor(len(batches)) as pool:
        answers = list(pool.map(send, batches))

    assert all(each == answers[0] for each in answers)
    with fresh_app.readers() as session:
        assert session.scalar(select(func.count()).select_from(Revision)) == 8
        assert audit.verify_chain(session) is None


@pytest.mark.parametrize("is_known", [True, False], ids=["of a task", "of a task that nobody knows"])
def test_one_revision_under_two_operations_at_once_is_written_once_and_answered_twice(
    visit, fresh_app, monkeypatch, is_known
):
    """Rows are written whole, at the end: whoever comes second meets the first one's, and is judged again."""
    lead, _, task = visit
    lead.fills(task if is_known else uuid4(), UNSIGNED)
    [item] = lead.envelope(*lead.state.ops)["items"]
    bodies = [lead.envelope() | {"items": [item | {"op": str(uuid4())}]} for _ in range(2)]
    judged, go_on = threading.Event(), threading.Event()
    accept = service.HANDLERS["revision"]

    def pausing(session, desk, given):
        accepted = accept(session, desk, given)
        if str(given.op) == bodies[0]["items"][0]["op"]:
            judged.set()
            assert go_on.wait(10)
        return accepted

    monkeypatch.setattr(service, "HANDLERS", {"revision": pausing})
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(outcomes, lead, bodies[0])
        assert judged.wait(10)
        second = pool.submit(outcomes, lead, bodies[1])
        time.sleep(0.3)
        go_on.set()
        [one], [two] = first.result(), second.result()

    same = ("outcome", "rev", "reason", "flags", "findings", "record_state", "heads")
    assert [one.get(name) for name in same] == [two.get(name) for name in same]
    assert one["outcome"] == ("accepted" if is_known else "quarantined")
    with fresh_app.readers() as session:
        assert [bytes(each.data) for each in session.scalars(select(Revision))] == [
            base64.b64decode(item["bytes"])
        ]
        actions = [
            each.action for each in session.scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.seq))
        ]
        assert actions.count("revision.accepted") == actions.count("revision.repeated") == int(is_known)
        assert session.scalar(select(func.count()).select_from(QuarantineCase)) == int(not is_known)
        assert audit.verify_chain(session) is None


def test_two_phones_push_to_one_record_at_once_and_both_heads_are_seen(visit):
    lead, second, task = visit
    record = lead.fills(task, UNSIGNED)
    lead.pushes()
    for _ in range(4):
        second.takes_over(record, lead)
        heads = sorted([lead.corrects(record), second.corrects(record)])
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda phone: phone.pushes()[0], (lead, second)))
        seen = max(answers, key=lambda answer: answer["seq"])
        assert (seen["record_state"], seen["heads"]) == ("conflicted", heads)
        lead.corrects(record, parents=tuple(heads))
        assert lead.pushes()[0]["record_state"] == "open"


def test_of_two_pushes_that_make_records_one_by_one_in_opposite_order_one_comes_again(
    postgres_app, monkeypatch, caplog
):
    """Two processes, each of which had an item fail: here alone records are not made in one order."""
    with postgres_app.readers() as session:
        guard_epoch(postgres_app.installation, session)
    cast = Cast(postgres_app)
    phones = [cast.phone(), cast.phone()]
    task = cast.task(*phones)
    phones[0].syncs()
    # The first record of a task changes the task as well, whose row would hold up the other push.
    phones[0].fills(task, UNSIGNED)
    phones[0].pushes()
    records = [uuid4(), uuid4()]
    for phone in phones:
        phone.syncs()
        for record in records:
            phone.fills(task, UNSIGNED, record=record)
        records.reverse()
    envelopes = [phone.envelope(*phone.state.ops[-2:]) for phone in phones]
    firsts = {each["items"][0]["op"] for each in envelopes}
    gate, apply_some = threading.Barrier(2), service.Applying._try

    def one_by_one(applying, *items):
        if len(items) > 1:
            applying._desks = applying._open_desks(store=True)
            return None
        accepted = apply_some(applying, *items)
        if str(items[0].op) in firsts:
            firsts.remove(str(items[0].op))
            gate.wait(10)
        return accepted

    monkeypatch.setattr(service.Applying, "_try", one_by_one)
    alone = SimpleNamespace(take=lambda given: api._take(postgres_app, [given])[0])
    monkeypatch.setitem(postgres_app.extensions, "exchange", alone)

    def send(phone, body):
        return phone.call("POST", PUSH, json=body)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(send, phones, envelopes))
    assert sorted(each.status_code for each in answers) == [200, 503]
    assert [each.reason.splitlines()[0] for each in caplog.records] == ["deadlock detected"]
    [refused] = [place for place, each in enumerate(answers) if each.status_code == 503]
    assert int(answers[refused].headers["Retry-After"]) > 0
    assert [each["outcome"] for each in outcomes(phones[refused], envelopes[refused])] == ["accepted"] * 2
    with postgres_app.readers() as session:
        assert session.scalar(select(func.count()).select_from(Revision)) == 5
        states = {each.id: each.state for each in session.scalars(select(Record))}
        assert [states[record] for record in records] == ["conflicted"] * 2
        assert audit.verify_chain(session) is None


def test_a_phone_on_a_slow_line_holds_up_nobody(visit):
    lead, second, task = visit
    lead.fills(task, UNSIGNED)
    second.fills(task, UNSIGNED)
    whole = json.dumps(lead.envelope(*lead.state.outbox)).encode()
    go_on, waiting = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def readinto(self, buffer):
            waiting.set()
            assert go_on.wait(20)
            return super().readinto(buffer)

        def read(self, size=-1):
            waiting.set()
            assert go_on.wait(20)
            return super().read(size)

    def send():
        stream = {"input_stream": Slow(whole), "environ_overrides": {"CONTENT_LENGTH": str(len(whole))}}
        return lead.call("POST", PUSH, **stream)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(send)
        assert waiting.wait(10)
        [quick] = second.pushes()
        assert not slow.done()
        go_on.set()
        assert slow.result().get_json()["items"][0]["outcome"] == quick["outcome"] == "accepted"


def test_a_reassignment_waits_for_a_push_in_progress_and_shows_its_record(
    cast, visit, fresh_app, monkeypatch
):
    """R1: both lock the task's row before they ask who is on it, or what is on it."""
    lead, second, task = visit
    third, planner = cast.phone(), cast.signed_in(Role.PLANNER)
    certify(fresh_app, second, third)
    record = lead.fills(task, UNSIGNED)
    judged, go_on = threading.Event(), threading.Event()
    accept = service.HANDLERS["revision"]

    def pausing(*given):
        accepted = accept(*given)
        judged.set()
        assert go_on.wait(10)
        return accepted

    monkeypatch.setattr(service, "HANDLERS", {"revision": pausing})
    people = {"lead": str(second.person_id), "assisting": [str(third.person_id)], "reason": "换人"}
    with ThreadPoolExecutor(2) as pool:
        pushing = pool.submit(lead.pushes)
        assert judged.wait(10)
        reassigning = pool.submit(planner.post, f"/api/v1/tasks/{task}/reassign", people)
        time.sleep(0.3)
        waited = not reassigning.done()
        go_on.set()
        pushing.result()
        reassigning.result()
    third.pulls()
    lead.pulls()

    assert waited
    assert list(third.shows("record")) == [str(record)]
    assert lead.shows("record") == {}


# The commit-order trap


class Trap:
    """Writers that grant one row each to one reader, who polls a cursor and must meet every row."""

    def __init__(self, app):
        self.app = app
        self.met = set()
        self.cursor = 0

    def write(self, name, *, fails=False):
        try:
            with audit.transaction(self.app.sessions) as session:
                feed.grant(session, READER, "task", name, "trap")
                audit.append(session, SYSTEM, "trap.set", ("trap", name))
                if random.random() < 0.3:
                    time.sleep(random.random() / 200)
                audit.seal(session)
                if fails:
                    raise InterruptedError
        except InterruptedError:
            pass

    def poll(self):
        rows = feed.FeedRow
        with self.app.readers() as session:
            query = select(rows.entity, rows.seq).where(rows.recipient == READER, rows.seq > self.cursor)
            for entity, seq in session.execute(query.order_by(rows.seq)):
                self.met.add(entity)
                self.cursor = seq


def test_a_reader_loses_no_row_while_eight_writers_commit_and_roll_back(fresh_app):
    trap = Trap(fresh_app)
    done = threading.Event()
    writers, each = 8, 25

    def keep_writing(writer):
        dice = random.Random(writer)
        kept = []
        for number in range(each):
            fails = dice.random() < 0.25
            trap.write(f"{writer}-{number}", fails=fails)
            kept += [] if fails else [f"{writer}-{number}"]
        return kept

    def keep_polling():
        while not done.is_set():
            trap.poll()
        trap.poll()

    with ThreadPoolExecutor(writers + 1) as pool:
        reading = pool.submit(keep_polling)
        kept = [name for names in pool.map(keep_writing, range(writers)) for name in names]
        done.set()
        reading.result()

    assert trap.met == set(kept)
    assert len(kept) < writers * each
    with fresh_app.readers() as session:
        assert audit.verify_chain(session) is None
        seqs = session.scalars(select(audit.AuditEntry.seq).order_by(audit.AuditEntry.seq)).all()
        assert list(seqs) == list(range(1, len(kept) + 1))


def test_a_phone_that_polls_meets_every_record_that_eight_others_push(cast, fresh_app, monkeypatch):
    watcher, pushers = cast.phone(), [cast.phone() for _ in range(8)]
    dice, accept, done = random.Random(7), service.HANDLERS["revision"], threading.Event()

    def failing(*given):
        accepted = accept(*given)
        if dice.random() < 0.2:
            raise OperationalError("commit", {}, Exception("the line to the database broke"))
        return accepted

    monkeypatch.setattr(service, "HANDLERS", {"revision": failing})
    for phone in pushers:
        task = cast.task(phone, watcher)
        phone.syncs()
        for _ in range(6):
            phone.fills(task, UNSIGNED)

    def keep_pushing(phone):
        refused = 0
        while phone.state.outbox:
            body = phone.envelope(*phone.state.outbox[:2])
            response = phone.call("POST", PUSH, json=body)
            if response.status_code == 200:
                phone._happens(PushReplied(phone.state.epoch, response.get_json()))
            else:
                assert response.status_code == 503
                refused += 1
        return refused

    def keep_pulling():
        while not done.is_set():
            watcher.pulls()
        watcher.pulls()

    with ThreadPoolExecutor(9) as pool:
        pulling = pool.submit(keep_pulling)
        refused = sum(pool.map(keep_pushing, pushers))
        done.set()
        pulling.result()

    assert refused > 0
    assert set(watcher.shows("record")) == {str(op.record) for phone in pushers for op in phone.state.ops}


def interleave(app, monkeypatch, seal):
    """Let a first writer number its row and wait; a second writes; the reader polls; the first commits."""
    numbered, go_on = threading.Event(), threading.Event()

    def pausing(session):
        facts = seal(session)
        if any(fact.subject == "first" for fact in facts):
            numbered.set()
            assert go_on.wait(10)
        return facts

    monkeypatch.setattr(audit, "seal", pausing)
    trap = Trap(app)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(trap.write, "first")
        assert numbered.wait(10)
        second = pool.submit(trap.write, "second")
        for _ in range(40):  # as long as the first one waits, or until the second is through
            time.sleep(0.01)
            if second.done():
                break
        overtook = second.done()
        trap.poll()
        go_on.set()
        first.result()
        second.result()
    trap.poll()
    return trap.met, overtook


def test_no_writer_overtakes_another_under_the_append_lock(fresh_app, monkeypatch):
    met, overtook = interleave(fresh_app, monkeypatch, audit.seal)

    assert not overtook
    assert met == {"first", "second"}


def test_with_a_bare_sequence_the_reader_loses_a_row_for_ever(postgres_app, monkeypatch):
    """Why there is an append lock: this is what happened to every system that numbered rows early."""
    with postgres_app.sessions.begin() as session:
        session.execute(text("create sequence bare"))

    met, overtook = interleave(postgres_app, monkeypatch, seal_by_sequence)

    assert overtook
    assert met == {"second"}


def seal_by_sequence(session):
    """`audit.seal` as it would be with `nextval` in place of the lock."""
    session.flush()
    facts = session.info.pop("audit_facts", [])
    for fact in facts:
        fact.seq = session.scalar(text("select nextval('bare')"))
        fact.hash = str(fact.seq)
        row = {
            "seq": fact.seq, "previous": "", "hash": fact.hash, "at": clock.now(), "actor": fact.actor,
            "action": fact.action, "subject_kind": fact.subject_kind, "subject": fact.subject, "details": {},
        }  # fmt: skip
        session.execute(insert(audit.AuditEntry), [row])
        feed.number(session, ((fact.seq, change) for change in fact.changes))
    return facts
