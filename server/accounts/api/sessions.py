"""Sessions, devices and their keys over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from server import clock
from server.access import Permission
from server.accounts import devices, keys, passwords, renewing, schemas, service
from server.accounts.api.blueprint import blp
from server.accounts.keys import KeyClaim, Revocation
from server.accounts.models import Device, DeviceKey, KeyEnd, Person
from server.accounts.renewing import Renewal
from server.accounts.service import Lifetimes, SignedIn
from server.http import actor, count_try, installation, session, settings, short_transaction
from server.problems import Problem
from server.refusals import answer
from server.view_marks import hashing, public, untransacted
from sync import MAX_BODY, MAX_ITEMS, MAX_PAGE


@blp.post("/session")
@blp.arguments(schemas.SignInSchema)
@blp.response(201, schemas.SessionSchema)
@public
@untransacted
@hashing
def sign_in(credentials: dict[str, Any]) -> Any:
    """Sign in; a phone names its device and, where it can, its public key."""
    username = credentials["username"]
    was_right = count_try(username)
    with short_transaction(writing=False) as reading:
        password_hash = passwords.password_hash_of(reading, username)
    attempt = passwords.compare(username, password_hash, credentials["password"])
    with short_transaction() as writing:
        device = credentials.get("device")
        outcome = service.sign_in(writing, attempt, device, _lifetimes())
        if not isinstance(outcome, Problem):
            data_key = service.open_data_key(writing, outcome, device, installation().escrow)
    # A refusal is answered, not raised: the failed attempt has to be counted.
    if isinstance(outcome, Problem):
        return answer(outcome)
    was_right()
    return _session_body(outcome) | ({"data_key": data_key} if data_key else {})


@blp.post("/session/refresh")
@blp.arguments(schemas.RefreshSchema)
@blp.response(201, schemas.SessionSchema)
@public
def refresh_session(renewal: Renewal) -> Any:
    """Rotate the refresh token; one that comes twice ends every session of its family, but for a lost reply."""
    outcome = renewing.renew(session, renewal, _lifetimes())
    return answer(outcome) if isinstance(outcome, Problem) else _session_body(outcome)


@blp.delete("/session")
@blp.response(204)
def sign_out() -> None:
    """Sign out."""
    service.sign_out(session, actor)


@blp.get("/me")
@blp.response(200, schemas.ReachSchema)
def who_am_i() -> dict[str, Any]:
    """Say who is signed in and what that person may do."""
    permissions = sorted(permission.value for permission in Permission if actor.may(permission))
    person = session.get_one(Person, actor.person_id)
    return {"user": person, "permissions": permissions, "device_id": actor.device_id}


@blp.get("/devices")
@blp.arguments(schemas.DevicesQuerySchema, location="query")
@blp.response(200, schemas.DeviceSchema(many=True))
def list_devices(query: dict[str, UUID]) -> list[Device]:
    """List the devices of a person."""
    return devices.devices_of(session, actor, query.get("person", actor.person_id))


@blp.delete("/devices/<uuid:device_id>")
@blp.response(204)
def block_device(device_id: UUID) -> None:
    """Block a lost device: 403 for it from now on."""
    devices.block_device(session, actor, device_id)


@blp.get("/devices/<uuid:device_id>/keys")
@blp.response(200, schemas.KeyHistorySchema(many=True))
def list_keys(device_id: UUID) -> list[dict[str, Any]]:
    """List the keys of a device, with every fact about each."""
    found = keys.keys_of_device(session, actor, device_id)
    facts = keys.facts_of(session, found)
    return [vars(key) | {"history": keys.history(facts[key.person_id, key.key_id])} for key in found]


@blp.post("/devices/<uuid:device_id>/keys")
@blp.arguments(schemas.KeyClaimSchema)
@blp.response(201, schemas.KeySchema)
def replace_key(claim: KeyClaim, device_id: UUID) -> DeviceKey:
    """Give one's own device a new key; the one before is ended, and evidence under it stands."""
    return keys.replace_key(session, actor, device_id, claim)


@blp.post("/devices/<uuid:device_id>/keys/<key_id>/end")
@blp.arguments(schemas.KeyEndSchema)
@blp.response(200, schemas.KeySchema)
def end_key(given: dict[str, Any], device_id: UUID, key_id: str) -> DeviceKey:
    """End a key: the phone was handed back, or its data are lost."""
    because: KeyEnd = given["because"]
    return keys.end_key(session, actor, device_id, key_id, because, given["note"])


@blp.post("/devices/<uuid:device_id>/keys/<key_id>/revoke")
@blp.arguments(schemas.RevocationSchema)
@blp.response(200, schemas.KeySchema)
def revoke_key(given: Revocation, device_id: UUID, key_id: str) -> DeviceKey:
    """Revoke a key since a moment: what came since is kept, and its reviewers are asked about it."""
    return keys.revoke_key(session, actor, device_id, key_id, given)


@blp.post("/devices/<uuid:device_id>/keys/<key_id>/restore")
@blp.arguments(schemas.RestoreSchema)
@blp.response(200, schemas.KeySchema)
def restore_key(given: dict[str, str], device_id: UUID, key_id: str) -> DeviceKey:
    """Take a mistaken revocation back; both stay in the log."""
    return keys.restore_key(session, actor, device_id, key_id, given["note"])


@blp.get("/time")
@blp.response(200, schemas.TimeSchema)
@public
def tell_time() -> dict[str, str]:
    """Tell the server's time."""
    received = clock.now()
    return {"received": clock.iso(received), "sent": clock.iso(clock.now())}


def _lifetimes() -> Lifetimes:
    return Lifetimes(timedelta(minutes=settings().access_minutes), timedelta(days=settings().refresh_days))


def _session_body(signed_in: SignedIn) -> dict[str, Any]:
    body: dict[str, Any] = {
        "token": signed_in.token,
        "refresh_token": signed_in.refresh_token,
        "expires_at": signed_in.session.access_expires,
        "user": signed_in.person,
        "epoch": installation().epoch,
        "server_keys": [installation().key.public_jwk],
        "limits": {
            "push_items": MAX_ITEMS,
            "push_bytes": MAX_BODY,
            "pull_items": MAX_PAGE,
            "retention_days": settings().retention_days,
            "lease_hours": settings().lease_hours,
        },
        "escrow_key": installation().escrow.public_jwk,
    }
    if settings().about_app:
        body["about"] = settings().about_app
    if signed_in.device:
        body["device"] = {"id": signed_in.device.id, "key_id": signed_in.key_id}
    return body
