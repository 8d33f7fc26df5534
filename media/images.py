"""What can be read from a photo, and the small picture made of it. Never writes to the original.

Photos come from strangers' phones: the opener is told which format to expect, pixels are counted before they
are unpacked, and everything Pillow raises on the way is one `UnreadableImage`.
"""

import io
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, cast

from PIL import Image, ImageOps

from media.exif import read_exif
from media.likeness import fingerprint
from media.sniffing import Kind

#: Most pixels per photo. Phones take 200 MP; as JPEG these unpack at an eighth of their edge; other formats
#: and progressive JPEG must be unpacked whole, and 60 MP are 240 MB of memory.
JPEG_MAXIMUM_PIXELS: Final = 250_000_000
MAXIMUM_PIXELS: Final = 60_000_000

THUMBNAIL_EDGE: Final = 320
_SPOOL_BYTES: Final = 16 * 1024 * 1024

# Pillow's own guard is one number per process. It stands behind ours, as an error and not as a warning.
Image.MAX_IMAGE_PIXELS = JPEG_MAXIMUM_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

#: A path, an open file that can seek, or pieces of bytes as `Store.open` gives them.
Photo = Path | BinaryIO | Iterable[bytes]


class UnreadableImage(Exception):
    """The bytes are no sound photo of the kind they claim to be; `reason` is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class ImageFacts:
    """What a photo says. All but width and height is the camera's claim, and None when it says nothing.

    `width` and `height` are pixels as shown, after turning; `orientation` is the EXIF value 1 to 8 as stored.
    `captured_at` is aware UTC and known only when the camera wrote its offset; `captured_local` is its clock
    as ISO text without zone. Degrees are WGS 84 (decimal, north and east positive), metres above sea
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


def inspect_image(photo: Photo, kind: Kind) -> ImageFacts:
    """Unpack a photo wholly, so that a cut one is found out, and read what it says.

    Raises `UnreadableImage` for anything that is no sound photo of this kind or has too many pixels.
    """
    with _opened(photo, kind) as image:
        facts = read_exif(image)
        width, height = image.size
        # A HEIF says in a box of its own how it is turned, the opener obeys that, and EXIF only repeats it.
        turned_by_opener = kind.pillow_format == "HEIF"
        orientation = image.info.get("original_orientation") or facts.orientation
        if orientation in {5, 6, 7, 8} and not turned_by_opener:
            width, height = height, width
        image.draft("RGB", (THUMBNAIL_EDGE, THUMBNAIL_EDGE))
        image.load()
        likeness = fingerprint(ImageOps.exif_transpose(image))
    measured = {"width": width, "height": height, "orientation": orientation}
    return ImageFacts(**asdict(facts) | measured | {"likeness": str(likeness) if likeness else None})


def make_thumbnail(photo: Photo, kind: Kind, edge: int = THUMBNAIL_EDGE) -> bytes:
    """A JPEG of at most `edge` pixels each way, upright, on white, without any of the photo's metadata.

    Raises `UnreadableImage` as `inspect_image` does.
    """
    with _opened(photo, kind) as image:
        image.thumbnail((edge, edge))
        upright = ImageOps.exif_transpose(image)
        picture = Image.new("RGB", upright.size, "white")
        if upright.has_transparency_data:
            layer = upright.convert("RGBA")
            picture.paste(layer, mask=layer)
        else:
            picture.paste(upright.convert("RGB"))
        content = io.BytesIO()
        picture.save(content, "JPEG", quality=80, optimize=True)
    return content.getvalue()


@contextmanager
def _opened(photo: Photo, kind: Kind) -> Iterator[Image.Image]:
    if kind.pillow_format is None:
        raise UnreadableImage(f"不是照片。A {kind.mime} file is not a photo.")
    if kind.pillow_format == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    with _seekable(photo) as file:
        try:
            with Image.open(file, formats=[kind.pillow_format]) as image:
                _check_pixels(image)
                yield image
        except UnreadableImage:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
            raise UnreadableImage("照片像素过多。The photo has too many pixels.") from error
        except Exception as error:  # Pillow's openers raise a dozen kinds on broken files
            reason = f"照片无法读取，可能不完整或已损坏。The photo cannot be read, it may be cut: {error}"
            raise UnreadableImage(reason) from error


@contextmanager
def _seekable(photo: Photo) -> Iterator[BinaryIO]:
    """The photo as a file that can seek, at its beginning; what cannot is copied, to disk when large."""
    if isinstance(photo, Path):
        with photo.open("rb") as file:
            yield file
    elif hasattr(photo, "seek"):
        seekable = cast("BinaryIO", photo)
        seekable.seek(0)
        yield seekable
    else:
        with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as copy:
            for piece in photo:
                copy.write(piece)
            copy.seek(0)
            yield cast("BinaryIO", copy)


def _check_pixels(image: Image.Image) -> None:
    unpacks_small = image.format in {"JPEG", "MPO"} and not image.info.get("progressive")
    maximum = JPEG_MAXIMUM_PIXELS if unpacks_small else MAXIMUM_PIXELS
    width, height = image.size
    if width * height > maximum:
        reason = f"照片像素过多。The photo has {width}×{height} pixels, at most {maximum} are taken."
        raise UnreadableImage(reason)
