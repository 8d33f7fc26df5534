"""Which tests share a process: those that share what is dear to set up, as a server, or the phone's engine."""

import re

import pytest
from xdist.scheduler import LoadScopeScheduling

_DATABASE = re.compile(r"[\[-](sqlite|postgres)\b")
#: Folders whose tests stay together; everywhere else the tests of one module on one database do.
_TOGETHER = ("tests/conformance/", "tests/journeys/")


def shares_with(nodeid: str) -> str:
    """Name the tests that a test shares its process with, from its id."""
    for folder in _TOGETHER:
        if nodeid.startswith(folder):
            return folder
    database = _DATABASE.search(nodeid)
    return f"{nodeid.partition('::')[0]} {database[1] if database else ''}"


class Sharing(LoadScopeScheduling):
    """Hands out tests in the order in which they were found, those that share something at once."""

    def _split_scope(self, nodeid: str) -> str:
        return shares_with(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Let xdist hand out tests so; its own groups (3.8) are not seen by pytest 9.2."""
    config.option.loadscopereorder = (
        False  # long tests come first as it is, and those without a database last
    )
    return Sharing(config, log)
