"""What several phones push at the same time goes into one transaction, and none suffers from what another brought."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, select

from server.audit import AuditEntry
from server.exchange import service
from server.inspections.models import Revision, RevisionStatus
from tests.actors import Cast
from tests.actors.phone import UNSIGNED

PUSH = "/api/v1/sync/push"


@pytest.fixture
def cast(fresh_app):
    return Cast(fresh_app)


@pytest.fixture
def phones(cast):
    """Five phones of five inspectors, each with a task and two records to send."""
    found = [cast.phone() for _ in range(5)]
    for phone in found:
        task = cast.task(phone, cast.phone())
        phone.syncs()
        phone.fills(task, UNSIGNED)
        phone.fills(task, UNSIGNED)
    return found


def brought(phone):
    return phone.envelope(*phone.state.outbox)


class Transactions:
    """Watches what is taken in one transaction; the first waits until `others` more pushes stand behind it."""

    def __init__(self, app):
        self.together = app.extensions["exchange"]
        self.take, self.sizes, self.others = self.together._take, [], 0
        self.started = threading.Event()
        self.together._take = self.watched

    def watched(self, pushes):
        if not self.sizes:
            self.started.set()
            while len(self.together._waiting) < self.others:
                threading.Event().wait(0.001)
        self.sizes.append(len(pushes))
        return self.take(pushes)


@pytest.fixture
def transactions(fresh_app):
    return Transactions(fresh_app)


def all_push(transactions, phones, bodies, expect=None):
    """Push from every phone at once: the first is taken while the others come."""
    transactions.others = len(phones) - 1
    with ThreadPoolExecutor(len(phones)) as pool:
        first = pool.submit(phones[0].post, PUSH, bodies[0])
        assert transactions.started.wait(10)
        pairs = list(zip(phones[1:], bodies[1:], expect or [200] * (len(phones) - 1), strict=True))
        rest = [pool.submit(phone.post, PUSH, body, expect=status) for phone, body, status in pairs]
        return [each.result(60) for each in (first, *rest)]


def test_what_comes_while_one_push_is_taken_is_taken_in_one_transaction(transactions, phones, fresh_app):
    bodies = [brought(phone) for phone in phones]

    replies = all_push(transactions, phones, bodies)

    assert transactions.sizes == [1, 4]
    for phone, body, reply in zip(phones, bodies, replies, strict=True):
        assert [answer["op"] for answer in reply["items"]] == [item["op"] for item in body["items"]]
        for answer in reply["items"]:
            assert (answer["outcome"], answer["flags"]) == ("accepted", [])
            assert phone.verified(answer["receipt"])["rev"] == answer["rev"]
    with fresh_app.readers() as session:
        for phone, body in zip(phones, bodies, strict=True):
            for item in body["items"]:
                row = session.get_one(Revision, item["rev"])
                assert (row.author_id, row.status) == (phone.person_id, "accepted")
                told = select(AuditEntry.actor).where(AuditEntry.subject == item["rev"])
                assert session.scalars(told).all() == [phone.username]


def test_the_keys_and_devices_of_all_who_push_together_are_asked_for_at_once(transactions, phones):
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        all_push(transactions, phones, [brought(phone) for phone in phones])
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert transactions.sizes == [1, 4]
    assert sum("FROM device_key" in each for each in asked) == 2
    assert sum("FROM device WHERE" in each for each in asked) == 2


def test_each_gets_its_own_answers_again_when_all_send_the_same_again(transactions, phones):
    bodies = [brought(phone) for phone in phones]
    first = [phone.post(PUSH, body) for phone, body in zip(phones, bodies, strict=True)]
    transactions.sizes.clear()
    transactions.started.clear()

    again = all_push(transactions, phones, bodies)

    assert transactions.sizes == [1, 4]
    for one, two in zip(first, again, strict=True):
        assert [answer.pop("replayed") for answer in two["items"]] == [True, True]
        assert [{**answer, "replayed": None} for answer in two["items"]] == [
            {**answer, "replayed": None} for answer in one["items"]
        ]


def test_who_brings_a_colleagues_work_is_taken_alone_and_so_are_the_others(transactions, phones, cast):
    author, carrier = cast.phone(), cast.phone()
    task = cast.task(author, carrier)
    author.syncs()
    carrier.syncs()
    author.fills(task)
    (op,) = author.state.outbox
    foreign = carrier.envelope() | {
        "items": [{**{key: value for key, value in op.item.items() if key != "op"}, "op": str(uuid4())}]
    }
    them = [phones[0], carrier, phones[1], phones[2]]

    replies = all_push(
        transactions, them, [brought(phones[0]), foreign, brought(phones[1]), brought(phones[2])]
    )

    assert transactions.sizes == [1, 3, 1, 1, 1]
    outcomes = [[answer["outcome"] for answer in reply["items"]] for reply in replies]
    assert outcomes == [["accepted"] * 2, ["accepted"], ["accepted"] * 2, ["accepted"] * 2]
    assert replies[1]["items"][0]["flags"] == ["relayed"]


def test_an_operation_that_two_phones_bring_is_taken_once_and_the_other_is_told(transactions, phones):
    bodies = [brought(phone) for phone in phones[:3]]
    bodies[2]["items"][0]["op"] = bodies[1]["items"][0]["op"]

    replies = all_push(transactions, phones[:3], bodies)

    assert transactions.sizes == [1, 2, 1, 1]
    outcomes = [answer["outcome"] for reply in replies[1:] for answer in reply["items"]]
    assert sorted(outcomes) == ["accepted", "accepted", "accepted", "op_reuse"]


def test_a_poison_item_of_one_phone_is_kept_and_nobody_else_notices(
    transactions, phones, fresh_app, monkeypatch
):
    bodies = [brought(phone) for phone in phones]
    poison = bodies[2]["items"][0]["rev"]
    accept = service.HANDLERS["revision"]

    def choke(session, desk, item):
        accepted = accept(session, desk, item)
        if item.rev == poison:
            raise ZeroDivisionError
        return accepted

    monkeypatch.setattr(service, "HANDLERS", {"revision": choke})
    replies = all_push(transactions, phones, bodies)

    assert transactions.sizes == [1, 4]
    reasons = [answer.get("reason") for reply in replies for answer in reply["items"]]
    assert reasons == [None] * 4 + ["item.failed"] + [None] * 5
    with fresh_app.readers() as session:
        kept = session.get_one(Revision, poison)
        assert (kept.status, kept.author_id) == (RevisionStatus.RECEIVED, phones[2].person_id)


def test_a_phone_of_another_epoch_is_refused_and_nobody_else_is_taken_alone_for_it(transactions, phones):
    bodies = [brought(phone) for phone in phones]
    old = phones[4].envelope(*phones[4].state.outbox) | {"epoch": "an-old-one"}
    assert phones[4].post(PUSH, old, expect=409)["code"] == "epoch.differs"

    all_push(transactions, phones[:4], bodies[:4])

    assert transactions.sizes == [1, 3]
