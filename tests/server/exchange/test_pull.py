"""Pulling: everything one may see, once, in its newest state, from a cursor that only the server can make."""

import hashlib
from operator import itemgetter
from uuid import uuid4

import pytest
from sqlalchemy import text

from server import audit, feed
from server.access import SYSTEM, Role
from server.exchange.scope import SHARED
from server.inspections.models import Task
from sync import Cursor, read_beacon, seal, unseal
from tests.actors import Cast
from tests.actors.author import author
from tests.actors.phone import SPOT_CHECK

PULL = "/api/v1/sync/pull"


def pull(phone, cursor=None, limit=None, expect=200):
    query = {"cursor": cursor, "limit": limit}
    return phone.get(PULL, query_string={k: v for k, v in query.items() if v is not None}, expect=expect)


def publish(cast, source):
    author(cast).writes_and_publishes(source)


def test_a_first_pull_gives_everything_one_may_see(visit):
    page = pull(visit.lead)

    assert {(item["op"], item["kind"], item.get("via")) for item in page["items"]} == {
        ("put", "task", None),
        ("put", "object", None),
        ("put", "form", "forms"),
    }
    assert (page["more"], page["durable_seq"], page["epoch"]) == (False, 0, visit.lead.state.epoch)
    beacon = read_beacon(visit.lead.session["server_keys"][0], page["beacon"])
    assert beacon.epoch == page["epoch"]


def test_with_nothing_new_a_pull_is_empty_and_the_cursor_keeps_up(visit, app, cast):
    page = pull(visit.lead, visit.lead.state.cursor)
    cast.signed_in(Role.INSPECTOR)
    later = pull(visit.lead, page["next"])

    assert page["items"] == later["items"] == []
    secret = app.installation.secret
    assert unseal(later["next"], secret).position > unseal(page["next"], secret).position


def test_what_changed_comes_once_in_its_newest_state(visit):
    record = visit.lead.fills(visit.task)
    for _ in range(3):
        visit.lead.corrects(record)
    answers = visit.lead.pushes()

    page = pull(visit.lead, visit.lead.state.cursor)

    [item] = [each for each in page["items"] if each["kind"] == "record"]
    assert (item["op"], item["id"]) == ("put", str(record))
    assert item["body"]["heads"] == answers[-1]["heads"]


def test_small_pages_give_the_same_as_one_large(visit, cast):
    for _ in range(7):
        cast.task(visit.lead, visit.second)
    for _ in range(5):
        visit.lead.fills(visit.task)
    visit.lead.pushes()
    whole = pull(visit.lead)["items"]

    items, cursor, more = [], None, True
    while more:
        page = pull(visit.lead, cursor, limit=3)
        cursor, more = page["next"], page["more"]
        items += page["items"]

    assert sorted(items, key=itemgetter("kind", "id")) == sorted(whole, key=itemgetter("kind", "id"))


def test_what_is_granted_in_one_fact_is_never_split_over_pages(visit, app):
    with audit.transaction(app.sessions) as session:
        task = session.get(Task, visit.task)
        for _ in range(9):
            same = Task(**{c.name: getattr(task, c.name) for c in Task.__table__.columns if c.name != "id"})
            session.add(same)
            session.flush()
            feed.grant(session, feed.user(visit.lead.person_id), "task", same.id, "together")
        audit.append(session, SYSTEM, "tasks.made", ("task", task.id))

    page = pull(visit.lead, visit.lead.state.cursor, limit=2)

    assert len(page["items"]) == 9


def test_a_new_form_version_reaches_every_phone_through_the_channel(visit, cast):
    publish(cast, SPOT_CHECK.replace("| spot_check | 1 |", "| spot_check | 2 |"))

    visit.lead.pulls()
    [item] = pull(visit.second, visit.second.state.cursor)["items"]

    assert visit.lead.shows("form")["spot_check"]["version"] == "2"
    assert (item["kind"], item["id"], item["via"], item["body"]["version"]) == (
        "form",
        "spot_check",
        "forms",
        "2",
    )


def test_a_channel_that_is_left_is_told_as_a_drop(visit, app):
    cursor = Cursor(visit.lead.state.epoch, str(visit.lead.person_id), 1, {"forms": 1, "region-140000": 1})

    page = pull(visit.lead, seal(cursor, app.installation.secret))

    assert set(SHARED) == {"forms", "lists"}
    drop = page["items"][-1]
    assert (drop["op"], drop["kind"], drop["id"]) == ("drop", "channel", "region-140000")


# Resets


