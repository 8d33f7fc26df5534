"""A stamped copy (水印副本) of a photo: the picture, and below it a band that says what it shows.

The band stands below and never over the picture: nothing that was photographed is covered, and black on white is
legible beside any picture. The copy is no evidence; it names the original by the beginning of its hash.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from media.images import as_jpeg
from media.lettering import load_font, missing_characters

#: Longest edge of the picture in a stamped copy; one of 12 megapixels keeps its size.
STAMPED_EDGE: Final = 4096
TITLE: Final = "水印副本，非原件 Stamped copy, not the original"

_LABELS: Final = {
    "task": "检查任务 Task",
    "subject": "检查对象 Object",
    "captured": "拍摄时间 Captured",
    "received": "接收时间 Received",
    "position": "拍摄位置 Position",
    "inspectors": "检查人员 Inspectors",
    "sha256": "原件 SHA-256",
}
_LONGEST: Final = 200  # characters of one row
_NARROWEST: Final = 640  # pixels: a smaller picture stands in the middle
_SMALLEST_LETTERS: Final = 17  # pixels
_PAPER, _INK, _PALE, _RED = "#ffffff", "#111111", "#5a5a5a", "#b3131b"


class Unprintable(Exception):
    """The font lacks characters of the text: the copy is refused, as an empty box would say something else.

    `characters` are those that are missing.
    """

    def __init__(self, characters: list[str]) -> None:
        super().__init__(" ".join(f"{each} U+{ord(each):04X}" for each in characters))
        self.characters = characters


@dataclass(frozen=True)
class Stamp:
    """What a band says, row by row, as text for people; an empty row is left out."""

    task: str
    subject: str
    captured: str
    received: str
    position: str
    inspectors: str
    sha256: str

    def rows(self) -> list[tuple[str, str]]:
        """Label and text of every row, without what cannot be seen or would break a line."""
        found = ((_LABELS[each.name], _plain(getattr(self, each.name))) for each in fields(self))
        return [(label, text) for label, text in found if text]

    def check(self) -> None:
        """Raise `Unprintable` when the font lacks a character of it."""
        missing = missing_characters("".join(text for _, text in self.rows()))
        if missing:
            raise Unprintable(missing)


def stamped_copy(picture: Image.Image, stamp: Stamp) -> bytes:
    """Write a JPEG of an upright RGB picture with a band of text below it. Raises `Unprintable`."""
    stamp.check()
    width = max(picture.width, _NARROWEST)
    band = _band(width, stamp, upright=picture.height > picture.width)
    copy = Image.new("RGB", (width, picture.height + band.height), _PAPER)
    copy.paste(picture, ((width - picture.width) // 2, 0))
    copy.paste(band, (0, picture.height))
    return as_jpeg(copy, quality=90)


def _band(width: int, stamp: Stamp, *, upright: bool) -> Image.Image:
    letters = max(_SMALLEST_LETTERS, width // (38 if upright else 58))
    font, margin, step = load_font().font_variant(size=letters), letters, round(letters * 1.5)
    rows = stamp.rows()
    indent = round(max(font.getlength(label) for label, _ in rows) + letters)
    lines = [
        (label if number == 0 else "", line)
        for label, text in rows
        for number, line in enumerate(_wrapped(text, font, width - 2 * margin - indent))
    ]
    rule = max(2, letters // 8)
    band = Image.new("RGB", (width, rule + step * (len(lines) + 1) + margin), _PAPER)
    draw = ImageDraw.Draw(band)
    draw.rectangle((0, 0, width, rule), _RED)
    top = rule + margin // 3
    draw.text((margin, top), TITLE, _RED, font)
    for label, line in lines:
        top += step
        draw.text((margin, top), label, _PALE, font)
        draw.text((margin + indent, top), line, _INK, font)
    return band


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    """Lines that fit into `width` pixels, broken after a space where one is near, else anywhere."""
    while font.getlength(text) > width:
        most = next(
            count for count in range(len(text), 0, -1) if count == 1 or font.getlength(text[:count]) <= width
        )
        space = text.rfind(" ", most * 2 // 3, most + 1)
        cut = space if space > 0 else most
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    yield text


def _plain(text: str) -> str:
    """Text on one line, without characters that cannot be seen or turn the direction of others."""
    seen = (each for each in " ".join(text.split()) if unicodedata.category(each) not in {"Cc", "Cf"})
    whole = "".join(seen).strip()
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"
