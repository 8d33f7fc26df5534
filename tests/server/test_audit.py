"""The audit log: chained, gap-free, the sequencer of the feed."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from server import audit, clock, feed
from server.access import SYSTEM
from server.audit import AuditEntry
from server.feed import FeedRow


def note(session, subject="1", action="thing.done"):
    return audit.append(session, SYSTEM, action, ("thing", subject), {"名称": "界桩", "n": 1})


def rows(session, recipient):
    query = select(FeedRow).where(FeedRow.recipient == recipient).order_by(FeedRow.seq)
    return [
        (row.kind, row.entity, row.live, row.seq)
        for row in session.scalars(query.execution_options(populate_existing=True))
    ]


def test_facts_are_numbered_without_gaps_and_chained(session):
    before, _ = audit.head(session)
    facts = [note(session, str(n)) for n in range(3)]
    audit.seal(session)

    assert [fact.seq for fact in facts] == [before + 1, before + 2, before + 3]
    assert audit.verify_chain(session) is None


def test_one_altered_entry_breaks_the_chain_where_it_was_altered(session):
    facts = [note(session, str(n)) for n in range(4)]
    audit.seal(session)
    session.execute(update(AuditEntry).where(AuditEntry.seq == facts[1].seq).values(details={"名称": "别的"}))

    assert audit.verify_chain(session) == facts[1].seq


def test_one_missing_entry_breaks_the_chain(session):
    facts = [note(session, str(n)) for n in range(3)]
    audit.seal(session)
    session.execute(text("delete from audit where seq = :seq"), {"seq": facts[1].seq})

    assert audit.verify_chain(session) == facts[1].seq


def test_an_item_that_fails_leaves_no_fact_and_no_feed_change(session):
    note(session, "kept")

    def fail():
        with audit.savepoint(session):
            feed.grant(session, "user:a", "task", "t1", "task:t1")
            note(session, "lost")
            raise ValueError("poison")

    with pytest.raises(ValueError, match="poison"):
        fail()
    facts = audit.seal(session)

    assert [fact.subject for fact in facts] == ["kept"]
    assert rows(session, "user:a") == []


def test_a_feed_change_without_a_fact_is_a_programmers_error(session):
    feed.touch(session, "task", "t1")

    with pytest.raises(RuntimeError, match="without a fact"):
        audit.seal(session)
    feed.waiting(session).clear()


def test_an_entity_drops_only_when_its_last_reason_is_gone(session):
    person = feed.user(uuid4())
    for task in ("a", "b"):
        feed.grant(session, person, "object", "mine", f"task:{task}")
    note(session)
    audit.seal(session)

    feed.revoke(session, person, "object", "mine", "task:a", "reassigned")
    note(session)
    audit.seal(session)
    assert feed.sees(session, person, "object", "mine")

    feed.revoke(session, person, "object", "mine", "task:b", "reassigned")
    note(session)
    audit.seal(session)
    assert not feed.sees(session, person, "object", "mine")


def test_a_touch_moves_the_row_of_everyone_who_sees_it_and_nobody_else(session):
    ann, bob, eve = (feed.user(uuid4()) for _ in range(3))
    for person in (ann, bob, eve):
        feed.grant(session, person, "task", "t1", "task:t1")
    note(session)
    audit.seal(session)
    feed.revoke(session, eve, "task", "t1", "task:t1", "withdrawn")
    gone = note(session)
    audit.seal(session)
    feed.touch(session, "task", "t1")
    touched = note(session)
    audit.seal(session)

    assert rows(session, ann) == [("task", "t1", True, touched.seq)]
    assert rows(session, bob) == [("task", "t1", True, touched.seq)]
    assert rows(session, eve) == [("task", "t1", False, gone.seq)]


def test_of_a_grant_and_a_revoke_in_one_transaction_the_last_holds(session):
    person = feed.user(uuid4())
    feed.grant(session, person, "task", "t1", "task:t1")
    feed.revoke(session, person, "task", "t1", "task:t1", "withdrawn")
    feed.grant(session, person, "task", "t1", "task:t1")
    fact = note(session)
    audit.seal(session)

    assert rows(session, person) == [("task", "t1", True, fact.seq)]


def test_concurrent_writers_leave_one_chain_without_gaps(fresh_app):
    failures = []

    def write(name):
        try:
            for n in range(15):
                with audit.transaction(fresh_app.sessions) as session:
                    note(session, f"{name}-{n}")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with fresh_app.readers() as session:
        assert audit.head(session)[0] == 90
        assert audit.verify_chain(session) is None


def test_the_number_of_a_moment_is_that_of_the_last_entry_until_then(session):
    begin = clock.now()
    for _ in range(9):
        note(session)
        audit.seal(session)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.at >= begin).order_by(AuditEntry.seq)).all()

    assert len(entries) == 9
    for entry in entries:
        assert audit.number_at(session, entry.at) == max(each.seq for each in entries if each.at <= entry.at)
    assert audit.number_at(session, begin - timedelta(days=400)) == 0
    assert audit.number_at(session, clock.now()) == entries[-1].seq


def test_a_grant_and_another_reasons_revocation_in_one_transaction_leave_what_is_seen(session):
    mine = feed.user(uuid4())
    feed.grant(session, mine, "thing", "a", "first")
    feed.revoke(session, mine, "thing", "a", "never given", "gone")
    feed.grant(session, mine, "thing", "b", "first")
    feed.revoke(session, mine, "thing", "b", "first", "gone")
    note(session)
    audit.seal(session)

    assert [row[:3] for row in sorted(rows(session, mine))] == [("thing", "a", True), ("thing", "b", False)]
