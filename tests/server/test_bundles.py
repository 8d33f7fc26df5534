"""Selections that are asked together find what each finds by itself, on both databases."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy import Boolean, Date, Double, Numeric, insert, literal, null, select, text

from server.access import Role
from server.accounts.models import Person
from server.bundles import Bundle
from server.db import is_postgresql
from server.inspections import gathering
from server.inspections.assigned import ASSIGNED
from server.inspections.models import Revision

AT = datetime(2026, 7, 1, 8, 30, 0, 120000, tzinfo=UTC)


@pytest.fixture
def revisions(session, cast):
    """Revisions with JSON of every kind, and moments with and without a fraction of a second."""
    person = cast.person(Role.INSPECTOR).person_id
    answers = {
        "/data/a": 1.0,
        "/data/b": ["x", None, True],
        "/data/c": "二 \\ \" ' %s :ids {}",
        "/data/d": 1e-7,
    }
    rows = [
        {
            "rev": f"sha256:{number:064}", "data": b"{}", "received_at": at, "author_id": person,
            "status": "received", "parents": [], "findings": [], "media": [], "flags": [], "answers": said,
        }
        for number, (at, said) in enumerate([(AT, answers), (AT.replace(microsecond=0), {}), (AT, None)])
    ]  # fmt: skip
    session.execute(insert(Revision.__table__), rows)
    return Revision.__table__.c


def test_rows_come_as_they_do_alone_in_order_and_of_the_same_types(session, revisions):
    told = (revisions.rev, revisions.received_at, revisions.author_id, revisions.answers, revisions.reason)
    newest = select(*told).order_by(revisions.rev.desc())
    among = select(*told).where(gathering.among(revisions.rev)).order_by(revisions.rev)
    asked = {"ids": [f"sha256:{number:064}" for number in (0, 2, 7)]}
    found = Bundle({"newest": newest, "among": among}).read(session, asked)
    for name, alone in (("newest", session.execute(newest)), ("among", session.execute(among, asked))):
        rows = alone.all()
        assert [tuple(row) for row in found[name]] == [tuple(row) for row in rows]
        assert [[*map(type, row)] for row in found[name]] == [[*map(type, row)] for row in rows]
        assert [row.received_at for row in found[name]] == [row.received_at for row in rows]
    assert len(found["newest"]) == 3
    assert len(found["among"]) == 2


def test_numbers_and_days_keep_their_types_and_what_finds_nothing_has_no_rows(session, revisions):
    day = literal(date(2026, 7, 1), Date()).label("day")
    values = (literal(2.0, Double()).label("whole"), literal(0.1, Double()).label("part"), day)
    found = Bundle(
        {
            "values": select(*values, null().label("missing"), literal(True, Boolean()).label("yes")),
            "none": select(revisions.rev).where(gathering.among(revisions.rev)),
        }
    ).read(session, {"ids": []})
    [row] = found["values"]
    assert (row.whole, row.part, row.day, row.missing, row.yes) == (2.0, 0.1, date(2026, 7, 1), None, True)
    assert [*map(type, row)] == [float, float, date, type(None), bool]
    assert list(found["none"]) == []


def test_what_json_would_tell_as_something_else_is_no_part_of_a_bundle(revisions):
    for column in (revisions.data, literal(1, Numeric()).label("exact")):
        with pytest.raises(TypeError, match=column.name):
            Bundle({"told": select(revisions.rev, column)})


def test_what_is_asked_about_tasks_is_one_statement_that_is_planned_once_on_postgresql(session, cast):
    home = session.get_one(Person, cast.person(Role.INSPECTOR).person_id).organisation_id
    about = {
        "tasks": [uuid4()], "bureaus": [home], "objects": [], "plans": [], "forms": [],
        "items": [], "day": AT.date(), "year": 2025, "begin": AT,
    }  # fmt: skip
    bundle = Bundle(ASSIGNED | gathering.BESIDE)
    for _ in range(14):  # the driver prepares what came five times, and five times more it is planned anew
        [bureau] = bundle.read(session, about)["bureaus"]
        assert bureau.id == home
    if is_postgresql(session):
        prepared = text(
            "select generic_plans > 0 from pg_prepared_statements where statement like '%last_visits%'"
        )
        assert session.execute(prepared).scalars().all() == [True]
