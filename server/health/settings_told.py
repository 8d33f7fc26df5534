"""What this installation is set to, for whoever looks after it. No secret is told, only whether it is set."""

from dataclasses import fields
from typing import Final

from server.access import Actor, Permission, require
from server.db import Json
from server.health.settings_words import GROUPS, MEANINGS
from server.settings import Settings

_GROUP_OF: Final = {variable: group for group, variables in GROUPS.items() for variable in variables}


def settings_told(actor: Actor, settings: Settings) -> list[Json]:
    """Write every setting with its value, whether that is the default, and what it means in both languages."""
    require(actor, Permission.STATUS_READ)
    rows = []
    for each in fields(Settings):
        about = each.metadata
        variable, value = about["variable"], str(getattr(settings, each.name))
        default = str(about["default"]).replace("{data}", str(settings.data.resolve()))
        is_default = value == default
        rows.append(
            {
                "variable": variable,
                "group": _GROUP_OF[variable],
                "value": None if about["secret"] else value,
                "is_secret": about["secret"],
                "is_set": bool(value) and not (about["secret"] and is_default),
                "is_default": is_default,
                "meaning": MEANINGS[variable],
                "meaning_en": about["meaning"],
            }
        )
    return rows
