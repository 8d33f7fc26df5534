"""How a stock ODK phone is set up: one code to scan, the same as text, and the same for device management.

The code is what Collect reads: base64 of zlib (RFC 1950) of JSON, checked against its client-settings schema.
`general` and `admin` have to be there, `project` names what the inspector sees.
"""

import base64
import io
import json
import zlib
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from server.accounts.models import Organisation, Person
from server.openrosa.holders import secret_of
from server.openrosa.models import PhoneKey

#: What one QR code may hold for Collect to read it.
LONGEST_CODE: Final = 4000
_PACKAGES: Final = ("org.odk.collect.android", "org.koboc.collect.android")
_COLOUR: Final = "#1565C0"


@dataclass(frozen=True)
class SetUp:
    """How one phone is set up: whose it is, and the settings with the code that holds them."""

    key: PhoneKey
    person: Person
    bureau: str
    settings: dict[str, Any]

    @property
    def code(self) -> str:
        """The text of the QR code."""
        return code_of(self.settings)


def set_up(session: Session, secret: bytes, origin: str, key: PhoneKey, person: Person) -> SetUp:
    """Say how the phone of a key is set up; `origin` is where phones reach this server, as `https://host`."""
    url = f"{origin.rstrip('/')}/openrosa/{secret_of(secret, key.id)}"
    bureau = session.get_one(Organisation, person.organisation_id).name
    return SetUp(key, person, bureau, settings_of(url, bureau, person))


def settings_of(server_url: str, bureau: str, person: Person) -> dict[str, Any]:
    """Choose the settings for field work.

    Forms equal to the server's at every hour, sent by itself on any network; what was sent stays on the phone, so that
    it can be edited and is a second copy; nobody changes the server by accident; no statistics go to anybody.
    """
    return {
        "project": {"name": f"界石·{bureau}", "icon": "界", "color": _COLOUR},
        "general": {
            "server_url": server_url,
            "username": person.username,
            "form_update_mode": "match_exactly",
            "periodic_form_updates_check": "every_one_hour",
            "automatic_update": True,
            "autosend": "wifi_and_cellular",
            "delete_send": False,
            "image_size": "large",
            "app_language": "zh",
            "constraint_behavior": "on_finalize",
            "guidance_hint": "yes_collapsed",
            "analytics": False,
            "metadata_username": person.name,
        },
        "admin": {
            "change_server": False,
            "delete_saved": False,
            "delete_after_send": False,
            "moving_backwards": True,
            "edit_saved": True,
        },
    }


def code_of(settings: dict[str, Any]) -> str:
    """Write settings as the text that a QR code holds."""
    written = json.dumps(settings, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(written, 9)).decode()


def picture_of(code: str, scale: int = 8) -> bytes:
    """Draw a code as a PNG, at the lowest error correction, as Collect's own are."""
    import segno

    if len(code) > LONGEST_CODE:
        raise ValueError(f"a code of {len(code)} characters can't be scanned")
    drawn = io.BytesIO()
    segno.make(code, error="l", boost_error=False, micro=False).save(drawn, kind="png", scale=scale, border=4)
    return drawn.getvalue()


def managed(settings: dict[str, Any], device_id: UUID) -> dict[str, Any]:
    """Write what a bureau's device management (MDM) hands to the app: `device_id` and `settings_json`.

    The device is then called by the id that the key has here, and bound to it when it first asks.
    """
    managed_settings = {
        "device_id": f"merestone:{device_id}",
        "settings_json": json.dumps(settings, ensure_ascii=False),
    }
    return dict.fromkeys(_PACKAGES, managed_settings)
