"""Pushing: at most once, in order, nothing refused for its content, nothing half done."""

import base64
import gzip
import io
import json
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from server import audit
from server.access import Role
from server.exchange import service
from server.exchange.models import PushedOperation, QuarantinedItem
from server.inspections.models import QuarantineCase, Record, Revision
from sync import ServerKey, revision_id
from tests.actors.phone import UNSIGNED

PUSH = "/api/v1/sync/push"


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def push(phone, *items, expect=200, **more):
    body = phone.envelope() | {"items": list(items)} | more
    return phone.post(PUSH, body, expect=expect)


def outbox(phone):
    return [dict(op.item) for op in phone.state.outbox]


def test_a_push_is_answered_item_by_item_with_receipts_that_stand_in_the_chain(visit, session):
    for _ in range(3):
        visit.lead.fills(visit.task)
    sealed = [op.rev for op in visit.lead.state.outbox]

    answers = visit.lead.pushes()

    assert [answer["rev"] for answer in answers] == sealed
    for answer in answers:
        entry = session.get_one(audit.AuditEntry, answer["seq"])
        said = visit.lead.verified(answer["receipt"])
        assert entry.hash == answer["hash"] == said["hash"]
        assert (entry.action, entry.subject) == ("revision.accepted", answer["rev"])
        assert said["epoch"] == visit.lead.state.epoch
    assert audit.verify_chain(session) is None
    assert visit.lead.state.outbox == ()


def test_the_same_push_again_has_no_second_effect_and_the_same_answers(visit, session):
    visit.lead.fills(visit.task)
    visit.lead.fills(visit.task, UNSIGNED)
    items = outbox(visit.lead)

    first = push(visit.lead, *items)["items"]
    entries = count(session, audit.AuditEntry)
    again = push(visit.lead, *items)["items"]

    assert [each.pop("replayed") for each in first] == [False, False]
    assert [each.pop("replayed") for each in again] == [True, True]
    assert again == first
    assert count(session, Revision) == count(session, Record) == count(session, PushedOperation) == 2
    assert count(session, audit.AuditEntry) == entries


def test_after_the_servers_key_was_lost_what_is_told_again_can_be_checked_again(visit, app, monkeypatch):
    visit.lead.fills(visit.task)
    items = outbox(visit.lead)
    [before] = push(visit.lead, *items)["items"]
    said = visit.lead.verified(before["receipt"])
    monkeypatch.setattr(app.installation, "key", ServerKey.generate())
    visit.lead.signs_in()

    [replayed] = push(visit.lead, *items)["items"]
    [told] = visit.lead.post("/api/v1/sync/ops/status", {"ops": [items[0]["op"]]})["items"]

    assert replayed["replayed"] is True
    assert visit.lead.verified(replayed["receipt"]) == said == visit.lead.verified(told["receipt"])
    assert {**replayed, "receipt": None, "replayed": False} == {**before, "receipt": None}


def test_the_same_bytes_under_another_operation_have_no_second_effect(visit, session):
    visit.lead.fills(visit.task)
    [item] = outbox(visit.lead)

    first, other = (push(visit.lead, {**item, "op": str(uuid4())})["items"][0] for _ in range(2))

    assert (other["outcome"], other["rev"], other["replayed"]) == ("accepted", first["rev"], False)
    assert other["heads"] == first["heads"]
    assert count(session, Revision) == count(session, Record) == 1


def test_an_operation_twice_in_one_push_is_applied_once(visit, session):
    visit.lead.fills(visit.task)
    [item] = outbox(visit.lead)

    first, second = push(visit.lead, item, item)["items"]

    assert (first["replayed"], second["replayed"]) == (False, True)
    assert first["receipt"] == second["receipt"]
    assert count(session, Revision) == 1


def test_the_same_operation_with_other_bytes_is_a_reuse_and_the_phone_renames_it(visit, session):
    visit.lead.fills(visit.task)
    visit.lead.fills(visit.task)
    one, two = outbox(visit.lead)
    push(visit.lead, one)

    [answer] = push(visit.lead, {**two, "op": one["op"]})["items"]

    assert (answer["outcome"], answer["reason"], answer["seq"]) == ("op_reuse", "op.reused", None)
    assert count(session, Revision) == 1


def test_anothers_operation_id_gives_nothing_away(visit, session):
    visit.lead.fills(visit.task)
    [item] = outbox(visit.lead)
    push(visit.lead, item)

    [answer] = push(visit.second, item)["items"]

    assert (answer["outcome"], answer["receipt"], answer["record_state"]) == ("op_reuse", None, None)


