"""Reading a push and applying it at most once."""

import base64
import json
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import (
    BadEnvelope,
    EnvelopeTooLarge,
    Finding,
    Outcome,
    attestation_bytes,
    content_hash,
    public_jwk,
    push,
    read_push,
    read_push_bytes,
    revision_id,
    seal_attestation,
    seal_revision,
    sign,
    verify,
    write_revision,
)
from tests.sync.sync_makers import KEY, REV, REVISION, json_values, op_of

BATCH = str(uuid4())


def body(*items):
    return {"epoch": "01EPOCH", "batch": BATCH, "items": list(items)}


def item_of(raw):
    [item] = read_push(body(raw)).items
    return item


def items_of(*ops):
    return read_push(body(*(op.item for op in ops))).items


class Ledger:
    """A ledger in memory that numbers outcomes as the audit log would."""

    def __init__(self):
        self.kept = {}
        self.claimed = set()
        self.settlings = 0

    def claim(self, op):
        if op in self.kept:
            return Outcome.from_json(json.loads(self.kept[op]))
        assert op not in self.claimed, "claimed twice without an end"
        self.claimed.add(op)
        return None

    def release(self, op):
        self.claimed.remove(op)

    def settle(self, outcomes):
        self.settlings += 1
        settled = []
        for outcome in outcomes:
            self.claimed.remove(outcome.op)
            settled.append(outcome.settled(len(self.kept) + 1, "hash", "receipt"))
            self.kept[outcome.op] = json.dumps(settled[-1].as_json())
        return settled


class Inbox:
    """An Apply that counts effects, and quarantines what has a defect."""

    def __init__(self, *refusing):
        self.effects = []
        self.refusing = set(refusing)

    def __call__(self, item):
        if item.op in self.refusing:
            self.refusing.remove(item.op)
            return Outcome(item.op, "retry", item.content, item.rev)
        self.effects.append(item.op)
        if item.defect:
            return Outcome(item.op, "quarantined", item.content, reason=item.defect.code)
        return Outcome(item.op, "accepted", item.content, item.rev)


def test_a_signed_revision_is_read_with_its_exact_bytes():
    op = op_of("a")
    [item] = items_of(op)
    assert item.defect is None
    assert (item.op, item.rev, item.content) == (op.op, op.rev, op.content)
    assert revision_id(item.data) == op.rev
    assert verify(public_jwk(KEY), item.data, item.sig)


def test_an_unsigned_revision_is_taken():
    [item] = items_of(seal_revision(REVISION))
    assert (item.defect, item.alg, item.key, item.sig) == (None, None, None, None)
    assert item.data == write_revision(REVISION)


def test_an_attestation_carries_what_was_signed():
    [item] = items_of(seal_attestation(REV, "co_inspector", KEY))
    assert (item.defect, item.role, item.data) == (
        None,
        "co_inspector",
        attestation_bytes(REV, "co_inspector"),
    )
    assert verify(public_jwk(KEY), item.data, item.sig)


GOOD = op_of("a").item
ATTEST = seal_attestation(REV, "witness", KEY).item


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({**GOOD, "kind": "delete"}, "item.kind-unknown"),
        ({**GOOD, "kind": ["revision"]}, "item.kind-unknown"),
        ({**GOOD, "kind": None}, "item.kind-unknown"),
        ({**GOOD, "bytes": "not base64!"}, "item.bytes-not-base64"),
        ({**GOOD, "bytes": "界"}, "item.bytes-not-base64"),
        ({**GOOD, "bytes": 5}, "item.bad-field"),
        ({**GOOD, "rev": REV}, "item.rev-mismatch"),
        ({**GOOD, "rev": "abc"}, "item.bad-field"),
        ({**GOOD, "alg": ["ES256"]}, "item.bad-field"),
        ({**GOOD, "key": "k:short"}, "item.bad-field"),
        ({**GOOD, "sig": None}, "item.bad-field"),
        ({key: value for key, value in GOOD.items() if key != "sig"}, "item.missing-field"),
        ({key: value for key, value in GOOD.items() if key != "bytes"}, "item.missing-field"),
        ({**ATTEST, "role": "Witness"}, "item.bad-field"),
        ({**ATTEST, "rev": None}, "item.bad-field"),
        ({key: value for key, value in ATTEST.items() if key != "key"}, "item.missing-field"),
    ],
)
def test_a_malformed_item_is_kept_raw_with_its_defect(raw, code):
    item = item_of(raw)
    assert item.defect.code == code
    assert item.defect.message
    assert json.loads(item.raw_text()) == raw


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        ({}, "push.missing-field"),
        ({**body(), "epoch": 7}, "push.bad-field"),
        ({**body(), "batch": "1"}, "push.bad-field"),
        ({**body(), "items": {}}, "push.bad-field"),
        (body("text"), "push.bad-op"),
        (body({"kind": "revision"}), "push.bad-op"),
        (body({**GOOD, "op": "1"}), "push.bad-op"),
        (body(GOOD, {**GOOD, "op": None}), "push.bad-op"),
        ({**body(), "x": "\ud800"}, "push.not-json"),
    ],
)
def test_an_unreadable_envelope_is_refused_whole(envelope, code):
    with pytest.raises(BadEnvelope) as refused:
        read_push(envelope)
    assert refused.value.code == code


