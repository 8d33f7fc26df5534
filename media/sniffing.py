"""What a file is, by its first bytes: an allow-list. What is not known here is None, whatever its name."""

import re
from dataclasses import dataclass
from typing import Final, Literal

Family = Literal["image", "audio", "video", "document"]

#: As many first bytes as `sniff` can use; fewer are fine.
SNIFF_LENGTH: Final = 4096


@dataclass(frozen=True)
class Kind:
    """A kind of file: its media type, and the name its opener must be told.

    `pillow_format` and `ffmpeg_format` are given to the libraries as the only format to try: a library that
    guesses can be led to other files by a text that calls itself a video.
    """

    mime: str
    family: Family
    pillow_format: str | None = None
    ffmpeg_format: str | None = None


JPEG: Final = Kind("image/jpeg", "image", pillow_format="JPEG")
PNG: Final = Kind("image/png", "image", pillow_format="PNG")
WEBP: Final = Kind("image/webp", "image", pillow_format="WEBP")
GIF: Final = Kind("image/gif", "image", pillow_format="GIF")
HEIC: Final = Kind("image/heic", "image", pillow_format="HEIF")
HEIF: Final = Kind("image/heif", "image", pillow_format="HEIF")
AVIF: Final = Kind("image/avif", "image", pillow_format="AVIF")
MP4: Final = Kind("video/mp4", "video", ffmpeg_format="mp4")
QUICKTIME: Final = Kind("video/quicktime", "video", ffmpeg_format="mov")
VIDEO_3GPP: Final = Kind("video/3gpp", "video", ffmpeg_format="3gp")
VIDEO_3GPP2: Final = Kind("video/3gpp2", "video", ffmpeg_format="3g2")
WEBM: Final = Kind("video/webm", "video", ffmpeg_format="webm")
MATROSKA: Final = Kind("video/x-matroska", "video", ffmpeg_format="matroska")
OGG_VIDEO: Final = Kind("video/ogg", "video", ffmpeg_format="ogg")
M4A: Final = Kind("audio/mp4", "audio", ffmpeg_format="m4a")
AMR: Final = Kind("audio/amr", "audio", ffmpeg_format="amr")
AMR_WB: Final = Kind("audio/amr-wb", "audio", ffmpeg_format="amr")
AAC: Final = Kind("audio/aac", "audio", ffmpeg_format="aac")
MP3: Final = Kind("audio/mpeg", "audio", ffmpeg_format="mp3")
OGG: Final = Kind("audio/ogg", "audio", ffmpeg_format="ogg")
WAV: Final = Kind("audio/wav", "audio", ffmpeg_format="wav")
CAF: Final = Kind("audio/x-caf", "audio", ffmpeg_format="caf")
FLAC: Final = Kind("audio/flac", "audio", ffmpeg_format="flac")
PDF: Final = Kind("application/pdf", "document")

_SIGNATURES: Final[tuple[tuple[re.Pattern[bytes], Kind], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), kind)
    for pattern, kind in (
        (rb"\xff\xd8\xff[\xc0-\xfe]", JPEG),
        (rb"\x89PNG\r\n\x1a\n....IHDR", PNG),
        (rb"RIFF....WEBPVP8[ LX]", WEBP),
        (rb"GIF8[79]a", GIF),
        (rb"RIFF....WAVE", WAV),
        (rb"#!AMR\n", AMR),
        (rb"#!AMR-WB\n", AMR_WB),
        (rb"fLaC", FLAC),
        (rb"caff\x00\x01\x00\x00", CAF),
        (rb"ID3[\x02-\x04].[\x00-\xff][\x00-\x7f]{4}", MP3),
        (rb"OggS\x00[\x02\x06].{20}.*?\x80theora", OGG_VIDEO),
        (rb"OggS\x00[\x02\x06]", OGG),
        (rb"%PDF-[12]\.", PDF),
    )
)

