"""Released results reach the platform exactly once in effect, whatever happens on the way."""

import threading
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select

from server import audit, clock
from server.access import SYSTEM, Role
from server.audit import AuditEntry
from server.duties import Duty
from server.inspections.models import Record, Revision, Task
from server.platform.adapters import Accepted, Rejected, Unanswered
from server.platform.mock import Faults
from server.platform.models import Delivery
from server.platform.outbox import Claim, Delivering, Patience
from server.platform.service import queue_delivery
from server.results.models import Result
from server.worker import Worker, drain
from tests.actors import Cast
from tests.actors.platform import bureau, running_platform
from tests.actors.supervisor import phones, submitted, supervisor, visit_answers, visit_task

QUICK = Patience(
    claim=timedelta(seconds=1),
    attempts=40,
    first_wait=timedelta(milliseconds=5),
    longest_wait=timedelta(milliseconds=20),
)
RECEIPT = {"receipt_no": "SJ1"}


def ended(cast, crew):
    """A released result that something followed, which is over; nothing of it went out."""
    office = supervisor(cast)
    problem = {"answer": "not_conform", "problem": "标识牌缺失", "disposal": "DAILY_SUPERVISION"}
    record = submitted(cast, *crew, answers=visit_answers(marker=problem))
    office.accepts(record)
    drain(cast.app)
    result = next(each for each in crew[0].get("/api/v1/results") if each["item_code"] == "BOUNDARY_MARKER")
    crew[0].post(f"/api/v1/results/{result['id']}/confirm", {})
    office.releases(result["id"])
    (followup,) = office.get("/api/v1/followups")
    path = f"/api/v1/followups/{followup['id']}"
    office.post(f"{path}/send", {"reference_no": "阳交办1", "to_body": "矿管股"})
    office.post(f"{path}/receipt", {"no": "2", "by": "矿管股", "on": "2026-03-01"})
    office.post(f"{path}/finish", {"done_on": "2026-03-01", "outcome": "已补设"})
    drain(cast.app)
    return result


def test_the_outcome_of_what_followed_goes_out_behind_its_result(cast):
    ended(cast, phones(cast))
    office = supervisor(cast)
    away = Scripted(Unanswered("busy"), Accepted(RECEIPT))
    drain(cast.app, away)
    assert {key for key, _ in away.sent} == {
        away.sent[0][0]
    }  # the result is not there yet: its outcome waits
    with audit.transaction(cast.app.sessions) as session:
        for delivery in session.scalars(select(Delivery)):
            delivery.next_at = clock.now()
    drain(cast.app, away)

    (key, first), (again, outcome) = away.sent[-2:]
    assert again.startswith(f"{key}/closed-")
    assert "followup_outcomes" not in first
    (told,) = outcome["followup_outcomes"]
    assert (told["code"], told["to"], told["done_on"], told["outcome"]) == (
        "DAILY_SUPERVISION",
        "矿管股",
        "2026-03-01",
        "已补设",
    )
    assert {name: outcome[name] for name in first} == first
    states = {each["state"] for each in office.get("/api/v1/deliveries")}
    assert states == {"accepted"}


def test_the_end_of_a_result_that_was_opened_again_does_not_go_out_any_more(cast):
    result = ended(cast, phones(cast))
    office = supervisor(cast)
    objections = f"/api/v1/results/{result['id']}/objections"
    filed = office.post(objections, {"grounds": "不服", "filed_on": "2026-03-02"}, expect=201)
    away = Scripted(Accepted(RECEIPT))
    drain(cast.app, away)
    assert [key.rpartition("/")[2] for key, _ in away.sent] == ["v1"]
    assert {each["state"] for each in office.get("/api/v1/deliveries")} == {"accepted", "corrected"}

    office.post(f"{objections}/{filed['id']}/decide", {"state": "rejected", "decision": "不成立"})
    drain(cast.app, away)
    again = away.sent[1:]
    assert [key.rpartition("/")[2].partition("-")[0] for key, _ in again] == ["closed"]


