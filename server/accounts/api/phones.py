"""Phones over HTTP: as a desk sees them, blocked and let in again with a reason, and what one says of itself."""

from typing import Any
from uuid import UUID

from server.accounts import devices, phone_schemas, phones
from server.accounts.api.blueprint import blp
from server.accounts.models import Device
from server.accounts.phones import Standing
from server.http import actor, session
from server.paging import next_page, page


@blp.get("/phones")
@blp.arguments(phone_schemas.PhonesQuerySchema, location="query")
@blp.response(200, phone_schemas.PhoneSchema(many=True))
def list_phones(query: dict[str, Any]) -> Any:
    """List the phones of one's jurisdiction, the last signed in first."""
    chosen = phones.phones_within(session, actor, text=query["text"], blocked=query["blocked"])
    keys = [Device.last_sign_in, Device.id, Device.person_id]
    rows, after = page(session, chosen, keys, query["after"], query["limit"], descending=True)
    return phones.phone_views(session, rows), 200, next_page(after)


@blp.put("/phones/standing")
@blp.arguments(phone_schemas.PhoneStandingDraftSchema)
@blp.response(204)
def say_standing(standing: Standing) -> None:
    """Say of the phone one is signed in on how it stands; it takes the place of what was said before."""
    phones.note_standing(session, actor, standing)


@blp.post("/devices/<uuid:device_id>/block")
@blp.arguments(phone_schemas.BlockSchema)
@blp.response(204)
def block_device_because(given: dict[str, str], device_id: UUID) -> None:
    """Block a device with a reason that is kept: 403 for it from now on."""
    devices.block_device(session, actor, device_id, given["reason"])


@blp.post("/devices/<uuid:device_id>/unblock")
@blp.arguments(phone_schemas.BlockSchema)
@blp.response(204)
def unblock_device(given: dict[str, str], device_id: UUID) -> None:
    """Let a blocked device in again with a reason that is kept; its people sign in anew."""
    devices.unblock_device(session, actor, device_id, given["reason"])
