"""A stored file as an answer: ranges, tags, and what a browser may do with it."""

from typing import Final

from flask import Response, request

from media import Reading
from server import problems
from server.evidence.models import MediaObject

#: Kinds that a browser may show in its place; everything else is only ever saved.
SHOWN: Final = frozenset({"image", "audio", "video"})


def asked_range(found: MediaObject) -> tuple[int, int, int]:
    """Start, end and status of what is asked: one range, or all when there is none, several or another file's.

    Raises `MediaRangeWrong`. Source: RFC 9110 §14.
    """
    asked, condition = request.range, request.if_range
    wanted = condition.date is None and condition.etag in {None, found.sha256}
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or not wanted:
        return 0, found.size, 200
    span = asked.range_for_length(found.size)
    if span is None:
        headers = {"Content_Range": f"bytes */{found.size}", "Accept_Ranges": "bytes"}
        raise problems.MediaRangeWrong().with_headers(**headers)
    return span[0], span[1], 206


def stream(reading: Reading, status: int, mime: str) -> Response:
    """Answer with bytes as they are read from the store."""
    response = Response(reading, status=status, mimetype=mime, direct_passthrough=True)
    response.content_length = reading.length
    response.call_on_close(reading.close)
    return response


def as_file(response: Response, etag: str, *, restricted: bool = False) -> Response:
    """Give an answer what a file needs: its tag, no guessing of its type, and no keeping unasked."""
    response.set_etag(etag)
    response.headers["X-Content-Type-Options"] = "nosniff"
    # A browser may keep it, and asks each time whether its person may still see it; what is restricted it may not.
    response.headers["Cache-Control"] = "private, no-store" if restricted else "private, no-cache"
    return response
