"""Few bytes for a handful of names and numbers, with one spelling for each value."""

from functools import lru_cache
from uuid import UUID

_UUID, _TEXT = 0, 1
"""What a name begins with: a UUID in 16 bytes, or its length above `_TEXT` and UTF-8."""


class NotPacked(ValueError):
    """The bytes are not what `Packer` writes."""


class Packer:
    """Writes values one after the other; `data` is what was written."""

    def __init__(self) -> None:
        self.data = bytearray()

    def number(self, value: int) -> None:
        """Write a number that is not negative: seven bits a byte, the lowest first."""
        while value > 0x7F:
            self.data.append(value & 0x7F | 0x80)
            value >>= 7
        self.data.append(value)

    def signed(self, value: int) -> None:
        """Write a number that may be negative; what is near zero is short."""
        self.number(-2 * value - 1 if value < 0 else 2 * value)

    def name(self, text: str) -> None:
        """Write a name; one that is a UUID takes 17 bytes."""
        packed = _uuid_bytes(text)
        if packed is not None:
            self.number(_UUID)
            self.data += packed
            return
        encoded = text.encode("utf-8")
        self.number(_TEXT + len(encoded))
        self.data += encoded

    def raw(self, data: bytes) -> None:
        """Write bytes whose number the reader knows."""
        self.data += data


class Unpacker:
    """Reads what a `Packer` wrote, in the same order. Raises NotPacked."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def at_end(self) -> bool:
        """Whether everything was read."""
        return self._at == len(self._data)

    def number(self) -> int:
        """Read a number."""
        value = shift = 0
        while True:
            (byte,) = self._take(1)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte <= 0x7F:
                return value

    def signed(self) -> int:
        """Read a number that may be negative."""
        value = self.number()
        return -(value + 1) // 2 if value & 1 else value // 2

    def name(self) -> str:
        """Read a name."""
        length = self.number()
        if length == _UUID:
            return _uuid_text(self._take(16))
        try:
            return self._take(length - _TEXT).decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotPacked("not UTF-8") from error

    def raw(self, count: int) -> bytes:
        """Read so many bytes."""
        return self._take(count)

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise NotPacked("cut short")
        self._at += count
        return taken


# The same few thousand people ask again and again, and making a UUID costs more than finding it.
@lru_cache(maxsize=8192)
def _uuid_text(data: bytes) -> str:
    return str(UUID(bytes=data))


@lru_cache(maxsize=8192)
def _uuid_bytes(text: str) -> bytes | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found.bytes if str(found) == text else None