def test_a_phone_gets_over_a_reused_operation_id(visit, session):
    visit.second.fills(visit.task)
    visit.lead.fills(visit.task)
    [mine] = visit.lead.state.outbox
    taken = {**outbox(visit.second)[0], "op": str(mine.op)}
    push(visit.second, taken)

    answers = visit.lead.syncs() + visit.lead.syncs()

    assert [answer["outcome"] for answer in answers] == ["op_reuse", "accepted"]
    assert visit.lead.state.outbox == ()


def test_items_are_applied_in_order(visit):
    record = visit.lead.fills(visit.task)
    last = [visit.lead.corrects(record) for _ in range(4)][-1]

    answers = visit.lead.pushes()

    assert [answer["flags"] for answer in answers] == [[]] * 5
    assert answers[-1]["heads"] == [last]
    assert [answer["seq"] for answer in answers] == sorted(answer["seq"] for answer in answers)


# What can't be read or applied


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ({"kind": "telepathy"}, "item.kind-unknown"),
        ({"kind": 7}, "item.kind-unknown"),
        ({"bytes": "***"}, "item.bytes-not-base64"),
        ({"bytes": None}, "item.bad-field"),
        ({"rev": "sha256:" + "0" * 64}, "item.rev-mismatch"),
        ({"alg": 5}, "item.bad-field"),
    ],
)
def test_an_item_that_can_not_be_read_is_kept_raw_and_holds_up_nobody(visit, session, spoil, reason):
    visit.lead.fills(visit.task)
    visit.lead.fills(visit.task)
    good, bad = outbox(visit.lead)
    bad |= spoil

    first, second = push(visit.lead, bad, good)["items"]

    assert (first["outcome"], first["reason"], second["outcome"]) == ("quarantined", reason, "accepted")
    assert visit.lead.verified(first["receipt"])["outcome"] == "quarantined"
    kept = session.scalars(select(QuarantinedItem)).one()
    assert (json.loads(kept.raw), kept.reason, kept.person_id) == (bad, reason, visit.lead.person_id)
    assert push(visit.lead, bad)["items"][0]["replayed"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not json", "revision.not-json"),
        (b"{}", "revision.missing-field"),
        (b'{"v":2}', "revision.version-unknown"),
    ],
)
def test_bytes_that_are_no_revision_are_kept_byte_for_byte(visit, session, data, reason):
    rev = revision_id(data)
    item = {"op": str(uuid4()), "kind": "revision", "rev": rev, "bytes": base64.b64encode(data).decode()}

    [answer] = push(visit.lead, item)["items"]

    assert (answer["outcome"], answer["reason"]) == ("quarantined", reason)
    assert session.get_one(Revision, rev).data == data


def test_whatever_becomes_of_it_a_revision_is_written_with_one_statement(visit, session):
    """Also beside one that nobody can make a part of a record, whose case refers to it, and an item that nobody can read."""
    visit.lead.fills(visit.task)
    visit.lead.fills(uuid4())
    unreadable = {"op": str(uuid4()), "kind": "nothing"}
    written = []

    def note(_connection, _cursor, statement, *_rest):
        words = statement.lower().split()
        if words[1:3] == ["into", "revision"] or words[:2] == ["update", "revision"]:
            written.append(words[0])

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    answers = push(visit.lead, *outbox(visit.lead), unreadable)["items"]
    event.remove(connection, "before_cursor_execute", note)

    assert [answer["outcome"] for answer in answers] == ["accepted", "quarantined", "quarantined"]
    # One for what was taken, one for what was not: they fill in other columns.
    assert written == ["insert", "insert"]
    assert count(session, Revision) == count(session, QuarantineCase) == 2


def test_a_poison_item_is_undone_and_kept_and_the_others_go_on(visit, session, monkeypatch):
    for _ in range(3):
        visit.lead.fills(visit.task)
    first, poison, last = outbox(visit.lead)
    accept = service.HANDLERS["revision"]

    def choke(session, desk, item):
        accepted = accept(session, desk, item)
        if item.rev == poison["rev"]:
            raise ZeroDivisionError
        return accepted

    monkeypatch.setattr(service, "HANDLERS", {"revision": choke})
    answers = push(visit.lead, first, poison, last)["items"]

    assert [answer["outcome"] for answer in answers] == ["accepted", "quarantined", "accepted"]
    assert answers[1]["reason"] == "item.failed"
    assert count(session, Record) == 2
    assert json.loads(session.scalars(select(QuarantinedItem)).one().raw) == poison
    visit.second.pulls()
    assert len(visit.second.shows("record")) == 2
    assert audit.verify_chain(session) is None