def reset_of(phone, cursor):
    answer = pull(phone, cursor, expect=410)
    assert answer["code"] == "feed.reset"
    return answer["reset"]


def test_a_cursor_of_another_person_epoch_or_server_begins_anew(visit, app):
    mine, secret = visit.lead.state.cursor, app.installation.secret
    foreign = seal(Cursor("01OLD", str(visit.lead.person_id), 1, {}), secret)

    assert reset_of(visit.second, mine) == "user"
    assert reset_of(visit.lead, foreign) == "epoch"
    assert reset_of(visit.lead, seal(unseal(mine, secret), b"another secret")) == "epoch"
    assert reset_of(visit.lead, "made.up") == "epoch"
    assert pull(visit.lead, mine[:-2] + "AA", expect=410)["epoch"] == visit.lead.state.epoch


@pytest.mark.parametrize("written_on", [False, True])
def test_a_phone_that_has_seen_what_the_database_does_not_hold_begins_a_new_epoch(fresh_app, written_on):
    cast = Cast(fresh_app)
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    lead.syncs()
    record = lead.fills(task)
    lead.syncs()
    before = lead.state.epoch
    with fresh_app.sessions.begin() as session:
        # A backup from before the record is put back, without anybody telling the server.
        lost = "(select max(seq) from audit where action = 'task.opened')"
        for table in ("media_link", "revision", "record", "pushed_operation"):
            session.execute(text(f"delete from {table}"))
        session.execute(text("delete from feed where kind = 'record'"))
        session.execute(text(f"update feed set seq = 1 where seq > {lost}"))
        session.execute(text(f"delete from audit where seq > {lost}"))
    if written_on:
        # New writes overtake what was lost before any phone comes: only the hash tells the two pasts apart.
        position = unseal(lead.state.cursor, fresh_app.installation.secret).position
        with audit.transaction(fresh_app.sessions) as session:
            for _ in range(position):
                audit.append(session, SYSTEM, "thing.done", ("thing", "1"))

    lead.pulls()
    assert lead.state.epoch > before
    lead.syncs()

    assert (lead.state.outbox, lead.state.need_reoffer, lead.state.need_sweep) == ((), False, False)
    assert lead.record(record)["state"] == "under_review"


# Blobs


def test_a_forms_bytes_are_served_for_good(visit):
    body = visit.lead.shows("form")["spot_check"]
    response = visit.lead.call("GET", f"/api/v1/sync/blobs/{body['sha256']}")

    assert hashlib.sha256(response.data).hexdigest() == body["sha256"]
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["ETag"] == f'"{body["sha256"]}"'


def test_the_other_inspector_can_fetch_a_heads_bytes_and_a_stranger_can_not(visit, cast):
    visit.lead.fills(visit.task)
    [answer] = visit.lead.pushes()
    blob = f"/api/v1/sync/blobs/{answer['rev'].removeprefix('sha256:')}"

    data = visit.second.call("GET", blob).data

    assert "sha256:" + hashlib.sha256(data).hexdigest() == answer["rev"]
    assert cast.phone().get(blob, expect=404)["code"] == "blob.not-found"
    assert visit.lead.get(f"/api/v1/sync/blobs/{uuid4().hex}", expect=404)["code"] == "blob.not-found"


# What it costs


@pytest.mark.parametrize("limit", ["0", "501", "x"])
def test_a_page_has_a_sensible_size(visit, limit):
    assert pull(visit.lead, limit=limit, expect=422)["code"] == "request.invalid"


def test_a_pull_takes_the_same_statements_for_fifty_changes_as_for_one(visit, cast, statements):
    def cost():
        statements.clear()
        page = pull(visit.lead, visit.lead.state.cursor)
        asked = [each for each in statements if "SAVEPOINT" not in each]
        return asked, len([each for each in page["items"] if each["kind"] == "record"])

    visit.lead.fills(visit.task)
    visit.lead.pushes()
    for_one = cost()
    for _ in range(49):
        visit.lead.fills(visit.task)
    visit.lead.pushes()

    assert for_one[1] == 1
    assert cost() == (for_one[0], 50)


def test_the_feed_is_read_by_its_index(visit, session, database):
    if database.name == "sqlite":
        explain = "explain query plan "
    else:
        session.execute(text("set local enable_seqscan = off"))
        explain = "explain "
    query = (
        "select kind, entity, seq, live, why from feed where recipient = 'user:x' and seq > 5 "
        "order by seq, kind, entity limit 201"
    )
    plan = " ".join(str(row) for row in session.execute(text(explain + query)))
    assert "ix_feed_recipient_seq" in plan
