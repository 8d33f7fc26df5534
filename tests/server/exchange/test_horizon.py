"""Tombstones are forgotten in the end, and a phone that was away for longer begins from zero and loses nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from server import audit, clock, feed, tombstones
from server.access import SYSTEM, Role
from server.audit import AuditEntry
from server.feed import FeedHorizon, FeedRow
from server.tombstones import Tombstones
from server.worker import make_worker
from tests.actors.phone import certify

PULL = "/api/v1/sync/pull"


def days_pass(app, days=100):
    """Everything so far happened so many days ago."""
    with app.sessions.begin() as session:
        session.execute(update(AuditEntry).values(at=clock.now() - timedelta(days=days)))


def a_minute_passes(app):
    with app.sessions.begin() as session:
        past = clock.now() - timedelta(days=1)
        session.execute(update(FeedHorizon).values(looked_at=past, raised_at=past))


def works(app):
    """One round of the worker's duty; how much it purged is seen in the tables."""
    worker = make_worker(app)
    [duty] = [each for each in worker.duties if each.name == "purge tombstones"]
    return worker.perform(duty)


def purges(app):
    works(app)
    a_minute_passes(app)
    while works(app):
        pass


def dead(app):
    with app.readers() as session:
        return session.scalar(select(func.count()).where(FeedRow.live.is_(False)))


def horizon(app):
    with app.readers() as session:
        return session.get(FeedHorizon, 1).seq


def raised(app):
    with app.readers() as session:
        query = select(AuditEntry.details).where(AuditEntry.action == "feed.horizon-raised")
        return [each["seq"] for each in session.scalars(query.order_by(AuditEntry.seq))]


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


def withdraw(planner, task):
    planner.post(f"/api/v1/tasks/{task}/withdraw", {"reason": "停产"})


def test_what_left_long_ago_is_forgotten_and_the_horizon_says_so_in_the_log(visit, app, planner):
    withdraw(planner, visit.task)
    assert dead(app) == 4  # task and object, on two phones
    works(app)
    a_minute_passes(app)
    assert (works(app), raised(app), dead(app)) == (0, [], 4)

    days_pass(app)
    a_minute_passes(app)
    assert works(app) == 0, "the horizon rises first, and nothing is purged yet"
    assert (raised(app), dead(app)) == ([horizon(app)], 4)
    a_minute_passes(app)
    assert works(app) == 1

    assert (dead(app), works(app)) == (0, 0)
    assert raised(app) == [horizon(app)]


def test_a_phone_that_was_away_for_too_long_begins_from_zero_and_keeps_its_work(visit, app, cast, planner):
    other = cast.task(visit.lead, visit.second)
    visit.lead.pulls()
    record = visit.lead.fills(visit.task)
    withdraw(planner, visit.task)
    days_pass(app)
    purges(app)

    answer = visit.lead.get(PULL, query_string={"cursor": visit.lead.state.cursor}, expect=410)
    assert (answer["code"], answer["reset"]) == ("feed.reset", "horizon")
    visit.lead.pulls()

    assert list(visit.lead.shows("task")) == [str(other)]
    assert [key[1] for key in visit.lead.state.view.withdrawn if key[0] == "task"] == [str(visit.task)]
    [pushed] = visit.lead.pushes()
    assert (pushed["outcome"], pushed["flags"]) == ("accepted_late", ["task_withdrawn"])
    assert str(record) not in visit.lead.shows("record")


def test_a_phone_within_the_window_still_hears_what_left_it(visit, app, cast, planner):
    older = cast.task(visit.lead, visit.second)
    visit.lead.pulls()
    withdraw(planner, older)
    visit.lead.pulls()
    days_pass(app)
    withdraw(planner, visit.task)
    purges(app)

    page = visit.lead.get(PULL, query_string={"cursor": visit.lead.state.cursor})

    drops = {(item["op"], item["kind"]) for item in page["items"]}
    assert drops == {("drop", "task"), ("drop", "object")}
    assert dead(app) == 4
    answer = visit.second.get(PULL, query_string={"cursor": visit.second.state.cursor}, expect=410)
    assert answer["reset"] == "horizon"


@pytest.mark.parametrize("begins", ["before the horizon", "after it"])
def test_a_first_sync_that_is_under_way_is_reset_at_most_once(visit, app, cast, planner, begins):
    tasks = [cast.task(visit.lead, visit.second) for _ in range(3)]
    early = visit.lead.get(PULL, query_string={"limit": 1})
    withdraw(planner, visit.task)
    withdraw(planner, tasks[0])
    days_pass(app)
    begun = early if begins == "before the horizon" else visit.lead.get(PULL, query_string={"limit": 1})
    purges(app)

    held, resets = reads_on(visit.lead, begun, between=lambda: purges(app))

    assert resets == (1 if begins == "before the horizon" else 0)
    assert {name for kind, name in held if kind == "task"} == {str(each) for each in tasks[1:]}


