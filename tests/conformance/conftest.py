"""One run of the phone's engine over all cases."""

import pytest

from tests.conformance.cases import read_cases
from tests.conformance.observing import EngineRun, run_engine


@pytest.fixture(scope="session")
def engine_run() -> EngineRun:
    return run_engine(read_cases())
