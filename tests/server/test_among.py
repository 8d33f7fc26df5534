"""Rows are asked for by their ids with one text of SQL, and found by an index, however many there are."""

from uuid import uuid4

from sqlalchemy import text

from server import clock
from server.access import Role
from server.inspections.assigned import persons_of
from server.inspections.gathering import TASKS, beside_lists, read
from server.inspections.models import Task


def test_however_many_ids_are_asked_about_the_statement_is_the_same_and_each_is_found(
    session, cast, statements
):
    people = [cast.person(Role.INSPECTOR).person_id for _ in range(3)]
    statements.clear()

    found = [set(persons_of(session, people[:count], clock.today())) for count in (1, 2, 3)]
    found.append(set(persons_of(session, [uuid4(), people[0]], clock.today())))

    assert found == [set(people[:1]), set(people[:2]), set(people), {people[0]}]
    assert len({each for each in statements if "FROM person" in each}) == 1


def test_the_ids_are_looked_up_in_the_index(session, database, statements):
    statements.clear()
    read(session, TASKS, [uuid4(), uuid4()])
    [asked] = [each for each in statements if "FROM task" in each]
    if database.name == "sqlite":
        plan = " ".join(
            str(row) for row in session.execute(text("explain query plan " + asked.replace("?", "'[]'")))
        )
        assert "SEARCH task USING INDEX" in plan
    else:
        assert asked.rstrip().endswith("task.id = any(array(select unnest(%(ids)s::UUID[])))")


def test_the_last_visits_are_looked_for_among_finished_records_alone(session, database, statements):
    statements.clear()
    beside_lists(session, [Task(object_id=uuid4(), forms=[], item_codes=[])], clock.today())
    [asked] = [each for each in statements if "JOIN record" in each]
    if database.name == "sqlite":
        plan = session.execute(text("explain query plan " + asked.replace("?", "'[]'")))
        assert "ix_record_final" in " ".join(map(str, plan))
    else:  # which index it takes hangs on how large it thinks the tables are: it may take this one
        assert "record.final_rev IS NOT NULL" in asked
