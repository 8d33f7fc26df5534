"""What can be read from a video or a sound recording, its first picture and the shape of its sound.

Call it through `Looker`, which runs it in a process of its own.
"""

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import av
from av.container import InputContainer
from PIL import Image

from media.containers import decoded, opened, picture_stream, sound_stream
from media.sniffing import Kind
from media.unreadable import UnreadableMedia
from media.waveforms import Waveform, shape_of

#: Longest recording whose duration is believed, in seconds.
LONGEST_SECONDS: Final = 100 * 3600
_POSTER_SECOND: Final = 1
#: Containers count seconds from 1904 and write that when they know nothing.
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_ISO_6709: Final = re.compile(
    r"([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)([+-]\d{1,5}(?:\.\d+)?)?(?:CRS\S*)?/?"
)


@dataclass(frozen=True)
class RecordingFacts:
    """What a recording says. All of it is the device's claim, and None when it says nothing.

    `duration` is seconds, of a sound as decoded, of a video as written. `width` and `height` are pixels as shown,
    after turning by `rotation` degrees clockwise; `frame_rate` is frames per second, `sample_rate` is hertz.
    `video_codec` and `audio_codec` are FFmpeg's names. `captured_at` is aware UTC. Degrees are WGS 84 (decimal,
    north and east positive), metres above sea level.
    """

    duration: float | None = None
    width: int | None = None
    height: int | None = None
    rotation: int | None = None
    video_codec: str | None = None
    frame_rate: float | None = None
    audio_codec: str | None = None
    sample_rate: int | None = None
    channels: int | None = None
    captured_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    device_make: str | None = None
    device_model: str | None = None
    software: str | None = None


@dataclass(frozen=True)
class ExaminedRecording:
    """A recording that was opened: what it says, and an upright picture of it or the shape of its sound."""

    facts: RecordingFacts
    poster: Image.Image | None = None
    waveform: Waveform | None = None


def examine_recording(file: BinaryIO, kind: Kind) -> ExaminedRecording:
    """Read what a recording says and decode enough to show it: one picture of a video, all of a sound.

    A video that was cut may still have a picture, and a cut sound a shape of what is there. Raises
    `UnreadableMedia` when nothing can be decoded.
    """
    with opened(file, kind) as container:
        video, audio = picture_stream(container), sound_stream(container)
        facts: dict[str, Any] = {**_told(container), **_sound_facts(audio)}
        facts["duration"] = _seconds(container)
        if video is not None:
            frame = _poster_frame(container, video)
            turned = frame.rotation % 180 != 0
            size = (frame.height, frame.width) if turned else (frame.width, frame.height)
            facts |= dict(zip(("width", "height"), size, strict=True))
            facts |= {
                "rotation": -frame.rotation % 360,
                "video_codec": video.codec_context.codec.canonical_name,
                "frame_rate": _rate(video.average_rate),
            }
            poster = frame.to_image().rotate(frame.rotation, expand=True)
            return ExaminedRecording(RecordingFacts(**facts), poster=poster)
        if audio is None:
            raise UnreadableMedia(
                "文件中没有可播放的声音或画面。There is no sound or picture in it that can be played."
            )
        waveform = shape_of(container, audio)
        facts["duration"] = waveform.duration
        return ExaminedRecording(RecordingFacts(**facts), waveform=waveform)


def _poster_frame(container: InputContainer, video: Any) -> Any:
    """A frame a second after the beginning, where the hand is steady; the very first where there is none.

    Frames that stand alone are enough and quick; where none is marked so, all are looked at.
    """
    seconds = _seconds(container)
    later = seconds is not None and seconds > 2 * _POSTER_SECOND
    tries = [*([(_POSTER_SECOND, "NONKEY")] if later else []), (0, "NONKEY"), (0, "DEFAULT")]
    for second, skipped in tries:
        video.codec_context.skip_frame = skipped
        with suppress(av.FFmpegError, ValueError):  # an index that lies: the beginning may be sound
            container.seek(second * av.time_base)
        for frame in decoded(container, video):
            return frame
    raise UnreadableMedia("视频中没有可显示的画面。The video has no picture that can be shown.")


def _seconds(container: InputContainer) -> float | None:
    if container.duration is None:
        return None
    seconds = container.duration / av.time_base
    return round(seconds, 3) if 0 < seconds <= LONGEST_SECONDS else None


def _rate(rate: Any) -> float | None:
    return round(float(rate), 3) if rate and 0 < rate <= 1000 else None


def _sound_facts(audio: Any) -> dict[str, Any]:
    if audio is None:
        return {}
    context = audio.codec_context
    return {
        "audio_codec": context.codec.canonical_name,
        "sample_rate": context.sample_rate or None,
        "channels": context.layout.nb_channels or None,
    }


# What a device wrote


def _told(container: InputContainer) -> dict[str, Any]:
    """Time, place and device from the container's own words: QuickTime's, or MP4's and 3GPP's."""
    words = container.metadata
    place = words.get("com.apple.quicktime.location.ISO6709") or words.get("location") or ""
    latitude, longitude, altitude = _place(place)
    moments = map(_moment, (words.get("com.apple.quicktime.creationdate"), words.get("creation_time")))
    return {
        "captured_at": next(filter(None, moments), None),
        "latitude": latitude,
        "longitude": longitude,
        "altitude": altitude,
        "device_make": _text(words, "com.apple.quicktime.make", "make"),
        "device_model": _text(words, "com.apple.quicktime.model", "model"),
        "software": _text(words, "com.apple.quicktime.software", "com.android.version"),
    }


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
        told = moment.astimezone(UTC) if moment.tzinfo else None  # without a zone it is no moment
    except (ValueError, OverflowError):
        return None
    return told if told and told >= _EARLIEST else None


def _place(text: str) -> tuple[float | None, float | None, float | None]:
    """Degrees and metres from ISO 6709, as in `+35.4900+112.4100+812.5/`; nothing when it makes no sense."""
    found = _ISO_6709.fullmatch(text.strip())
    if found is None:
        return None, None, None
    latitude, longitude = float(found[1]), float(found[2])
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude, longitude) == (0, 0):
        return None, None, None
    altitude = float(found[3]) if found[3] else math.nan
    return latitude, longitude, altitude if abs(altitude) <= 10_000 else None


def _text(words: dict[str, str], *names: str) -> str | None:
    for name in names:
        if text := words.get(name, "").replace("\x00", "").strip()[:100]:
            return text
    return None
