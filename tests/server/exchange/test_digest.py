"""The daily check: a phone that holds something else than it was shown finds out, and is repaired by bucket."""

from dataclasses import replace

import pytest
from prometheus_client import generate_latest

from server import audit, feed
from server.access import SYSTEM, Role
from server.answered import METRICS
from server.exchange import digesting
from sync import BUCKETS, Reader, bucket_of, read_held, seal, unseal
from tests.actors.holding import DIGEST, PULL, Holding


@pytest.fixture
def holding(visit, cast):
    """A phone that has read to the end: three tasks with their objects, two records, a form."""
    for _ in range(2):
        cast.task(visit.lead, visit.second)
    visit.lead.pulls()
    for _ in range(2):
        visit.lead.fills(visit.task)
    visit.lead.pushes()
    return Holding(visit.lead).pulls()


def test_a_phone_that_holds_what_it_was_shown_finds_no_difference(holding):
    answer = holding.asks()

    assert (answer["stale"], len(answer["buckets"])) == (False, BUCKETS)
    assert len(holding.items) == 9
    assert holding.differs() == []


def test_pages_of_any_size_leave_the_same_sums(holding, visit):
    assert Holding(visit.lead).pulls(limit=1).differs() == []


def test_what_went_wrong_on_a_phone_is_found_and_repaired_by_bucket(holding, monkeypatch):
    often = digesting.Allowance("sums", "sums_since", 50, digesting.SUMS.span)
    monkeypatch.setattr(digesting, "SUMS", often)
    whole, numbers = dict(holding.items), holding.numbers
    key = next(each for each in whole if each[1] == "record")
    ghost = ("me", "record", "00000000-0000-4000-8000-000000000000")
    damages = {
        "a row was lost": {held: item for held, item in whole.items() if held != key},
        "a row is stale": {**whole, key: {**whole[key], "n": numbers[key] - 1}},
        "a ghost": {**whole, ghost: {"n": 3}},
        "nothing is left": {},
    }
    for damage, items in damages.items():
        holding.items = items
        changed = dict(numbers.items() ^ holding.numbers.items())
        assert holding.differs() == sorted({bucket_of(kind, name) for _, kind, name in changed}), damage

        holding.repairs()

        assert holding.items == whole, damage
        assert holding.differs() == [], damage


def test_the_phones_own_rules_find_what_went_wrong_and_put_it_right(visit):
    lead = visit.lead
    lead.fills(visit.task)
    lead.syncs()
    view = lead.state.view
    [record] = [key for key in view.entities if key[0] == "record"]
    drifted = {key: entity for key, entity in view.entities.items() if key != record}
    drifted["task", str(visit.task)] = replace(drifted["task", str(visit.task)], via={"me": 1, "nowhere": 2})
    lead.state = replace(lead.state, view=replace(view, entities=drifted))
    lead.syncs()
    assert (lead.state.view.entities.get(record), lead.state.repairs) == (None, 0)

    lead.state = replace(lead.state, digest_due=0)
    lead.syncs()

    assert lead.state.view.entities == view.entities
    assert lead.state.repairs == len({bucket_of(*record), bucket_of("task", str(visit.task))})


def test_a_bucket_carries_what_a_pull_would_with_the_bodies_of_today(holding, visit):
    pulled = {(each["kind"], each["id"]): each for each in visit.lead.get(PULL)["items"]}

    sent = [
        each
        for number in range(BUCKETS)
        for each in visit.lead.get(f"{DIGEST}/{number}", query_string={"cursor": holding.cursor})["items"]
    ]

    assert {(each["kind"], each["id"]): each for each in sent} == pulled


def test_a_phone_that_has_not_read_to_the_end_is_told_to_pull_first(holding, visit, cast, app):
    own = {"epoch": visit.lead.state.epoch, "stale": True, "buckets": []}
    first = visit.lead.get(PULL, query_string={"limit": 1})
    under_way = visit.lead.get(DIGEST, query_string={"cursor": first["next"]})
    cast.task(visit.lead, visit.second)
    granted = holding.asks()
    holding.pulls()
    with audit.transaction(app.sessions) as session:
        feed.grant(session, feed.channel("forms"), "form", "spot_check", "again")
        audit.append(session, SYSTEM, "made.up", ("test", "1"))
    through_a_channel = holding.asks()
    holding.pulls()
    at = unseal(holding.cursor, app.installation.secret)
    left = type(at)(at.epoch, at.user, at.position, {**at.channels, "region:999999": 1}, at.begun)
    holding.cursor = seal(left, app.installation.secret)
    left_a_channel = holding.asks()

    for answer in (under_way, granted, through_a_channel, left_a_channel):
        assert answer == {**own, "seq": answer["seq"]}
    assert holding.pulls().differs() == []


