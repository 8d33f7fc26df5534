"""Real server processes, killed several times a second while phones work, lose nothing and do nothing twice."""

from contextlib import nullcontext

import pytest

from tests.conftest import postgres_database, sqlite_database
from tests.postgres import running_cluster
from tests.simulation.processes import soak, telling_part

SECONDS = 30


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_servers_that_are_killed_again_and_again_lose_nothing(name, tmp_path):
    with running_cluster() if name == "postgres" else nullcontext() as cluster:
        database = postgres_database(cluster.url) if cluster else sqlite_database(tmp_path)
        report = soak(database, SECONDS, 1, cluster)

    assert report["violations"] == [], report.get("log")
    assert report["operations"] > 0
    faults = ["kill -9", "request cut", "reply cut", "reply lost"]
    for fault in [*faults, "database crashed"] if cluster else faults:
        assert report["faults"][fault] > 0


def test_what_a_server_failed_on_is_told_though_much_was_said_after_it():
    failed = '{"level": "ERROR", "message": "failed", "exception": "PendingRollbackError"}'
    later = '{"level": "ERROR", "message": "database not ready"}\n' * 1000

    assert telling_part(f"{failed}\n{later}") == failed
    assert telling_part(later) == later[-5000:]
