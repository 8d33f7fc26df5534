"""Which derivative of a file there is to show, or why there is none."""

from server.db import Json
from server.evidence.models import MediaObject
from server.problems import MediaNoPreview, MediaPreviewPending

_PLAYABLE = "playable"


def derivative(found: MediaObject, role: str) -> Json:
    """Return the entry of a derivative that was made: name, size, recipe.

    Raises `MediaPreviewPending` while it may still come, `MediaNoPreview` with the reason when it does not.
    """
    made: Json = found.derivatives.get(role, {})
    if "name" in made:
        return made
    if found.inspect_after is not None or (role == _PLAYABLE and found.copy_after is not None):
        raise MediaPreviewPending().with_headers(Retry_After="10")
    raise MediaNoPreview(made.get("unavailable") or found.facts.get("unreadable", ""))


def plays_itself(found: MediaObject, role: str) -> bool:
    """Say whether browsers play the original, so that nobody makes a copy."""
    is_sound = found.family in {"audio", "video"} and "unreadable" not in found.facts
    looked_into = found.recipe is not None and found.copy_after is None
    return role == _PLAYABLE and is_sound and looked_into and _PLAYABLE not in found.derivatives
