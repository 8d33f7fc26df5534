"""Signing in, rotating tokens, blocking phones."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from server import audit, clock
from server.access import Role
from server.accounts import passwords
from server.accounts.models import DeviceKey, Person, SignInSession
from server.accounts.passwords import PAUSE
from server.accounts.renewing import WINDOW
from sync import generate_device_key, key_id, public_jwk, renewal_bytes, sign
from tests.actors.someone import PASSWORD


def a_device(**more):
    return {"id": str(uuid4()), "name": "测试机", **more}


def test_a_person_signs_in_and_is_known(cast):
    inspector = cast.signed_in(Role.INSPECTOR)

    reach = inspector.get("/api/v1/me")

    assert reach["user"]["username"] == inspector.username
    assert "sync.use" in reach["permissions"]
    assert "record.review" not in reach["permissions"]


def test_a_phone_names_itself_and_its_key(cast):
    inspector = cast.person(Role.INSPECTOR)
    jwk = public_jwk(generate_device_key())

    session = inspector.sign_in(device=a_device(public_key=jwk))

    assert session["device"]["key_id"] == key_id(jwk)
    assert session["epoch"]
    assert session["server_keys"][0]["crv"] == "P-256"
    assert [device["name"] for device in inspector.get("/api/v1/devices")] == ["测试机"]


def test_a_key_that_is_no_point_on_the_curve_is_refused(cast):
    inspector = cast.person(Role.INSPECTOR)
    jwk = public_jwk(generate_device_key()) | {"x": "AAAA"}

    answer = inspector.sign_in(device=a_device(public_key=jwk), expect=422)

    assert answer["code"] == "device.key-invalid"


def test_a_wrong_password_is_refused_and_five_of_them_pause_the_account_for_who_tried(cast):
    inspector = cast.person(Role.INSPECTOR)

    for _ in range(5):
        assert inspector.sign_in(password="wrong", expect=401)["code"] == "credentials.wrong"

    assert inspector.sign_in(expect=429)["code"] == "credentials.locked"


def from_elsewhere(cast, someone, address, password=PASSWORD):
    """Sign in from another address; returns the status."""
    body = {"username": someone.username, "password": password}
    client = cast.app.test_client()
    return client.post("/api/v1/session", json=body, environ_base={"REMOTE_ADDR": address}).status_code


def test_strangers_who_try_passwords_lock_nobody_out(cast):
    inspector = cast.person(Role.INSPECTOR)
    for _ in range(5):
        assert from_elsewhere(cast, inspector, "203.0.113.9", "wrong") == 401

    assert from_elsewhere(cast, inspector, "203.0.113.9") == 429
    assert inspector.sign_in()["user"]["username"] == inspector.username
    assert from_elsewhere(cast, inspector, "203.0.113.9") == 429


def test_a_household_is_one_source_and_an_unknown_name_is_paused_as_a_known_one_is(cast):
    inspector = cast.person(Role.INSPECTOR)
    for place in range(5):
        assert from_elsewhere(cast, inspector, f"2001:db8::{place + 1}", "wrong") == 401
    assert from_elsewhere(cast, inspector, "2001:db8::77") == 429
    assert from_elsewhere(cast, inspector, "2001:db8:0:1::1") == 201
    for expect in (401, 401, 401, 401, 401, 429):
        cast.stranger().post("/api/v1/session", {"username": "nobody-here", "password": "x"}, expect=expect)


def test_a_pause_is_over_in_time_and_a_right_password_counts_anew(cast, monkeypatch):
    inspector = cast.person(Role.INSPECTOR)
    for _ in range(2):
        for _ in range(4):
            inspector.sign_in(password="wrong", expect=401)
        inspector.sign_in()
    for _ in range(5):
        inspector.sign_in(password="wrong", expect=401)
    inspector.sign_in(expect=429)
    later = clock.now() + PAUSE
    monkeypatch.setattr(clock, "now", lambda: later)
    inspector.sign_in()
    assert len(cast.app.tries._tried) == 0  # nothing is kept of what is over


def test_a_hundred_wrong_passwords_from_everywhere_pause_an_account(cast, monkeypatch):
    inspector = cast.person(Role.INSPECTOR)
    monkeypatch.setattr(passwords, "ATTEMPTS_ANYWHERE", 3)
    for place in range(3):
        assert from_elsewhere(cast, inspector, f"203.0.113.{place}", "wrong") == 401
    assert inspector.sign_in(expect=429)["code"] == "credentials.locked"


def test_an_unknown_name_gets_the_answer_of_a_wrong_password(cast):
    answer = cast.stranger().post("/api/v1/session", {"username": "nobody", "password": "x"}, expect=401)

    assert answer["code"] == "credentials.wrong"


def test_a_refresh_token_rotates(cast):
    inspector = cast.signed_in(Role.INSPECTOR)
    old = inspector.token

    fresh = inspector.post(
        "/api/v1/session/refresh", {"refresh_token": inspector.session["refresh_token"]}, expect=201
    )

    assert inspector.get("/api/v1/me", expect=401)["code"] == "session.expired"
    inspector.token = fresh["token"]
    assert inspector.get("/api/v1/me")["user"]["username"] == inspector.username
    assert old != fresh["token"]


def test_a_stolen_refresh_token_ends_the_whole_family(cast):
    inspector = cast.signed_in(Role.INSPECTOR)
    stolen = inspector.session["refresh_token"]
    fresh = inspector.post("/api/v1/session/refresh", {"refresh_token": stolen}, expect=201)

    thief = cast.stranger().post("/api/v1/session/refresh", {"refresh_token": stolen}, expect=401)

    assert thief["code"] == "session.reused"
    inspector.token = fresh["token"]
    assert inspector.get("/api/v1/me", expect=401)["code"] == "session.expired"


def renewing(who, token, key=None, proven=None, expect=201):
    proof = {"proof": sign(key, renewal_bytes(proven or token))} if key else {}
    return who.post("/api/v1/session/refresh", {"refresh_token": token, **proof}, expect=expect)


def test_a_phone_whose_renewal_lost_its_reply_asks_again_and_only_what_came_last_is_good(cast, session):
    inspector, key = cast.person(Role.INSPECTOR), generate_device_key()
    first = inspector.sign_in(device=a_device(public_key=public_jwk(key)))
    lost = renewing(inspector, first["refresh_token"], key)

    arrived = renewing(inspector, first["refresh_token"], key)

    inspector.token = lost["token"]
    assert inspector.get("/api/v1/me", expect=401)["code"] == "session.expired"
    inspector.token = arrived["token"]
    inspector.get("/api/v1/me")
    facts = session.scalars(
        select(audit.AuditEntry.action).where(audit.AuditEntry.subject == str(inspector.person_id))
    ).all()
    assert facts == ["session.opened", "session.resumed"]

    # What arrived was used: from here on the first token is a copy in other hands, whoever signs it.
    assert renewing(inspector, first["refresh_token"], key, expect=401)["code"] == "session.reused"
    assert inspector.get("/api/v1/me", expect=401)["code"] == "session.expired"


@pytest.mark.parametrize("asked", ["get", "refused"])
def test_an_answer_that_was_used_for_anything_can_not_have_been_lost(cast, asked):
    inspector, key = cast.person(Role.INSPECTOR), generate_device_key()
    first = inspector.sign_in(device=a_device(public_key=public_jwk(key)))
    inspector.token = renewing(inspector, first["refresh_token"], key)["token"]
    if asked == "get":
        inspector.get("/api/v1/me")
    else:
        inspector.post("/api/v1/sync/push", {"epoch": "?"}, expect=400)

    assert renewing(inspector, first["refresh_token"], key, expect=401)["code"] == "session.reused"


@pytest.mark.parametrize("wrong", ["no key", "another key", "another token", "too late", "revoked key"])
def test_a_token_that_comes_twice_without_its_phone_ends_the_family(cast, session, wrong):
    inspector, key = cast.person(Role.INSPECTOR), generate_device_key()
    device = a_device(public_key=public_jwk(key))
    first = inspector.sign_in(device=device)
    lost = renewing(inspector, first["refresh_token"], key)
    if wrong == "too late":
        opened = update(SignInSession).where(SignInSession.refreshed_at.is_not(None))
        session.execute(opened.values(refreshed_at=clock.now() - WINDOW - timedelta(minutes=1)))
        session.commit()
    if wrong == "revoked key":
        since = {"since": clock.iso(clock.now()), "because": "stolen", "note": "手机被盗"}
        admin = cast.signed_in(Role.ADMIN)
        admin.post(f"/api/v1/devices/{device['id']}/keys/{key_id(public_jwk(key))}/revoke", since, expect=200)
    signing = {"no key": None, "another key": generate_device_key()}.get(wrong, key)
    proven = lost["refresh_token"] if wrong == "another token" else None

    again = renewing(cast.stranger(), first["refresh_token"], signing, proven, expect=401)

    assert again["code"] == "session.reused"
    inspector.token = lost["token"]
    assert inspector.get("/api/v1/me", expect=401)["code"] == "session.expired"


def test_a_lost_reply_brings_nobody_back_who_was_signed_out_meanwhile(cast):
    inspector, key = cast.person(Role.INSPECTOR), generate_device_key()
    device = a_device(public_key=public_jwk(key))
    first = inspector.sign_in(device=device)
    renewing(inspector, first["refresh_token"], key)
    cast.signed_in(Role.ADMIN).delete(f"/api/v1/devices/{device['id']}")

    assert renewing(inspector, first["refresh_token"], key, expect=401)["code"] == "session.expired"


def test_signing_out_ends_the_session(cast):
    inspector = cast.signed_in(Role.INSPECTOR)

    inspector.delete("/api/v1/session")

    inspector.get("/api/v1/me", expect=401)


def test_a_blocked_phone_is_told_so_and_can_not_come_back(cast):
    inspector = cast.person(Role.INSPECTOR)
    device = a_device()
    inspector.sign_in(device=device)
    admin = cast.signed_in(Role.ADMIN)

    admin.delete(f"/api/v1/devices/{device['id']}")

    assert inspector.get("/api/v1/me", expect=403)["code"] == "device.blocked"
    assert inspector.sign_in(device=device, expect=403)["code"] == "device.blocked"


def test_another_citys_admin_can_not_block_my_phone(cast):
    inspector = cast.person(Role.INSPECTOR)
    device = a_device()
    inspector.sign_in(device=device)
    admin = cast.signed_in(Role.ADMIN, region="130800")

    answer = admin.delete(f"/api/v1/devices/{device['id']}", expect=403)

    assert answer["code"] == "access.outside-jurisdiction"


def test_a_refusal_speaks_chinese_first_and_english_when_asked(cast):
    stranger = cast.stranger()

    chinese = stranger.get("/api/v1/me", expect=401)
    english = stranger.get("/api/v1/me", expect=401, headers={"Accept-Language": "en"})

    assert chinese["title"] == "未登录"
    assert english["title"] == "Not signed in."


def test_an_expired_token_is_refused_and_the_refresh_token_still_helps(cast, session):
    inspector = cast.signed_in(Role.INSPECTOR)
    session.execute(
        update(SignInSession)
        .where(SignInSession.person_id == inspector.person_id)
        .values(access_expires=clock.now() - timedelta(seconds=1))
    )
    session.commit()

    assert inspector.get("/api/v1/me", expect=401)["code"] == "session.expired"

    fresh = inspector.post(
        "/api/v1/session/refresh", {"refresh_token": inspector.session["refresh_token"]}, expect=201
    )
    inspector.token = fresh["token"]
    inspector.get("/api/v1/me")


def test_an_expired_refresh_token_is_refused(cast, session):
    inspector = cast.signed_in(Role.INSPECTOR)
    session.execute(
        update(SignInSession)
        .where(SignInSession.person_id == inspector.person_id)
        .values(refresh_expires=clock.now() - timedelta(seconds=1))
    )
    session.commit()

    answer = cast.stranger().post(
        "/api/v1/session/refresh", {"refresh_token": inspector.session["refresh_token"]}, expect=401
    )

    assert answer["code"] == "session.expired"


def test_someone_who_left_can_not_go_on(cast, session):
    inspector = cast.signed_in(Role.INSPECTOR)
    session.execute(update(Person).where(Person.id == inspector.person_id).values(active=False))
    session.commit()

    inspector.get("/api/v1/me", expect=401)
    inspector.sign_in(expect=401)
    inspector.post("/api/v1/session/refresh", {"refresh_token": "x"}, expect=401)


def test_a_replaced_key_is_ended_and_stays_known(cast, session):
    inspector = cast.person(Role.INSPECTOR)
    device, first, second = a_device(), public_jwk(generate_device_key()), public_jwk(generate_device_key())

    inspector.sign_in(device=device | {"public_key": first})
    inspector.sign_in(device=device | {"public_key": second})
    again = inspector.sign_in(device=device)

    assert again["device"]["key_id"] == key_id(second)
    old = session.get(DeviceKey, (key_id(first), inspector.person_id))
    assert old is not None
    assert old.ended_at is not None


def test_a_shared_phone_is_a_device_of_each_of_its_people(cast):
    device = a_device()
    ann, bob = cast.person(Role.INSPECTOR), cast.person(Role.INSPECTOR)

    ann.sign_in(device=device)
    bob.sign_in(device=device)

    assert [each["id"] for each in ann.get("/api/v1/devices")] == [device["id"]]
    assert [each["id"] for each in bob.get("/api/v1/devices")] == [device["id"]]
    ann.delete(f"/api/v1/devices/{device['id']}", expect=403)
