"""Migrations build exactly the tables that the code declares, and can be undone."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import BigInteger, LargeBinary, Text, Uuid, column, insert, inspect, select, table, text

from server import clock, tables
from server.accounts.models import Organisation, Person, Region
from server.db import Base, JsonType, UtcDateTime, open_engine
from server.draws.models import Draw, DrawnVisit
from server.exchange.models import QuarantinedItem
from server.inspections.models import QuarantineCase, Record, Revision, Task
from server.migrate import migrate, pending_revisions
from server.planning.models import Plan, PlannedInspection
from server.registry.models import InspectedObject
from server.results.models import Deadline, Result, ResultVersion
from tests.planting import filled


@pytest.fixture
def empty_engine(database, tmp_path):
    engine = open_engine(database.empty_url(tmp_path))
    yield engine
    engine.dispose()


def test_migrating_up_builds_what_the_code_declares(empty_engine):
    assert tables.ALL
    migrate(empty_engine)

    with empty_engine.connect() as connection:
        assert pending_revisions(connection) == []
        difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert difference == []


def test_migrating_down_leaves_nothing_and_up_again_works(empty_engine):
    migrate(empty_engine)
    migrate(empty_engine, "base")
    assert set(inspect(empty_engine).get_table_names()) <= {"alembic_version"}

    with empty_engine.connect() as connection:
        assert pending_revisions(connection)
    migrate(empty_engine)
    assert "audit" in inspect(empty_engine).get_table_names()


def test_postgresql_packs_what_is_large_with_lz4_where_it_can(on_postgres, tmp_path):
    engine = open_engine(on_postgres.empty_url(tmp_path))
    migrate(engine)
    with engine.connect() as connection:
        there = connection.scalar(
            text("select enumvals from pg_settings where name = 'default_toast_compression'")
        )
        packed = connection.execute(
            text(
                "select attrelid::regclass || '.' || attname from pg_attribute where attcompression = :how"
                " and attrelid in ('revision'::regclass, 'pushed_operation'::regclass)"
            ),
            {"how": "l"},
        ).scalars()
        wanted = {"revision.data", "revision.answers", "revision.findings", "pushed_operation.reply"}
        assert set(packed) == (wanted if "lz4" in there else set())
    engine.dispose()


def test_migrating_twice_changes_nothing(empty_engine):
    migrate(empty_engine)
    migrate(empty_engine)

    with empty_engine.connect() as connection:
        assert pending_revisions(connection) == []


def test_photos_that_were_there_before_are_looked_into_again_the_newest_first(empty_engine):
    # Written by hand: the table of that time, not of today's code.
    moments, words = ("stored_at", "inspect_after"), ("sha256", "family", "state")
    media = table(
        "media_object",
        *(column(name, Text()) for name in words),
        *(column(name, UtcDateTime()) for name in moments),
        column("size", BigInteger()),
        column("facts", JsonType),
    )
    migrate(empty_engine, "20261125_02")
    began = clock.now()
    rows = [
        {"sha256": name, "size": 1, "family": family, "state": "stored", "facts": {}, "stored_at": moment}
        for name, family, moment in [
            ("old", "image", began - timedelta(days=300)),
            ("new", "image", began - timedelta(days=1)),
            ("sound", "audio", began),
        ]
    ]
    with empty_engine.begin() as connection:
        connection.execute(media.insert(), rows)
    migrate(empty_engine)

    with empty_engine.connect() as connection:
        found = connection.execute(select(media.c.sha256, media.c.inspect_after))
        again = dict(found.all())
    assert again["sound"] == began
    assert began <= again["new"] < again["old"] < began + timedelta(minutes=5)


def test_everything_that_was_in_quarantine_before_has_a_case(empty_engine):
    # Written by hand: the table of that time, not of today's code.
    texts = ("rev", "status", "reason")
    lists = ("parents", "findings", "media", "flags")
    revisions = table(
        "revision",
        *(column(name, Text()) for name in texts),
        *(column(name, JsonType) for name in lists),
        column("data", LargeBinary()),
        column("author_id", Uuid()),
        column("received_at", UtcDateTime()),
    )
    migrate(empty_engine, "20261126_06")
    now, sender, office, op, task, record = clock.now(), uuid4(), uuid4(), uuid4(), uuid4(), uuid4()
    claims = {"task": str(task), "record": str(record), "form": "spot_check", "form_version": "2"}
    told = {"author_id": sender, "received_at": now} | {name: [] for name in lists}
    rows = [
        {
            "rev": "read",
            "data": json.dumps(claims).encode(),
            "status": "quarantined",
            "reason": "task.unknown",
        },
        {"rev": "unread", "data": b"\xff", "status": "quarantined", "reason": "revision.not-json"},
        {
            "rev": "odd",
            "data": json.dumps(claims | {"form": "\0"}).encode(),
            "status": "quarantined",
            "reason": "x",
        },
        {"rev": "taken", "data": b"{}", "status": "accepted", "reason": None},
    ]
    person = {
        "username": "p",
        "name": "p",
        "password_hash": "",
        "roles": [],
        "active": True,
        "failed_sign_ins": 0,
    }
    with empty_engine.begin() as connection:
        connection.execute(insert(Region).values(code="140522", name="阳城县"))
        connection.execute(insert(Organisation).values(id=office, name="o", region="140522", rules={}))
        connection.execute(
            insert(Person).values(id=sender, organisation_id=office, region="140522", **person)
        )
        connection.execute(revisions.insert(), [row | told for row in rows])
        connection.execute(
            insert(QuarantinedItem).values(
                op=op, person_id=sender, reason="item.x", raw=b"{}", received_at=now
            )
        )
    migrate(empty_engine)

    with empty_engine.connect() as connection:
        cases = {case.rev or case.op: case for case in connection.execute(select(QuarantineCase.__table__))}
    assert set(cases) == {"read", "unread", "odd", op}
    assert (cases["read"].task_id, cases["read"].record_id, cases["read"].form_version) == (task, record, "2")
    assert cases["unread"].task_id is cases["odd"].task_id is None
    for case in cases.values():
        assert (case.state, case.region, case.sender_id, case.arrived_at) == ("open", "140522", sender, now)


def test_an_installation_with_plans_and_results_is_brought_up_to_date(empty_engine):
    # SQLite makes tables anew that others refer to: with rows in them, which is what installations have.
    migrate(empty_engine, "20261126_09")
    office, person, plan, found, task, record, result = (uuid4() for _ in range(7))
    here = {"region": "140522", "organisation_id": office}
    rule = "任务完成（2026-02-06）后15个工作日内 · 15 working days after the task is completed; calendar-1"
    with empty_engine.begin() as connection:
        write(connection, Region, code="140522", parent=None)
        write(connection, Organisation, id=office, region="140522", rules={}, parent_id=None)
        write(connection, Person, id=person, **here)
        write(connection, Plan, id=plan, **here)
        write(connection, PlannedInspection, plan_id=plan)
        write(connection, InspectedObject, id=found, **here)
        write(connection, Task, id=task, **here, object_id=found)
        write(connection, Record, id=record, task_id=task, author_id=person)
        write(connection, Revision, rev="r1", record_id=record, task_id=task, author_id=person)
        write(
            connection, Result, id=result, **here, task_id=task, object_id=found, record_id=record, rev="r1",
            version=3, correction="更正", due_rule=rule, due_on=date(2026, 3, 5), publish_on=None, confirmed_by=person,
            released_by=person, state="released", codes=["NO_PROBLEM"],
        )  # fmt: skip
    migrate(empty_engine)

    with empty_engine.connect() as connection:
        kept = connection.execute(select(ResultVersion.__table__)).one()
        due = connection.execute(select(Deadline.__table__)).one()
        rows = connection.execute(select(PlannedInspection.__table__)).all()
    assert (kept.result_id, kept.version, kept.correction, kept.written_by) == (result, 3, "更正", person)
    assert kept.released_at is not None
    assert (due.kind, due.start, due.start_on, due.days) == ("entry", "task_end", date(2026, 2, 6), 15)
    assert (due.due_on, due.calendar, due.met_on) == (date(2026, 3, 5), "calendar-1", clock.today())
    assert [row.plan_id for row in rows] == [plan]


def test_drawn_visits_that_were_done_before_say_when_and_no_others(empty_engine):
    migrate(empty_engine, "20261128_72")
    office, person, plan, row, draw = (uuid4() for _ in range(5))
    here = {"region": "140522", "organisation_id": office}
    closed = clock.now() - timedelta(days=30)
    tasks = {"done": closed, "open": None, "assigned": None, "withdrawn": closed}
    visits = {state: uuid4() for state in (*tasks, "no task yet")}
    with empty_engine.begin() as connection:
        write(connection, Region, code="140522", parent=None)
        write(connection, Organisation, id=office, region="140522", rules={}, parent_id=None)
        write(connection, Person, id=person, **here)
        write(connection, Plan, id=plan, **here)
        write(connection, PlannedInspection, id=row, plan_id=plan)
        write(connection, Draw, id=draw, **here, planned_id=row)
        for state, visit in visits.items():
            found = uuid4()
            write(connection, InspectedObject, id=found, **here)
            write(connection, DrawnVisit, id=visit, draw_id=draw, object_id=found, lead_id=person)
            if state in tasks:
                at = tasks[state]
                write(
                    connection, Task, **here, object_id=found, drawn_visit_id=visit, state=state, closed_at=at
                )
        # One that no draw ordained is done, too, and is nobody's visit.
        write(
            connection,
            Task,
            **here,
            object_id=found,
            drawn_visit_id=None,
            state="done",
            closed_at=clock.now(),
        )
    migrate(empty_engine)

    with empty_engine.connect() as connection:
        columns = DrawnVisit.__table__.c
        said = dict(connection.execute(select(columns.id, columns.visited_at)).all())
    assert said == {visits[state]: closed if state == "done" else None for state in visits}


def write(connection, model, **known):
    """Write a row with the columns that a table had then: what is given, and something in the others."""
    had = {column["name"] for column in inspect(connection).get_columns(model.__tablename__)}
    now = model.__table__.columns
    columns = [column(each.name, each.type) for each in now if each.name in had]
    row = {name: value for name, value in filled(model, **known).items() if name in had}
    connection.execute(table(model.__tablename__, *columns).insert(), [row])
