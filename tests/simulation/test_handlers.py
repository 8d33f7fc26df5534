"""The real server's handlers, killed at any statement, over bad networks, lose nothing and do nothing twice."""

import pytest

from server import audit
from tests.simulation.handlers import bureau_on, run_many, run_one
from tests.simulation.handlers_mutants import MUTANTS, shows_itself

SCHEDULES = {"sqlite": 80, "postgres": 20}
FOUND = [pytest.param(name, each, id=f"{name}-{each.name}") for each in MUTANTS for name in each.seeds]
MOST = 40  # schedules that a bug may live through; as things are, it shows in the first


@pytest.fixture(scope="module")
def bureau(database):
    with bureau_on(database) as bureau:
        yield bureau


def test_no_schedule_loses_or_doubles_anything(bureau):
    report = run_many(bureau, 1, SCHEDULES[bureau.database])

    assert report["violations"] == []
    assert report["schedules"] == SCHEDULES[bureau.database]
    for fault in (
        "crash at a statement",
        "reply lost",
        "request twice",
        "requests crossed",
        "pushes taken together",
        "restore",
    ):
        assert report["faults"][fault] > 0


def test_a_seed_is_the_same_schedule_to_the_last_byte(bureau):
    heads = []
    for _ in range(2):
        run_one(bureau, 27)
        with bureau.app.readers() as session:
            heads.append(audit.head(session))

    assert heads[0] == heads[1]
    assert heads[0][0] > 15


@pytest.mark.parametrize(("database", "mutant"), FOUND, indirect=["database"])
def test_a_bug_on_purpose_is_found(bureau, mutant):
    with mutant.patch():
        report = run_many(bureau, mutant.seeds[bureau.database], MOST, until=True)

    assert shows_itself(report), report["violations"]
