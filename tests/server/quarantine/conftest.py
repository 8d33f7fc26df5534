"""A supervisor at the quarantine desk."""

import pytest

from tests.actors.supervisor import supervisor


@pytest.fixture
def desk(cast):
    return supervisor(cast)