def test_fifty_items_are_taken_and_fifty_one_are_too_many():
    assert len(read_push(body(*[GOOD] * 50)).items) == 50
    with pytest.raises(EnvelopeTooLarge) as refused:
        read_push(body(*[GOOD] * 51))
    assert refused.value.code == "push.too-many-items"


def test_a_body_over_a_mebibyte_is_too_large():
    with pytest.raises(EnvelopeTooLarge) as refused:
        read_push_bytes(b" " * (1024 * 1024 + 1))
    assert refused.value.code == "push.too-large"


def test_a_phone_does_not_seal_what_no_push_can_carry():
    with pytest.raises(ValueError, match="larger"):
        seal_revision(replace(REVISION, xml="x" * 900_000), KEY)


@given(st.integers(0, 10_000))
def test_a_body_cut_anywhere_is_no_push(place):
    whole = json.dumps(body(GOOD, ATTEST)).encode()
    with pytest.raises(BadEnvelope):
        read_push_bytes(whole[: place % len(whole)])


@given(st.binary(max_size=100) | json_values.map(lambda value: json.dumps(value).encode()))
def test_garbage_raises_the_one_error(data):
    with pytest.raises(BadEnvelope):
        read_push_bytes(data)


@given(st.dictionaries(st.sampled_from([*GOOD, "role"]), json_values), st.sampled_from([GOOD, ATTEST]))
def test_whatever_an_item_holds_beside_its_op_it_is_read_or_kept(changes, good):
    raw = {**good, **changes, "op": GOOD["op"]}
    try:
        [item] = read_push(body(raw)).items
    except BadEnvelope as error:
        refused = error.code
    else:
        refused = None
        assert item.op == UUID(GOOD["op"])
        assert content_hash(item).startswith("sha256:")
        assert json.loads(item.raw_text()) == raw
    # Only text that no database stores is too bad to be kept.
    assert refused == ("push.not-json" if "\\u0000" in json.dumps(raw) else None)


def test_content_is_the_bytes_whatever_the_op_or_a_second_signature():
    again = {**GOOD, "op": str(uuid4()), "sig": sign(KEY, base64.b64decode(GOOD["bytes"]))}
    assert item_of(again).content == item_of(GOOD).content == GOOD["rev"]


def test_content_of_an_attestation_tells_role_and_key():
    other_role = item_of(seal_attestation(REV, "co_inspector", KEY).item)
    other_key = item_of({**ATTEST, "key": "k:" + "A" * 43})
    assert len({item_of(ATTEST).content, other_role.content, other_key.content}) == 3


def test_content_of_an_unreadable_item_is_its_json_without_the_op():
    one, two = {"op": str(uuid4()), "kind": "odd", "x": 1}, {"x": 1, "kind": "odd", "op": str(uuid4())}
    assert item_of(one).content == item_of(two).content != item_of({**one, "x": 2}).content


