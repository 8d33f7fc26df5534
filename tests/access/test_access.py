"""Nobody sees or does what the oracle says they may not; `make access-checks` asks two million times."""

import random

import pytest

from server import access
from server.access import GRANTS, Permission, Role
from tests.access import oracle
from tests.access.checking import check_guards, check_lists
from tests.access.world import planted


def test_every_attempt_ends_as_the_oracle_says():
    answers = check_guards(random.Random(5), 60_000)
    assert min(answers[each] for each in ("ok", "outside", "denied")) > 500


@pytest.fixture
def country(app, session):
    chance = random.Random(5)
    return planted(app.sessions, chance, 36, 2)


def test_every_list_holds_what_the_oracle_says_and_nothing_else(app, country):
    with app.readers() as session:
        answers = check_lists(session, *country)
    assert min(answers.values()) > 500


def test_a_leak_into_the_rest_of_the_province_is_found(monkeypatch, app, country):
    monkeypatch.setattr(access, "region_bounds", lambda region: (region[:2] + "0000", region[:2] + "9999"))
    with pytest.raises(AssertionError, match="'ok'"):
        check_guards(random.Random(5), 60_000)
    with app.readers() as session, pytest.raises(AssertionError):
        check_lists(session, *country)


def test_the_oracle_climbs():
    assert oracle.lies_in("469001", "460000")
    assert not oracle.lies_in("140499", "140500")
    assert not oracle.lies_in("140500", "140522")


def test_who_confirms_does_not_release_and_who_audits_changes_nothing():
    apart = [
        ({Permission.RESULT_CONFIRM}, {Permission.RESULT_RELEASE, Permission.OBJECTION_DECIDE}),
        ({Permission.RECORD_REVIEW}, {Permission.SYNC}),
        ({Permission.PUBLICITY_MANAGE}, {Permission.RESULT_RELEASE, Permission.RESULT_CONFIRM}),
        (
            {Permission.PERSON_MANAGE},
            {Permission.RESULT_CONFIRM, Permission.RESULT_RELEASE, Permission.DRAW_IMPORT},
        ),
    ]
    for role, granted in GRANTS.items():
        for some, others in apart:
            assert not (some <= granted and others & granted), role
    assert all(permission.endswith(".read") for permission in GRANTS[Role.AUDITOR])
