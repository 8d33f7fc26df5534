"""Addresses of forms whose authors called them and their versions whatever they liked."""

import pytest

from server import audit
from server.access import SYSTEM
from server.checklists import service as checklists
from tests.actors.collect_phone import message_of
from tests.server.openrosa.conftest import TASKS_FORM


@pytest.mark.parametrize(
    ("form_id", "version"),
    [
        ("spot check", "1"),
        ("spot/check", "2026/1"),
        ("a#b?c", "v1 #2"),
        ("a%20b%2Fc", "100%"),
        ("界桩核查", "2026年 1"),
        ("check", "1.xml"),
    ],
)
def test_a_form_is_found_with_its_lists_whatever_it_and_its_version_are_called(
    visit, session, form_id, version
):
    named = TASKS_FORM.replace("task_check", form_id).replace("| 1 |", f"| {version} |")
    checklists.publish(session, SYSTEM, named.encode(), ".md")
    audit.seal(session)
    session.commit()

    assert visit.collect.updates().forms[form_id].version == version
    assert visit.collect.tasks().keys() == {str(visit.task)}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "{key}", 404),
        ("GET", "{key}/formlist", 404),
        ("GET", "{key}/formList/", 404),
        ("GET", "{key}/forms/of/nobody", 404),
        ("GET", "{key}/forms/f/1/media/photo.jpg", 404),
        ("POST", "{key}/submissions", 404),
        ("POST", "{key}/formList", 405),
        ("PUT", "{key}/submission", 405),
        ("DELETE", "{key}/submission", 405),
        ("GET", "", 404),
        ("GET", "../OpenRosa/{key}/formList", 404),
    ],
)
def test_an_address_that_leads_nowhere_is_told_as_such_a_phone_can_show_it(visit, method, path, status):
    root, _, key = visit.collect.server_url.rpartition("/")

    answer = visit.collect.call(method, f"{root}/{path.format(key=key)}".replace("/openrosa/..", ""))

    assert answer.status_code == status
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.headers["Date"]
    assert "地址" in message_of(answer) or "方法" in message_of(answer)
    assert ("Allow" in answer.headers) == (status == 405)


def test_an_address_that_leads_nowhere_elsewhere_is_told_as_before(visit):
    answer = visit.collect.call("GET", visit.collect.server_url.replace("/openrosa/", "/openrosas/"))
    assert answer.get_json()["code"] == "url.not-found"
