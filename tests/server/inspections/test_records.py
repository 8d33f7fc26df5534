"""Records: what a revision is judged by, where a record stands, what blocks its end."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from server.access import Role
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.audit import AuditEntry
from server.inspections import service
from server.inspections.models import Attestation, Record, Revision, Task
from server.problems import (
    OutsideJurisdiction,
    RecordMarkUnknown,
    RecordNotFinishable,
    RecordNotFound,
    RecordNotUnderReview,
    RecordOwnReview,
)
from sync import Position, RevisionTime, generate_device_key, seal_attestation
from tests.actors.author import author
from tests.actors.phone import SIGNED, SPOT_CHECK, UNSIGNED

MARKS = [{"path": "/data/markers[1]/photo", "reason": "看不清刻号"}]


def state_of(session, record):
    session.expire_all()
    return session.get_one(Record, record).state


def revision(session, rev):
    session.expire_all()
    return session.get_one(Revision, rev)


# Where a record stands


def test_a_fully_signed_record_goes_to_its_reviewer_by_itself(visit, session):
    record = visit.lead.fills(visit.task)

    [answer] = visit.lead.pushes()

    assert (answer["outcome"], answer["record_state"]) == ("accepted", "under_review")
    actions = session.scalars(
        select(AuditEntry.action).where(AuditEntry.action.like("re%")).order_by(AuditEntry.seq)
    )
    assert list(actions) == ["revision.accepted", "record.submitted"]
    assert session.get_one(Record, record).submitted_at is not None


def test_the_bytes_are_kept_as_they_were_sealed(visit, session):
    visit.lead.fills(visit.task, position=Position(35.48, 112.41, 4.5))
    op = visit.lead.state.outbox[0]
    visit.lead.pushes()

    row = revision(session, op.rev)

    assert service.answers_of(session, row).get("/data/note").value == "界桩完好"
    assert row.answers["/data/sign/refused"] == "no"
    assert op.rev == "sha256:" + hashlib.sha256(row.data).hexdigest()
    assert row.evidence_level == "signed"
    assert row.position["accuracy"] == 4.5


def test_a_record_stays_open_until_everybody_has_signed(visit):
    record = visit.lead.fills(visit.task, UNSIGNED)
    assert visit.lead.pushes()[0]["record_state"] == "open"

    visit.lead.corrects(record, {f"/data/sign/{who}": f"{who}.png" for who in ("inspector1", "inspector2")})
    assert visit.lead.pushes()[0]["record_state"] == "open"

    visit.lead.corrects(record, {"/data/sign/company": "company.png"})
    assert visit.lead.pushes()[0]["record_state"] == "under_review"


def test_a_party_that_refuses_needs_a_witness_instead(visit):
    refused = {k: v for k, v in SIGNED.items() if not k.endswith("company")} | {"/data/sign/refused": "yes"}
    record = visit.lead.fills(visit.task, refused)
    assert visit.lead.pushes()[0]["record_state"] == "open"

    visit.lead.corrects(record, {"/data/sign/witness": "witness.png"})
    assert visit.lead.pushes()[0]["record_state"] == "under_review"


def test_a_co_signature_by_key_stands_for_the_second_inspectors(visit, session):
    without = {k: v for k, v in SIGNED.items() if not k.endswith("inspector2")}
    record = visit.lead.fills(visit.task, without)
    [pushed] = visit.lead.pushes()
    visit.second.attests(pushed["rev"])

    [answer] = visit.second.pushes()

    assert (answer["outcome"], answer["record_state"], answer["flags"]) == ("accepted", "under_review", [])
    visit.lead.pulls()
    assert visit.lead.record(record)["state"] == "under_review"


def test_a_co_signature_may_come_before_what_it_signs(visit):
    visit.lead.fills(visit.task, {k: v for k, v in SIGNED.items() if not k.endswith("inspector2")})
    visit.second.attests(visit.lead.state.outbox[0].rev)

    [early] = visit.second.pushes()
    [late] = visit.lead.pushes()

    assert early["flags"] == ["revision_unknown"]
    assert late["record_state"] == "under_review"


def test_a_co_signature_does_not_outlive_an_edit(visit):
    without = {k: v for k, v in SIGNED.items() if not k.endswith("inspector2")}
    record = visit.lead.fills(visit.task, without)
    visit.second.attests(visit.lead.state.outbox[0].rev)
    visit.lead.pushes()
    visit.second.pushes()

    visit.lead.corrects(record)

    assert visit.lead.pushes()[0]["record_state"] == "open"


@pytest.mark.parametrize("who", ["the author", "a stranger", "a forger"])
def test_a_co_signature_of_the_wrong_person_is_kept_and_does_not_count(visit, cast, session, who):
    visit.lead.fills(visit.task, {k: v for k, v in SIGNED.items() if not k.endswith("inspector2")})
    [pushed] = visit.lead.pushes()
    signer = {"the author": visit.lead, "a stranger": cast.phone(), "a forger": visit.second}[who]
    if who == "a forger":
        signer.key = generate_device_key()
    signer.attests(pushed["rev"])

    [answer] = signer.pushes()

    assert answer["outcome"] == "accepted"
    assert answer["record_state"] in {None, "open"}
    assert len(list(session.scalars(select(Attestation)))) == 1
    assert state_of(session, visit.lead.state.ops[0].record) == "open"


def test_two_edits_of_one_head_are_two_heads_until_a_person_joins_them(visit):
    record = visit.lead.fills(visit.task)
    visit.lead.pushes()
    visit.second.takes_over(record, visit.lead)
    mine = visit.lead.corrects(record)
    theirs = visit.second.corrects(record)

    visit.lead.pushes()
    [answer] = visit.second.pushes()
    assert (answer["record_state"], answer["heads"]) == ("conflicted", sorted([mine, theirs]))

    joined = visit.lead.corrects(record, parents=(mine, theirs))
    [answer] = visit.lead.pushes()
    assert (answer["record_state"], answer["heads"]) == ("under_review", [joined])


def test_a_parent_that_comes_after_its_child_is_no_head(visit, session):
    record = visit.lead.fills(visit.task)
    child = visit.lead.corrects(record)
    parent_op, child_op = visit.lead.state.outbox
    push = "/api/v1/sync/push"

    first = visit.lead.post(push, visit.lead.envelope(child_op))["items"][0]
    second = visit.lead.post(push, visit.lead.envelope(parent_op))["items"][0]

    assert first["flags"] == ["parent_unknown"]
    assert (second["heads"], second["record_state"]) == ([child], "under_review")


# Review


def test_a_returned_record_reaches_the_phone_with_the_marked_fields(visit, reviewing):
    answers = SIGNED | {"/data/markers": [{"marker_no": "J1", "photo": "j1.jpg"}]}
    record = visit.lead.fills(visit.task, answers)
    visit.lead.pushes()

    reviewing(record, service.return_for_correction, MARKS, "界桩照片不清")
    visit.lead.pulls()
    visit.second.pulls()

    body = visit.lead.record(record)
    assert (body["state"], body["marks"], body["return_reason"]) == ("returned", MARKS, "界桩照片不清")
    assert visit.second.record(record) == body


def test_a_corrected_record_is_under_review_again_and_its_marks_are_gone(visit, reviewing):
    record = visit.lead.fills(visit.task)
    visit.lead.pushes()
    reviewing(record, service.return_for_correction, MARKS, "重拍")

    visit.lead.corrects(record)
    [answer] = visit.lead.pushes()
    visit.lead.pulls()

    assert answer["record_state"] == "under_review"
    assert visit.lead.record(record)["marks"] == []


def test_a_correction_that_is_not_signed_keeps_the_marks(visit, reviewing):
    record = visit.lead.fills(visit.task)
    visit.lead.pushes()
    reviewing(record, service.return_for_correction, MARKS, "重拍")

    visit.lead.corrects(record, {"/data/sign/company": ""})
    [answer] = visit.lead.pushes()
    visit.lead.pulls()

    assert answer["record_state"] == "open"
    assert visit.lead.record(record)["marks"] == MARKS


def test_a_late_sibling_of_a_returned_head_shows_both(visit, reviewing):
    record = visit.lead.fills(visit.task)
    visit.lead.pushes()
    visit.second.takes_over(record, visit.lead)
    visit.second.drafts[record].heads = ()
    visit.second.corrects(record)
    reviewing(record, service.return_for_correction, MARKS, "重拍")

    [answer] = visit.second.pushes()

    assert (answer["record_state"], len(answer["heads"])) == ("conflicted", 2)


def test_a_record_is_reviewed_while_its_media_are_on_their_way_and_finished_when_they_came(
    visit, reviewing, session
):
    record = visit.lead.fills(visit.task)
    [pushed] = visit.lead.pushes()
    with pytest.raises(RecordNotFinishable) as refused:
        reviewing(record, service.finish)
    [block] = refused.value.members["blocks"]
    assert block["code"] == "media.missing"
    assert {f"sha256:{each}" for each in block["sha256"]} == set(pushed["media_missing"])

    visit.lead.uploads()
    finished = reviewing(record, service.finish)

    assert (finished.state, finished.final_rev) == ("final", pushed["rev"])
    session.expire_all()
    assert session.get_one(Task, visit.task).state == "done"
    visit.second.pulls()
    assert visit.second.record(record)["final"] == pushed["rev"]
    assert visit.second.shows("task")[str(visit.task)]["state"] == "done"


def test_a_task_with_another_open_record_is_not_done(visit, reviewing, session):
    record = visit.lead.fills(visit.task)
    visit.lead.fills(visit.task, UNSIGNED)
    visit.lead.syncs()

    reviewing(record, service.finish)

    session.expire_all()
    assert session.get_one(Task, visit.task).state == "open"


def test_an_invalid_signature_blocks_the_end_not_the_review(visit, reviewing):
    visit.lead.key = generate_device_key()
    record = visit.lead.fills(visit.task)
    [answer] = visit.lead.pushes()
    visit.lead.uploads()

    with pytest.raises(RecordNotFinishable) as refused:
        reviewing(record, service.finish)

    assert (answer["outcome"], answer["flags"], answer["record_state"]) == (
        "accepted", ["signature_invalid"], "under_review",
    )  # fmt: skip
    assert [block["code"] for block in refused.value.members["blocks"]] == ["signature.invalid"]


def test_a_signature_of_an_algorithm_that_is_not_known_here_is_kept_and_never_refused(
    visit, reviewing, session
):
    record = visit.lead.fills(visit.task)
    op = visit.lead.state.outbox[0]
    other = {**op.item, "alg": "SM2", "sig": "c20=", "op": str(uuid4())}
    attested = seal_attestation(op.rev, "co_inspector", visit.second.key).item | {"alg": "SM2", "sig": "c20="}

    [answer] = visit.lead.post("/api/v1/sync/push", visit.lead.envelope() | {"items": [other]})["items"]
    [signed] = visit.second.post("/api/v1/sync/push", visit.second.envelope() | {"items": [attested]})[
        "items"
    ]

    assert (answer["outcome"], answer["flags"], answer["record_state"]) == (
        "accepted", ["algorithm_unknown"], "under_review",
    )  # fmt: skip
    assert (signed["outcome"], signed["flags"]) == ("accepted", ["algorithm_unknown"])
    row = revision(session, op.rev)
    assert (row.alg, row.sig, row.evidence_level) == ("SM2", "c20=", "unknown_algorithm")
    kept = session.scalars(select(Attestation)).one()
    assert (kept.alg, kept.sig, kept.valid) == ("SM2", "c20=", False)
    visit.lead.uploads()

    [answer] = visit.lead.pushes()  # the same bytes, signed with what is known
    assert (answer["outcome"], answer["flags"]) == ("accepted", [])
    assert revision(session, op.rev).evidence_level == "signed"
    assert reviewing(record, service.finish).state == "final"


def test_a_signature_that_holds_heals_one_that_did_not(visit, reviewing, session):
    record = visit.lead.fills(visit.task)
    op = visit.lead.state.outbox[0]
    spoiled = {**op.item, "op": str(uuid4()), "sig": "A" * 86 + "=="}
    bare = {k: v for k, v in op.item.items() if k not in {"alg", "key", "sig"}} | {"op": str(uuid4())}
    push = "/api/v1/sync/push"
    for item, level in ((bare, "unsigned"), (spoiled, "unsigned"), (op.item, "signed"), (bare, "signed")):
        body = visit.lead.envelope() | {"items": [{**item, "op": str(uuid4())}]}
        [answer] = visit.lead.post(push, body)["items"]
        assert (answer["outcome"], answer["rev"]) == ("accepted", op.rev)
        assert revision(session, op.rev).evidence_level == level

    visit.lead.uploads()
    assert reviewing(record, service.finish).state == "final"


def test_a_record_without_its_signatures_can_not_be_finished_after_they_were_voided(
    visit, reviewing, session
):
    record = visit.lead.fills(visit.task)
    visit.lead.syncs()
    session.expire_all()
    row = session.get_one(Revision, session.get_one(Record, record).heads[0])
    row.signatures = row.signatures | {"given": []}
    session.flush()

    with pytest.raises(RecordNotFinishable) as refused:
        reviewing(record, service.finish)

    assert refused.value.members["blocks"] == [
        {"code": "signature.missing", "signatures": ["company", "inspector1", "inspector2"]}
    ]


def test_a_revision_after_the_end_is_a_late_addendum(visit, reviewing):
    record = visit.lead.fills(visit.task)
    visit.lead.syncs()
    finished = reviewing(record, service.finish).final_rev

    visit.lead.corrects(record)
    [answer] = visit.lead.pushes()
    visit.lead.pulls()

    assert (answer["outcome"], answer["flags"], answer["record_state"]) == (
        "accepted_late", ["late_addendum"], "final",
    )  # fmt: skip
    assert visit.lead.record(record)["final"] == finished
    with pytest.raises(RecordNotUnderReview):
        reviewing(record, service.finish)


def test_a_record_is_reviewed_once_in_its_region_and_not_by_its_own_inspectors(visit, reviewing, cast):
    record = visit.lead.fills(visit.task)
    visit.lead.syncs()
    with pytest.raises(OutsideJurisdiction):
        reviewing(record, service.finish, by=cast.person(Role.SUPERVISOR, region="130800"))
    with pytest.raises(RecordNotFound):
        reviewing(uuid4(), service.finish)
    with pytest.raises(RecordMarkUnknown):
        reviewing(record, service.return_for_correction, [{"path": "/data/none", "reason": ""}], "")
    reviewing(record, service.return_for_correction, MARKS, "重拍")
    with pytest.raises(RecordNotUnderReview):
        reviewing(record, service.return_for_correction, MARKS, "重拍")


def test_who_inspected_does_not_review(cast, reviewing):
    both = cast.person(Role.SUPERVISOR, Role.INSPECTOR)
    lead = cast.phone()
    record = lead.fills(cast.task(lead, both))
    lead.syncs()

    with pytest.raises(RecordOwnReview):
        reviewing(record, service.finish, by=both)


# What a revision is judged by


def test_work_by_somebody_taken_off_the_task_is_late_not_lost(visit, cast, app, session):
    record = visit.lead.fills(visit.task)
    held = {each.person_id: each for each in service.assignments_of(session, [visit.task])}
    held[visit.lead.person_id].ended_at = datetime.now(UTC)
    session.flush()

    [answer] = visit.lead.pushes()
    visit.second.pulls()
    visit.lead.pulls()

    assert (answer["outcome"], answer["flags"]) == ("accepted_late", ["task_reassigned"])
    assert visit.second.record(record)["flags"] == ["task_reassigned"]
    assert visit.lead.shows("record") == {}


def test_work_by_somebody_of_the_bureau_who_was_never_asked_is_late(visit, cast):
    helper = cast.phone()
    helper.syncs()
    helper.fills(visit.task)

    [answer] = helper.pushes()

    assert (answer["outcome"], answer["flags"]) == ("accepted_late", ["not_assigned"])


def quarantined(phone, reason):
    [answer] = phone.pushes()
    assert (answer["outcome"], answer["reason"]) == ("quarantined", reason)
    assert phone.verified(answer["receipt"])["rev"] == answer["rev"]
    return answer["rev"]


def test_an_unknown_task_is_quarantined(visit, session):
    visit.lead.fills(uuid4())
    rev = quarantined(visit.lead, "task.unknown")
    assert (revision(session, rev).status, revision(session, rev).record_id) == ("quarantined", None)


def test_a_task_of_another_city_is_unknown_to_a_stranger(visit, cast):
    stranger = cast.phone(region="130800")
    stranger.syncs()
    stranger.fills(visit.task)
    quarantined(stranger, "task.unknown")


def test_nobody_adds_to_a_record_of_a_task_they_were_never_on(visit, cast, session):
    record = visit.lead.fills(visit.task)
    [pushed] = visit.lead.pushes()
    intruder = cast.phone()
    intruder.takes_over(record, visit.lead)
    intruder.corrects(record)

    quarantined(intruder, "record.foreign")

    assert session.get_one(Record, record).heads == [pushed["rev"]]


def test_a_record_does_not_move_to_another_task(visit, cast, session):
    record = visit.lead.fills(visit.task)
    visit.lead.pushes()
    other = cast.task(visit.lead, visit.second)

    visit.lead.fills(other, record=record)

    quarantined(visit.lead, "record.foreign")
    session.expire_all()
    assert session.get_one(Record, record).task_id == visit.task


def test_a_record_does_not_change_its_form(visit, cast):
    record = visit.lead.fills(visit.task)
    visit.lead.pushes()
    other = SPOT_CHECK.replace("spot_check", "other_check")
    author(cast).writes_and_publishes(other)
    visit.lead.pulls()

    visit.lead.fills(visit.task, form_id="other_check", record=record)
    quarantined(visit.lead, "record.form-differs")

    visit.lead.fills(visit.task, form_id="other_check")
    assert visit.lead.pushes()[0]["flags"] == ["form_not_of_task"]


def test_an_unknown_form_version_is_quarantined_and_judged_again_when_it_is_sent_again(visit, cast, session):
    record = visit.lead.fills(visit.task, form_version="2")
    rev = quarantined(visit.lead, "form.version-unknown")
    newer = SPOT_CHECK.replace("| spot_check | 1 |", "| spot_check | 2 |")
    author(cast).writes_and_publishes(newer)

    again = {**visit.lead.state.ops[0].item, "op": str(uuid4())}
    [answer] = visit.lead.post("/api/v1/sync/push", visit.lead.envelope() | {"items": [again]})["items"]

    assert (answer["outcome"], answer["rev"], answer["replayed"]) == ("accepted", rev, False)
    assert session.get_one(Record, record).heads == [rev]


@pytest.mark.parametrize("author", ["nobody", "the other"])
def test_nobody_sends_in_anothers_name(visit, author):
    name = str(visit.second.person_id) if author == "the other" else "nobody"
    visit.lead.fills(visit.task, author=name)
    quarantined(visit.lead, "author.differs")


def test_what_another_sent_under_my_name_does_not_stop_me(visit, session):
    record = visit.lead.fills(visit.task)
    stolen = {**visit.lead.state.outbox[0].item, "op": str(uuid4())}
    forged = seal_attestation(stolen["rev"], "co_inspector", visit.second.key).item
    stolen |= {name: forged[name] for name in ("key", "sig")}
    body = visit.second.envelope() | {"items": [stolen]}

    [thief] = visit.second.post("/api/v1/sync/push", body)["items"]
    [mine] = visit.lead.pushes()
    [again] = visit.second.post(
        "/api/v1/sync/push", visit.second.envelope() | {"items": [{**stolen, "op": str(uuid4())}]}
    )["items"]

    assert (thief["outcome"], thief["reason"]) == ("quarantined", "author.differs")
    assert mine["outcome"] == "accepted"
    assert (again["outcome"], again["record_state"]) == ("quarantined", None)
    assert session.get_one(Revision, mine["rev"]).author_id == visit.lead.person_id
    assert session.get_one(Record, record).heads == [mine["rev"]]


def test_a_persons_other_phone_may_send_what_was_recovered(visit):
    visit.lead.fills(visit.task)
    visit.lead.device = uuid4()
    visit.lead.signs_in()

    [answer] = visit.lead.pushes()

    assert (answer["outcome"], answer["flags"]) == ("accepted", ["device_differs"])


def test_a_device_nobody_signed_in_on_is_quarantined(visit):
    visit.lead.fills(visit.task, device=uuid4())
    quarantined(visit.lead, "device.unknown")


def test_a_phone_without_a_key_is_taken_unsigned(cast, session):
    lead, second = cast.phone(signs=False), cast.phone()
    task = cast.task(lead, second)
    lead.syncs()
    lead.fills(task)

    [answer] = lead.pushes()

    assert (answer["outcome"], answer["flags"], answer["record_state"]) == ("accepted", [], "under_review")
    assert revision(session, answer["rev"]).evidence_level == "unsigned"


def test_an_ended_key_still_vouches_for_what_it_signed(visit, session):
    visit.lead.fills(visit.task)
    old, visit.lead.key = visit.lead.key, generate_device_key()
    visit.lead.signs_in()
    assert old is not visit.lead.key

    [answer] = visit.lead.pushes()

    assert (answer["outcome"], answer["flags"]) == ("accepted", ["key_ended"])
    assert revision(session, answer["rev"]).evidence_level == "signed"


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("<data", "xml.malformed"),
        ("", "xml.malformed"),
        ('<!DOCTYPE d [<!ENTITY a "b">]><data>&a;</data>', "xml.doctype"),
        ("<a>" * 50 + "</a>" * 50, "xml.too-deep"),
    ],
)
def test_xml_that_can_not_be_read_is_quarantined(visit, xml, reason):
    visit.lead.fills(visit.task, xml=xml)
    quarantined(visit.lead, reason)


def test_a_broken_rule_is_a_finding_not_a_refusal(visit, session):
    visit.lead.fills(visit.task, SIGNED | {"/data/note": "", "/data/sign/refused": "maybe"}, media=())

    [answer] = visit.lead.pushes()

    assert answer["outcome"] == "accepted"
    kinds = {(each["path"], each["kind"]) for each in answer["findings"]}
    assert ("/data/note", "required") in kinds
    assert ("/data/sign/refused", "choice") in kinds
    assert ("/data/sign/inspector1", "media_missing") in kinds
    assert len(revision(session, answer["rev"]).findings) == len(answer["findings"])


def test_a_wrong_clock_is_flagged_and_nothing_is_ordered_by_it(visit, session):
    future = RevisionTime(datetime.now(UTC) + timedelta(days=400))
    visit.lead.fills(visit.task, time=future)
    visit.lead.fills(visit.task)

    ahead, back = visit.lead.pushes()

    assert ahead["flags"] == ["wall_after_receipt"]
    assert back["flags"] == ["wall_moved_backwards"]
    clock = revision(session, ahead["rev"]).clock
    assert clock["not_before"] is None
    assert clock["not_after"] is not None


def test_a_beacon_bounds_the_moment_of_sealing_from_below(visit, session):
    visit.lead.pulls()
    visit.lead.fills(visit.task)
    forged = RevisionTime(datetime.now(UTC), beacon="made.up")
    visit.lead.fills(visit.task, time=forged)

    honest, forger = visit.lead.pushes()

    assert revision(session, honest["rev"]).clock["not_before"] is not None
    assert forger["flags"] == ["beacon_unreadable"]


def test_the_clock_is_compared_with_what_came_in_an_earlier_push(visit):
    visit.lead.fills(visit.task)
    visit.lead.pushes()
    visit.lead.fills(visit.task, time=RevisionTime(datetime.now(UTC) - timedelta(hours=1)))

    assert visit.lead.pushes()[0]["flags"] == ["wall_moved_backwards"]


@pytest.mark.parametrize("lost", [0, 2], ids=["the number before came", "two numbers before are missing"])
def test_the_clock_before_comes_with_the_neighbours_and_is_asked_for_only_after_a_gap(
    visit, statements, lost
):
    visit.lead.fills(visit.task)
    visit.lead.pushes()
    for _ in range(lost):
        visit.lead.fills(visit.task)
    visit.lead.fills(visit.task, time=RevisionTime(datetime.now(UTC) - timedelta(hours=1)))
    last = dict(visit.lead.state.outbox[-1].item)
    statements.clear()

    answer = visit.lead.post("/api/v1/sync/push", visit.lead.envelope() | {"items": [last]})

    assert "wall_moved_backwards" in answer["items"][0]["flags"]
    asked = [each for each in statements if each.startswith("SELECT revision.dev_seq, revision.wall_time")]
    assert len(asked) == (1 if lost else 0)


def test_who_may_read_a_record(visit, cast, session, app):
    record = visit.lead.fills(visit.task)
    visit.lead.pushes()

    def sees(someone):
        actor = actor_of(session.get(Person, someone.person_id))
        return record in {each.id for each in session.scalars(service.visible_records(actor))}

    assert sees(visit.second)
    assert sees(cast.person(Role.SUPERVISOR))
    assert sees(cast.person(Role.AUDITOR, region="140500"))
    assert not sees(cast.person(Role.SUPERVISOR, region="130800"))
    assert not sees(cast.person(Role.INSPECTOR))
