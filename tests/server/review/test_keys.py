"""What becomes of evidence when its key is replaced, ended or revoked: before and after, and what a reviewer sees."""

import time
from datetime import timedelta

import pytest

from server import audit, clock
from server.access import Role
from server.accounts.models import DeviceKey
from server.inspections.models import Revision
from server.installation import BEACON_SERVES
from sync import generate_device_key, key_id, public_jwk, read_revision, seal_revision
from tests.actors.supervisor import phones, submitted, supervisor, visit_answers, visit_task


@pytest.fixture
def crew(cast):
    return phones(cast)


def named(phone):
    return key_id(public_jwk(phone.key))


def url(phone, verb):
    return f"/api/v1/devices/{phone.device}/keys/{named(phone)}/{verb}"


def ends(phone, because="handed_back"):
    phone.post(url(phone, "end"), {"because": because})


def revokes(reviewer, phone, since):
    body = {"since": clock.iso(since), "because": "lost", "note": "遗失"}
    return reviewer.post(url(phone, "revoke"), body)


def moved(session, phone, **moments):
    """As if the facts about a phone's key had happened at other moments."""
    key = session.get(DeviceKey, (named(phone), phone.person_id))
    for name, moment in moments.items():
        setattr(key, name, moment)
    session.commit()


def received(session, rev, moment):
    session.get(Revision, rev).received_at = moment
    session.commit()


def version(reviewer, record):
    return reviewer.reads(record)["versions"][-1]


def test_what_came_before_the_key_was_ended_stands(cast, crew):
    record = submitted(cast, *crew)
    ends(crew[0])
    reviewer = supervisor(cast)

    found = version(reviewer, record)
    assert (found["evidence_level"], found["key"]) == ("signed", named(crew[0]))
    assert found["device"] == str(crew[0].device)
    assert (found["flags"], found["key_doubts"]) == ([], [])
    reviewer.accepts(record)


def test_what_was_sealed_offline_before_the_end_and_came_after_is_taken_and_flagged(cast, crew):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    record = crew[0].fills(task, visit_answers(), form_id="visit")
    ends(crew[0])

    (answer,) = crew[0].syncs()

    assert (answer["outcome"], answer["flags"]) == ("accepted", ["key_ended"])
    reviewer = supervisor(cast)
    found = version(reviewer, record)
    assert (found["evidence_level"], found["flags"], found["key_doubts"]) == (
        "signed",
        ["key_ended"],
        ["key_ended"],
    )
    assert reviewer.reads(record)["flags"] == ["key_ended"]
    assert reviewer.reads(record)["blocks"] == []


def test_what_carries_a_moment_after_the_end_has_no_valid_signature_and_is_kept(cast, crew):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    ends(crew[0])
    time.sleep(BEACON_SERVES.total_seconds())
    crew[0].pulls()  # a beacon from after the end
    record = crew[0].fills(task, visit_answers(), form_id="visit")

    (answer,) = crew[0].syncs()

    assert answer["outcome"] == "accepted"
    assert answer["flags"] == ["key_ended", "signature_invalid"]
    blocks = supervisor(cast).reads(record)["blocks"]
    assert [each["code"] for each in blocks] == ["signature.invalid"]


def test_work_under_a_replaced_key_still_comes_in_and_goes_on_under_the_new_one(cast, crew):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    record = crew[0].fills(task, visit_answers(), form_id="visit")
    crew[0].key = generate_device_key()
    crew[0].signs_in()
    crew[0].pulls()
    crew[0].corrects(record, {"/data/markers[2]/photo": "j2.jpg"})

    first, second = crew[0].syncs()

    assert (first["flags"], second["flags"]) == (["key_ended"], [])
    levels = [each["evidence_level"] for each in supervisor(cast).reads(record)["versions"]]
    assert levels == ["signed", "signed"]


def test_what_comes_after_the_key_was_revoked_is_kept_and_is_a_question(cast, crew, session):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    revokes(reviewer, crew[0], clock.now())
    reviewer.returns(record, {"/data/markers[2]/photo": "看不清"})
    crew[0].syncs()
    rev = crew[0].corrects(record, {"/data/markers[2]/photo": "j2.jpg"})

    (answer,) = crew[0].syncs()

    assert (answer["outcome"], answer["flags"]) == ("accepted", ["key_revoked"])
    before, after = reviewer.reads(record)["versions"]
    assert (before["flags"], before["key_doubts"]) == ([], [])
    assert (after["evidence_level"], after["key_doubts"]) == ("signed", ["key_revoked"])
    reviewer.accepts(record)
    fact = session.query(audit.AuditEntry).filter_by(action="record.finished", subject=str(record)).one()
    assert fact.details["rev"] == rev
    assert fact.details["key_doubts"] == ["key_revoked"]


