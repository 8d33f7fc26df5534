"""Recordings as phones make them, coded on the spot: a colour that changes, a tone of 440 Hz."""

import io
import math
import struct
from array import array
from functools import cache

import av
from PIL import Image

#: The matrix in a track's header of pictures that stand as they are (ISO/IEC 14496-12, 8.3.2).
_UPRIGHT = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@cache
def recording(
    container,
    video=None,
    audio=None,
    *,
    size=(320, 240),
    frames=20,
    rate=25,
    seconds=1.0,
    hertz=48_000,
    said=(),
    options=(),
):
    """Bytes of a recording; `video` and `audio` are encoders, `said` is metadata, `options` the container's."""
    content = io.BytesIO()
    with av.open(content, "w", format=container, options=dict(options)) as made:
        made.metadata.update(dict(said))
        pictures = video and _pictures(made, video, size, rate)
        sound = audio and made.add_stream(audio, rate=hertz, layout="mono")
        if video:
            for number in range(frames):
                picture = Image.new("RGB", size, (number * 3 % 256, 80, 160))
                made.mux(pictures.encode(av.VideoFrame.from_image(picture)))
            made.mux(pictures.encode(None))
        if audio:
            for frame in _tone(sound, seconds):
                made.mux(sound.encode(frame))
            made.mux(sound.encode(None))
    return content.getvalue()


def _pictures(made, video, size, rate):
    options = {
        "libx265": {"x265-params": "log-level=none", "preset": "ultrafast"},
        "libx264": {"g": str(rate)},
    }.get(video, {})
    stream = made.add_stream(video, rate=rate, options=options)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    return stream


def _tone(sound, seconds):
    if sound.codec_context.name == "libopencore_amrnb":
        sound.bit_rate = 12_200
    hertz = sound.rate
    count = int(hertz * seconds)
    samples = array("h", (int(12_000 * math.sin(2 * math.pi * 440 * at / hertz)) for at in range(count)))
    whole = av.AudioFrame(format="s16", layout="mono", samples=count)
    whole.sample_rate, whole.pts = hertz, 0
    whole.planes[0].update(samples.tobytes())
    resampler = av.AudioResampler(
        format=sound.codec_context.format.name,
        layout="mono",
        rate=hertz,
        frame_size=sound.codec_context.frame_size or 1024,
    )
    return [*resampler.resample(whole), *resampler.resample(None)]


def turned_by_90(content, height):
    """The same MP4, but its pictures are to be shown turned clockwise; `height` is theirs as coded."""
    at = content.index(_UPRIGHT, content.index(b"tkhd"))
    matrix = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, height << 16, 0, 0x40000000)
    return content[:at] + matrix + content[at + len(matrix) :]


def lasting(content, duration):
    """The same MP4, but its headers claim so many units of time."""
    for box, at in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        place = content.index(box) + at
        content = content[:place] + struct.pack(">I", duration) + content[place + 4 :]
    return content


def matroska_lasting(content, milliseconds):
    """The same Matroska file, but its head claims to last so long (element 0x4489, a double)."""
    place = content.index(b"\x44\x89\x88") + 3
    return content[:place] + struct.pack(">d", milliseconds) + content[place + 8 :]


def amr_wb(frames=50):
    """AMR-WB at its lowest rate, as FFmpeg decodes but does not encode it: every frame is 20 ms of some noise."""
    return b"#!AMR-WB\n" + b"".join(
        bytes([0x04, *(number * 7 % 256 for _ in range(17))]) for number in range(frames)
    )


VIDEO = recording("mp4", "libx264", "aac", frames=60, seconds=2.4)
HEVC = recording("mp4", "libx265")
IPHONE = recording(
    "mov",
    "libx264",
    "pcm_s16le",
    options=(("movflags", "use_metadata_tags"),),
    said=(
        ("com.apple.quicktime.location.ISO6709", "+35.4900+112.4100+812.5/"),
        ("com.apple.quicktime.creationdate", "2026-02-06T16:30:00+0800"),
        ("com.apple.quicktime.make", "Apple"),
        ("com.apple.quicktime.model", "iPhone 15"),
    ),
)
ANDROID = recording(
    "mp4",
    "libx264",
    "aac",
    said=(("location", "+35.4900+112.4100/"), ("creation_time", "2026-02-06T08:30:00Z")),
)
OLD_PHONE = recording("3gp", "h263", "libopencore_amrnb", size=(176, 144), hertz=8000)
AMR = recording("amr", None, "libopencore_amrnb", hertz=8000)
