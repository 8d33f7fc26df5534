"""A stored file as an answer: ranges, tags, and what a browser may do with it."""

from collections.abc import Callable
from typing import Final

from flask import Response, request

from media import Reading
from server import problems

#: Kinds that a browser may show in its place; everything else is only ever saved.
SHOWN: Final = frozenset({"image", "audio", "video"})


def asked_range(size: int, etag: str) -> tuple[int, int, int]:
    """Start, end and status of what is asked: one range, or all when there is none, several or another file's.

    Raises `MediaRangeWrong`. Source: RFC 9110 §14.
    """
    asked, condition = request.range, request.if_range
    wanted = condition.date is None and condition.etag in {None, etag}
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or not wanted:
        return 0, size, 200
    first, _ = asked.ranges[0]
    # The last so many bytes of a file that has fewer are all of it; the library knows no such range.
    span = (0, size) if first < -size < 0 else asked.range_for_length(size)
    if span is None:
        headers = {"Content_Range": f"bytes */{size}", "Accept_Ranges": "bytes"}
        raise problems.MediaRangeWrong().with_headers(**headers)
    return span[0], span[1], 206


def send(
    opened: Callable[[int, int | None], Reading],
    size: int,
    etag: str,
    mime: str,
    *,
    restricted: bool = False,
) -> Response:
    """Answer with a file of `size` bytes, or the range of it that is asked for.

    `opened(start, stop)` reads it, to its end when `stop` is None.
    """
    if request.if_none_match.contains_weak(etag):
        return as_file(Response(status=304), etag, restricted=restricted)
    start, stop, status = asked_range(size, etag)
    response = stream(opened(start, None if stop == size else stop), status, mime)
    if status == 206:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response.headers["Accept-Ranges"] = "bytes"
    return as_file(response, etag, restricted=restricted)


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
