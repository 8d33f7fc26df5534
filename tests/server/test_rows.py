"""Rows that are written together are those that are written one by one, on both databases."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from server.access import Role
from server.feed import FeedRow
from server.inspections.models import Revision
from server.rows import insert_new, insert_rows, update_rows

AT = datetime(2026, 7, 1, 8, 30, 0, 123456, tzinfo=UTC)
REVISIONS = Revision.__table__


def _revision(rev: str, person, data: bytes) -> dict:
    return {
        "rev": rev, "data": data, "received_at": AT, "author_id": person, "status": "received", "parents": [],
        "findings": [], "media": [], "flags": ["界石 \\ \" '"],
    }  # fmt: skip


def test_new_rows_are_told_from_those_that_are_there_and_come_back_as_they_were_given(session, cast):
    person = cast.person(Role.INSPECTOR).person_id
    every = [_revision(f"sha256:{number:064}", person, bytes(range(256)) * number) for number in range(4)]
    assert insert_new(session, REVISIONS, every[1:3]) == {every[1]["rev"], every[2]["rev"]}
    changed = every[1] | {"data": b"something else"}
    assert insert_new(session, REVISIONS, [every[0], changed, every[3]]) == {every[0]["rev"], every[3]["rev"]}
    assert insert_new(session, REVISIONS, []) == set()
    names = [REVISIONS.c[name] for name in every[0]]
    assert [dict(row) for row in session.execute(select(*names).order_by("rev")).mappings()] == every


def test_an_update_changes_the_rows_that_it_names_and_what_it_names_of_them(session, cast):
    person = cast.person(Role.INSPECTOR).person_id
    first, second, third = (_revision(f"sha256:{number:064}", person, b"{}") for number in range(3))
    insert_rows(session, REVISIONS, [first, second, third])
    answers = {
        "/data/a": [1.5, 1e16, 1.0, 0.1 + 0.2, -0.0, 2**53 + 1, 10**30], "/data/b": ["x", None, True], "/data/c": "二\u2028\t",
    }  # fmt: skip
    update_rows(
        session,
        REVISIONS,
        [
            {"rev": row["rev"], "status": status, "answers": said, "reason": None}
            for row, status, said in ((second, "late", answers), (first, "accepted", None))
        ],
    )
    columns = (Revision.status, Revision.answers, Revision.reason, Revision.received_at)
    assert session.execute(select(*columns).order_by(Revision.rev)).all() == [
        ("accepted", None, None, AT),
        ("late", answers, None, AT),
        ("received", None, None, AT),
    ]


def test_rows_are_updated_by_other_columns_than_their_key_as_many_as_there_are(session):
    entity, other = str(uuid4()), str(uuid4())
    rows = [
        {"recipient": who, "kind": "task", "entity": which, "seq": 1, "live": live, "why": None}
        for who, which, live in (
            ("user:a", entity, True),
            ("user:b", entity, True),
            ("user:c", entity, False),
            ("user:a", other, True),
        )
    ]
    insert_rows(session, FeedRow.__table__, rows)
    told = [
        {"kind": "task", "entity": entity, "live": True, "seq": 5},
        {"kind": "record", "entity": other, "live": True, "seq": 6},
    ]
    update_rows(session, FeedRow.__table__, told, by=("kind", "entity", "live"))
    query = select(FeedRow.recipient, FeedRow.seq).order_by(FeedRow.recipient, FeedRow.seq)
    stored = session.execute(query.where(FeedRow.entity.in_([entity, other]))).all()
    assert stored == [("user:a", 1), ("user:a", 5), ("user:b", 5), ("user:c", 1)]


def test_of_a_row_that_is_there_only_what_is_named_is_taken_over(session):
    row = {"recipient": "user:a", "kind": "task", "entity": str(uuid4()), "seq": 7, "live": True, "why": None}
    insert_rows(session, FeedRow.__table__, [row], known=("seq",))
    insert_rows(session, FeedRow.__table__, [row | {"seq": 9, "live": False, "why": "gone"}], known=("seq",))
    insert_rows(session, FeedRow.__table__, [row | {"seq": 11}], known=())
    stored = (
        session.execute(select(FeedRow.__table__).where(FeedRow.entity == row["entity"])).mappings().one()
    )
    assert dict(stored) == row | {"seq": 9}


def test_a_column_is_never_left_to_its_default_which_only_one_of_the_databases_would_be_told(session, cast):
    row = _revision(f"sha256:{7:064}", cast.person(Role.INSPECTOR).person_id, b"{}")
    del row["status"]
    with pytest.raises(ValueError, match="status"):
        insert_new(session, REVISIONS, [row])
