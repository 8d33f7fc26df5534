"""Whoever holds somebody's work may give it back: the signature vouches for its author, not the sender."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from server import clock
from server.access import Role
from server.audit import AuditEntry
from server.inspections.models import Attestation, Record, Revision
from server.installation import BEACON_SERVES
from sync import Receipt, ServerKey
from tests.server.packages.packaging import checked, codes, packaged

SYNC = "/api/v1/sync"


def held(op):
    """What another phone holds of an operation: all but its id."""
    return {name: value for name, value in op.item.items() if name != "op"}


def gives_back(phone, *items, expect=200):
    body = phone.envelope() | {"items": [{**item, "op": str(uuid4())} for item in items]}
    return phone.post(f"{SYNC}/push", body, expect=expect)["items"]


def test_a_colleague_gives_back_what_the_server_never_got_and_it_stays_its_authors(visit, session):
    record = visit.lead.fills(visit.task)
    (op,) = visit.lead.state.outbox

    [answer] = gives_back(visit.second, held(op))

    assert (answer["outcome"], answer["flags"], answer["heads"]) == ("accepted", ["relayed"], [op.rev])
    assert visit.second.verified(answer["receipt"])["rev"] == op.rev
    row = session.get_one(Revision, op.rev)
    assert (row.author_id, row.evidence_level) == (visit.lead.person_id, "signed")
    assert session.get_one(Record, record).author_id == visit.lead.person_id
    told = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "revision.accepted", AuditEntry.subject == op.rev)
    ).one()
    assert told.actor == visit.second.username
    assert told.details["author"] == str(visit.lead.person_id)
    assert told.details["relayed_by"] == str(visit.second.person_id)

    [mine] = visit.lead.pushes()
    assert (mine["outcome"], mine["heads"]) == ("accepted", [op.rev])


def test_the_package_of_a_record_that_was_given_back_proves_its_author(visit):
    record = visit.lead.fills(visit.task)
    (op,) = visit.lead.state.outbox
    [answer] = gives_back(visit.second, held(op))
    visit.lead.uploads(op.media)

    report = checked(packaged(visit.lead, record), receipts=[answer["receipt"]])

    assert report.holds
    assert {"signature.holds", "key.stood", "receipt.kept"} <= set(codes(report.proved))


def test_anothers_work_and_ones_own_upon_it_come_in_one_batch(visit, session):
    record = visit.lead.fills(visit.task)
    visit.second.takes_over(record, visit.lead)
    child = visit.second.corrects(record)
    (first,), (second,) = visit.lead.state.outbox, visit.second.state.outbox

    one, two = gives_back(visit.second, held(first), held(second))

    assert (one["flags"], two["flags"]) == (["relayed"], [])
    assert two["heads"] == [child]
    assert session.get_one(Record, record).heads == [child]


@pytest.mark.parametrize("case", ["unsigned", "other key", "revoked", "ended before"])
def test_what_no_key_of_the_author_vouches_for_is_quarantined(visit, cast, case):
    visit.lead.fills(visit.task)
    item = held(visit.lead.state.outbox[0])
    key_url = f"/api/v1/devices/{visit.lead.device}/keys/{visit.lead.session['device']['key_id']}"
    if case == "unsigned":
        item = {name: item[name] for name in ("kind", "rev", "bytes")}
    elif case == "other key":
        item["sig"] = "AAAA" + item["sig"][4:]
    elif case == "revoked":
        chief = cast.signed_in(Role.SUPERVISOR)
        since = clock.iso(clock.now() - timedelta(days=1))
        chief.post(f"{key_url}/revoke", {"since": since, "because": "stolen", "note": "手机被盗"})
    else:
        visit.lead.post(f"{key_url}/end", {"because": "data_lost"})
        time.sleep(BEACON_SERVES.total_seconds())
        visit.lead.pulls()  # a beacon of after the end
        visit.lead.fills(visit.task)
        item = held(visit.lead.state.outbox[1])

    [answer] = gives_back(visit.second, item)

    assert (answer["outcome"], answer["reason"]) == ("quarantined", "author.differs")


def test_a_co_signature_is_given_back_too(visit, session):
    visit.lead.fills(visit.task)
    (op,) = visit.lead.state.outbox
    signed = visit.second.attests(op.rev)

    revision, attestation = gives_back(visit.lead, held(op), held(signed))

    assert revision["flags"] == []
    assert attestation["flags"] == ["relayed"]
    kept = session.scalars(select(Attestation).where(Attestation.rev == op.rev)).one()
    assert (kept.person_id, kept.valid) == (visit.second.person_id, True)


def test_who_sees_a_record_may_hold_its_revisions_as_they_were_pushed(visit, cast):
    visit.lead.fills(visit.task)
    (op,) = visit.lead.state.outbox
    signed = visit.second.attests(op.rev)
    visit.lead.syncs()
    visit.second.syncs()

    told = visit.second.get(f"{SYNC}/revisions/{op.rev}")

    assert told["item"] == held(op)
    assert told["attestations"] == [held(signed)]
    assert told["record"] == str(op.record)
    cast.phone().get(f"{SYNC}/revisions/{op.rev}", expect=404)
    visit.lead.get(f"{SYNC}/revisions/sha256:{'0' * 64}", expect=404)


def test_a_revision_that_came_by_another_hand_is_asked_for_again_by_its_operation(visit):
    """Its author's receipt is of a log that was lost: only a new one says where the bytes stand now."""
    visit.lead.fills(visit.task)
    (op,) = visit.lead.state.outbox
    gives_back(visit.second, held(op))

    alone = visit.lead.post(f"{SYNC}/reoffer", {"revs": [op.rev]})
    paired = visit.lead.post(f"{SYNC}/reoffer", {"revs": [[op.rev, str(op.op)]]})
    visit.lead.pushes()
    after = visit.lead.post(f"{SYNC}/reoffer", {"revs": [[op.rev, str(op.op)]]})

    assert (alone["missing"], paired["missing"], after["missing"]) == ([], [op.rev], [])