def objected(cast, result):
    """Somebody objects to a result, so that it is open again; returns where that is decided."""
    path = f"/api/v1/results/{result['id']}/objections"
    filed = supervisor(cast).post(path, {"grounds": "不服", "filed_on": "2026-03-02"}, expect=201)
    return f"{path}/{filed['id']}/decide", {"state": "rejected", "decision": "不成立"}


def kinds(sent):
    """What some deliveries were about: `v1`, `closed`, `reopened`."""
    return [key.rpartition("/")[2].partition("-")[0] for key, _ in sent]


def test_the_platform_is_told_that_a_result_whose_end_it_took_is_open_again(cast):
    result = ended(cast, phones(cast))
    away = Scripted(Accepted(RECEIPT))
    drain(cast.app, away)
    where, decision = objected(cast, result)
    drain(cast.app, away)
    assert kinds(away.sent) == ["v1", "closed", "reopened"]
    (key, first), _, (again, told) = away.sent
    assert again.startswith(f"{key}/reopened-")
    assert told == first | {"reopened_at": told["reopened_at"]}

    supervisor(cast).post(where, decision)
    drain(cast.app, away)
    drain(cast.app, away)
    assert kinds(away.sent) == ["v1", "closed", "reopened", "closed"]
    assert away.sent[3][1]["closed_at"] > told["reopened_at"]
    states = {each["state"] for each in supervisor(cast).get("/api/v1/deliveries")}
    assert states == {"accepted"}


def test_an_end_that_may_have_arrived_is_taken_back_before_the_next_one(cast):
    """It went out without an answer: nobody knows whether it is there."""
    result = ended(cast, phones(cast))
    away = Scripted(Accepted(RECEIPT), Unanswered("busy"))
    deliver(cast.app, away, Patience(attempts=1))
    assert kinds(away.sent) == ["v1", "closed"]
    where, decision = objected(cast, result)
    drain(cast.app)
    supervisor(cast).post(where, decision)
    drain(cast.app)
    later = Scripted(Accepted(RECEIPT))
    deliver(cast.app, later)
    assert kinds(later.sent) == ["reopened", "closed"]


def test_an_end_that_was_refused_is_not_taken_back(cast):
    result = ended(cast, phones(cast))
    away = Scripted(Accepted(RECEIPT), Rejected([{"message": "不符"}]))
    deliver(cast.app, away)
    objected(cast, result)
    drain(cast.app)
    later = Scripted(Accepted(RECEIPT))
    deliver(cast.app, later)
    assert later.sent == []


def test_what_says_that_a_result_is_open_again_is_not_sent_behind_its_next_end(cast):
    result, operator = ended(cast, phones(cast)), cast.signed_in(Role.OPERATOR)
    deliver(cast.app, Scripted(Accepted(RECEIPT)))
    where, decision = objected(cast, result)
    drain(cast.app)
    deliver(cast.app, Scripted(Rejected([{"message": "不符"}])))
    supervisor(cast).post(where, decision)
    drain(cast.app)
    deliver(cast.app, Scripted(Accepted(RECEIPT)))
    (refused,) = deliveries(operator, state="rejected")
    operator.post(f"/api/v1/deliveries/{refused['id']}/retry")
    later = Scripted(Accepted(RECEIPT))
    deliver(cast.app, later)
    assert later.sent == []
    assert {each["state"] for each in deliveries(operator)} == {"accepted", "corrected"}


def test_a_result_whose_end_the_platform_took_is_open_there_while_it_is_corrected(cast):
    crew = phones(cast)
    result = ended(cast, crew)
    away = Scripted(Accepted(RECEIPT))
    drain(cast.app, away)
    path = f"/api/v1/results/{result['id']}"
    crew[0].post(f"{path}/confirm", {"findings_text": "另查明", "correction": "补记"})
    drain(cast.app, away)
    assert kinds(away.sent) == ["v1", "closed", "reopened"]
    supervisor(cast).releases(result["id"])
    drain(cast.app, away)
    assert kinds(away.sent)[3:] == ["v2", "closed"]
    newest = supervisor(cast).get("/api/v1/publications?target=platform")[-1]
    assert (newest["disclosure"]["version"], newest["state"]) == (2, "acknowledged")


