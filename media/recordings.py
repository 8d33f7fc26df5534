"""What can be read from a video or a sound recording, its first picture and the shape of its sound.

FFmpeg is told the container and may open nothing else: a text that calls itself a video can lead it to other
files. Only decoders of a short list are opened. Call it through `Looker`, which runs it in a process of its own.
"""

import math
import re
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import av
from av.container import InputContainer
from av.stream import Disposition
from PIL import Image

from media.sniffing import Kind
from media.unreadable import UnreadableMedia

#: Codecs that are opened, by FFmpeg's canonical names: what phones and recorders write.
VIDEO_CODECS: Final = frozenset(
    {"h264", "hevc", "av1", "vp8", "vp9", "h263", "mpeg4", "mjpeg", "prores", "theora"}
)
AUDIO_CODECS: Final = frozenset(
    {"aac", "amr_nb", "amr_wb", "opus", "vorbis", "mp3", "alac", "flac", "qcelp", "ac3"}
    | {"pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_f32le", "pcm_u8", "pcm_alaw", "pcm_mulaw"}
)
#: Most pixels of one frame of a video (8K is 33 million).
MAXIMUM_FRAME_PIXELS: Final = 40_000_000
#: Longest recording whose duration is believed, and longest sound whose shape is drawn, in seconds.
LONGEST_SECONDS: Final = 100 * 3600
LONGEST_SOUND_SECONDS: Final = 8 * 3600
PEAKS: Final = 256

#: Packets that may be broken before a recording is given up; between them it goes on.
MOST_BROKEN: Final = 200

#: Decoders that FFmpeg has under another name than their codec.
_DECODERS: Final = VIDEO_CODECS | AUDIO_CODECS | {"libdav1d", "amrnb", "amrwb", "mp3float"}
_SHAPE_RATE: Final = 8000
_WINDOW: Final = 80  # samples: 10 ms
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
class Waveform:
    """The shape of a sound: its loudest moments, 0 to 255, in `PEAKS` equal parts of `duration` seconds."""

    duration: float
    peaks: list[int]


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
        waveform = _shape(container, audio)
        facts["duration"] = waveform.duration
        return ExaminedRecording(RecordingFacts(**facts), waveform=waveform)


@contextmanager
def opened(file: BinaryIO, kind: Kind) -> Iterator[InputContainer]:
    """Open a recording as the kind it is and nothing else; what FFmpeg raises is `UnreadableMedia`."""
    if kind.ffmpeg_format is None:
        raise UnreadableMedia(f"不是录音或录像。A {kind.mime} file is no recording.")
    file.seek(0)
    options = {"protocol_whitelist": "", "codec_whitelist": ",".join(sorted(_DECODERS))}
    try:
        with av.open(
            file, "r", format=kind.ffmpeg_format, options=options, metadata_errors="ignore"
        ) as container:
            yield container
    except (UnreadableMedia, BrokenPipeError):
        raise
    except Exception as error:  # FFmpeg's errors are of a dozen kinds
        reason = (
            f"录音或录像无法读取，可能不完整或已损坏。The recording cannot be read, it may be cut: {error}"
        )
        raise UnreadableMedia(reason[:500]) from error


def picture_stream(container: InputContainer) -> Any:
    """The first moving picture whose codec may be opened, or None; a cover picture is none."""
    for stream in container.streams.video:
        context: Any = stream.codec_context
        if stream.disposition & Disposition.attached_pic or context is None:
            continue
        if context.codec.canonical_name not in VIDEO_CODECS:
            raise UnreadableMedia(f"不支持的视频编码。Video coded as {context.name} is not opened.")
        if not 0 < context.width * context.height <= MAXIMUM_FRAME_PIXELS:
            raise UnreadableMedia(
                f"视频画面尺寸无效。A video of {context.width}×{context.height} pixels is not opened."
            )
        context.thread_count = 1
        return stream
    return None


def sound_stream(container: InputContainer) -> Any:
    """The first sound whose codec may be opened, or None."""
    for stream in container.streams.audio:
        context: Any = stream.codec_context
        if context is not None and context.codec.canonical_name in AUDIO_CODECS:
            context.thread_count = 1
            return stream
    return None


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
        for frame in _decoded(container, video):
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


# The shape of a sound


@dataclass
class _Peaks:
    """Takes samples as they are decoded and keeps the loudest of every 10 ms."""

    windows: "array[int]" = field(default_factory=lambda: array("H"))
    samples: int = 0
    _rest: "array[int]" = field(default_factory=lambda: array("h"))

    def take(self, frame: Any) -> None:
        self.samples += frame.samples
        self._rest.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
        whole = len(self._rest) - len(self._rest) % _WINDOW
        for at in range(0, whole, _WINDOW):
            self._keep(self._rest[at : at + _WINDOW])
        del self._rest[:whole]

    def end(self) -> list[int]:
        """Draw the windows together into `PEAKS` parts; a short sound repeats some."""
        if self._rest:
            self._keep(self._rest)
        count = len(self.windows)
        parts = ((at * count // PEAKS, (at + 1) * count // PEAKS) for at in range(PEAKS))
        return [max(self.windows[first : max(last, first + 1)]) * 255 // 32768 for first, last in parts]

    def _keep(self, window: "array[int]") -> None:
        self.windows.append(max(*window, -min(window)))


def _decoded(container: InputContainer, stream: Any) -> Iterator[Any]:
    """The frames of a stream, without those that are broken."""
    broken = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            broken += 1
            if broken > MOST_BROKEN:
                raise
        else:
            yield from frames


def _shape(container: InputContainer, audio: Any) -> Waveform:
    peaks = _Peaks()
    resampler = av.AudioResampler(format="s16", layout="mono", rate=_SHAPE_RATE)
    try:
        for frame in _decoded(container, audio):
            for piece in resampler.resample(frame):
                peaks.take(piece)
            if peaks.samples > LONGEST_SOUND_SECONDS * _SHAPE_RATE:
                raise UnreadableMedia("录音过长。The recording is too long to be looked through.")
        for piece in resampler.resample(None):
            peaks.take(piece)
    except (av.FFmpegError, ValueError):
        if not peaks.samples:
            raise  # else it was cut: what came before the cut has a shape
    if not peaks.samples:
        raise UnreadableMedia("录音中没有可播放的声音。There is no sound in it that can be played.")
    return Waveform(round(peaks.samples / _SHAPE_RATE, 3), peaks.end())


# What a device wrote


def _told(container: InputContainer) -> dict[str, Any]:
    """Time, place and device from the container's own words: QuickTime's, or MP4's and 3GPP's."""
    words = container.metadata
    place = words.get("com.apple.quicktime.location.ISO6709") or words.get("location") or ""
    latitude, longitude, altitude = _place(place)
    moment = words.get("com.apple.quicktime.creationdate") or words.get("creation_time")
    return {
        "captured_at": _moment(moment),
        "latitude": latitude,
        "longitude": longitude,
        "altitude": altitude,
        "device_make": _text(words, "com.apple.quicktime.make", "make"),
        "device_model": _text(words, "com.apple.quicktime.model", "model"),
        "software": _text(words, "com.apple.quicktime.software", "com.android.version"),
    }


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment >= _EARLIEST else None


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