def test_an_item_that_fails_because_somebody_else_was_first_is_applied_again(visit, session, monkeypatch):
    """With the others, and then by itself: two pushes may make one record at the same time."""
    for _ in range(2):
        visit.lead.fills(visit.task)
    other, crossed = outbox(visit.lead)
    accept, failures = service.HANDLERS["revision"], iter([True, True, False])

    def cross(session, desk, item):
        if item.rev == crossed["rev"] and next(failures):
            raise IntegrityError("insert into record", {}, Exception("is there already"))
        return accept(session, desk, item)

    monkeypatch.setattr(service, "HANDLERS", {"revision": cross})
    answers = push(visit.lead, other, crossed)["items"]

    assert [answer["outcome"] for answer in answers] == ["accepted", "accepted"]
    assert count(session, Record) == count(session, Revision) == 2
    assert audit.verify_chain(session) is None


@pytest.mark.parametrize(
    "given_up",
    [
        OperationalError("insert", {}, Exception("disk is full")),
        # As psycopg tells it when PostgreSQL was killed and the line ends without a word.
        DatabaseError("insert", {}, Exception("server closed the connection"), connection_invalidated=True),
    ],
)
def test_a_database_that_gives_up_in_the_middle_keeps_nothing_and_the_phone_sends_again(
    visit, session, monkeypatch, given_up
):
    for _ in range(2):
        visit.lead.fills(visit.task)
    items = outbox(visit.lead)
    accept = service.HANDLERS["revision"]

    def give_up(session, desk, item):
        accepted = accept(session, desk, item)
        if item.rev == items[1]["rev"]:
            raise given_up
        return accepted

    with monkeypatch.context() as patched:
        patched.setattr(service, "HANDLERS", {"revision": give_up})
        answer = push(visit.lead, *items, expect=503)

    assert answer["code"] == "server.busy"
    assert count(session, Revision) == count(session, PushedOperation) == 0
    assert [each["outcome"] for each in visit.lead.pushes()] == ["accepted", "accepted"]


def test_a_push_that_crosses_others_every_time_keeps_nothing_and_the_phone_sends_again(
    visit, session, monkeypatch
):
    visit.lead.fills(visit.task)
    items = outbox(visit.lead)

    with monkeypatch.context() as patched:
        patched.setattr(service.inspections, "have_crossed", lambda *_: True)
        response = visit.lead.call("POST", "/api/v1/sync/push", json=visit.lead.envelope() | {"items": items})

    assert (response.status_code, response.get_json()["code"]) == (503, "server.busy")
    assert int(response.headers["Retry-After"]) > 0
    assert count(session, Revision) == count(session, PushedOperation) == 0
    assert [each["outcome"] for each in visit.lead.pushes()] == ["accepted"]


# The envelope


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "push.not-json"),
        (b"[]", "push.not-json"),
        (b"{", "push.not-json"),
        (b'{"epoch":"e","batch":"7b0e2b9e-94a6-4d4e-9d3b-6d1a3a7d0001"}', "push.missing-field"),
        (b'{"epoch":"e","batch":"x","items":[]}', "push.bad-field"),
        (b'{"epoch":"e","batch":"7b0e2b9e-94a6-4d4e-9d3b-6d1a3a7d0001","items":[{"op":"x"}]}', "push.bad-op"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "push.not-json"),
        (b"\xff\xfe", "push.not-json"),
        (b'{"epoch":NaN}', "push.not-json"),
    ],
)
def test_an_envelope_that_can_not_be_read_is_a_400(visit, body, reason):
    answer = visit.lead.post(PUSH, data=body, expect=400)
    assert (answer["code"], answer["reason"]) == ("push.unreadable", reason)


def test_fifty_items_are_taken_and_fifty_one_are_too_many(visit, session):
    for _ in range(51):
        visit.lead.fills(visit.task, UNSIGNED)
    items = outbox(visit.lead)

    answer = push(visit.lead, *items, expect=413)
    assert (answer["code"], answer["reason"]) == ("push.too-large", "push.too-many-items")
    assert count(session, Revision) == 0

    assert len(push(visit.lead, *items[:50])["items"]) == 50


def test_more_than_a_mebibyte_is_too_large(visit):
    answer = visit.lead.post(PUSH, data=b"x" * (1024 * 1024 + 1), expect=413)
    assert answer["code"] == "push.too-large"


def test_an_empty_push_is_answered(visit):
    assert push(visit.lead)["items"] == []


