"""A request's body as it comes off the line: every byte at once, with a look up now and then.

The usual `read(size)` waits until it has all it was asked for, and loses what had come when the line breaks;
on a slow line that is minutes of upload, and a line that falls silent keeps its thread for ever. So on
gunicorn the body is taken from the socket itself. All that is known of gunicorn's insides is in this module;
bodies it does not fit (chunked, other servers) are read in small steps.
"""

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

TICK: Final = 0.5
SILENCE: Final = 30.0
_PIECE: Final = 256 * 1024
_SMALL_READ: Final = 16 * 1024


@dataclass
class Arriving:
    """The body of one request; iterate it once.

    `limit`: no byte beyond is taken. `look_up`: called about every `TICK` seconds with the number of bytes
    given so far, all but the last piece of them written; False ends the iteration. Ends without an exception when the
    body is whole, when the line breaks, after `silence` seconds without a byte, or when `look_up` says so;
    then `stopped` is true. A piece is valid until the next one is asked for.
    """

    environ: Mapping[str, Any]
    limit: int
    look_up: Callable[[int], bool]
    silence: float = SILENCE
    stopped: bool = False
    given: int = 0
    _looked_up_at: float = field(default_factory=time.monotonic)

    def __iter__(self) -> Iterator[memoryview]:
        """Give the pieces."""
        reader = getattr(self.environ.get("wsgi.input"), "reader", None)
        line = self.environ.get("gunicorn.socket")
        announced = announced_length(self.environ)
        if line is not None and hasattr(reader, "length") and hasattr(reader, "unreader"):
            pieces = self._from_socket(line, reader)
        elif announced is None and not self.environ.get("wsgi.input_terminated"):
            return
        else:
            pieces = self._from_stream(self.environ["wsgi.input"], announced)
        for piece in pieces:
            yield piece
            self.given += len(piece)
            if not self._goes_on():
                return

    def _goes_on(self) -> bool:
        now = time.monotonic()
        if now - self._looked_up_at >= TICK:
            self._looked_up_at = now
            self.stopped = not self.look_up(self.given)
        return not self.stopped

    def _from_socket(self, line: socket.socket, reader: Any) -> Iterator[memoryview]:
        """Take a body of known length from gunicorn's socket; `reader.length` is what is left of it."""
        left = min(self.limit, reader.length)
        ahead = reader.unreader.take_buffered()
        if ahead:
            piece, rest = ahead[:left], ahead[left:]
            reader.unreader.unread(rest)
            reader.length -= len(piece)
            left -= len(piece)
            yield memoryview(piece)
        buffer = memoryview(bytearray(min(_PIECE, left)))
        before = line.gettimeout()
        line.settimeout(TICK)
        try:
            while left > 0:
                count = self._receive(line, buffer[:left])
                if count == 0:
                    return
                reader.length -= count
                left -= count
                yield buffer[:count]
        finally:
            line.settimeout(before)

    def _receive(self, line: socket.socket, buffer: memoryview) -> int:
        """Wait for bytes, looking up while none come; 0 when none will."""
        silent_since = time.monotonic()
        while True:
            try:
                return line.recv_into(buffer)
            except TimeoutError:
                if not self._goes_on() or time.monotonic() - silent_since > self.silence:
                    return 0
            except OSError:  # reset, broken: what came before it counts
                return 0

    def _from_stream(self, stream: Any, announced: int | None) -> Iterator[memoryview]:
        left = self.limit if announced is None else min(self.limit, announced)
        line = self.environ.get("gunicorn.socket")
        if line is not None:
            line.settimeout(self.silence)
        read = getattr(stream, "read1", stream.read)  # read1 gives what is there and does not wait for more
        while left > 0:
            try:
                piece = read(min(_SMALL_READ, left))
            except Exception:  # noqa: BLE001 - each server has its own way to say that the line broke
                return
            # After a long wait another request may hold the upload: then this piece is not ours to write.
            if not piece or not self._goes_on():
                return
            left -= len(piece)
            yield memoryview(piece)


def announced_length(environ: Mapping[str, Any]) -> int | None:
    """Say how many bytes a body announces; None when it does not say."""
    text = environ.get("CONTENT_LENGTH") or ""
    return int(text) if text.isascii() and text.isdigit() else None
