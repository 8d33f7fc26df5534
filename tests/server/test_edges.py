"""What stands at the edge of what a request may say is answered or refused on either database, and is no failure."""

import base64
import json
from uuid import UUID, uuid4

import pytest

from server.access import Role

API = "/api/v1"
NOBODY = UUID(int=0)
LARGE = 2**64


def place(*texts):
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode()


@pytest.fixture
def clerk(cast):
    """Who may do everything at a desk."""
    return cast.signed_in(*(set(Role) - {Role.INSPECTOR, Role.LEAD}))


@pytest.mark.parametrize(
    "address",
    [
        f"/public/plans/{NOBODY}/versions/{LARGE}",
        f"/public/schemes/{NOBODY}/{2**31}",
        f"/public/zh/plans/{NOBODY}/versions/{LARGE}",
        f"{API}/audit/roots/{LARGE}/proof",
    ],
)
def test_nothing_lies_at_a_number_that_is_larger_than_any(clerk, address):
    assert clerk.call("GET", address).status_code == 404


def test_no_job_and_no_exam_has_a_number_that_is_larger_than_any(clerk):
    clerk.post(f"{API}/health/jobs/{LARGE}/reaction/run", expect=404)
    clerk.put(f"{API}/inspectors/{clerk.person_id}/exams/{2**31}", {"passed": True}, expect=404)


def test_the_log_has_no_part_behind_more_entries_than_a_database_counts(clerk):
    assert clerk.get(f"{API}/audit/check?after={LARGE}", expect=422)["code"] == "request.invalid"


@pytest.mark.parametrize(
    "after",
    [
        place("0001-01-01T00:00:00+14:00", str(NOBODY)),
        place("9999-12-31T23:59:59-12:00", str(NOBODY)),
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
    ],
)
def test_a_place_that_no_link_named_is_refused(cast, after):
    told = cast.stranger().get("/public/draws", query_string={"after": after}, expect=422)
    assert told["code"] == "request.invalid"


@pytest.mark.parametrize(
    "address",
    [f"{API}/media/a%00b", f"{API}/people?q=%00", "/public/lists/%00", "/public/zh/results?q=a%00b"],
)
def test_an_address_with_a_nul_is_unreadable(clerk, address):
    assert clerk.call("GET", address).status_code == 400


@pytest.mark.parametrize("name", ["\0", "a\0b", "\\\0", "\n\0"])
def test_a_body_with_a_nul_is_unreadable_in_a_name_and_in_a_text(cast, name):
    for body in ({"username": name, "password": "x"}, {"username": "x", "password": "x", name: 1}):
        told = cast.stranger().post(f"{API}/session", body, expect=400)
        assert told["code"] == "request.unreadable"


def test_a_number_with_more_digits_than_are_read_is_unreadable(cast):
    body = b'{"username": "x", "password": "x", "device": ' + b"9" * 5000 + b"}"
    told = cast.stranger().post(f"{API}/session", data=body, content_type="application/json", expect=400)
    assert told["code"] == "request.unreadable"


@pytest.mark.parametrize("name", [r"\u0000", r"a\\u0000", "\n\u0001"])
def test_what_only_looks_like_a_nul_is_text(cast, name):
    told = cast.stranger().post(f"{API}/session", {"username": name, "password": "\u0001"}, expect=401)
    assert told["code"] == "credentials.wrong"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_before_and_behind_all_that_is_reckoned_with_are_refused(clerk, day):
    for address in ("audit?first=", "audit?last=", "board?due_from=", "board?due_to=", "coverage?first="):
        assert clerk.get(f"{API}/{address}{day}", expect=422)["code"] == "request.invalid"
    clerk.post(f"{API}/reports/snapshots", {"first": day, "last": day}, expect=422)
    given = {"last_day": day, "reason": "到期"}
    clerk.post(f"{API}/objects/{uuid4()}/key-library/end", given, expect=422)


@pytest.mark.parametrize("day", ["1900-01-01", "2024-02-29", "2026-12-31", "2999-12-31"])
def test_the_first_and_the_last_day_that_is_reckoned_with_are_days(clerk, day):
    for address in (
        "audit?first=",
        "audit?last=",
        "board?due_from=",
        "board?due_to=",
        f"coverage?first={day}&last=",
    ):
        clerk.get(f"{API}/{address}{day}")
    clerk.post(f"{API}/reports/snapshots", {"first": day, "last": day}, expect=201)


def test_nothing_is_entered_about_a_person_whom_nobody_knows(clerk):
    about = f"{API}/inspectors/{uuid4()}"
    paper = {"issuer": "省政府", "number": "1", "valid_from": "2026-01-01", "valid_to": "2026-12-31"}
    told = [
        clerk.post(f"{about}/certificates", paper, expect=404),
        clerk.put(f"{about}/page", {"unit": "执法队"}, expect=404),
        clerk.put(f"{about}/exams/2026", {"passed": True}, expect=404),
    ]
    assert {each["code"] for each in told} == {"person.not-found"}


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_that_is_none_in_utc_is_refused(cast, clerk, moment):
    told = clerk.get(f"{API}/quarantine", query_string={"since": moment}, expect=422)
    assert told["code"] == "request.invalid"
    phone = cast.phone()
    [key] = clerk.get(f"{API}/devices/{phone.device}/keys")
    given = {"since": moment, "because": "lost", "note": "遗失"}
    clerk.post(f"{API}/devices/{phone.device}/keys/{key['key_id']}/revoke", given, expect=422)


def test_no_template_has_a_version_that_is_larger_than_any(clerk):
    templates = f"{API}/documents/templates/result"
    clerk.get(f"{templates}/docx?version={2**31 - 1}", expect=404)
    clerk.get(f"{templates}/docx?version={2**31}", expect=422)
    clerk.post(f"{templates}/use", {"version": LARGE, "note": "沿用"}, expect=422)
