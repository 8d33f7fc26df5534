"""Giving keys to stock ODK phones, and taking them back."""

from typing import Any
from uuid import UUID

from flask import Response, request

from server.accounts.models import Organisation, Person
from server.http import actor, installation, session
from server.openrosa import keys, schemas, setting_up
from server.openrosa.api.blueprint import blp
from server.openrosa.models import PhoneKey
from server.openrosa.under_way import under_way

_MOST_ARRIVING = 500


@blp.get("/keys")
@blp.arguments(schemas.KeysQuerySchema, location="query")
@blp.response(200, schemas.PhoneKeySchema(many=True))
def list_phone_keys(query: dict[str, UUID]) -> list[dict[str, Any]]:
    """List keys, newest first: of the jurisdiction for who gives them out, else one's own."""
    return [_told(key, person) for key, person in keys.keys_within(session, actor, query.get("person"))]


@blp.post("/keys")
@blp.arguments(schemas.KeyDraftSchema)
@blp.response(201, schemas.PhoneKeySchema)
def make_phone_key(given: dict[str, Any]) -> dict[str, Any]:
    """Make a key for an inspector and one phone; how to set the phone up is at `/keys/{id}/settings`."""
    key = keys.make_key(session, actor, given["person"], given["name"])
    return _told(key, session.get_one(Person, key.person_id))


@blp.get("/keys/<uuid:key_id>/settings")
@blp.response(200, schemas.PhoneSettingsSchema)
def tell_phone_settings(key_id: UUID) -> dict[str, Any]:
    """Tell how to set a phone up: as JSON, as the text of a QR code, and for device management."""
    settings, key = _settings(key_id)
    return {
        "settings": settings,
        "code": setting_up.code_of(settings),
        "managed": setting_up.managed(settings, key.device_id),
    }


@blp.get("/keys/<uuid:key_id>/settings.png")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
def draw_phone_settings(key_id: UUID) -> Response:
    """Draw the QR code that a phone is set up with."""
    settings, _ = _settings(key_id)
    return Response(setting_up.picture_of(setting_up.code_of(settings)), mimetype="image/png")


@blp.post("/keys/<uuid:key_id>/release")
@blp.arguments(schemas.KeyReasonSchema)
@blp.response(200, schemas.PhoneKeySchema)
def release_phone_key(given: dict[str, str], key_id: UUID) -> dict[str, Any]:
    """Let a key go from its phone: the next one that asks has it, and the address stays."""
    key = keys.release_key(session, actor, key_id, given["reason"])
    return _told(key, session.get_one(Person, key.person_id))


@blp.post("/keys/<uuid:key_id>/end")
@blp.arguments(schemas.KeyReasonSchema)
@blp.response(200, schemas.PhoneKeySchema)
def end_phone_key(given: dict[str, str], key_id: UUID) -> dict[str, Any]:
    """End a key: 403 for whoever shows it. What its phone still holds can be sent under another."""
    key = keys.end_key(session, actor, key_id, given["reason"])
    return _told(key, session.get_one(Person, key.person_id))


@blp.get("/arriving")
@blp.response(200, schemas.ArrivingSchema(many=True))
def list_arriving() -> list[dict[str, Any]]:
    """List submissions of which files are still to come, the longest silent first: at most 500."""
    return [
        {
            "id": each.submission.id,
            "person": each.person.id,
            "person_name": each.person.name,
            "instance": each.submission.instance_id,
            "form": each.submission.form_id,
            "form_version": each.submission.form_version,
            "expected": None if each.submission.expected is None else len(each.submission.expected),
            "here": len(each.here),
            "missing": each.missing,
            "since": each.submission.first_at,
            "last_at": each.submission.last_at,
        }
        for each in under_way(session, actor, _MOST_ARRIVING)
    ]


def _settings(key_id: UUID) -> tuple[dict[str, Any], PhoneKey]:
    key, person = keys.key_to_show(session, actor, key_id)
    url = f"{request.host_url.rstrip('/')}/openrosa/{keys.secret_of(installation().secret, key.id)}"
    bureau = session.get_one(Organisation, person.organisation_id)
    return setting_up.settings_of(url, bureau.name, person), key


def _told(key: PhoneKey, person: Person) -> dict[str, Any]:
    return {
        **{column.key: getattr(key, column.key) for column in PhoneKey.__table__.columns},
        "bound": key.bound_to is not None,
        "username": person.username,
        "person_name": person.name,
    }
