"""SHA-256 that can be put down and taken up again, in another process or on another machine.

`hashlib` can not say where it stands. OpenSSL's own functions can: their state is 112 bytes of plain numbers
(FIPS 180-4 §6.2), of which all but eight words and the bytes of an unfinished block follow from the length. The
functions come from the library that `hashlib` itself has loaded. They are tried against `hashlib` at import; where they
are missing or answer anything else, `CARRIES` is false and a hash lives no longer than its process.
"""

import _hashlib
import ctypes
import hashlib
from collections.abc import Mapping
from typing import Any, Final, Self

from media.reading import Piece

_BLOCK: Final = 64
_WORDS: Final = 8


class _State(ctypes.Structure):
    """`SHA256_CTX` of OpenSSL's `sha.h`."""

    _fields_ = (
        ("words", ctypes.c_uint32 * _WORDS),
        ("low", ctypes.c_uint32),
        ("high", ctypes.c_uint32),
        ("block", ctypes.c_ubyte * _BLOCK),
        ("block_length", ctypes.c_uint),
        ("digest_length", ctypes.c_uint),
    )


class RunningHash:
    """SHA-256 of bytes that come in pieces; `size` of them have come."""

    def __init__(self) -> None:
        self.size = 0
        self._state = _State()
        if CARRIES:
            _library.SHA256_Init(ctypes.byref(self._state))
        else:
            self._plain = hashlib.sha256()

    def update(self, piece: Piece) -> None:
        """Take more bytes."""
        view = memoryview(piece)
        if not view:
            return
        self.size += len(view)
        if not CARRIES:
            self._plain.update(view)
            return
        data: Any
        if not view.readonly:
            data = ctypes.byref(
                ctypes.c_char.from_buffer(view)
            )  # an array would be a type of its own for each length
        else:
            data = view.obj if isinstance(view.obj, bytes) and len(view.obj) == len(view) else bytes(view)
        _library.SHA256_Update(ctypes.byref(self._state), data, ctypes.c_size_t(len(view)))

    def hexdigest(self) -> str:
        """The hash of all that came, in lower-case hex. More may come after."""
        if not CARRIES:
            return self._plain.hexdigest()
        copy = _State.from_buffer_copy(self._state)
        digest = ctypes.create_string_buffer(hashlib.sha256().digest_size)
        _library.SHA256_Final(digest, ctypes.byref(copy))
        return digest.raw.hex()

    def note(self) -> dict[str, str] | None:
        """What `resume` needs, as JSON; None where a hash can not be carried on."""
        if not CARRIES:
            return None
        words = "".join(f"{word:08x}" for word in self._state.words)
        return {"words": words, "rest": bytes(self._state.block[: self.size % _BLOCK]).hex()}

    @classmethod
    def resume(cls, note: Mapping[str, str] | None, size: int) -> Self | None:
        """Go on with a hash after `size` bytes; None when the note is of another length, or none."""
        running = cls()
        if size == 0:
            return running
        if not CARRIES or note is None:
            return None
        try:
            words, rest = bytes.fromhex(note["words"]), bytes.fromhex(note["rest"])
        except (KeyError, TypeError, ValueError):
            return None
        if len(words) != 4 * _WORDS or len(rest) != size % _BLOCK:
            return None
        state = running._state
        for index in range(_WORDS):
            state.words[index] = int.from_bytes(words[4 * index : 4 * index + 4], "big")
        ctypes.memmove(state.block, rest, len(rest))
        state.low, state.high = (size * 8) & 0xFFFFFFFF, (size * 8) >> 32
        state.block_length = len(rest)
        running.size = size
        return running


def _load() -> Any:
    """OpenSSL's functions, from the library that `hashlib` is linked with; None when they are not there."""
    try:
        library = ctypes.CDLL(_hashlib.__file__)
        for name in ("SHA256_Init", "SHA256_Update", "SHA256_Final"):
            getattr(library, name).restype = ctypes.c_int
    except (AttributeError, OSError, TypeError):
        return None
    return library


def _tells_the_truth() -> bool:
    """Whether hashes that are put down and taken up at awkward places are those of `hashlib`."""
    content = bytes(range(251)) * 3
    for cut in (0, 1, 55, 63, 64, 65, 128, 700):
        first = RunningHash()
        first.update(content[:cut])
        again = RunningHash.resume(first.note(), cut)
        if again is None:
            return False
        again.update(bytearray(content[cut:]))
        both = (first.hexdigest(), again.hexdigest())
        if both != tuple(hashlib.sha256(part).hexdigest() for part in (content[:cut], content)):
            return False
    return True


_library: Any = _load()
#: Whether a hash can be carried from one process to another here.
CARRIES = _library is not None
CARRIES = CARRIES and _tells_the_truth()
