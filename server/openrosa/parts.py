"""A multipart body as it comes: where its parts begin and end, found by a search of memory and not line by line.

Bytes are copied once, from what the line gave into what is searched; a part is handed on as views of that.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from werkzeug.http import parse_options_header

_AFTER_DELIMITER: Final = re.compile(rb"[ \t]*\r\n")
_HEAD_END: Final = b"\r\n\r\n"
_LONGEST_HEAD: Final = 16 * 1024
_LONGEST_PADDING: Final = 64
# As phones write them. What is written in any other way is read by werkzeug, which costs more than ten times as much.
_PLAIN_DISPOSITION: Final = re.compile(r'form-data; name="([^"\\%]*)"(?:; filename="([^"\\%]+)")?')
_PLAIN_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9!#$&^_.+-]+")


class BodyBroken(ValueError):
    """What comes is no multipart body, or has more parts than anybody sends."""


@dataclass(frozen=True)
class Head:
    """What a part says of itself. `filename`: None for a field; `type` is in lower case, without its parameters."""

    name: str
    filename: str | None
    type: str


class Sink(Protocol):
    """Takes the bytes of one part."""

    def write(self, piece: memoryview) -> None:
        """Take the next bytes; the piece is the caller's again when this returns."""

    def end(self) -> None:
        """Hear that the part is whole."""


class Parts:
    """Divides a body into its parts; `begin` is asked for a sink at each. `whole`: the last delimiter has come."""

    def __init__(self, boundary: bytes, begin: Callable[[Head], Sink], most: int) -> None:
        self.whole = False
        self._delimiter = b"\r\n--" + boundary
        self._begin = begin
        self._left = most
        self._sink: Sink | None = None
        self._in_head = False
        self._data = bytearray()
        self._kept = b"\r\n"  # so that a delimiter at the very beginning is found like any other
        self._at = 0

    def feed(self, piece: memoryview | bytes) -> None:
        """Take the next bytes of the body. Raises BodyBroken, and whatever a sink raises."""
        data = bytearray(self._kept)
        data += piece
        self._data, self._at = data, 0
        while not self.whole and (self._read_head() if self._in_head else self._read_body()):
            pass
        self._kept = b"" if self.whole else bytes(memoryview(data)[self._at :])

    def _read_body(self) -> bool:
        """Go on to the next delimiter; False when more has to come."""
        data, size = self._data, len(self._delimiter)
        found = data.find(self._delimiter, self._at)
        if found < 0:
            self._hand_on(len(data) - size + 1)
            return False
        self._hand_on(found)
        after = found + size
        if data.startswith(b"--", after):
            self._end_part()
            self.whole = True
        elif line := _AFTER_DELIMITER.match(data, after):
            self._end_part()
            self._in_head, self._at = True, line.end()
        elif _may_become_one(bytes(data[after : after + _LONGEST_PADDING])):
            return False
        else:
            self._hand_on(after)  # content that begins like a delimiter
        return True

    def _read_head(self) -> bool:
        """Read what stands before a part's bytes; False when more has to come."""
        data, begin = self._data, self._at
        end = begin - 2 if data.startswith(b"\r\n", begin) else data.find(_HEAD_END, begin)
        if end < 0:
            if len(data) - begin > _LONGEST_HEAD:
                raise BodyBroken("the head of a part has no end")
            return False
        self._left -= 1
        if self._left < 0:
            raise BodyBroken("too many parts")
        self._sink = self._begin(_head_of(bytes(data[begin:end]) if end > begin else b""))
        self._in_head, self._at = False, end + len(_HEAD_END)
        return True

    def _hand_on(self, to: int) -> None:
        if to > self._at:
            if self._sink is not None:
                with memoryview(self._data) as view, view[self._at : to] as piece:
                    self._sink.write(piece)
            self._at = to

    def _end_part(self) -> None:
        if self._sink is not None:
            self._sink.end()
        self._sink = None


def _may_become_one(rest: bytes) -> bool:
    """Say whether what follows a delimiter may still show to be one when more has come."""
    return len(rest) < _LONGEST_PADDING and rest.lstrip(b" \t") in {b"", b"\r", b"-"}


def _head_of(lines: bytes) -> Head:
    told: dict[str, str] = {}
    for line in re.sub(rb"\r\n[ \t]+", b" ", lines).split(b"\r\n"):
        name, _, value = line.decode("utf-8", "replace").partition(":")
        told[name.strip().lower()] = value.strip()
    disposition, kind = told.get("content-disposition"), told.get("content-type", "")
    if not _PLAIN_TYPE.fullmatch(kind):
        kind = parse_options_header(kind)[0].lower()
    if plain := _PLAIN_DISPOSITION.fullmatch(disposition or ""):
        return Head(plain[1], plain[2], kind)
    _, options = parse_options_header(disposition)
    return Head(options.get("name", ""), options.get("filename"), kind)
