"""One run of the phone's engine over all cases."""

import pytest

from tests.conformance.cases import read_cases
from tests.conformance.observing import EngineRun, run_engine


@pytest.fixture(scope="session")
def engine_run() -> EngineRun:
    """One run for all tests of this folder, which share a process: see `tests.sharing`."""
    return run_engine(read_cases())
