"""What tests of packages share."""

import functools
import json

import pytest

from sync import verifier
from tests.actors.supervisor import phones


@pytest.fixture
def crew(cast):
    return phones(cast)


@pytest.fixture
def quick_signatures(monkeypatch):
    """Remembers what was verified: the same signature over the same bytes is not computed again."""
    verify = verifier.verify

    @functools.cache
    def remembered(jwk, message, signature):
        return verify(json.loads(jwk), message, signature)

    monkeypatch.setattr(
        verifier, "verify", lambda jwk, message, sig: remembered(json.dumps(jwk), message, sig)
    )