class Scripted:
    """A platform that answers as told, and keeps what it was sent."""

    target = "province"

    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent = []

    def deliver(self, payload, key):
        self.sent.append((key, payload))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def released(cast):
    """One released result: the person who inspected, the one who released, the result."""
    crew = phones(cast)
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    reviewer.accepts(record)
    drain(cast.app)
    result = next(each for each in crew[0].get("/api/v1/results") if each["item_code"] == "BOUNDARY_MARKER")
    crew[0].post(f"/api/v1/results/{result['id']}/confirm", {})
    reviewer.releases(result["id"])
    drain(cast.app)
    return SimpleNamespace(app=cast.app, inspector=crew[0], crew=crew, reviewer=reviewer, result=result)


@pytest.fixture
def operator(cast):
    return cast.signed_in(Role.OPERATOR)


def deliveries(person, **query):
    return person.get("/api/v1/deliveries", query_string=query)


def deliver(app, adapter, patience=QUICK):
    """Empty the outbox as far as it can be emptied now."""
    delivering = Delivering(adapter, patience)
    duty = Duty("deliver", delivering.claim, delivering.perform, delivering.settle)
    worker = Worker(app, [duty])
    while worker.perform(duty):
        pass


def correct(released, **given):
    """The inspector corrects a released result, the supervisor releases it again."""
    path = f"/api/v1/results/{released.result['id']}"
    released.inspector.post(f"{path}/confirm", {"codes": ["MOVED_AWAY"], "correction": "已迁出"} | given)
    released.reviewer.releases(released.result["id"])
    drain(released.app)


def age(app):
    """Let every wait and claim be over."""
    with audit.transaction(app.sessions) as session:
        for delivery in session.scalars(select(Delivery)):
            delivery.next_at = clock.now() - timedelta(hours=1)


def actions(app):
    with app.readers() as session:
        query = select(AuditEntry.action).where(AuditEntry.action.like("delivery.%"))
        return list(session.scalars(query.order_by(AuditEntry.seq)))


def test_a_released_result_waits_in_the_outbox_while_there_is_no_platform(released, operator):
    (waiting,) = deliveries(operator)

    assert (waiting["state"], waiting["attempts"], waiting["version"]) == ("pending", 0, 1)
    assert waiting["result_id"] == released.result["id"]
    assert waiting["key"].endswith("/BOUNDARY_MARKER/v1")


def test_a_payload_says_who_what_where_and_when(released, operator):
    payload = deliveries(operator)[0]["payload"]

    assert payload["item"] == {"code": "BOUNDARY_MARKER", "name": payload["item"]["name"]}
    assert payload["result"] == ["NO_PROBLEM"]
    assert payload["inspected_on"] == "2026-02-06"
    assert [person["role"] for person in payload["inspectors"]] == ["lead", "assisting"]
    assert payload["object"]["legal_representative"] == "王某"
    assert payload["organisation"] == "阳城县自然资源局"
    assert payload["version"] == 1


def test_a_delivery_is_accepted_with_its_receipt(released, operator):
    with running_platform() as (platform, adapter):
        drain(released.app, adapter)

    (done,) = deliveries(operator, state="accepted")
    assert done["receipt"] == platform.held[done["key"]].receipt
    assert (done["attempts"], done["errors"]) == (1, [])
    assert done["settled_at"]
    assert actions(released.app) == ["delivery.queued", "delivery.accepted"]


def test_queueing_twice_queues_once(released, operator):
    with audit.transaction(released.app.sessions) as session:
        fact = session.scalars(select(AuditEntry).where(AuditEntry.action == "result.released")).one()
        queue_delivery(session, fact)

    assert len(deliveries(operator)) == 1
    assert actions(released.app) == ["delivery.queued"]


