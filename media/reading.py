"""Bytes on their way in and out, piece by piece."""

import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Final, Protocol, Self, runtime_checkable

from media.store_refusals import StoreUnavailable

Piece = bytes | bytearray | memoryview

PIECE_SIZE: Final = 256 * 1024
_SMALLEST_READ: Final = 16 * 1024
_LARGEST_READ: Final = 1024 * 1024
_QUICK_SECONDS: Final = 0.05
_SLOW_SECONDS: Final = 0.5


@runtime_checkable
class Readable(Protocol):
    """Something with `read(size)`, which gives at most `size` bytes and `b""` at the end."""

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes."""


Source = Iterable[Piece] | Readable


def take_pieces(source: Source, limit: int) -> Iterator[memoryview]:
    """Give what `source` brings, at most `limit` bytes in all, without asking for more than that.

    A `read` that waits for all it was asked for loses what had come when the line breaks. So reads start
    small, grow while they come back quickly, and shrink on a slow line.
    """
    pieces = _read_pieces(source, limit) if isinstance(source, Readable) else source
    remaining = limit
    if remaining <= 0:
        return
    for piece in pieces:
        view = memoryview(piece)[:remaining]
        if view:
            yield view
        remaining -= len(view)
        if remaining <= 0:
            return


def _read_pieces(source: Readable, limit: int) -> Iterator[bytes]:
    size = _SMALLEST_READ
    remaining = limit
    while remaining > 0:
        asked_at = time.monotonic()
        piece = source.read(min(size, remaining))
        took = time.monotonic() - asked_at
        if not piece:
            return
        yield piece
        remaining -= len(piece)
        if took < _QUICK_SECONDS:
            size = min(size * 2, _LARGEST_READ)
        elif took > _SLOW_SECONDS:
            size = max(size // 2, _SMALLEST_READ)


class Reading:
    """An iterator over exactly `length` bytes of an object; close it, or read it to the end."""

    def __init__(self, source: Readable, length: int, close: Callable[[], None]) -> None:
        self.length = length
        self._source = source
        self._remaining = length
        self._close: Callable[[], None] | None = close

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if self._close is None or self._remaining == 0:
            self.close()
            raise StopIteration
        try:
            piece = self._source.read(min(PIECE_SIZE, self._remaining))
        except Exception as error:
            self.close()
            raise StoreUnavailable(str(error)) from error
        if not piece:
            self.close()
            raise StoreUnavailable(f"{self._remaining} of {self.length} bytes are missing")
        self._remaining -= len(piece)
        return piece

    def close(self) -> None:
        """Let go of the file or connection; may be called twice."""
        close, self._close = self._close, None
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
