"""Bytes on their way in and out, piece by piece."""

from collections.abc import Callable
from types import TracebackType
from typing import Final, Protocol, Self

from media.store_refusals import StoreUnavailable

Piece = bytes | bytearray | memoryview

PIECE_SIZE: Final = 256 * 1024


class Readable(Protocol):
    """Something with `read(size)`, which gives at most `size` bytes and `b""` at the end."""

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes."""


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
        piece = self.read(PIECE_SIZE)
        if not piece:
            raise StopIteration
        return piece

    def read(self, size: int) -> bytes:
        """Give at most `size` bytes, and none at the end. Raises `StoreUnavailable` when some are missing."""
        if self._close is None or self._remaining == 0:
            self.close()
            return b""
        try:
            piece = self._source.read(min(size, self._remaining))
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
