"""Opening a recording: as the kind it is, with few decoders, and past what is broken in it.

FFmpeg is told the container and may open nothing else: a text that calls itself a video can lead it to other
files. Only decoders of a short list are opened.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import av
from av.container import InputContainer
from av.stream import Disposition

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
#: Packets that may be broken before a recording is given up; between them it goes on.
MOST_BROKEN: Final = 200

#: Decoders that FFmpeg has under another name than their codec.
_DECODERS: Final = VIDEO_CODECS | AUDIO_CODECS | {"libdav1d", "amrnb", "amrwb", "mp3float"}


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


def decoded(container: InputContainer, stream: Any) -> Iterator[Any]:
    """Give the frames of a stream, without those that are broken."""
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
