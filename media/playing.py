"""A copy that every browser plays, of a recording that only phones do: MP4 with H.264 and AAC, or M4A with AAC.

What a browser understands is taken over as it is, all else coded anew, pictures at most 1280 × 720 large. The copy
is for watching; what it shows is proved by the original. Call it through `Looker`.
"""

import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, BinaryIO, Final

import av
from av.container import OutputContainer

from media.containers import MOST_BROKEN, opened, picture_stream, sound_stream
from media.derivatives import SOUND_COPY, VIDEO_COPY
from media.recordings import RecordingFacts
from media.sniffing import AAC, FLAC, M4A, MP3, MP4, OGG, WAV, WEBM, Kind
from media.unreadable import UnreadableMedia

#: Longest recording of which a copy is made, in seconds: one of 4K takes about as long as it plays.
LONGEST_VIDEO: Final = 15 * 60
LONGEST_SOUND: Final = 4 * 3600

_LONG_EDGE, _SHORT_EDGE = 1280, 720
_MOST_FRAMES: Final = 30  # a second
_SOUND_RATE: Final = 44_100  # hertz
#: The clock of the pictures: fine enough for the uneven steps of a phone's camera.
_CLOCK: Final = Fraction(1, 90_000)
_PICTURE_OPTIONS: Final = {
    "preset": "veryfast",
    "profile": "main",
    "crf": "26",
    "maxrate": "2500k",
    "bufsize": "5000k",
    "threads": "1",
}

#: What an MP4 for browsers may hold: codecs of pictures and of sound.
_PICTURES: Final = frozenset({"h264", "av1", "vp9"})
_SOUNDS: Final = frozenset({"aac", "mp3"})
#: Containers that tell the order of decoding, which an MP4 has to tell, too.
_TELL_ORDER: Final = frozenset({"mp4", "mov", "m4a", "3gp", "3g2"})
#: Bytes of a recording whose streams may be taken over; what is larger is made smaller by coding it anew.
_LARGEST_TAKEN: Final = 256 * 1024 * 1024
#: What browsers play as it is: for each container, codecs of pictures and of sound.
_PLAYED: Final[dict[Kind, tuple[frozenset[str], frozenset[str]]]] = {
    MP4: (_PICTURES, _SOUNDS | {"opus", "flac"}),
    WEBM: (frozenset({"vp8", "vp9", "av1"}), frozenset({"opus", "vorbis"})),
    M4A: (frozenset(), _SOUNDS | {"opus", "flac"}),
    AAC: (frozenset(), frozenset({"aac"})),
    MP3: (frozenset(), frozenset({"mp3"})),
    OGG: (frozenset(), frozenset({"opus", "vorbis", "flac"})),
    WAV: (frozenset(), frozenset({"pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le"})),
    FLAC: (frozenset(), frozenset({"flac"})),
}


def needed_copy(facts: RecordingFacts, kind: Kind) -> str | None:
    """Name the copy that browsers need of a recording, or None when they play the original.

    Raises `UnreadableMedia` when it is too long to be copied.
    """
    pictures, sounds = _PLAYED.get(kind, (frozenset(), frozenset()))
    if facts.video_codec in pictures | {None} and facts.audio_codec in sounds | {None}:
        return None
    longest, name = (LONGEST_SOUND, SOUND_COPY) if facts.video_codec is None else (LONGEST_VIDEO, VIDEO_COPY)
    if facts.duration is not None and facts.duration > longest:
        minutes = longest // 60
        reason = f"超过 {minutes} 分钟，不制作可播放副本。No copy is made of what is longer than {minutes} minutes."
        raise UnreadableMedia(reason)
    return name


def write_playable(file: BinaryIO, kind: Kind, target: BinaryIO) -> str:
    """Write the copy, MP4 when there are pictures and M4A when there are none; return its name.

    Broken pieces are left out. Raises `UnreadableMedia` when nothing, or too little, can be played.
    """
    takes_over = kind.ffmpeg_format in _TELL_ORDER and file.seek(0, os.SEEK_END) <= _LARGEST_TAKEN
    with opened(file, kind) as container:
        video, audio = picture_stream(container), sound_stream(container)
        streams = [each for each in (video, audio) if each is not None]
        with av.open(target, "w", format="ipod" if video is None else "mp4") as copy:
            tracks = {each.index: _track(copy, each, takes_over=takes_over) for each in streams}
            written, broken = 0, 0
            for packet in container.demux(streams):
                try:
                    made = list(tracks[packet.stream.index].take(packet))
                except av.FFmpegError:
                    broken += 1
                    if broken > MOST_BROKEN:
                        raise
                    continue
                copy.mux(made)
                written += len(made)
            for track in tracks.values():
                made = list(track.end())
                copy.mux(made)
                written += len(made)
        if not written:
            raise UnreadableMedia("没有可播放的内容。There is nothing in it that can be played.")
        return SOUND_COPY if video is None else VIDEO_COPY