def test_items_are_applied_in_order_and_settled_once():
    ops, ledger, inbox = [op_of(name) for name in "abc"], Ledger(), Inbox()
    outcomes = push(items_of(*ops), inbox, ledger)
    assert inbox.effects == [op.op for op in ops]
    assert [outcome.seq for outcome in outcomes] == [1, 2, 3]
    assert ledger.settlings == 1
    assert not any(outcome.replayed for outcome in outcomes)


def test_a_retried_push_has_no_second_effect_and_the_same_answer():
    ledger, inbox = Ledger(), Inbox()
    [first] = push(items_of(op_of("a")), inbox, ledger)
    [second] = push(items_of(op_of("a")), inbox, ledger)
    assert len(inbox.effects) == 1
    assert second == first.replay()
    assert second.replayed


def test_an_operation_twice_in_one_batch_is_applied_once():
    ledger, inbox = Ledger(), Inbox()
    first, second = push(items_of(op_of("a"), op_of("a")), inbox, ledger)
    assert len(inbox.effects) == 1
    assert (first.replayed, second.replayed, second.seq) == (False, True, first.seq)


def test_an_op_id_with_other_content_is_told_so_and_changes_nothing():
    ledger, inbox = Ledger(), Inbox()
    other = op_of("a", dev_seq=9)
    push(items_of(op_of("a")), inbox, ledger)
    [answer] = push(items_of(other), inbox, ledger)
    assert (answer.outcome, answer.content, answer.receipt) == ("op_reuse", other.content, None)
    assert len(inbox.effects) == 1
    [answer] = push(items_of(op_of("a")), inbox, ledger)
    assert answer.outcome == "accepted"


def test_an_op_id_with_other_content_in_the_same_batch_is_told_so():
    first, second = push(items_of(op_of("a"), op_of("a", dev_seq=9)), Inbox(), Ledger())
    assert (first.outcome, second.outcome) == ("accepted", "op_reuse")


def test_a_bad_item_does_not_hold_up_the_rest():
    bad = {**op_of("b").item, "bytes": "?"}
    items = read_push(body(op_of("a").item, bad, op_of("c").item)).items
    outcomes = push(items, Inbox(), Ledger())
    assert [outcome.outcome for outcome in outcomes] == ["accepted", "quarantined", "accepted"]
    assert outcomes[1].receipt


def test_a_retry_is_forgotten_and_applied_the_next_time():
    ledger, inbox = Ledger(), Inbox(op_of("a").op)
    assert [outcome.outcome for outcome in push(items_of(op_of("a"), op_of("b")), inbox, ledger)] == [
        "retry",
        "accepted",
    ]
    [outcome] = push(items_of(op_of("a")), inbox, ledger)
    assert (outcome.outcome, outcome.replayed) == ("accepted", False)


def test_what_apply_raises_ends_the_batch_with_nothing_settled():
    ledger = Ledger()

    def fail(item):
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError):
        push(items_of(op_of("a")), fail, ledger)
    assert ledger.kept == {}


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 2)), max_size=12), st.integers(1, 12))
def test_however_often_and_in_whatever_batches_an_op_comes_it_has_one_effect(sent, size):
    ledger, inbox, answered = Ledger(), Inbox(), {}
    for start in range(0, len(sent), size):
        ops = [op_of(name, dev_seq=number) for name, number in sent[start : start + size]]
        outcomes = push(items_of(*ops), inbox, ledger)
        for op, outcome in zip(ops, outcomes, strict=True):
            assert outcome.op == op.op
            first = answered.setdefault(op.op, outcome)
            assert outcome.outcome == ("accepted" if op.content == first.content else "op_reuse")
            assert outcome.content == op.content
    assert len(inbox.effects) == len(set(inbox.effects)) == len(answered)


def test_an_outcome_survives_the_wire():
    outcome = Outcome(
        uuid4(),
        "accepted_late",
        REV,
        REV,
        None,
        ("task_withdrawn",),
        (Finding("/data/x", "constraint", "过大"),),
        (REV,),
        "open",
        (REV,),
    ).settled(7, "hash", "receipt")
    assert Outcome.from_json(json.loads(json.dumps(outcome.as_json()))) == outcome
    assert Outcome.from_json({**outcome.as_json(), "later": 1}) == outcome
    with pytest.raises(ValueError):
        Outcome.from_json({**outcome.as_json(), "outcome": "lost"})