def test_what_was_taken_away_since_is_stale_and_no_difference(holding, cast, visit):
    planner = cast.signed_in(Role.PLANNER)
    planner.post(f"/api/v1/tasks/{visit.task}/withdraw", {"reason": "停产"})

    assert holding.asks()["stale"] is True
    assert holding.pulls().differs() == []


def test_a_cursor_of_somebody_else_or_another_epoch_is_answered_as_in_a_pull(holding, visit):
    for path in (DIGEST, f"{DIGEST}/3"):
        answer = visit.second.get(path, query_string={"cursor": holding.cursor}, expect=410)
        assert (answer["code"], answer["reset"]) == ("feed.reset", "user")
        answer = visit.second.get(path, query_string={"cursor": "made.up"}, expect=410)
        assert answer["reset"] == "epoch"
    visit.lead.get(DIGEST, expect=422)
    visit.lead.get(f"{DIGEST}/16", query_string={"cursor": holding.cursor}, expect=404)


def test_who_has_no_phone_has_nothing_to_compare(holding, cast):
    planner = cast.signed_in(Role.PLANNER)
    for path in (DIGEST, f"{DIGEST}/3"):
        answer = planner.get(path, query_string={"cursor": holding.cursor}, expect=403)
        assert answer["code"] == "access.denied"


def counted(name):
    lines = generate_latest(METRICS).decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def test_sums_are_given_a_few_times_an_hour_and_buckets_a_few_times_a_day(
    holding, visit, monkeypatch, caplog
):
    monkeypatch.setattr(digesting, "SUMS", digesting.Allowance("sums", "sums_since", 2, digesting.SUMS.span))
    limited = digesting.Allowance("buckets", "buckets_since", 1, digesting.BUCKETS.span)
    monkeypatch.setattr(digesting, "BUCKETS", limited)
    repairs, sums = counted("merestone_digest_repairs_total"), counted("merestone_digests_total")

    assert [holding.asks()["stale"] for _ in range(2)] == [False, False]
    refused = visit.lead.call("GET", DIGEST, query_string={"cursor": holding.cursor})
    visit.lead.get(f"{DIGEST}/3", query_string={"cursor": holding.cursor})
    too_many = visit.lead.call("GET", f"{DIGEST}/4", query_string={"cursor": holding.cursor})

    for answer, span in ((refused, 3600), (too_many, 86400)):
        assert (answer.status_code, answer.get_json()["code"]) == (429, "digest.too-often")
        assert 0 < int(answer.headers["Retry-After"]) <= span
    assert counted("merestone_digests_total") == sums + 2
    assert counted("merestone_digest_repairs_total") == repairs + 1
    [told] = [each for each in caplog.records if "holds something else" in each.message]
    assert (told.person, told.bucket) == (str(visit.lead.person_id), 3)
    assert holding.pulls().items
    assert Holding(visit.second).pulls().asks()["stale"] is False


def test_the_next_hour_begins_with_a_new_allowance(holding, monkeypatch):
    limited = digesting.Allowance("sums", "sums_since", 1, digesting.SUMS.span)
    monkeypatch.setattr(digesting, "SUMS", limited)
    holding.asks()
    assert holding.asks(expect=429)["code"] == "digest.too-often"

    later = digesting.clock.now() + digesting.SUMS.span
    monkeypatch.setattr(digesting, "clock", type("Later", (), {"now": staticmethod(lambda: later)}))

    assert holding.asks()["stale"] is False


def test_a_check_takes_as_many_statements_for_twenty_records_as_for_two(holding, visit, statements):
    def cost():
        statements.clear()
        assert holding.differs() == []
        return len(statements)

    for_few = cost()
    for _ in range(18):
        visit.lead.fills(visit.task)
    visit.lead.pushes()
    holding.pulls()

    assert cost() == for_few
    assert len(holding.items) == 27


def test_what_is_written_between_two_feeds_is_stale_and_never_a_difference(holding, app):
    class Meddling(digesting.SqlFeed):
        """A source beside which somebody writes after the first feed was read."""

        def held(self, recipient, seq):
            rows = super().held(recipient, seq)
            if recipient.startswith("user:"):
                with audit.transaction(app.sessions) as session:
                    feed.grant(session, feed.channel("forms"), "form", "spot_check", "again")
                    audit.append(session, SYSTEM, "made.up", ("test", "1"))
            return rows

    with app.sessions() as session:
        at = unseal(holding.cursor, app.installation.secret)
        seen = session.get_one(audit.AuditEntry, at.seen).hash
        reader = Reader(at.epoch, at.user, frozenset(at.channels), audit.head(session)[0], seen_hash=seen)
        assert read_held(Meddling(session, reader, at), reader, at) is None