def test_a_revocation_reaches_back_without_rewriting_what_was_judged(cast, crew, session):
    early, late = submitted(cast, *crew), submitted(cast, *crew)
    stolen = clock.now() - timedelta(hours=2)
    received(session, crew[0].drafts[early].heads[0], stolen - timedelta(hours=1))
    moved(session, crew[0], enrolled_at=stolen - timedelta(days=9))
    reviewer = supervisor(cast)

    revokes(reviewer, crew[0], stolen)

    for record, doubts in ((early, []), (late, ["key_revoked"])):
        found = version(reviewer, record)
        assert (found["evidence_level"], found["flags"], found["key_doubts"]) == ("signed", [], doubts)
    reviewer.post(url(crew[0], "restore"), {"note": "误报"})
    assert version(reviewer, late)["key_doubts"] == []


def test_a_co_signature_under_a_revoked_key_is_a_question_too(cast, crew):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    revokes(reviewer, crew[1], clock.now())
    crew[1].pulls()
    crew[1].attests(crew[0].drafts[record].heads[0])

    (answer,) = crew[1].syncs()

    assert answer["flags"] == ["key_revoked"]
    shown = reviewer.reads(record)
    assert shown["flags"] == ["key_revoked"]
    (attested,) = shown["versions"][0]["attestations"]
    assert (attested["valid"], attested["key"], attested["key_doubts"]) == (
        True,
        named(crew[1]),
        ["key_revoked"],
    )


def test_a_better_signature_that_comes_late_does_not_count_under_a_revoked_key(cast):
    phone, other = cast.phone(), cast.phone()
    task = visit_task(cast, phone, other)
    phone.pulls()
    key, phone.key = phone.key, None
    record = phone.fills(task, visit_answers(), form_id="visit")
    phone.syncs()
    draft = phone.drafts[record]
    phone.key = key
    reviewer = supervisor(cast)
    revokes(reviewer, phone, clock.now())
    found = phone.call("GET", f"/api/v1/sync/blobs/{draft.heads[0][7:]}").data

    phone.post("/api/v1/sync/push", phone.envelope(resealed(found, key)))

    assert version(reviewer, record)["evidence_level"] == "unsigned"
    reviewer.post(url(phone, "restore"), {"note": "误报"})
    phone.post("/api/v1/sync/push", phone.envelope(resealed(found, key)))
    assert version(reviewer, record)["evidence_level"] == "signed"


def resealed(data, key):
    """The same revision, signed this time, under a new operation."""
    return seal_revision(read_revision(data), key)


def test_a_reviewer_finds_the_records_under_a_key(cast, crew):
    signed, attested, other = (submitted(cast, *crew) for _ in range(3))
    crew[1].pulls()
    crew[1].attests(crew[0].drafts[attested].heads[0])
    crew[1].syncs()
    reviewer = supervisor(cast)
    revokes(reviewer, crew[1], clock.now() - timedelta(hours=1))

    mine = reviewer.get(url(crew[0], "records"))
    assert [each["id"] for each in mine] == [str(each) for each in (signed, attested, other)]
    (line,) = mine[0]["revisions"]
    assert line["rev"] == crew[0].drafts[signed].heads[0]
    assert (line["evidence_level"], line["flags"], line["key_doubts"]) == ("signed", [], [])
    (theirs,) = reviewer.get(url(crew[1], "records"))
    assert theirs["id"] == str(attested)
    assert theirs["revisions"] == []
    (vouched,) = theirs["attestations"]
    assert (vouched["role"], vouched["valid"], vouched["key_doubts"]) == (
        "co_inspector",
        True,
        ["key_revoked"],
    )

    first = reviewer.call("GET", url(crew[0], "records"), query_string={"limit": 2})
    assert len(first.get_json()) == 2
    assert 'rel="next"' in first.headers["Link"]
    assert supervisor(cast, region="130800").get(url(crew[0], "records"), expect=403)
    assert cast.signed_in(Role.INSPECTOR).get(url(crew[0], "records"), expect=403)
    assert len(crew[0].get(url(crew[0], "records"))) == 3