def test_two_visits_to_an_object_under_one_number_are_both_delivered(cast, released, operator):
    with audit.transaction(cast.app.sessions) as session:
        first = session.get_one(Task, UUID(released.result["task_id"]))
        again = {"number": first.number, "object_id": first.object_id}
    record = submitted(cast, *released.crew, task=visit_task(cast, *released.crew, **again))
    released.reviewer.accepts(record)
    drain(cast.app)
    found = released.inspector.get("/api/v1/results")
    second = next(
        each for each in found if (each["record_id"], each["item_code"]) == (str(record), "BOUNDARY_MARKER")
    )
    released.inspector.post(f"/api/v1/results/{second['id']}/confirm", {})
    released.reviewer.releases(second["id"])
    drain(cast.app)

    (plain,) = deliveries(operator, result=released.result["id"])
    (other,) = deliveries(operator, result=second["id"])
    assert other["key"] == plain["key"].replace("/", f"~{UUID(second['id']).hex[:8]}/", 1)


def test_without_an_answer_the_same_is_sent_again_later(released, operator):
    platform = Scripted(Unanswered("timeout"), Accepted(RECEIPT))
    slow = Patience(first_wait=timedelta(hours=1))

    deliver(released.app, platform, slow)
    (waiting,) = deliveries(operator)
    assert (waiting["state"], waiting["attempts"]) == ("sent", 1)
    assert waiting["errors"] == [{"message": "timeout"}]
    assert len(platform.sent) == 1  # not before its time

    age(released.app)
    deliver(released.app, platform, slow)
    (done,) = deliveries(operator)
    assert (done["state"], done["attempts"], done["receipt"]) == ("accepted", 2, RECEIPT)
    assert platform.sent[0] == platform.sent[1]


def test_a_delivery_without_any_answer_is_given_up_and_can_be_sent_again(released, operator):
    silent = Scripted(Unanswered("timeout"))
    patience = Patience(attempts=3, first_wait=timedelta(0), longest_wait=timedelta(0))

    deliver(released.app, silent, patience)

    (dead,) = deliveries(operator, state="dead")
    assert dead["attempts"] == len(silent.sent) == 3
    assert actions(released.app)[-1] == "delivery.died"

    again = operator.post(f"/api/v1/deliveries/{dead['id']}/retry")
    assert (again["state"], again["attempts"]) == ("pending", 0)
    deliver(released.app, Scripted(Accepted(RECEIPT)))
    assert deliveries(operator)[0]["state"] == "accepted"


def test_a_rejected_result_is_corrected_by_a_new_version(released, operator):
    errors = [{"field": "result", "message": "与字典不符"}]
    deliver(released.app, Scripted(Rejected(errors)))
    (rejected,) = deliveries(operator, state="rejected")
    assert rejected["errors"] == errors

    correct(released)
    deliver(released.app, Scripted(Accepted(RECEIPT)))

    second, first = deliveries(operator)
    assert (first["state"], first["version"]) == ("corrected", 1)
    assert (second["state"], second["version"]) == ("accepted", 2)
    assert first["key"] != second["key"]
    assert second["payload"]["result"] == ["MOVED_AWAY"]
    assert second["payload"]["correction"] == "已迁出"
    refused = operator.post(f"/api/v1/deliveries/{first['id']}/retry", expect=409)
    assert refused["code"] == "delivery.settled"


def test_a_version_that_was_never_sent_gives_way_to_the_new_one(released, operator):
    correct(released)
    platform = Scripted(Accepted(RECEIPT))

    deliver(released.app, platform)

    assert [key.rpartition("/")[2] for key, _ in platform.sent] == ["v2"]
    assert [each["state"] for each in deliveries(operator)] == ["accepted", "corrected"]