#: Brands of ISO base media files (ISO/IEC 14496-12; registry mp4ra.org) that phones write.
_BRANDS: Final[dict[bytes, Kind]] = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), HEIC),
    **dict.fromkeys((b"avif", b"avis"), AVIF),
    **dict.fromkeys((b"mif1", b"msf1"), HEIF),
    **dict.fromkeys((b"M4A ", b"M4B "), M4A),
    **dict.fromkeys((b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1"), MP4),
    **dict.fromkeys((b"M4V ", b"MSNV", b"mmp4", b"dash", b"hvc1"), MP4),
    b"qt  ": QUICKTIME,
}
_DOCUMENT_TYPES: Final = {b"webm": WEBM, b"matroska": MATROSKA}

# MPEG audio (ISO/IEC 11172-3), layer III: kbit/s by header index, for MPEG 1 and for MPEG 2 and 2.5.
_BIT_RATES: Final = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_SAMPLE_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def sniff(head: bytes) -> Kind | None:
    """The kind of a file from its first `SNIFF_LENGTH` bytes, or None when it is not one we take.

    Says what the file claims to be, not that it is sound: opening it is what proves that. Sound without
    pictures in an MP4 or WebM container counts as video here.
    """
    for signature, kind in _SIGNATURES:
        if signature.match(head[:SNIFF_LENGTH]):
            return kind
    return _sniff_boxes(head) or _sniff_matroska(head) or _sniff_audio_frames(head)


def _sniff_boxes(head: bytes) -> Kind | None:
    """ISO base media: the major brand decides, then the first compatible brand that is known."""
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4], "big"), SNIFF_LENGTH)
    if end < 16:
        return None
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    kinds = [kind for kind in map(_kind_of_brand, brands) if kind is not None]
    if not kinds:
        return None
    if kinds[0] is HEIF:  # "mif1" is any still image: a more exact brand beside it says which
        return next((kind for kind in kinds if kind in {HEIC, AVIF}), HEIF)
    return kinds[0]


def _kind_of_brand(brand: bytes) -> Kind | None:
    if brand.startswith(b"3g2"):
        return VIDEO_3GPP2
    if brand.startswith((b"3gp", b"3ge", b"3gg", b"3gr", b"3gs")):  # 3GPP TS 26.244, all profiles
        return VIDEO_3GPP
    return _BRANDS.get(brand)


def _sniff_matroska(head: bytes) -> Kind | None:
    """EBML: the document type stands in the first element, id 0x4282 with a one-byte size."""
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    at = head.find(b"\x42\x82", 4, 64)
    if at < 0 or len(head) < at + 3:
        return None
    size = head[at + 2] & 0x7F
    return _DOCUMENT_TYPES.get(head[at + 3 : at + 3 + size].rstrip(b"\x00"))


def _sniff_audio_frames(head: bytes) -> Kind | None:
    """Bare AAC or MP3: two bytes of sync are too little, so a second frame must follow the first."""
    for length_of_frame, kind in ((_adts_frame_length, AAC), (_mp3_frame_length, MP3)):
        length = length_of_frame(head)
        if length and length_of_frame(head[length:]):
            return kind
    return None


def _adts_frame_length(frame: bytes) -> int:
    """Bytes of an ADTS frame (ISO/IEC 13818-7), 0 when this is none."""
    if len(frame) < 7 or frame[0] != 0xFF or frame[1] & 0xF6 != 0xF0 or (frame[2] >> 2) & 0xF > 12:
        return 0
    length = (frame[3] & 3) << 11 | frame[4] << 3 | frame[5] >> 5
    return length if length > 7 else 0


def _mp3_frame_length(frame: bytes) -> int:
    """Bytes of a layer III frame (ISO/IEC 11172-3), 0 when this is none."""
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:
        return 0
    version, rate, sampling = (frame[1] >> 3) & 3, frame[2] >> 4, (frame[2] >> 2) & 3
    if version == 1 or rate in {0, 15} or sampling == 3:
        return 0
    bits = _BIT_RATES[0 if version == 3 else 1][rate] * 1000
    samples = 144 if version == 3 else 72
    return samples * bits // _SAMPLE_RATES[version][sampling] + ((frame[2] >> 1) & 1)
