"""Fingerprints by which one photo is known again after it was re-encoded, made smaller or stamped.

Two numbers of a small grey copy of the photo's middle. `shape` (64 bits) tells which of the 64 lowest waves of a
cosine transform are stronger than their median: it hardly changes with quality, size or light, and is what a store
looks photos up by. `detail` (256 bits) tells where brightness grows from left to right: it confirms, so that scenes
which merely have a horizon in common are not taken for one photo. The outer tenth on each side is left out, because
there are the stamps that cameras and chat apps print.

A fingerprint proves nothing. What it does not see: a photo turned, mirrored, cut by much more than a fiftieth on each
side, or lengthened by a band of its own. Pillow and plain arithmetic do it in 2 ms; nothing more is needed.
"""

import math
from dataclasses import dataclass
from typing import Final

from PIL import Image

BANDS: Final = 4
BAND_BITS: Final = 16

#: Bits of `shape` that may differ. Photos re-encoded at quality 60, halved, 10 % brighter or stamped differ by at
#: most 2, with 1.5 % cut off each side by at most 8; of 180,000 pairs of strangers none came below 14.
SHAPE_DISTANCE: Final = 10
#: Bits of `detail` that may differ: at most 56 for the same; strangers from 81 on, drawings of one scheme from 64 on.
DETAIL_DISTANCE: Final = 60

#: Grey levels (root mean square) that the waves above the longest must have. Sky, paper, night and a wall in a
#: lamp's light have at most 2.6 and tell nothing; of pictures with things in them one in a thousand has less.
LEAST_STRUCTURE: Final = 3.0

_MARGIN: Final = 0.1
_EDGE: Final = 32
_WAVES: Final = 9
_DETAIL_EDGE: Final = 16
_COSINES: Final = [
    [math.cos(math.pi * wave * (2 * place + 1) / (2 * _EDGE)) for place in range(_EDGE)]
    for wave in range(_WAVES)
]


@dataclass(frozen=True)
class Likeness:
    """The fingerprint of one photo: `shape` of 64 bits, `detail` of 256."""

    shape: int
    detail: int

    @classmethod
    def read(cls, text: str) -> "Likeness":
        """Read what `str()` wrote: 16 and 64 hexadecimal digits. ValueError for anything else."""
        if len(text) != 80:
            raise ValueError("a fingerprint has 80 hexadecimal digits")
        return cls(int(text[:16], 16), int(text[16:], 16))

    def __str__(self) -> str:
        return f"{self.shape:016x}{self.detail:064x}"

    def bands(self) -> tuple[int, ...]:
        """Cut `shape` into four numbers of 16 bits, to look it up by.

        Two shapes that differ by at most 7 bits have a band that differs by at most one; of those that differ by 8
        bits 96 of 100 have one, by 10 bits 78 of 100.
        """
        return tuple(self.shape >> BAND_BITS * band & 0xFFFF for band in range(BANDS))

    def resembles(self, other: "Likeness") -> bool:
        """Tell whether both may be of one photo."""
        return (self.shape ^ other.shape).bit_count() <= SHAPE_DISTANCE and (
            self.detail ^ other.detail
        ).bit_count() <= DETAIL_DISTANCE

    def difference(self, other: "Likeness") -> float:
        """Tell the share of bits that differ, 0 to 1."""
        return ((self.shape ^ other.shape).bit_count() + (self.detail ^ other.detail).bit_count()) / 320


def fingerprint(image: Image.Image) -> Likeness | None:
    """Take the fingerprint of a decoded, upright photo of any size; None when there is too little in it to know."""
    width, height = image.size
    middle = (width * _MARGIN, height * _MARGIN, width * (1 - _MARGIN), height * (1 - _MARGIN))
    grey = image.convert("L")
    small = grey.resize((_EDGE, _EDGE), Image.Resampling.LANCZOS, box=middle)
    waves = _transform(small.tobytes())
    if _structure(waves) < LEAST_STRUCTURE:
        return None
    told = [waves[down][across] for down in range(1, _WAVES) for across in range(1, _WAVES)]
    median = sorted(told)[len(told) // 2]
    shape = sum((wave > median) << place for place, wave in enumerate(told))
    return Likeness(shape, _detail(grey, middle))


def _transform(pixels: bytes) -> list[list[float]]:
    """Return the lowest waves of the cosine transform (DCT-II, unscaled) of `_EDGE` by `_EDGE` grey pixels."""
    rows = [pixels[start : start + _EDGE] for start in range(0, len(pixels), _EDGE)]
    across = [[sum(map(float.__mul__, wave, map(float, row))) for wave in _COSINES] for row in rows]
    return [
        [sum(map(float.__mul__, wave, column)) for column in zip(*across, strict=True)] for wave in _COSINES
    ]


def _structure(waves: list[list[float]]) -> float:
    finer = [waves[down][across] for down in range(_WAVES) for across in range(_WAVES) if down + across > 3]
    return math.sqrt(sum(wave * wave for wave in finer)) * 2 / _EDGE**2


def _detail(grey: Image.Image, middle: tuple[float, float, float, float]) -> int:
    width = _DETAIL_EDGE + 1
    small = grey.resize((width, _DETAIL_EDGE), Image.Resampling.LANCZOS, box=middle).tobytes()
    steps = (
        small[row * width + column] < small[row * width + column + 1]
        for row in range(_DETAIL_EDGE)
        for column in range(_DETAIL_EDGE)
    )
    return sum(grows << place for place, grows in enumerate(steps))
