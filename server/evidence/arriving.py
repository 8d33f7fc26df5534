"""A request's body as it comes off the line: every byte at once, with a look up now and then.

The usual `read(size)` waits until it has all it was asked for, and loses what had come when the line breaks;
on a slow line that is minutes of upload, and a line that falls silent keeps its thread for ever. So on
gunicorn the body is taken from the socket itself. All that is known of the insides of its bodies is in `_Inside`;
where they are others than in version 27, and on other servers, bodies are read in small steps.
"""

import mmap
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Self

TICK: Final = 0.5
SILENCE: Final = 30.0
#: The most that is taken off the line at once.
_PIECE: Final = 1024 * 1024
_SMALL_READ: Final = 16 * 1024

_stopping = threading.Event()
_of_thread = threading.local()


def stop_receiving() -> None:
    """Let every body of this process end where it is, now or within a tick: the process is told to stop."""
    _stopping.set()


@dataclass
class Arriving:
    """The body of one request; iterate it once.

    `limit`: no byte beyond is taken. `look_up`: called about every `TICK` seconds with the number of bytes
    given so far, all but the last piece of them written; False ends the iteration. Ends without an exception when the
    body is whole, and before its end, then `cut` is true: when the line breaks, after `silence` seconds without a
    byte, when the process is told to stop, or when `look_up` says so; then `stopped` is true, too. A piece is valid
    until the next one is asked for.
    """

    environ: Mapping[str, Any]
    limit: int
    look_up: Callable[[int], bool]
    silence: float = SILENCE
    stopped: bool = False
    cut: bool = False
    given: int = 0
    _looked_up_at: float = field(default_factory=time.monotonic)

    def __iter__(self) -> Iterator[memoryview]:
        """Give the pieces."""
        announced = announced_length(self.environ)
        left = self.limit if announced is None else min(self.limit, announced)
        if left == 0 or (announced is None and not self.environ.get("wsgi.input_terminated")):
            return
        inside = _Inside.of(self.environ)
        self.cut = True
        try:
            for piece in self._pieces(inside, announced, left):
                self.cut = self.given + len(piece) < left
                yield piece
                self.given += len(piece)
                if self.cut and not self._goes_on():
                    return
        finally:
            if inside:
                inside.leave(self.cut)

    def _pieces(self, inside: "_Inside | None", announced: int | None, left: int) -> Iterator[memoryview]:
        if inside is None:
            return self._from_stream(self.environ["wsgi.input"], left)
        return self._from_chunks(inside, left) if announced is None else self._from_line(inside, left)

    def _goes_on(self) -> bool:
        if _stopping.is_set():
            return False
        now = time.monotonic()
        if now - self._looked_up_at >= TICK:
            self._looked_up_at = now
            self.stopped = not self.look_up(self.given)
        return not self.stopped

    def _from_line(self, inside: "_Inside", left: int) -> Iterator[memoryview]:
        """Take a body of known length off the socket."""
        ahead = inside.take_ahead(left)
        if ahead:
            left -= len(ahead)
            yield memoryview(ahead)
        line, buffer = inside.line, _buffer()
        line.settimeout(TICK)
        while left > 0:
            count = self._wait_for(partial(line.recv_into, buffer, min(left, len(buffer))))
            if not count:
                return
            inside.reader.length -= count
            left -= count
            yield buffer[:count]

    def _from_chunks(self, inside: "_Inside", left: int) -> Iterator[memoryview]:
        """Take a body in chunks, each as far as it has come."""

        def receive(size: int | None = None) -> bytes:
            return self._wait_for(partial(inside.line.recv, min(max(size or 0, _SMALL_READ), _PIECE))) or b""

        inside.line.settimeout(TICK)
        inside.unreader.chunk = receive  # the parser waits where it needs bytes: anywhere in a chunk
        while left > 0:
            try:
                piece = next(inside.reader.parser, None)
            except Exception:  # noqa: BLE001 - of the line or of the parser: what came before it counts
                return
            if piece is None:
                self.cut = False
                return
            yield memoryview(piece)[:left]
            left -= len(piece)

    def _wait_for(self, receive: Callable[[], Any]) -> Any:
        """Receive, looking up while nothing comes; None when nothing will."""
        silent_since = time.monotonic()
        while True:
            try:
                return receive()
            except TimeoutError:
                if not self._goes_on() or time.monotonic() - silent_since > self.silence:
                    return None
            except OSError:  # reset, broken: what came before it counts
                return None

    def _from_stream(self, stream: Any, left: int) -> Iterator[memoryview]:
        line = self.environ.get("gunicorn.socket")
        if line is not None:
            line.settimeout(self.silence)
        read = getattr(stream, "read1", stream.read)  # read1 gives what is there and does not wait for more
        while left > 0:
            try:
                piece = read(min(_SMALL_READ, left))
            except Exception:  # noqa: BLE001 - each server has its own way to say that the line broke
                return
            if not piece:
                self.cut = announced_length(self.environ) is not None
                return
            # After a long wait another request may hold the upload: then this piece is not ours to write.
            if not self._goes_on():
                return
            left -= len(piece)
            yield memoryview(piece)


def announced_length(environ: Mapping[str, Any]) -> int | None:
    """Say how many bytes a body announces; None when it does not say."""
    text = environ.get("CONTENT_LENGTH") or ""
    return int(text) if text.isascii() and text.isdigit() else None


@dataclass(frozen=True)
class _Inside:
    """A request's socket inside gunicorn, with the reader of its body and the bytes that were read ahead."""

    line: socket.socket
    reader: Any
    unreader: Any
    stream: Any
    timeout: float | None

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> Self | None:
        """Find them, if they are as in gunicorn 27."""
        line, stream = environ.get("gunicorn.socket"), environ.get("wsgi.input")
        reader = getattr(stream, "reader", None)
        unreader = getattr(reader, "unreader", None) or getattr(
            getattr(reader, "req", None), "unreader", None
        )
        known = hasattr(stream, "failed") and hasattr(unreader, "take_buffered")
        if line is None or not known or not (hasattr(reader, "length") or hasattr(reader, "parser")):
            return None
        return cls(line, reader, unreader, stream, line.gettimeout())

    def take_ahead(self, most: int) -> bytes:
        """Take what was read ahead of a body of known length."""
        ahead: bytes = self.unreader.take_buffered()
        self.unreader.unread(ahead[most:])
        self.reader.length -= len(ahead[:most])
        return ahead[:most]

    def leave(self, cut: bool) -> None:
        """Give the line back; after a body that was cut, the next request would begin somewhere in it."""
        self.line.settimeout(self.timeout)
        vars(self.unreader).pop("chunk", None)
        if cut:
            self.stream.failed = True


def _buffer() -> memoryview:
    """The buffer of this thread, always the same; pages that were never filled cost no memory."""
    if not hasattr(_of_thread, "buffer"):
        _of_thread.buffer = memoryview(mmap.mmap(-1, _PIECE))
    buffer: memoryview = _of_thread.buffer
    return buffer
