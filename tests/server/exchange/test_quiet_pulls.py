"""What a pull costs on the line: nothing new is a few hundred bytes, and what did not change is not sent again."""

import gzip
import hashlib
import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from server import audit, clock, feed
from server.access import SYSTEM, Role
from server.db import canonical_json
from server.exchange import pulling
from server.exchange.schemas import PullQuerySchema
from server.inspections.models import Task
from server.registry.models import BoundaryMarker, Licence
from sync import read_beacon, unseal

PULL = "/api/v1/sync/pull"
MINIMAL = {"Prefer": "return=minimal"}
CORNERS = 40


def pull(phone, headers=None, **query):
    query = {"cursor": phone.state.cursor, **query}
    return phone.call("GET", PULL, query_string=query, headers=headers or {})


def size_of(response):
    """Bytes of an answer as gunicorn sends it: its own four headers are those of `test_events.py` (105 bytes)."""
    lines = [f"{name}: {value}" for name, value in response.headers.items()]
    return sum(len(line) + 2 for line in lines) + len(response.data) + 105


@pytest.fixture
def quarry(visit, session):
    """The object of the visit has a licence with a boundary of forty corners, all marked."""
    task = session.get_one(Task, visit.task)
    corners = [[112.41 + place * 0.00123456789, 35.48 + place * 0.000987654321] for place in range(CORNERS)]
    licence = Licence(
        object_id=task.object_id, kind="mining", licence_no="C1400002009", holder="虚构采石场", issuer="山西省自然资源厅",
        valid_from=date(2020, 1, 1), valid_to=date(2035, 1, 1), rings=[], findings=[],
        geometry={"type": "Polygon", "coordinates": [[*corners, corners[0]]]},
    )  # fmt: skip
    session.add(licence)
    session.flush()
    session.add_all(
        BoundaryMarker(
            licence_id=licence.id,
            marker_no=f"J{place}",
            kind="stone",
            x=3929531.12,
            y=37628416.22,
            latitude=latitude,
            longitude=longitude,
        )
        for place, (longitude, latitude) in enumerate(corners)
    )
    change(session, visit)
    session.commit()
    visit.lead.pulls()
    return visit


def change(session, visit):
    feed.touch(session, "task", visit.task)
    audit.append(session, SYSTEM, "task.changed", ("task", visit.task))
    audit.seal(session)


def test_nothing_new_is_told_in_less_than_400_bytes_with_all_headers(visit):
    answer = pull(visit.lead, MINIMAL)

    assert (answer.status_code, answer.data) == (204, b"")
    assert size_of(answer) < 400
    beacon = read_beacon(visit.lead.session["server_keys"][0], answer.headers["Beacon"])
    assert beacon.epoch == visit.lead.state.epoch
    assert answer.headers["Durable-Seq"] == "0"


def test_who_did_not_ask_for_it_gets_a_page_with_a_cursor_as_ever(visit):
    answer = pull(visit.lead)
    assert (answer.status_code, answer.get_json()["items"]) == (200, [])
    assert len(answer.data) < 430


def test_something_new_or_a_first_pull_is_a_page_whatever_was_preferred(visit, session):
    assert len(pull(visit.lead, MINIMAL, cursor="").get_json()["items"]) == 3

    change(session, visit)
    session.commit()
    items = pull(visit.lead, MINIMAL).get_json()["items"]
    assert [(item["kind"], item["id"]) for item in items] == [("task", str(visit.task))]


def test_a_cursor_that_fell_behind_moves_on_though_nothing_is_new(visit, cast, app, monkeypatch):
    monkeypatch.setattr(pulling, "CURSOR_MAY_LAG", 3)
    head_before = unseal(visit.lead.state.cursor, app.installation.secret).position
    assert pull(visit.lead, MINIMAL).status_code == 204
    cast.signed_in(Role.INSPECTOR)
    cast.signed_in(Role.INSPECTOR)
    cast.signed_in(Role.INSPECTOR)

    page = pull(visit.lead, MINIMAL).get_json()
    assert page["items"] == []
    assert unseal(page["next"], app.installation.secret).position > head_before