def test_what_is_queued_late_says_who_answered_for_it_and_does_not_follow_the_newer_version(
    released, operator
):
    with audit.transaction(released.app.sessions) as session:
        session.delete(session.scalars(select(Delivery)).one())  # as if the worker had not come to it
        fact = session.scalars(select(AuditEntry).where(AuditEntry.action == "result.released")).one()
    path = f"/api/v1/results/{released.result['id']}/confirm"
    released.crew[1].post(path, {"codes": ["MOVED_AWAY"], "correction": "已迁出"})

    def queued_late():
        with audit.transaction(released.app.sessions) as session:
            queue_delivery(session, session.merge(fact, load=False))
        return next(each for each in deliveries(operator) if each["version"] == 1)

    early = queued_late()
    names = {each["name"]: each["role"] for each in early["payload"]["inspectors"]}
    assert names[early["payload"]["confirmed_by"]] == "lead"
    assert early["payload"]["released_by"]
    with audit.transaction(released.app.sessions) as session:
        session.delete(session.scalars(select(Delivery)).one())
    released.reviewer.releases(released.result["id"])
    drain(released.app)

    assert queued_late()["state"] == "corrected"
    platform = Scripted(Accepted(RECEIPT))
    deliver(released.app, platform)
    assert [key.rpartition("/")[2] for key, _ in platform.sent] == ["v2"]


def test_a_new_version_waits_for_the_one_that_is_on_its_way(released, operator):
    deliver(released.app, Scripted(Unanswered("timeout")), Patience())
    correct(released)
    platform = Scripted(Accepted(RECEIPT))

    deliver(released.app, platform)
    assert platform.sent == []

    age(released.app)
    deliver(released.app, platform)
    assert [key.rpartition("/")[2] for key, _ in platform.sent] == ["v1", "v2"]


def test_a_worker_that_dies_after_the_claim_leaves_the_delivery_to_the_next(released, operator):
    dying, platform = Delivering(Scripted(Accepted(RECEIPT)), Patience()), Scripted(Accepted(RECEIPT))
    with audit.transaction(released.app.sessions) as session:
        (claim,) = dying.claim(session)
    dying.perform(claim)  # the platform has it, and the worker ends here

    deliver(released.app, platform)
    assert platform.sent == []  # the claim still holds

    age(released.app)
    deliver(released.app, platform)
    assert [key for key, _ in platform.sent] == [claim.key]
    (done,) = deliveries(operator)
    assert (done["state"], done["attempts"]) == ("accepted", 2)


def test_a_late_answer_of_an_ended_claim_counts_if_it_is_one(released, operator):
    delivering = Delivering(Scripted(Unanswered("x")), Patience())
    with audit.transaction(released.app.sessions) as session:
        (slow,) = delivering.claim(session)
    age(released.app)
    with audit.transaction(released.app.sessions) as session:
        (quick,) = delivering.claim(session)

    def settle(claim: Claim, answer):
        with audit.transaction(released.app.sessions) as session:
            delivering.settle(session, claim, answer)

    settle(slow, Unanswered("timeout"))
    assert deliveries(operator)[0]["errors"] == []  # the newer attempt is not disturbed
    settle(slow, Accepted(RECEIPT))
    settle(quick, Rejected([{"message": "late"}]))
    (done,) = deliveries(operator)
    assert (done["state"], done["receipt"], done["errors"]) == ("accepted", RECEIPT, [])


def test_only_an_operator_retries_and_only_what_waits_for_it(cast, released, operator):
    (waiting,) = deliveries(operator)
    path = f"/api/v1/deliveries/{waiting['id']}/retry"

    assert operator.post(path, expect=409)["code"] == "delivery.settled"
    assert released.reviewer.post(path, expect=403)["code"] == "access.denied"
    foreign = cast.signed_in(Role.OPERATOR, region="130800")
    assert foreign.post(path, expect=404)["code"] == "delivery.not-found"
    assert deliveries(foreign) == []
    assert released.inspector.get("/api/v1/deliveries", expect=403)["code"] == "access.denied"


def test_deliveries_are_found_by_result(released, operator):
    assert len(deliveries(operator, result=released.result["id"])) == 1
    assert deliveries(operator, result=str(UUID(int=7))) == []
    assert deliveries(operator, state="accepted") == []


