"""The server's key was lost and made anew: packages of what was taken before hold, and tell what the new key can't prove."""

import pytest

from server import audit
from server.notary.service import Notary
from sync import ServerKey
from tests.actors.supervisor import submitted, supervisor
from tests.server.packages.packaging import checked, codes, packaged


@pytest.fixture
def reviewer(cast, app):
    """Somebody who is signed in; the app has its own key back at the end."""
    key = app.installation.key
    yield supervisor(cast)
    app.installation.key = key


def sign_root(app):
    with audit.transaction(app.sessions) as session:
        Notary(app.installation.key, app.settings.zone).sign_root(session)


def test_what_the_key_before_signed_is_told_as_lacking_and_not_as_broken(cast, crew, app, reviewer):
    record = submitted(cast, *crew)
    sign_root(app)
    before = app.installation.key.key_id
    app.installation.key = ServerKey.generate()
    now = app.installation.key.key_id

    without_root, with_root = (checked(packaged(reviewer, record), now) for _ in range(2))

    assert not without_root.broken, codes(without_root.broken)
    assert not with_root.broken, codes(with_root.broken)
    assert {"receipt.absent", "root.older"} <= set(codes(without_root.unproved))
    assert "root.includes" in codes(with_root.proved)
    assert "receipt.absent" in codes(with_root.unproved)
    assert codes(checked(packaged(reviewer, record), before).broken) == ["manifest.key-differs"]


def test_what_came_since_has_its_receipts(cast, crew, app, reviewer):
    submitted(cast, *crew)
    app.installation.key = ServerKey.generate()
    for phone in crew:
        phone.signs_in()

    report = checked(packaged(reviewer, submitted(cast, *crew)), app.installation.key.key_id)

    assert not report.broken, codes(report.broken)
    assert "receipt.same" in codes(report.proved)
