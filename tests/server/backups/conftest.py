"""A bureau on each database, whose backups go to a folder beside it."""

from contextlib import contextmanager

import pytest

from tests.s3 import running_rclone
from tests.server.backups.bureau import Bureau


@contextmanager
def served(database, folder):
    home = folder / "database"
    home.mkdir()
    bureau = Bureau(database.fresh_url(home), folder, MERESTONE_SECOND_COPY="backup")
    bureau.starts()
    yield bureau
    bureau.stops()


@pytest.fixture
def bureau(database, tmp_path):
    """A bureau on either database that takes backups for its second copy, and is served."""
    with served(database, tmp_path) as bureau:
        yield bureau


@pytest.fixture
def one_bureau(on_sqlite, tmp_path):
    """The same, where it is about files that are the same beside either database."""
    with served(on_sqlite, tmp_path) as bureau:
        yield bureau


@pytest.fixture
def place(tmp_path):
    """Where backups go."""
    return str(tmp_path / "second-place")


@pytest.fixture(scope="session")
def rclone_service(tmp_path_factory):
    with running_rclone(tmp_path_factory.mktemp("s3")) as service:
        yield service