def test_a_receipt_that_the_log_does_not_know_begins_a_new_epoch(visit, app):
    visit.lead.fills(visit.task)
    [answer] = visit.lead.pushes()
    epoch, key = app.installation.epoch, app.installation.key
    beyond = Receipt(epoch, "x", "x", None, "accepted", answer["seq"] + 1000, "ab" * 32, clock.now())
    past = Receipt("01OLD", "x", "x", None, "accepted", 10**9, "ab" * 32, clock.now())
    forged = ServerKey.generate().sign_receipt(beyond)

    harmless = [answer["receipt"], key.sign_receipt(past), forged, "nonsense"]
    visit.lead.post(f"{SYNC}/reoffer", {"revs": [], "receipts": harmless})
    assert app.installation.epoch == epoch

    shown = {"revs": [], "receipts": [answer["receipt"], key.sign_receipt(beyond)]}
    refused = visit.lead.post(f"{SYNC}/reoffer", shown, expect=409)

    assert refused["code"] == "epoch.differs"
    assert refused["epoch"] == app.installation.epoch > epoch


def test_every_door_of_a_phone_refuses_a_dead_epoch(visit):
    dead = "01DEAD"
    push = {**visit.lead.envelope(), "epoch": dead}
    for door, body in (
        ("push", push),
        ("reoffer", {"revs": [], "epoch": dead}),
        ("ops/status", {"ops": [], "epoch": dead}),
    ):
        refused = visit.lead.post(f"{SYNC}/{door}", body, expect=409)
        assert (refused["code"], refused["epoch"]) == ("epoch.differs", visit.lead.state.epoch)
    asked = {"sha256": [], "epoch": dead}
    refused = visit.lead.post("/api/v1/media/status", asked, expect=409)
    assert refused["code"] == "epoch.differs"
    assert visit.lead.post("/api/v1/media/status", {"sha256": []})["epoch"] == visit.lead.state.epoch