def _track(copy: OutputContainer, stream: Any, *, takes_over: bool) -> "_Taken | _Pictures | _Sound":
    codec = stream.codec_context.codec.canonical_name
    if takes_over and codec in _PICTURES | _SOUNDS:
        return _Taken(copy, stream)
    return _Pictures(copy, stream) if stream.type == "video" else _Sound(copy, stream)


class _Taken:
    """A stream that is taken over as it is."""

    def __init__(self, copy: OutputContainer, stream: Any) -> None:
        self._stream = copy.add_stream_from_template(stream)

    def take(self, packet: Any) -> Iterator[Any]:
        if packet.dts is not None and not packet.is_corrupt:
            packet.stream = self._stream
            yield packet

    def end(self) -> Iterable[Any]:
        return ()


class _Pictures:
    """Pictures, turned upright, made smaller and coded as H.264."""

    def __init__(self, copy: OutputContainer, stream: Any) -> None:
        self._source = stream
        rate = stream.average_rate
        self._slowed = rate is not None and rate > _MOST_FRAMES + 1
        self._stream: Any = copy.add_stream("libx264", rate=_MOST_FRAMES, options=_PICTURE_OPTIONS)
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = _CLOCK
        self._graph: Any = None

    def take(self, packet: Any) -> Iterator[Any]:
        for frame in packet.decode():
            if self._graph is None:
                self._graph = self._prepare(frame)
            self._graph.vpush(frame)
            yield from self._encode()

    def end(self) -> Iterator[Any]:
        if self._graph is not None:
            self._graph.vpush(None)
            yield from self._encode()
            yield from self._stream.encode(None)

    def _encode(self) -> Iterator[Any]:
        while True:
            try:
                frame = self._graph.vpull()
            except (BlockingIOError, av.EOFError):
                return
            frame.pict_type = 0  # the encoder decides anew which pictures stand alone
            yield from self._stream.encode(frame)

    def _prepare(self, frame: Any) -> Any:
        turned = frame.rotation % 360
        width, height = (frame.height, frame.width) if turned in {90, 270} else (frame.width, frame.height)
        self._stream.width, self._stream.height = _fitted(width, height)
        steps = [
            *{
                90: [("transpose", "cclock")],
                180: [("hflip", ""), ("vflip", "")],
                270: [("transpose", "clock")],
            }.get(turned, []),
            ("scale", f"{self._stream.width}:{self._stream.height}"),
            ("setsar", "1"),
            *([("fps", str(_MOST_FRAMES))] if self._slowed else []),
            ("format", "yuv420p"),
        ]
        graph = av.filter.Graph()
        nodes: list[Any] = [graph.add_buffer(template=self._source)]
        nodes += [graph.add(name, arguments) for name, arguments in steps]
        nodes.append(graph.add("buffersink"))
        graph.link_nodes(*nodes).configure()
        return graph


class _Sound:
    """Sound, coded as AAC."""

    def __init__(self, copy: OutputContainer, stream: Any) -> None:
        layout = "mono" if stream.codec_context.layout.nb_channels == 1 else "stereo"
        self._stream: Any = copy.add_stream("aac", rate=_SOUND_RATE, layout=layout)
        self._resampler = av.AudioResampler(format="fltp", layout=layout, rate=_SOUND_RATE, frame_size=1024)

    def take(self, packet: Any) -> Iterator[Any]:
        for frame in packet.decode():
            for piece in self._resampler.resample(frame):
                yield from self._stream.encode(piece)

    def end(self) -> Iterator[Any]:
        for piece in self._resampler.resample(None):
            yield from self._stream.encode(piece)
        yield from self._stream.encode(None)


def _fitted(width: int, height: int) -> tuple[int, int]:
    """Even sizes within the largest allowed, upright or lying, in the same proportions."""
    long_edge, short_edge = max(width, height), min(width, height)
    scale = min(1, _LONG_EDGE / long_edge, _SHORT_EDGE / short_edge)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)