def test_a_body_cut_anywhere_does_nothing(visit, session):
    visit.lead.fills(visit.task)
    whole = json.dumps(visit.lead.envelope(*visit.lead.state.outbox)).encode()
    entries = count(session, audit.AuditEntry)

    for length in range(0, len(whole), max(1, len(whole) // 40)):
        response = visit.lead.call(
            "POST",
            PUSH,
            input_stream=io.BytesIO(whole[:length]),
            environ_overrides={"CONTENT_LENGTH": str(len(whole))},
        )
        assert response.status_code == 400, length
    assert count(session, Revision) == count(session, PushedOperation) == 0
    assert count(session, audit.AuditEntry) == entries
    assert visit.lead.post(PUSH, data=whole)["items"][0]["outcome"] == "accepted"


def test_a_gzipped_body_is_taken_whole_or_not_at_all(visit, session):
    visit.lead.fills(visit.task)
    whole = gzip.compress(json.dumps(visit.lead.envelope(*visit.lead.state.outbox)).encode())
    headers = {"Content-Encoding": "gzip"}

    assert (
        visit.lead.post(PUSH, data=whole[:-20], headers=headers, expect=400)["code"] == "request.unreadable"
    )
    assert count(session, Revision) == 0
    assert visit.lead.post(PUSH, data=whole, headers=headers)["items"][0]["outcome"] == "accepted"


def test_another_epoch_is_refused_before_anything_is_touched(visit, session):
    visit.lead.fills(visit.task)

    answer = push(visit.lead, *outbox(visit.lead), epoch="01OLD", expect=409)

    assert (answer["code"], answer["epoch"]) == ("epoch.differs", visit.lead.state.epoch)
    assert count(session, PushedOperation) == 0


def test_only_inspectors_push_and_pull(cast):
    supervisor = cast.signed_in(Role.SUPERVISOR)
    body = {"epoch": "e", "batch": str(uuid4()), "items": []}

    assert supervisor.post(PUSH, body, expect=403)["code"] == "access.denied"
    assert supervisor.get("/api/v1/sync/pull", expect=403)["code"] == "access.denied"
    assert supervisor.get(f"/api/v1/sync/blobs/{'0' * 64}", expect=403)["code"] == "access.denied"


def test_a_blocked_phone_is_refused_and_keeps_its_work(visit, cast):
    visit.lead.fills(visit.task)
    cast.signed_in(Role.ADMIN).delete(f"/api/v1/devices/{visit.lead.device}")

    answer = push(visit.lead, *outbox(visit.lead), expect=403)

    assert answer["code"] == "device.blocked"
    assert len(visit.lead.state.outbox) == 1


# Asking afterwards


def test_what_became_of_operations_can_be_asked(visit):
    visit.lead.fills(visit.task)
    [pushed] = visit.lead.pushes()
    unknown = str(uuid4())

    answer = visit.lead.post("/api/v1/sync/ops/status", {"ops": [pushed["op"], unknown]})
    foreign = visit.second.post("/api/v1/sync/ops/status", {"ops": [pushed["op"]]})

    assert answer["items"] == [pushed, {"op": unknown, "outcome": "unknown"}]
    assert answer["epoch"] == visit.lead.state.epoch
    assert [each["outcome"] for each in foreign["items"]] == ["unknown"]


def test_more_than_five_hundred_operations_are_not_asked_at_once(visit):
    ops = [str(uuid4()) for _ in range(501)]
    assert visit.lead.post("/api/v1/sync/ops/status", {"ops": ops}, expect=422)["code"] == "request.invalid"


def test_a_phone_offers_again_and_hears_what_is_missing(visit):
    visit.lead.fills(visit.task)
    visit.lead.fills(visit.task)
    held, lost = visit.lead.state.outbox
    push(visit.lead, dict(held.item))

    answer = visit.lead.post("/api/v1/sync/reoffer", {"revs": [lost.rev, held.rev, lost.rev]})

    files = [f"sha256:{sha256}" for sha256 in sorted(held.media)]
    assert answer == {"epoch": visit.lead.state.epoch, "missing": [lost.rev], "media_missing": files}
    assert visit.lead.post("/api/v1/sync/reoffer", {"revs": ["x"]}, expect=422)["code"] == "request.invalid"


def test_a_batch_needs_few_statements_per_item(visit, statements):
    for _ in range(20):
        visit.lead.fills(visit.task)
    one, *rest = outbox(visit.lead)
    statements.clear()
    push(visit.lead, one)
    single = len(statements)
    statements.clear()
    push(visit.lead, *rest)

    per_item = (len(statements) - single) / (len(rest) - 1)
    assert per_item <= 12, f"{single} for one, {per_item} for each more"
