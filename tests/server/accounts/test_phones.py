"""Phones as a desk sees them: whose they are, what each said last, how its key stands; one is blocked with a reason."""

import pytest
from sqlalchemy import func, select

from server.access import Role
from server.accounts.models import DeviceStanding
from server.audit import AuditEntry
from sync import generate_device_key, public_jwk

PHONES = "/api/v1/phones"
SAID = {
    "version": "index-abc",
    "drafts": 1,
    "records": 2,
    "files": 3,
    "used": 5_000_000_000,
    "quota": 9_000_000_000,
}


@pytest.fixture
def admin(cast):
    return cast.signed_in(Role.ADMIN)


def test_the_phones_of_a_jurisdiction_are_listed_with_their_people_and_keys(cast, admin):
    mine, unsigned = cast.phone(), cast.phone(signs=False)
    cast.phone(region="130800")

    listed = admin.get(PHONES)

    assert [each["device"] for each in listed] == [str(unsigned.device), str(mine.device)]
    assert [each["key_state"] for each in listed] == ["none", "enrolled"]
    assert listed[1]["person"]["username"] == mine.username
    assert listed[1]["standing"] is None
    assert listed[1]["last_seen"] == listed[1]["last_sign_in"]


def test_what_a_phone_says_of_itself_takes_the_place_of_what_it_said_before(cast, admin, session):
    phone = cast.phone()
    written = session.scalar(select(func.count()).select_from(AuditEntry))

    phone.put(f"{PHONES}/standing", SAID, expect=204)
    said = admin.get(PHONES)[0]["standing"]["said_at"]
    phone.put(f"{PHONES}/standing", {**SAID, "records": 0, "used": None}, expect=204)

    [listed] = admin.get(PHONES)
    assert (listed["standing"]["records"], listed["standing"]["files"], listed["standing"]["used"]) == (
        0,
        3,
        None,
    )
    assert listed["last_seen"] == listed["standing"]["said_at"] > said
    # When a phone was there is not to be read anywhere: one row of it, and no entry of the log.
    assert session.scalar(select(func.count()).select_from(DeviceStanding)) == 1
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == written


def test_who_signed_in_without_a_phone_has_nothing_to_say(cast, admin):
    assert admin.put(f"{PHONES}/standing", SAID, expect=403)["code"] == "access.denied"
    desk = cast.signed_in(Role.INSPECTOR)
    assert desk.put(f"{PHONES}/standing", SAID, expect=404)["code"] == "device.not-found"
    assert desk.get(PHONES, expect=403)["code"] == "access.denied"


def test_a_phone_is_blocked_with_a_reason_by_who_may(cast, admin, session):
    lost = cast.phone()
    block = f"/api/v1/devices/{lost.device}/block"

    assert cast.signed_in(Role.AUDITOR).post(block, {"reason": "丢失"}, expect=403)["code"] == "access.denied"
    assert admin.post(block, {"reason": ""}, expect=422)["code"] == "request.invalid"
    admin.post(block, {"reason": "丢失"}, expect=204)
    admin.post(block, {"reason": "再次"}, expect=204)

    [listed] = admin.get(f"{PHONES}?blocked=true")
    assert (listed["device"], listed["blocked_because"]) == (str(lost.device), "丢失")
    assert admin.get(f"{PHONES}?blocked=false") == []
    assert lost.get("/api/v1/me", expect=403)["code"] == "device.blocked"
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "device.blocked")).all()
    assert [entry.details for entry in noted] == [{"reason": "丢失"}, {"reason": "再次"}]


def test_a_key_in_doubt_shows_in_the_list_and_phones_are_found_by_name(cast, admin):
    phone, other = cast.phone(), cast.phone()
    [key] = admin.get(f"/api/v1/devices/{phone.device}/keys")
    address = f"/api/v1/devices/{phone.device}/keys/{key['key_id']}"

    admin.post(f"{address}/end", {"because": "handed_back"}, expect=200)
    assert admin.get(f"{PHONES}?text={phone.username}")[0]["key_state"] == "ended"
    since = {"since": key["enrolled_at"], "because": "lost", "note": "丢失"}
    admin.post(f"{address}/revoke", since, expect=200)

    assert [each["key_state"] for each in admin.get(f"{PHONES}?text={phone.username.upper()}")] == ["revoked"]
    assert [each["device"] for each in admin.get(f"{PHONES}?limit=1")] == [str(other.device)]
    assert admin.get(f"{PHONES}?text=%25") == []


def test_a_phone_that_was_found_is_let_in_again_and_what_it_held_arrives(cast, admin):
    found = cast.phone()
    task = cast.task(found)
    found.pulls()
    record = found.fills(task)
    [key] = admin.get(f"/api/v1/devices/{found.device}/keys")
    address = f"/api/v1/devices/{found.device}"
    because = {"reason": "在办公室找到"}
    assert admin.post(f"{address}/unblock", because, expect=409)["code"] == "device.not-blocked"
    admin.post(f"{address}/block", {"reason": "丢失"}, expect=204)
    revoke = {"since": key["enrolled_at"], "because": "lost", "note": "丢失"}
    admin.post(f"{address}/keys/{key['key_id']}/revoke", revoke, expect=200)

    supervisor = cast.signed_in(Role.SUPERVISOR)
    assert supervisor.post(f"{address}/unblock", because, expect=403)["code"] == "access.denied"
    elsewhere = cast.signed_in(Role.ADMIN, region="130800")
    refused = elsewhere.post(f"{address}/unblock", because, expect=403)
    assert refused["code"] == "access.outside-jurisdiction"
    admin.post(f"{address}/unblock", because, expect=204)

    [listed] = admin.get(PHONES)
    assert (listed["blocked_at"], listed["blocked_because"], listed["key_state"]) == (None, None, "revoked")
    assert found.get("/api/v1/me", expect=401)["code"] == "session.expired"
    again = {"id": str(found.device), "name": "测试机"}
    old = again | {"public_key": public_jwk(found.key)}
    assert found.sign_in(device=old, expect=409)["code"] == "device.key-revoked"
    found.key = generate_device_key()
    found.signs_in()
    [answer] = found.syncs()
    assert (answer["outcome"], answer["flags"]) == ("accepted", ["key_ended", "key_revoked"])
    assert supervisor.get(f"/api/v1/records/{record}")["state"] == "under_review"
    told = {each["action"]: each for each in admin.get(f"{address}/history")}
    assert list(told)[-1] == "device.enrolled"
    assert (told["device.unblocked"]["told"], told["device.unblocked"]["actor"]) == (
        "设备已恢复使用",
        admin.username,
    )
    [reason, *_] = told["device.unblocked"]["members"]
    assert (reason["before"], reason["now"]) == ("丢失", "在办公室找到")
    assert elsewhere.get(f"{address}/history", expect=403)["code"] == "access.outside-jurisdiction"
