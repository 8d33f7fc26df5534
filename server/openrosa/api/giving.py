"""Giving keys to stock ODK phones, and taking them back."""

from typing import Any
from uuid import UUID

from flask import Response, request

from server.accounts.models import Person
from server.http import actor, installation, session
from server.openrosa import keys, schemas, setting_up
from server.openrosa.api.blueprint import blp
from server.openrosa.api.printing import write_page
from server.openrosa.models import PhoneKey
from server.openrosa.setting_up import SetUp
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
    setup = _set_up(key_id)
    return {
        "settings": setup.settings,
        "code": setup.code,
        "managed": setting_up.managed(setup.settings, setup.key.device_id),
    }


@blp.get("/keys/<uuid:key_id>/settings.png")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
def draw_phone_settings(key_id: UUID) -> Response:
    """Draw the QR code that a phone is set up with."""
    return Response(setting_up.picture_of(_set_up(key_id).code), mimetype="image/png")


@blp.get("/keys/<uuid:key_id>/page")
@blp.response(200, {"type": "string"}, content_type="text/html")
def print_phone_settings(key_id: UUID) -> Response:
    """Show a page to print: the code, what to do with it, and the address."""
    setup = _set_up(key_id)
    page = write_page(
        setup.person.name,
        setup.person.username,
        setup.key.name,
        setup.bureau,
        setup.settings["general"]["server_url"],
        setup.code,
        setting_up.picture_of(setup.code),
    )
    response = Response(page, mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    )
    return response


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
            "here": each.come,
            "missing": each.missing,
            "since": each.submission.first_at,
            "last_at": each.submission.last_at,
        }
        for each in under_way(session, actor, _MOST_ARRIVING)
    ]


def _set_up(key_id: UUID) -> SetUp:
    key, person = keys.key_to_show(session, actor, key_id)
    return setting_up.set_up(session, installation().secret, request.host_url, key, person)


def _told(key: PhoneKey, person: Person) -> dict[str, Any]:
    return {
        **{column.key: getattr(key, column.key) for column in PhoneKey.__table__.columns},
        "bound": key.bound_to is not None,
        "username": person.username,
        "person_name": person.name,
    }