def queue_many(app, count):
    """Many released results of one visit, as the outbox finds them."""
    cast = Cast(app)
    inspector = cast.person(Role.INSPECTOR)
    house = bureau(cast, inspector)
    mine = house.objects[0]
    rev = "sha256:" + "0" * 64
    today = clock.now().date()
    with audit.transaction(app.sessions) as session:
        task = Task(
            number="SX2023-001",
            name="生产矿山抽查",
            region=mine.region,
            organisation_id=mine.organisation_id,
            object_id=mine.id,
            forms=[],
            item_codes=[],
            opens_on=today,
            due_on=today,
        )
        session.add(task)
        session.flush()
        record = Record(
            id=UUID(int=1),
            task_id=task.id,
            region=mine.region,
            due_on=task.due_on,
            form_id="visit",
            form_version="1",
            state="final",
            heads=[rev],
            author_id=inspector.person_id,
            created_at=clock.now(),
        )
        session.add(record)
        session.flush()
        session.add(Revision(rev=rev, data=b"{}", received_at=clock.now(), author_id=inspector.person_id))
        session.flush()
        results = [
            Result(
                region=mine.region,
                organisation_id=mine.organisation_id,
                task_id=task.id,
                item_code=f"ITEM_{number:03d}",
                object_id=mine.id,
                record_id=record.id,
                rev=rev,
                codes=["NO_PROBLEM"],
                followup_codes=[],
                findings_text="",
                inspected_on=today,
                due_on=today,
                due_rule="",
                estimated=False,
                drafted_at=clock.now(),
            )
            for number in range(count)
        ]
        session.add_all(results)
        session.flush()
        for result in results:
            release(session, result)
    drain(app)


def release(session, result):
    details = {
        "codes": result.codes,
        "followup_codes": [],
        "findings_text": "",
        "rectify_by": None,
        "version": result.version,
        "correction": None,
    }
    result.state = "released"
    session.flush()
    audit.append(session, SYSTEM, "result.released", ("result", result.id), details)


def all_deliveries(app):
    with app.readers() as session:
        return session.scalars(select(Delivery).order_by(Delivery.key, Delivery.version)).all()


def work_until_settled(app, adapter, workers=2):
    def work():
        delivering = Delivering(adapter, QUICK)
        duty = Duty("deliver", delivering.claim, delivering.perform, delivering.settle)
        worker = Worker(app, [duty])
        while any(each.state in {"pending", "sent"} for each in all_deliveries(app)):
            if not worker.perform(duty):
                threading.Event().wait(0.01)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()


def test_many_results_reach_a_misbehaving_platform_exactly_once_in_effect(fresh_app):
    faults = Faults(lose_request=0.2, lose_reply=0.2, delay=0.1, duplicate=0.2, reject=0.2, delay_seconds=0.5)
    queue_many(fresh_app, 40)

    with running_platform(faults, seed=7, read_timeout=0.25) as (platform, adapter):
        work_until_settled(fresh_app, adapter)
        rejected = [each for each in all_deliveries(fresh_app) if each.state == "rejected"]
        with audit.transaction(fresh_app.sessions) as session:
            for each in rejected:
                result = session.get_one(Result, each.result_id)
                result.version += 1
                release(session, result)
        drain(fresh_app)
        work_until_settled(fresh_app, adapter)
        held, effects = dict(platform.held), list(platform.effects)

    found = all_deliveries(fresh_app)
    accepted = [each for each in found if each.state == "accepted"]
    assert len(found) == 40 + len(rejected)
    assert 0 < len(rejected) < 40
    assert {each.key for each in found if each.state == "corrected"} == {each.key for each in rejected}
    # What we call accepted is what the platform holds: each key entered once, with the receipt we keep.
    assert sorted(effects) == sorted(each.key for each in accepted)
    assert len(set(effects)) == len(effects)
    assert all(each.receipt == held[each.key].receipt for each in accepted)
    assert all(each.payload == held[each.key].payload for each in accepted)
    # And it was no walk in the park.
    assert sum(each.attempts for each in found) > len(found) + 10
    assert sum(each.arrivals for each in held.values()) > len(held)
