"""A bureau on each database, whose backups go to a folder beside it."""

import pytest

from tests.server.backups.bureau import Bureau


@pytest.fixture
def bureau(database, tmp_path):
    """A bureau that takes backups for its second copy, and is served."""
    home = tmp_path / "database"
    home.mkdir()
    bureau = Bureau(database.fresh_url(home), tmp_path, MERESTONE_SECOND_COPY="backup")
    bureau.starts()
    yield bureau
    bureau.stops()


@pytest.fixture
def place(tmp_path):
    """Where backups go."""
    return str(tmp_path / "second-place")
