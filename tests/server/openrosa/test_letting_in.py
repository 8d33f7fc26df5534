"""Who sends much is asked about before it is received, unless it was let in last; what it may is always asked when it is taken."""

import pytest
from sqlalchemy import select, update

from server import clock
from server.access import Role
from server.evidence.models import MediaObject
from server.openrosa import holders
from server.openrosa.api import wire
from server.openrosa.models import PhoneKey
from tests.actors.phone import SIGNED
from tests.server.openrosa.test_contract import FORM, SIGNATURES


@pytest.fixture
def asked(monkeypatch):
    """Who was asked about before anything was received; all that is sent is much."""
    monkeypatch.setattr(wire, "_SHORT_BYTES", 0)
    shown, identify = [], holders.identify

    def noted(session, its, **more):
        shown.append(its)
        return identify(session, its, **more)

    monkeypatch.setattr(holders, "identify", noted)
    return shown


def test_who_was_let_in_last_is_asked_about_again_only_after_a_refusal(visit, session, asked):
    def sends():
        before = len(asked)
        record = visit.collect.fills(FORM, SIGNED, SIGNATURES)
        status = visit.collect.posts(record.xml, SIGNATURES).status_code
        return status, len(asked) - before

    visit.collect.updates()
    assert [sends() for _ in range(3)] == [(201, 1), (201, 0), (201, 0)]

    session.execute(update(PhoneKey).values(ended_at=clock.now()))
    session.commit()
    kept = len(list(session.scalars(select(MediaObject))))
    assert [sends() for _ in range(3)] == [(403, 0), (403, 1), (403, 1)]
    assert len(list(session.scalars(select(MediaObject)))) == kept


def test_who_inspects_no_more_is_told_nothing_of_what_there_is_to_inspect(visit, cast):
    lists = [f"{visit.collect.server_url}/forms/{FORM}/1/media/{name}.csv" for name in ("tasks", "markers")]
    addresses = [
        f"{visit.collect.server_url}/formList",
        f"{visit.collect.server_url}/lists/tasks/integrity",
        *lists,
    ]
    admin = cast.signed_in(Role.ADMIN)
    admin.patch(f"/api/v1/people/{visit.lead.person_id}", {"roles": ["planner"]})

    answers = [visit.collect.call("GET", address) for address in addresses]
    assert [(each.status_code, each.mimetype) for each in answers] == [(403, "text/xml")] * 4

    admin.patch(f"/api/v1/people/{visit.lead.person_id}", {"roles": ["inspector"]})
    visit.collect.updates()


def test_another_phone_under_the_same_address_is_asked_about_first(visit, asked):
    record = visit.collect.fills(FORM, SIGNED, SIGNATURES)
    assert visit.collect.posts(record.xml, SIGNATURES).status_code == 201
    before = len(asked)

    visit.collect.phone = "another"
    assert visit.collect.posts(record.xml, SIGNATURES).status_code == 403
    assert len(asked) == before + 1
