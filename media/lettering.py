"""The font that stamps are printed in, and which characters it has: what it lacks would print as an empty box."""

import io
import struct
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Final

from noto_cjk_sans_otc import FONT_PATH
from PIL import ImageFont

#: The face of the collection that draws characters as the mainland writes them (Noto Sans CJK SC).
_FACE: Final = 2
#: Subtables of `cmap` that know all planes: (platform, encoding), both in format 12 (OpenType 1.9, "cmap").
_ALL_PLANES: Final = {(3, 10), (0, 4), (0, 6)}


@cache
def load_font() -> ImageFont.FreeTypeFont:
    """Load the font, whole, so that no file is needed later; `font_variant(size=...)` gives it in pixels.

    Characters stand in the order in which they come: no text can turn the direction of another.
    """
    content = io.BytesIO(Path(str(FONT_PATH)).read_bytes())
    return ImageFont.truetype(content, 32, index=_FACE, layout_engine=ImageFont.Layout.BASIC)


def missing_characters(text: str) -> list[str]:
    """Those characters of a text that the font does not have, each once, in their order."""
    first, last = _coverage()
    return [
        character
        for character in dict.fromkeys(text)
        if (at := bisect_right(first, ord(character)) - 1) < 0 or ord(character) > last[at]
    ]


@cache
def _coverage() -> tuple[list[int], list[int]]:
    """First and last code points of every run of characters that the font has, ascending."""
    data = memoryview(Path(str(FONT_PATH)).read_bytes())
    (face,) = struct.unpack_from(">I", data, 12 + 4 * _FACE)
    (tables,) = struct.unpack_from(">H", data, face + 4)
    offsets = {
        bytes(tag): offset
        for tag, _, offset, _ in struct.iter_unpack(">4sIII", data[face + 12 :][: 16 * tables])
    }
    start = offsets[b"cmap"]
    (count,) = struct.unpack_from(">H", data, start + 2)
    for platform, encoding, offset in struct.iter_unpack(">HHI", data[start + 4 :][: 8 * count]):
        (form,) = struct.unpack_from(">H", data, start + offset)
        if (platform, encoding) in _ALL_PLANES and form == 12:
            (groups,) = struct.unpack_from(">I", data, start + offset + 12)
            runs = struct.iter_unpack(">III", data[start + offset + 16 :][: 12 * groups])
            first, last = zip(*((begin, end) for begin, end, glyph in runs if glyph), strict=True)
            return list(first), list(last)
    raise LookupError("the font has no table of all characters")