def test_a_quiet_phone_costs_two_questions_to_the_database(visit, statements):
    pull(visit.lead)
    statements.clear()
    pull(visit.lead)
    asked = [each for each in statements if "SAVEPOINT" not in each and not each.startswith("BEGIN")]
    assert len(asked) == 2, asked  # who asks; what they listen to, how far the log has come, and all feeds


def test_the_same_words_are_read_once_and_what_they_ask_is_looked_up_each_time(visit, session, monkeypatch):
    read = []
    load = PullQuerySchema.load
    monkeypatch.setattr(
        PullQuerySchema, "load", lambda self, *args, **more: read.append(args) or load(self, *args, **more)
    )
    assert pull(visit.lead, limit=77).get_json()["items"] == []
    change(session, visit)
    session.commit()

    assert len(pull(visit.lead, limit=77).get_json()["items"]) == 1
    assert len(read) == 1


def test_words_that_say_nothing_are_refused_each_time(visit):
    assert [pull(visit.lead, limit=0).status_code for _ in range(2)] == [422, 422]


def test_a_change_of_state_does_not_send_the_boundary_again(quarry, session):
    change(session, quarry)
    session.commit()
    inline = pull(quarry.lead)
    by_hash = pull(quarry.lead, prefill="blob")

    (whole,) = inline.get_json()["items"]
    (bare,) = by_hash.get_json()["items"]
    assert "prefill" not in bare["body"]
    assert whole["body"] == {**bare["body"], "prefill": whole["body"]["prefill"]}
    assert len(gzip.compress(inline.data)) > 1900
    assert len(inline.data) > 10_000
    assert len(by_hash.data) < 2000  # the task with what of the gate a phone can't know itself


def test_a_page_holds_the_very_bytes_that_the_hash_of_a_prefill_names(quarry, session):
    change(session, quarry)
    session.commit()
    page = pull(quarry.lead)
    (item,) = page.get_json()["items"]
    data = canonical_json(item["body"]["prefill"])
    assert hashlib.sha256(data).hexdigest() == item["body"]["prefill_sha256"]
    assert data in page.data


def test_the_hash_of_a_prefill_stays_until_what_is_known_changes_and_names_its_bytes(quarry, session):
    task = quarry.task

    def body(**query):
        change(session, quarry)
        session.commit()
        (item,) = pull(quarry.lead, **query).get_json()["items"]
        return item["body"]

    before, again = body(), body(prefill="blob")
    assert before["prefill_sha256"] == again["prefill_sha256"]

    licence = session.scalar(select(Licence))
    licence.valid_to = clock.now().date() + timedelta(days=5)
    session.commit()
    after = body(prefill="blob")
    assert after["prefill_sha256"] != before["prefill_sha256"]

    blob = f"/api/v1/sync/blobs/{after['prefill_sha256']}"
    got = quarry.lead.call("GET", blob, query_string={"task": str(task)})
    assert got.status_code == 200
    assert json.loads(got.data)["tasks"]["licence_valid_to"] == licence.valid_to.isoformat()
    assert json.loads(got.data)["markers"] == before["prefill"]["markers"]
    old = f"/api/v1/sync/blobs/{before['prefill_sha256']}"
    assert quarry.lead.call("GET", old, query_string={"task": str(task)}).status_code == 404


def test_the_prefill_of_a_task_one_does_not_see_is_nobodys(quarry, cast):
    (task,) = [item for item in pull(quarry.lead, cursor="").get_json()["items"] if item["kind"] == "task"]
    blob = f"/api/v1/sync/blobs/{task['body']['prefill_sha256']}"
    stranger = cast.phone()
    for someone, expected in ((quarry.second, 200), (stranger, 404)):
        got = someone.call("GET", blob, query_string={"task": str(quarry.task)})
        assert got.status_code == expected
    assert quarry.lead.call("GET", blob).status_code == 404
