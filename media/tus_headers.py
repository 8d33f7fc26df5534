"""The headers of tus answers, as plain mappings from name to value."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from media.tus_constants import CHECKSUM_ALGORITHMS, EXTENSIONS, MAXIMUM_SIZE, VERSION

CORS_ALLOW_METHODS: Final = ("POST", "HEAD", "PATCH", "OPTIONS", "GET", "DELETE")
CORS_ALLOW_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Origin",
    "Tus-Resumable",
    "Upload-Checksum",
    "Upload-Concat",
    "Upload-Defer-Length",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
    "X-HTTP-Method-Override",
    "X-Request-ID",
    "X-Requested-With",
)
CORS_EXPOSE_HEADERS: Final = (
    "Location",
    "Retry-After",
    "Tus-Checksum-Algorithm",
    "Tus-Extension",
    "Tus-Max-Size",
    "Tus-Resumable",
    "Tus-Version",
    "Upload-Concat",
    "Upload-Defer-Length",
    "Upload-Expires",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
    "X-Request-ID",
)


def option_headers(maximum: int = MAXIMUM_SIZE) -> dict[str, str]:
    """What OPTIONS answers: version, extensions, algorithms of checksums and the largest upload in bytes."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": ",".join(EXTENSIONS),
        "Tus-Max-Size": str(maximum),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUM_ALGORITHMS),
    }


def creation_headers(location: str, offset: int, expires_at: datetime | None) -> dict[str, str]:
    """What a 201 answers. `location` is relative: no proxy can make it wrong; `offset` is what arrived."""
    return {
        "Tus-Resumable": VERSION,
        "Location": location,
        "Upload-Offset": str(offset),
        **expires_header(expires_at),
    }


def head_headers(
    offset: int, length: int | None, metadata: str, expires_at: datetime | None
) -> dict[str, str]:
    """What HEAD answers; `metadata` is the header as it was sent at creation, `length` None while deferred."""
    headers = {
        "Tus-Resumable": VERSION,
        "Cache-Control": "no-store",
        "Upload-Offset": str(offset),
        **({"Upload-Defer-Length": "1"} if length is None else {"Upload-Length": str(length)}),
        **expires_header(expires_at),
    }
    if metadata:
        headers["Upload-Metadata"] = metadata
    return headers


def patch_headers(offset: int, expires_at: datetime | None) -> dict[str, str]:
    """What a 204 to PATCH answers; `offset` is what is stored now."""
    return {"Tus-Resumable": VERSION, "Upload-Offset": str(offset), **expires_header(expires_at)}


def termination_headers() -> dict[str, str]:
    """What a 204 to DELETE answers."""
    return {"Tus-Resumable": VERSION}


def expires_header(expires_at: datetime | None) -> dict[str, str]:
    """`Upload-Expires` as an HTTP date, or nothing for an upload that does not expire; the time is aware."""
    if expires_at is None:
        return {}
    if expires_at.tzinfo is None:
        message = "expires_at must be an aware time"
        raise ValueError(message)
    return {"Upload-Expires": format_datetime(expires_at.astimezone(UTC), usegmt=True)}


def cors_headers(origin: str) -> dict[str, str]:
    """What every answer to a page of an allowed `origin` carries, beside `Vary: Origin`."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": ", ".join(CORS_EXPOSE_HEADERS),
    }


def preflight_headers(origin: str) -> dict[str, str]:
    """What the answer to a browser's preflight carries, for a day."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": ", ".join(CORS_ALLOW_METHODS),
        "Access-Control-Allow-Headers": ", ".join(CORS_ALLOW_HEADERS),
        "Access-Control-Max-Age": "86400",
    }
