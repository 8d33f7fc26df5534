"""What every request gets: limits, refusals, ids, metrics; and a transaction that ends as the view does."""

import gzip
import json
import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from server import house
from server.access import Role
from server.refusals import problem_of


def post(cast, body, **headers):
    return cast.stranger().call(
        "POST", "/api/v1/session", data=body, headers={"Content-Type": "application/json", **headers}
    )


GOOD = json.dumps({"username": "nobody", "password": "x"}).encode()


@pytest.mark.parametrize("body", [b"", b"{", b"[1,2", b"\xff\xfe", b'{"username": "a"', GOOD[:-1]])
def test_a_body_that_is_no_json_is_refused(cast, body):
    response = post(cast, body)

    assert response.status_code in {400, 422}
    assert response.content_type == "application/problem+json"
    assert response.get_json()["code"] in {"request.unreadable", "request.invalid"}


def test_a_field_that_breaks_a_rule_is_named(cast):
    response = post(cast, b'{"username": "", "password": "x"}')

    assert response.status_code == 422
    assert "username" in json.dumps(response.get_json()["errors"])


def test_a_body_over_the_limit_is_refused_before_it_is_parsed(cast, app):
    response = post(cast, b"x" * (app.settings.max_body_bytes + 1))

    assert response.status_code == 413
    assert response.get_json()["code"] == "request.too-large"


def test_a_body_that_is_too_large_is_told_the_limit(cast, app):
    response = post(cast, b"x" * (app.settings.max_body_bytes + 1))
    assert response.get_json()["limit"] == app.settings.max_body_bytes


def test_json_nested_ten_thousand_levels_deep_is_unreadable_and_no_failure(cast):
    response = post(cast, b'{"username": ' + b"[" * 500_000)
    assert (response.status_code, response.get_json()["code"]) == (400, "request.unreadable")


@pytest.mark.parametrize("half", [r"\ud800", r"\uDFFF", r"a\udc00\ud800"])
def test_half_a_character_is_unreadable_in_a_fields_name_and_in_its_text(cast, half):
    planner = cast.signed_in(Role.PLANNER)
    for body in (
        f'{{"{half}": 1}}',
        f'{{"username": "{half}", "password": "x"}}',
        f'{{"username": {{"{half}": []}}}}',
    ):
        told = planner.post("/api/v1/session", data=body, content_type="application/json", expect=400)
        assert told["code"] == "request.unreadable"


def test_both_halves_together_are_one_character(cast):
    body = r'{"username": "\ud842\udfb7", "password": "x"}'
    told = cast.stranger().post("/api/v1/session", data=body, content_type="application/json", expect=401)
    assert told["code"] == "credentials.wrong"


def test_a_gzip_body_is_taken(cast):
    assert post(cast, gzip.compress(GOOD), **{"Content-Encoding": "gzip"}).status_code == 401


def test_a_gzip_bomb_is_refused_at_the_limit(cast, app):
    bomb = gzip.compress(b" " * (app.settings.max_body_bytes * 20))

    response = post(cast, bomb, **{"Content-Encoding": "gzip"})

    assert response.status_code == 413


def test_a_broken_gzip_body_is_refused(cast):
    assert post(cast, gzip.compress(GOOD)[:-9], **{"Content-Encoding": "gzip"}).status_code == 400
    assert post(cast, GOOD, **{"Content-Encoding": "gzip"}).status_code == 400
    assert post(cast, GOOD, **{"Content-Encoding": "br"}).status_code == 415


def test_every_answer_carries_the_request_id_and_a_strange_one_is_replaced(cast):
    stranger = cast.stranger()

    given = stranger.call("GET", "/api/v1/time", headers={"X-Request-ID": "phone-7.1"})
    strange = stranger.call("GET", "/api/v1/time", headers={"X-Request-ID": "a b\tc<script>"})

    assert given.headers["X-Request-ID"] == "phone-7.1"
    assert strange.headers["X-Request-ID"].isalnum()


def test_a_refusal_names_its_request(cast):
    answer = cast.stranger().get("/api/v1/me", expect=401, headers={"X-Request-ID": "abc"})

    assert answer["request_id"] == "abc"


def test_no_secret_reaches_the_log(cast, caplog):
    with caplog.at_level(logging.DEBUG):
        inspector = cast.signed_in(Role.INSPECTOR)
        inspector.get("/api/v1/me")
        inspector.post(
            "/api/v1/session/refresh", {"refresh_token": inspector.session["refresh_token"]}, expect=201
        )
        inspector.sign_in(password="a-secret-that-is-wrong", expect=401)

    written = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "answered" in written
    for secret in (
        inspector.session["token"],
        inspector.session["refresh_token"],
        "a-secret-that-is-wrong",
        "merestone-demo",
    ):
        assert secret not in written


def test_a_failure_inside_is_logged_and_told_without_its_inside(app, cast, monkeypatch, caplog):
    def fail(*_args, **_options):
        raise RuntimeError("the inside")

    inspector = cast.signed_in(Role.INSPECTOR)
    monkeypatch.setattr("server.accounts.devices.devices_of", fail)
    monkeypatch.setattr(app, "testing", False)
    response = inspector.call("GET", "/api/v1/devices")

    assert response.status_code == 500
    assert response.get_json()["code"] == "server.failed"
    assert "the inside" not in response.get_data(as_text=True)
    assert "failed" in caplog.text


def test_health_readiness_and_metrics_answer(cast):
    stranger = cast.stranger()

    assert stranger.get("/healthz")["status"] == "ok"
    text = stranger.call("GET", "/metrics").get_data(as_text=True)
    assert 'merestone_requests_total{status="200",view="house.tell_health"}' in text


def test_the_api_pages_name_no_other_host(cast):
    page = cast.stranger().call("GET", "/api/docs").get_data(as_text=True)

    assert "https://" not in page
    with cast.stranger().call("GET", "/api/docs/files/swagger-ui-bundle.js") as script:
        assert script.status_code == 200


def test_large_answers_are_compressed_for_who_asks(cast):
    response = cast.stranger().call("GET", "/api/openapi.json", headers={"Accept-Encoding": "gzip"})

    assert response.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(response.data))["info"]["title"].startswith("Merestone")


@pytest.mark.parametrize(("is_cut", "status"), [(True, 503), (False, 500)])
def test_a_session_that_the_database_ended_may_be_asked_again(is_cut, status):
    error = InternalError(
        "select", {}, Exception("idle-in-transaction timeout"), connection_invalidated=is_cut
    )

    assert problem_of(error).status == status


def test_a_database_that_ends_while_it_is_asked_whether_it_is_ready_is_not_ready(cast, monkeypatch):
    def ended(connection):
        is_server = connection.dialect.name == "postgresql"
        end = "select pg_terminate_backend(pg_backend_pid())" if is_server else "select no_such"
        connection.execute(text(end))

    monkeypatch.setattr(house, "pending_revisions", ended)

    response = cast.stranger().call("GET", "/readyz")

    assert (response.status_code, response.get_json()["failed"]) == (503, ["database"])