def reads_on(phone, page, between):
    """Read pages of one item to the end; returns what is held and how often it had to begin anew."""
    held, resets = {(item["kind"], item["id"]) for item in page["items"]}, 0
    while page["more"]:
        answer = phone.call("GET", PULL, query_string={"cursor": page["next"], "limit": 1})
        page = answer.get_json()
        if answer.status_code == 410:
            held, resets = set(), resets + 1
            page = phone.get(PULL, query_string={"limit": 1})
        between()
        for item in page["items"]:
            key = (item["kind"], item["id"])
            held = held | {key} if item["op"] == "put" else held - {key}
    return held, resets


def test_a_purge_goes_by_chunks_the_oldest_first(visit, app, cast, planner, monkeypatch):
    for _ in range(2):
        withdraw(planner, cast.task(visit.lead, visit.second))
    days_pass(app)
    works(app)
    a_minute_passes(app)
    monkeypatch.setattr(tombstones, "CHUNK", 3)

    left = []
    while works(app):
        left.append(dead(app))

    assert left == [5, 2, 0]
    assert len(raised(app)) == 1


def test_what_came_back_is_not_forgotten(visit, app, cast, planner):
    third = cast.phone()
    certify(app, visit.lead, visit.second, third)
    body = {"lead": str(third.person_id), "assisting": [str(visit.second.person_id)], "reason": "调整"}
    planner.post(f"/api/v1/tasks/{visit.task}/reassign", body)
    back = {**body, "lead": str(visit.lead.person_id)}
    planner.post(f"/api/v1/tasks/{visit.task}/reassign", back)
    days_pass(app)
    purges(app)

    visit.lead.pulls()
    visit.second.pulls()
    third.pulls()

    assert [len(each.shows("task")) for each in (visit.lead, visit.second, third)] == [1, 1, 0]


def test_a_purge_steps_over_what_somebody_is_granting_again(postgres_app):
    app = postgres_app
    recipients = [f"user:{number}" for number in range(3)]
    with audit.transaction(app.sessions) as session:
        for each in recipients:
            feed.grant(session, each, "task", "t", "why")
        audit.append(session, SYSTEM, "made.up", ("test", "1"))
    with audit.transaction(app.sessions) as session:
        for each in recipients:
            feed.revoke(session, each, "task", "t", "why", "over")
        audit.append(session, SYSTEM, "made.up", ("test", "2"))
    purging = Tombstones(timedelta(days=90))

    with app.sessions() as granting:
        feed.grant(granting, recipients[1], "task", "t", "again")
        audit.append(granting, SYSTEM, "made.up", ("test", "3"))
        audit.seal(granting)
        with audit.transaction(app.sessions) as session:
            purging.settle(session, 10, 0)
        granting.commit()

    with app.readers() as session:
        rows = session.execute(select(FeedRow.recipient, FeedRow.live)).all()
    assert [tuple(row) for row in rows] == [(recipients[1], True)]


def test_the_newest_tombstone_is_found_by_its_own_index(session, database):
    explain = "explain query plan " if database.name == "sqlite" else "explain "
    if database.name != "sqlite":
        session.execute(text("set local enable_seqscan = off"))
    statement = tombstones.newest_dead_below(5).compile(
        session.connection(), compile_kwargs={"literal_binds": True}
    )
    plan = " ".join(str(row) for row in session.execute(text(f"{explain}{statement}")))
    assert "ix_feed_dead_seq" in plan


def test_a_phone_that_asks_every_day_never_meets_the_horizon(visit, app, cast, planner):
    """Nothing is new for it, so it keeps its cursor; what leaves others meanwhile lets the horizon jump."""
    other = cast.phone()
    elsewhere = cast.task(other)
    visit.lead.pulls()
    days_pass(app, 100)
    asks(visit.lead)
    withdraw(planner, elsewhere)
    asks(visit.lead)
    days_pass(app, 95)
    asks(visit.lead)
    a_minute_passes(app)
    purges(app)
    assert raised(app) == [horizon(app)]

    assert asks(visit.lead) in {200, 204}


def asks(phone):
    """Pull as a phone does that goes on with the cursor it has where nothing is new."""
    query = {"cursor": phone.state.cursor}
    answer = phone.call("GET", PULL, query_string=query, headers={"Prefer": "return=minimal"})
    if answer.status_code == 200:
        phone.state = replace(phone.state, cursor=answer.get_json()["next"])
    return answer.status_code
