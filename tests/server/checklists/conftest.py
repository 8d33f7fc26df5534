"""A lead and an assistant on one task, for what their phones see of forms."""

from types import SimpleNamespace

import pytest


@pytest.fixture
def visit(cast):
    """Two phones that have pulled the same task."""
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    lead.syncs()
    second.syncs()
    return SimpleNamespace(cast=cast, lead=lead, second=second, task=task)
