"""What can be read from a photo, and the small pictures made of it. Never writes to the original.

Photos come from strangers' phones: the opener is told which format to expect, pixels are counted before they
are unpacked, and everything Pillow raises on the way is one `UnreadableMedia`. Call it through `Looker`, which
runs it in a process of its own.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import BinaryIO, Final

from PIL import Image

from media.exif import read_exif
from media.likeness import fingerprint
from media.sniffing import Kind
from media.unreadable import UnreadableMedia

#: Most pixels per photo. Phones take 200 MP; as JPEG these unpack at an eighth of their edge; other formats
#: and progressive JPEG must be unpacked whole, and 60 MP are 240 MB of memory.
JPEG_MAXIMUM_PIXELS: Final = 250_000_000
MAXIMUM_PIXELS: Final = 60_000_000

#: Longest edge in pixels.
PREVIEW_EDGE: Final = 1280
THUMBNAIL_EDGE: Final = 320

#: How a picture is brought upright, by its EXIF orientation.
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow's own guard is one number per process. It stands behind ours, as an error and not as a warning.
Image.MAX_IMAGE_PIXELS = JPEG_MAXIMUM_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True)
class ImageFacts:
    """What a photo says. All but width and height is the camera's claim, and None when it says nothing.

    `width` and `height` are pixels of the original as shown, after turning; `orientation` is the EXIF value 1 to
    8 as stored. `captured_at` is aware UTC and known only when the camera wrote its offset; `captured_local` is
    its clock as ISO text without zone. Degrees are WGS 84 (decimal, north and east positive), metres above sea
    level, and degrees clockwise for the direction of view. `software` is what wrote the file last. `likeness` is ours:
    the photo's fingerprint as text (`media.likeness`), None where there is too little to see.
    """

    width: int
    height: int
    orientation: int
    captured_at: datetime | None = None
    captured_local: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    direction: float | None = None
    device_make: str | None = None
    device_model: str | None = None
    software: str | None = None
    likeness: str | None = None


@dataclass(frozen=True)
class ExaminedImage:
    """A photo that was unpacked whole: what it says, and how it looks.

    `picture` is upright, RGB on white, at most as large as was asked, and carries none of the photo's metadata.
    """

    facts: ImageFacts
    picture: Image.Image


def examine_image(photo: BinaryIO, kind: Kind, edge: int = PREVIEW_EDGE) -> ExaminedImage:
    """Unpack a photo wholly, so that a cut one is found out; read what it says; make it `edge` pixels long.

    A smaller photo keeps its size. Raises `UnreadableMedia` for anything that is no sound photo of this kind or
    has too many pixels.
    """
    with _opened(photo, kind) as image:
        exif = read_exif(image)
        width, height = image.size
        # A HEIF says in a box of its own how it is turned, the opener obeys that, and EXIF only repeats it.
        turned_by_opener = kind.pillow_format == "HEIF"
        orientation = image.info.get("original_orientation") or exif.orientation
        if orientation in {5, 6, 7, 8} and not turned_by_opener:
            width, height = height, width
        # A JPEG unpacks at a half, a quarter or an eighth of its edges when that is still large enough.
        image.draft("RGB", (edge, edge))
        image.load()
        image.thumbnail((edge, edge))
        picture = _on_white(image if turned_by_opener else _upright(image, orientation))
    likeness = fingerprint(picture)
    measured = {"width": width, "height": height, "orientation": orientation}
    facts = asdict(exif) | measured | {"likeness": str(likeness) if likeness else None}
    return ExaminedImage(ImageFacts(**facts), picture)


def as_jpeg(picture: Image.Image, edge: int | None = None, quality: int = 80) -> bytes:
    """Write an RGB picture as JPEG, made smaller so that no edge is longer than `edge` pixels."""
    if edge is not None and max(picture.size) > edge:
        picture = picture.copy()
        picture.thumbnail((edge, edge))
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=quality, optimize=True)
    return content.getvalue()


def smaller_jpeg(preview: bytes, edge: int, quality: int) -> bytes:
    """Make a preview smaller still, for paper: no edge longer than `edge` pixels. Only for JPEG that we wrote ourselves."""
    with Image.open(io.BytesIO(preview), formats=["JPEG"]) as picture:
        picture.load()
        return as_jpeg(picture.convert("RGB"), edge, quality)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _on_white(image: Image.Image) -> Image.Image:
    picture = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        picture.paste(layer, mask=layer)
    else:
        picture.paste(image.convert("RGB"))
    return picture


@contextmanager
def _opened(photo: BinaryIO, kind: Kind) -> Iterator[Image.Image]:
    if kind.pillow_format is None:
        raise UnreadableMedia(f"不是照片。A {kind.mime} file is not a photo.")
    if kind.pillow_format == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    photo.seek(0)
    try:
        with Image.open(photo, formats=[kind.pillow_format]) as image:
            _check_pixels(image)
            yield image
    except UnreadableMedia:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise UnreadableMedia("照片像素过多。The photo has too many pixels.") from error
    except Exception as error:  # Pillow's openers raise a dozen kinds on broken files
        reason = f"照片无法读取，可能不完整或已损坏。The photo cannot be read, it may be cut: {error}"
        raise UnreadableMedia(reason[:500]) from error


def _check_pixels(image: Image.Image) -> None:
    unpacks_small = image.format in {"JPEG", "MPO"} and not image.info.get("progressive")
    maximum = JPEG_MAXIMUM_PIXELS if unpacks_small else MAXIMUM_PIXELS
    width, height = image.size
    if width * height > maximum:
        reason = f"照片像素过多。The photo has {width}×{height} pixels, at most {maximum} are taken."
        raise UnreadableMedia(reason)
