"""Keys of devices: enrolled, replaced, ended, revoked, restored; by whom, and what remains known."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from server import audit, clock
from server.access import Role
from sync import endorsement_bytes, generate_device_key, key_id, public_jwk, sign
from tests.actors.supervisor import supervisor

OLD, NEW = generate_device_key(), generate_device_key()
OLD_ID, NEW_ID = key_id(public_jwk(OLD)), key_id(public_jwk(NEW))


@pytest.fixture
def device():
    return str(uuid4())


@pytest.fixture
def inspector(cast, device):
    return cast.signed_in(Role.INSPECTOR, device=claim(device, OLD))


def claim(device, key, **more):
    return {"id": device, "name": "测试机", "public_key": public_jwk(key), **more}


def url(device, key=OLD_ID, verb=""):
    return f"/api/v1/devices/{device}/keys/{key}/{verb}".rstrip("/")


def keys(who, device):
    return {each["key_id"]: each for each in who.get(f"/api/v1/devices/{device}/keys")}


def told(key):
    return [each["fact"] for each in key["history"]]


def revoking(since=None, **more):
    since = since or clock.now() - timedelta(hours=1)
    return {"since": clock.iso(since), "because": "stolen", "note": "手机在阳城县被盗", **more}


def test_a_new_key_ends_the_one_before_and_both_stay_known(inspector, device):
    inspector.sign_in(device=claim(device, NEW))

    found = keys(inspector, device)
    assert list(found) == [OLD_ID, NEW_ID]
    assert (found[OLD_ID]["ended_because"], found[OLD_ID]["replaced_by"]) == ("replaced", NEW_ID)
    assert told(found[OLD_ID]) == ["enrolled", "replaced"]
    assert told(found[NEW_ID]) == ["enrolled"]
    assert found[NEW_ID]["history"][0]["replaces"] == OLD_ID
    assert found[NEW_ID]["ended_at"] is None


def test_the_old_key_vouches_for_the_new_one_where_the_phone_still_has_it(inspector, device):
    endorsement = sign(OLD, endorsement_bytes(NEW_ID, UUID(device)))

    made = inspector.post(
        f"/api/v1/devices/{device}/keys",
        {"public_key": public_jwk(NEW), "endorsement": endorsement},
        expect=201,
    )

    assert (made["key_id"], made["endorsement"]) == (NEW_ID, endorsement)
    assert keys(inspector, device)[NEW_ID]["history"][0]["endorsement"] == endorsement


@pytest.mark.parametrize(
    "wrong",
    [
        lambda device: sign(NEW, endorsement_bytes(NEW_ID, device)),
        lambda device: sign(OLD, endorsement_bytes(OLD_ID, device)),
        lambda _: sign(OLD, endorsement_bytes(NEW_ID, uuid4())),
        lambda _: "made up",
    ],
)
def test_an_endorsement_that_does_not_hold_is_refused_and_changes_nothing(inspector, device, wrong):
    answer = inspector.sign_in(device=claim(device, NEW, endorsement=wrong(UUID(device))), expect=422)

    assert answer["code"] == "device.key-endorsement-invalid"
    inspector.sign_in(device=claim(device, OLD))
    assert list(keys(inspector, device)) == [OLD_ID]


def test_a_key_that_was_replaced_or_ended_does_not_come_back(inspector, device):
    inspector.post(url(device, verb="end"), {"because": "data_lost"})

    assert inspector.sign_in(device=claim(device, OLD), expect=409)["code"] == "device.key-ended"
    inspector.sign_in(device=claim(device, NEW))
    assert (
        inspector.post(url(device, verb="end"), {"because": "other"}, expect=409)["code"]
        == "device.key-ended"
    )
    answer = inspector.post(f"/api/v1/devices/{device}/keys", {"public_key": public_jwk(OLD)}, expect=409)
    assert answer["code"] == "device.key-ended"
    ended = keys(inspector, device)[OLD_ID]
    assert (ended["ended_because"], ended["replaced_by"]) == ("data_lost", None)


def test_a_supervisor_revokes_a_key_since_a_moment_and_takes_a_mistake_back(cast, inspector, device, session):
    reviewer = supervisor(cast)
    since = clock.now() - timedelta(days=2)

    revoked = reviewer.post(url(device, verb="revoke"), revoking(since))
    assert revoked["revoked_since"][:19] == clock.iso(since)[:19]
    assert revoked["revoked_because"] == "stolen"
    assert inspector.sign_in(device=claim(device, OLD), expect=409)["code"] == "device.key-revoked"
    assert reviewer.post(url(device, verb="revoke"), revoking(), expect=409)["code"] == "device.key-revoked"

    restored = reviewer.post(url(device, verb="restore"), {"note": "手机找到了，一直锁在柜里"})
    assert restored["revoked_since"] is None
    assert (
        reviewer.post(url(device, verb="restore"), {"note": "x"}, expect=409)["code"]
        == "device.key-not-revoked"
    )

    key = keys(reviewer, device)[OLD_ID]
    assert told(key) == ["enrolled", "revoked", "restored"]
    assert key["history"][1]["note"] == "手机在阳城县被盗"
    assert [each["by"] for each in key["history"]] == [inspector.username, *[reviewer.username] * 2]
    facts = session.query(audit.AuditEntry).filter_by(subject_kind="device", subject=device).all()
    assert {each.details["person"] for each in facts if "key-" in each.action} == {str(inspector.person_id)}


def test_a_key_is_not_revoked_since_tomorrow(cast, inspector, device):
    answer = supervisor(cast).post(
        url(device, verb="revoke"), revoking(clock.now() + timedelta(minutes=5)), expect=422
    )
    assert answer["code"] == "device.key-since-future"
    assert told(keys(inspector, device)[OLD_ID]) == ["enrolled"]


def test_a_revocation_says_why(cast, inspector, device):
    reviewer = supervisor(cast)
    for wrong in ({"note": ""}, {"because": "replaced"}, {"since": "2026-11-26T08:00:00"}):
        assert (
            reviewer.post(url(device, verb="revoke"), revoking() | wrong, expect=422)["code"]
            == "request.invalid"
        )
    assert (
        inspector.post(url(device, verb="end"), {"because": "replaced"}, expect=422)["code"]
        == "request.invalid"
    )


def test_who_may_do_what_to_a_key(cast, inspector, device):
    colleague, abroad = cast.signed_in(Role.INSPECTOR), supervisor(cast, region="130800")
    auditor, admin = cast.signed_in(Role.AUDITOR), cast.signed_in(Role.ADMIN)

    assert inspector.post(url(device, verb="revoke"), revoking(), expect=403)["code"] == "access.denied"
    for other in (colleague, auditor):
        assert (
            other.post(url(device, verb="end"), {"because": "other"}, expect=403)["code"] == "access.denied"
        )
        assert other.post(url(device, verb="revoke"), revoking(), expect=403)["code"] == "access.denied"
    for verb, body in (("revoke", revoking()), ("end", {"because": "other"})):
        assert abroad.post(url(device, verb=verb), body, expect=403)["code"] == "access.outside-jurisdiction"
    assert colleague.get(f"/api/v1/devices/{device}/keys", expect=403)["code"] == "access.denied"
    assert (
        colleague.post(f"/api/v1/devices/{device}/keys", {"public_key": public_jwk(NEW)}, expect=404)["code"]
        == "device.not-found"
    )
    assert list(keys(auditor, device)) == [OLD_ID]
    of_person = f"/api/v1/devices?person={inspector.person_id}"
    assert [each["id"] for each in supervisor(cast).get(of_person)] == [device]
    assert colleague.get(of_person, expect=403)["code"] == "access.denied"
    admin.post(url(device, verb="end"), {"because": "handed_back", "note": "离职交还"})
    assert told(keys(inspector, device)[OLD_ID]) == ["enrolled", "ended"]
    assert (
        admin.post(url(device, NEW_ID, "end"), {"because": "other"}, expect=404)["code"]
        == "device.key-not-found"
    )
    assert admin.get(f"/api/v1/devices/{uuid4()}/keys", expect=404)["code"] == "device.not-found"


def test_a_key_on_a_shared_phone_is_ended_for_one_and_revoked_for_all(cast, inspector, device):
    colleague = cast.signed_in(Role.INSPECTOR, device=claim(device, OLD))

    colleague.post(url(device, verb="end"), {"because": "handed_back"})
    assert keys(inspector, device)[OLD_ID]["ended_at"] is None
    assert keys(colleague, device)[OLD_ID]["ended_at"]

    supervisor(cast).post(url(device, verb="revoke"), revoking())
    for each in (inspector, colleague):
        assert keys(each, device)[OLD_ID]["revoked_at"]
