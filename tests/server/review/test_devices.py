"""What the numbers of a device tell: evidence that was copied or set back, and evidence that never came."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import select

from server.access import Role
from server.audit import AuditEntry
from sync import generate_device_key
from tests.actors.supervisor import supervisor

PUSH = "/api/v1/sync/push"


@pytest.fixture
def visit(cast):
    """A phone with a task, and who reviews what it brings."""
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    lead.pulls()
    return SimpleNamespace(lead=lead, second=second, task=task, reviewer=supervisor(cast))


def push(phone, *items):
    return phone.post(PUSH, phone.envelope() | {"items": list(items)})["items"]


def sealed(phone, task, count):
    """Seal some records and keep them on the phone."""
    before = len(phone.state.outbox)
    records = [phone.fills(task) for _ in range(count)]
    return records, [dict(op.item) for op in phone.state.outbox[before:]]


def gaps(someone, device, expect=200):
    return someone.get(f"/api/v1/devices/{device}/gaps", expect=expect)


def ranges(counted):
    return [(gap["first"], gap["last"]) for gap in counted["gaps"]]


def test_honest_work_has_neither_gaps_nor_questions(visit):
    records = [visit.lead.fills(visit.task) for _ in range(3)]
    visit.lead.corrects(records[0])

    assert [answer["flags"] for answer in visit.lead.pushes()] == [[]] * 4

    [mine] = gaps(visit.lead, visit.lead.device)
    assert (mine["newest"], mine["arrived"], mine["missing"], mine["gaps"]) == (4, 4, 0, [])
    assert mine["person"]["id"] == str(visit.lead.person_id)
    assert visit.reviewer.asked(records[0]) == {}


def test_one_number_on_two_versions_is_asked_about_on_both(visit):
    first = visit.lead.fills(visit.task)
    second = visit.lead.fills(visit.task, dev_seq=1, prev_dev_rev=None)
    revs = [op.rev for op in visit.lead.state.outbox]

    answers = visit.lead.pushes()

    assert [answer["flags"] for answer in answers] == [[], ["device_counter_reused"]]
    for record, (mine, other) in ((first, revs), (second, revs[::-1])):
        [item] = visit.reviewer.asked(record)["device.counter-reused"]["items"]
        assert (item["details"]["rev"], item["details"]["other"]) == (mine, other)
    assert visit.reviewer.reads(second)["flags"] == ["device_counter_reused"]


def test_a_twin_from_an_earlier_push_or_in_quarantine_counts(visit):
    visit.lead.fills(uuid4())
    [held] = visit.lead.pushes()
    record = visit.lead.fills(visit.task, dev_seq=1, prev_dev_rev=None)

    assert visit.lead.pushes()[0]["flags"] == ["device_counter_reused"]

    [item] = visit.reviewer.asked(record)["device.counter-reused"]["items"]
    assert (item["details"]["other"], item["details"]["record"]) == (held["rev"], None)


def test_two_people_on_one_device_count_apart(visit, cast):
    visit.second.device, visit.second.key = visit.lead.device, generate_device_key()
    visit.second.signs_in()
    visit.lead.fills(visit.task)
    visit.second.fills(visit.task)

    assert visit.lead.pushes()[0]["flags"] == visit.second.pushes()[0]["flags"] == []

    assert len(gaps(visit.reviewer, visit.lead.device)) == 2
    assert [each["person"]["id"] for each in gaps(visit.lead, visit.lead.device)] == [
        str(visit.lead.person_id)
    ]


@pytest.mark.parametrize("link", ["another revision", "none"])
def test_a_version_that_is_not_tied_to_the_one_before_is_flagged_and_asked_about(visit, link):
    visit.lead.fills(visit.task)
    previous = None if link == "none" else "sha256:" + "0" * 64
    record = visit.lead.fills(visit.task, prev_dev_rev=previous)

    assert [answer["flags"] for answer in visit.lead.pushes()] == [[], ["device_chain_broken"]]

    [item] = visit.reviewer.asked(record)["device.chain-broken"]["items"]
    assert item["details"]["rev"] == visit.lead.drafts[record].heads[0]


def test_a_late_version_that_the_next_one_does_not_name_is_flagged(visit):
    visit.lead.fills(visit.task)
    record = visit.lead.fills(visit.task, dev_seq=3, prev_dev_rev="sha256:" + "0" * 64)
    visit.lead.pushes()
    assert visit.reviewer.asked(record) == {}

    first = visit.lead.state.ops[0].rev
    visit.lead.fills(visit.task, dev_seq=2, prev_dev_rev=first)

    assert visit.lead.pushes()[0]["flags"] == ["device_chain_broken"]


def test_what_never_came_is_shown_and_asked_about_until_it_comes(visit, cast):
    records, items = sealed(visit.lead, visit.task, 7)
    push(visit.lead, items[0], items[4], items[6])

    for someone in (visit.lead, visit.reviewer, cast.signed_in(Role.AUDITOR)):
        [counted] = gaps(someone, visit.lead.device)
        assert (counted["newest"], counted["arrived"], counted["missing"]) == (7, 3, 4)
        assert ranges(counted) == [(2, 4), (6, 6)]
        assert counted["gaps"][0]["next_rev"] == items[4]["rev"]
    [item] = visit.reviewer.asked(records[4])["device.gap"]["items"]
    assert (item["details"]["first"], item["details"]["last"], item["details"]["missing"]) == (2, 4, 3)
    assert visit.reviewer.asked(records[6]) == {}

    assert [answer["flags"] for answer in push(visit.lead, *items[1:4])] == [[], [], []]

    assert visit.reviewer.asked(records[4]) == {}
    assert ranges(gaps(visit.reviewer, visit.lead.device)[0]) == [(6, 6)]


def test_what_is_in_quarantine_has_come(visit):
    visit.lead.fills(visit.task)
    for _ in range(3):
        visit.lead.fills(uuid4())
    record = visit.lead.fills(visit.task)
    visit.lead.pushes()

    assert visit.reviewer.asked(record) == {}
    assert gaps(visit.reviewer, visit.lead.device)[0]["missing"] == 0


def test_what_somebody_else_sends_in_anothers_name_is_not_counted_as_theirs(visit):
    _, [item] = sealed(visit.lead, visit.task, 1)
    bare = {name: value for name, value in item.items() if name not in {"alg", "key", "sig"}}
    push(visit.second, bare | {"op": str(uuid4())})
    visit.second.fills(visit.task)

    assert visit.second.pushes()[0]["flags"] == []
    assert gaps(visit.lead, visit.lead.device)[0]["arrived"] == 0


def test_who_may_ask_what_never_came(visit, cast):
    assert gaps(visit.second, visit.lead.device, expect=404)["code"] == "device.not-found"
    assert gaps(visit.reviewer, uuid4(), expect=404)["code"] == "device.not-found"
    foreign = supervisor(cast, region="130800")
    assert gaps(foreign, visit.lead.device, expect=404)["code"] == "device.not-found"
    assert gaps(cast.signed_in(Role.ADMIN), visit.lead.device, expect=403)["code"] == "access.denied"


def test_an_operation_id_that_comes_again_with_other_content_is_asked_about_once(visit, session):
    records, [one, two] = sealed(visit.lead, visit.task, 2)
    push(visit.lead, one)

    for _ in range(2):
        assert push(visit.lead, {**two, "op": one["op"]})[0]["outcome"] == "op_reuse"
    assert push(visit.lead, two)[0]["outcome"] == "accepted"

    [item] = visit.reviewer.asked(records[1])["device.operation-reused"]["items"]
    assert (item["details"]["op"], item["details"]["rev"]) == (one["op"], two["rev"])
    assert visit.reviewer.asked(records[0]) == {}
    told = session.scalars(select(AuditEntry).where(AuditEntry.action == "operation.reused")).all()
    assert [(each.subject, each.details["rev"]) for each in told] == [(one["op"], two["rev"])]


def test_an_operation_id_twice_in_one_push_with_other_content_is_asked_about(visit):
    records, [one, two] = sealed(visit.lead, visit.task, 2)

    answers = push(visit.lead, one, {**two, "op": one["op"]})

    assert [answer["outcome"] for answer in answers] == ["accepted", "op_reuse"]
    push(visit.lead, two)
    assert set(visit.reviewer.asked(records[1])) == {"device.operation-reused"}
    assert (
        visit.reviewer.answers_doubt(
            records[1], visit.reviewer.asked(records[1])["device.operation-reused"], fine=True
        )["state"]
        == "answered"
    )
