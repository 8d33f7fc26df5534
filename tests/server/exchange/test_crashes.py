"""A server killed between any two statements of a push loses nothing it gave a receipt for and doubles nothing."""

import json
import os
from uuid import UUID

import pytest
from sqlalchemy import func, select

from server import audit, feed
from server.db import open_engine, open_sessions
from server.exchange.models import PushedOperation
from server.inspections.models import Record, Revision
from sync import verify_receipt
from tests.nursery import Forked
from tests.server.exchange.crashing import die_everywhere


@pytest.fixture(scope="module")
def deaths(database, tmp_path_factory):
    """What `crashing` reports, and the database it leaves behind."""
    folder = tmp_path_factory.mktemp("deaths")
    url = database.fresh_url(folder)
    assert Forked(os.environ, die_everywhere, url, folder).wait(180) == 0
    engine = open_engine(url)
    with open_sessions(engine)[1]() as session:
        yield json.loads((folder / "report").read_text()), session
    engine.dispose()


def test_the_server_died_at_every_statement_before_and_after_the_commit(deaths):
    lives = deaths[0]["lives"]
    assert [life["survived"] for life in lives] == [False] * (len(lives) - 1) + [True]
    assert len(lives) > 25
    replayed = [life["reply"]["items"][0]["replayed"] for life in lives]
    # Dead before the commit: nothing was there. Dead after it: all was, and the retry got the stored answer.
    assert replayed == sorted(replayed)
    assert replayed.count(True) == 2
    assert [life["held"] for life in lives] == [2 if each else 0 for each in replayed]


def test_every_push_was_answered_in_the_end_with_receipts_that_stand_in_the_chain(deaths):
    given, session = deaths
    assert audit.verify_chain(session) is None
    for life in given["lives"]:
        for answer in life["reply"]["items"]:
            assert answer["outcome"] == "accepted"
            said = verify_receipt(given["keys"][0], answer["receipt"])
            entry = session.get_one(audit.AuditEntry, said["seq"])
            assert (entry.hash, entry.subject) == (said["hash"], answer["rev"])


def test_nothing_is_there_twice(deaths):
    given, session = deaths
    lives = len(given["lives"])
    accepted = select(audit.AuditEntry.subject).where(audit.AuditEntry.action == "revision.accepted")
    subjects = list(session.scalars(accepted))
    sent = [item["rev"] for body in given["bodies"][:lives] for item in body["items"]]

    assert sorted(subjects) == sorted(sent)
    assert sorted(session.scalars(select(Revision.rev))) == sorted(sent)
    assert session.scalar(select(func.count()).select_from(PushedOperation)) == 2 * lives
    assert session.scalar(select(func.count()).select_from(Record)) == lives


def test_everybody_on_the_task_sees_every_record_in_its_last_state(deaths):
    given, session = deaths
    records = {str(each.id): each for each in session.scalars(select(Record))}
    for life in given["lives"]:
        assert [life["reply"]["items"][-1]["heads"]] == [
            each.heads for each in records.values() if each.heads == life["reply"]["items"][-1]["heads"]
        ]
    for person in given["people"]:
        rows = session.execute(
            select(feed.FeedRow.entity, feed.FeedRow.live).where(
                feed.FeedRow.recipient == feed.user(UUID(person)), feed.FeedRow.kind == "record"
            )
        ).all()
        assert dict(tuple(row) for row in rows) == dict.fromkeys(records, True)
