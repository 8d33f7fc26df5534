"""How far files have come, and reading them back: whole, in ranges, or what was made of them."""

from typing import Any, cast

from flask import Response, redirect, url_for

from media import ObjectUnknown
from media.derivatives import MEDIA_TYPES
from server import problems
from server.blueprint import ProblemSchema
from server.evidence import rebuilding, schemas, service, showing
from server.evidence.api.blueprint import blp
from server.evidence.models import MediaObject
from server.evidence.sending import SHOWN, send
from server.http import actor, installation, session, settings, short_transaction, store
from server.view_marks import streaming

_RESTRICTED = "受限表单（涉密场所）的照片不留预览。Photos of restricted forms have no preview."


@blp.post("/media/status")
@blp.arguments(schemas.StatusQuerySchema)
@blp.response(200, schemas.StatusSchema)
@blp.alt_response(
    409, schema=ProblemSchema, content_type="application/problem+json", description="epoch.differs"
)
def tell_media_status(query: dict[str, Any]) -> dict[str, Any]:
    """Tell for up to 500 hashes how far each has come: absent, partial, stored, durable."""
    epoch, asked = installation().epoch_for(query["epoch"]), query["sha256"]
    shas = [each.removeprefix("sha256:") for each in asked]
    found = service.statuses_for(session, actor, shas, promised=settings().is_store_durable)
    return {"epoch": epoch, "media": {each: found[each.removeprefix("sha256:")].value for each in asked}}


@blp.get("/media/<string:sha256>")
@blp.response(200, description="The bytes; `206` for a range.")
@blp.alt_response(206, description="One range of the bytes")
@blp.alt_response(304, description="Not modified")
@blp.alt_response(
    416, schema=ProblemSchema, content_type="application/problem+json", description="media.range-wrong"
)
@streaming
def send_media(sha256: str) -> Response:
    """Send a file, or one range of it, to whoever may see a record it belongs to."""
    found, restricted = _visible(sha256)
    response = send(
        lambda start, stop: store().open(sha256, start, stop),
        found.size,
        sha256,
        found.mime or "application/octet-stream",
        restricted=restricted,
    )
    response.headers["Content-Disposition"] = "inline" if found.family in SHOWN else "attachment"
    return response


@blp.get("/media/<string:sha256>/about")
@blp.response(200, schemas.AboutSchema)
def tell_about_media(sha256: str) -> dict[str, Any]:
    """Tell what is known of a file: hashes, kind, what its device claims, what was made of it."""
    found = service.visible_object(session, actor, sha256)
    hidden = service.is_restricted(session, sha256)
    return vars(found) | {
        "state": service.status_of(found.state, promised=settings().is_store_durable).value,
        "waiting": found.inspect_after is not None,
        "derivatives": {} if hidden else found.derivatives,
    }


@blp.get("/media/<string:sha256>/thumbnail")
@blp.response(200, description="A JPEG of at most 320 pixels each way.")
@streaming
def send_thumbnail(sha256: str) -> Response:
    """Send the small picture of a photo or video; it carries none of its metadata. Restricted ones have none."""
    return _derivative(sha256, "thumbnail")


@blp.get("/media/<string:sha256>/preview")
@blp.response(200, description="A JPEG of at most 1280 pixels each way.")
@streaming
def send_preview(sha256: str) -> Response:
    """Send a photo as large as a screen, also one that browsers don't show; without its metadata."""
    return _derivative(sha256, "preview")


@blp.get("/media/<string:sha256>/poster")
@blp.response(200, description="A JPEG of at most 1280 pixels each way.")
@streaming
def send_poster(sha256: str) -> Response:
    """Send a picture out of a video, a second after its beginning."""
    return _derivative(sha256, "poster")


@blp.get("/media/<string:sha256>/waveform")
@blp.response(200, description="`duration` in seconds and 256 `peaks`, 0 to 255.")
@streaming
def send_waveform(sha256: str) -> Response:
    """Send the shape of a sound recording, to be drawn."""
    return _derivative(sha256, "waveform")


@blp.get("/media/<string:sha256>/playable")
@blp.response(200, description="MP4 or M4A; `206` for a range.")
@blp.alt_response(206, description="One range of the bytes")
@blp.alt_response(302, description="Browsers play the original; go there.")
@streaming
def send_playable(sha256: str) -> Response:
    """Send what every browser plays: a copy of the recording, or the way to the original if it is fit itself."""
    return _derivative(sha256, "playable")


def _visible(sha256: str) -> tuple[MediaObject, bool]:
    """Load a file that the caller may see, and whether it is restricted."""
    with short_transaction(writing=False) as reading:
        return service.visible_object(reading, actor, sha256), service.is_restricted(reading, sha256)


def _derivative(sha256: str, role: str) -> Response:
    found, restricted = _visible(sha256)
    if restricted:
        raise problems.MediaNoPreview(_RESTRICTED)
    if showing.plays_itself(found, role):
        return cast("Response", redirect(url_for("evidence.send_media", sha256=sha256)))
    entry = showing.derivative(found, role)
    name = entry["name"]
    try:
        response = send(
            lambda start, stop: store().open_derivative(sha256, name, start, stop),
            entry["size"],
            f"{sha256}-{name}-{entry['recipe']}",
            MEDIA_TYPES[name],
        )
    except ObjectUnknown:
        if not store().exists(sha256):
            raise
        _ask_anew(found)
        raise problems.MediaPreviewPending().with_headers(Retry_After="10") from None
    response.headers["X-Derivative-Of"] = f"sha256:{sha256}"
    response.headers["X-Derivative-Recipe"] = str(entry["recipe"])
    return response


def _ask_anew(found: MediaObject) -> None:
    """Let the worker make again what the store has lost, unless it is about to."""
    if found.inspect_after is None and found.copy_after is None:
        with short_transaction() as writing:
            rebuilding.make_anew(writing, [found.sha256])
