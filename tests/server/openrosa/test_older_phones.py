"""Collect told which phone it is only with what it sends before 2026, and KoboCollect does so still."""

import pytest

from tests.actors.collect_phone import CollectPhone, settings_code
from tests.actors.phone import SIGNED
from tests.actors.supervisor import supervisor
from tests.server.openrosa.test_contract import FORM, SIGNATURES


@pytest.fixture
def older(visit, cast, given_out):
    """An older phone that has sent a record."""
    new, key = given_out(visit.second)
    phone = CollectPhone(cast.app, settings_code({"server_url": new.server_url}), older=True)
    phone.updates()
    sent = phone.fills(FORM, SIGNED, SIGNATURES)
    assert phone.sends() == [sent]
    return phone, key


def test_an_older_phone_has_its_forms_and_lists_after_it_has_sent_as_before(older, cast, returned_form):
    phone, _ = older
    assert "task_check" in phone.updates().forms
    assert len(phone.tasks()) == 1
    assert phone.call("GET", f"{phone.server_url}/lists/tasks/integrity").status_code == 200


def test_a_key_that_an_older_phone_has_is_refused_to_another_that_names_itself_or_sends(older, cast):
    phone, _ = older
    other = CollectPhone(cast.app, settings_code({"server_url": phone.server_url}))
    filled = phone.records[0]

    assert other.call("GET", f"{other.server_url}/formList").status_code == 403
    assert other.posts(filled.xml, SIGNATURES).status_code == 403
    other.phone = ""
    assert other.posts(filled.xml, SIGNATURES).status_code == 403


def test_a_phone_that_named_itself_once_when_it_read_has_to_do_so_until_its_key_is_released(older, cast):
    phone, key = older
    phone.older = False  # the app was brought up to date
    phone.updates()
    phone.older = True
    for path in ("formList", f"forms/{FORM}/1.xml", "lists/tasks/integrity"):
        assert phone.call("GET", f"{phone.server_url}/{path}").status_code == 403

    supervisor(cast).post(f"/api/v1/openrosa/keys/{key['id']}/release", {"reason": "换机"})
    assert FORM in phone.updates().forms
