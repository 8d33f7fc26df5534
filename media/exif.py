"""What a camera wrote into its photo. Every field is a claim; one that makes no sense is left out, alone."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from PIL import ExifTags, Image

#: Longest make, model or software that is kept.
_TEXT_LENGTH: Final = 100
_ERRORS: Final = (TypeError, ValueError, ArithmeticError, LookupError)


@dataclass(frozen=True)
class ExifFacts:
    """The fields this project reads; see `ImageFacts` for what they mean."""

    orientation: int = 1
    captured_at: datetime | None = None
    captured_local: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    direction: float | None = None
    device_make: str | None = None
    device_model: str | None = None
    software: str | None = None


def read_exif(image: Image.Image) -> ExifFacts:
    """Read the fields of an opened photo; a photo with broken or no EXIF is a photo that says nothing."""
    try:
        exif = image.getexif()
        camera = exif.get_ifd(ExifTags.IFD.Exif)
        position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:  # noqa: BLE001  (Pillow's parser raises many kinds; the pixels may still be sound)
        return ExifFacts()
    orientation: Any = exif.get(ExifTags.Base.Orientation)
    captured_local, captured_at = _times(camera)
    latitude = _degrees(position, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "NS", 90)
    longitude = _degrees(position, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "EW", 180)
    # Phones without a fix write zero degrees, zero degrees: a place in the sea that nobody inspects.
    whole = latitude is not None and longitude is not None and (latitude, longitude) != (0, 0)
    return ExifFacts(
        orientation=orientation if orientation in range(1, 9) else 1,
        captured_at=captured_at,
        captured_local=captured_local,
        latitude=latitude if whole else None,
        longitude=longitude if whole else None,
        altitude=_altitude(position),
        direction=_direction(position),
        device_make=_text(exif.get(ExifTags.Base.Make)),
        device_model=_text(exif.get(ExifTags.Base.Model)),
        software=_text(exif.get(ExifTags.Base.Software)),
    )


def read_time(text: str, offset: str) -> datetime:
    """A moment as EXIF writes it, and how far it is from UTC. Raises `ValueError`."""
    return datetime.strptime(f"{text}{offset}", "%Y:%m:%d %H:%M:%S%z")


def _times(camera: Mapping[int, Any]) -> tuple[str | None, datetime | None]:
    """The camera's clock as ISO text, and as UTC when it says how far it is from it (EXIF 2.31)."""
    text = _text(camera.get(ExifTags.Base.DateTimeOriginal))
    if text is None:
        return None, None
    try:
        local = read_time(text, "+0000").replace(tzinfo=None)
    except ValueError:
        return None, None
    offset = _text(camera.get(ExifTags.Base.OffsetTimeOriginal))
    if offset is None:
        return local.isoformat(), None
    try:
        captured_at = read_time(text, offset).astimezone(UTC)
    except (ValueError, OverflowError):
        return local.isoformat(), None
    return local.isoformat(), captured_at


def _degrees(position: Mapping[int, Any], tag: int, reference: int, signs: str, most: float) -> float | None:
    """Degrees, minutes, seconds and a letter as decimal degrees; the second letter of `signs` is negative."""
    letter = _text(position.get(reference))
    try:
        degrees, minutes, seconds = (float(part) for part in position[tag])
    except _ERRORS:
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if letter is None or letter not in signs or not 0 <= value <= most:
        return None
    return -value if letter == signs[1] else value


def _altitude(position: Mapping[int, Any]) -> float | None:
    """Metres; reference 1 means below sea level."""
    value = _number(position.get(ExifTags.GPS.GPSAltitude))
    if value is None or abs(value) > 10_000:
        return None
    below = position.get(ExifTags.GPS.GPSAltitudeRef) in (1, b"\x01")
    return -value if below else value


def _direction(position: Mapping[int, Any]) -> float | None:
    value = _number(position.get(ExifTags.GPS.GPSImgDirection))
    return value if value is not None and 0 <= value <= 360 else None


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except _ERRORS:
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "").strip()[:_TEXT_LENGTH] or None
