"""Files are what their bytes say, whatever their names say."""

import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import SNIFF_LENGTH, sniff


def boxes(*brands):
    """The first box of an ISO base media file: major brand, minor version, compatible brands."""
    body = b"ftyp" + brands[0] + b"\0\0\2\0" + b"".join(brands)
    return (len(body) + 4).to_bytes(4, "big") + body + b"\0\0\0\x08free"


def matroska(document_type):
    body = b"\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82" + bytes([0x80 | len(document_type)]) + document_type
    return b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(body)]) + body


def ogg(codec):
    return b"OggS\0\x02" + bytes(20) + bytes([1, len(codec)]) + codec


def silence():
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    return content.getvalue()


MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kbit/s at 44.1 kHz: 417 bytes
ADTS_FRAME = b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)  # 16 bytes


@pytest.mark.parametrize(
    ("image_format", "mime"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("AVIF", "image/avif"),
    ],
)
def test_a_photo_is_known_and_its_opener_named(picture, image_format, mime):
    kind = sniff(picture(image_format)[:SNIFF_LENGTH])
    assert (kind.mime, kind.family, kind.pillow_format) == (mime, "image", image_format)


def test_a_photo_of_an_iphone_is_known(picture):
    import pillow_heif

    pillow_heif.register_heif_opener()
    kind = sniff(picture("HEIF")[:SNIFF_LENGTH])
    assert (kind.mime, kind.pillow_format) == ("image/heic", "HEIF")


@pytest.mark.parametrize(
    ("head", "mime", "ffmpeg_format"),
    [
        (boxes(b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4", "mp4"),
        (boxes(b"mp42"), "video/mp4", "mp4"),
        (boxes(b"M4V "), "video/mp4", "mp4"),
        (boxes(b"qt  "), "video/quicktime", "mov"),
        (boxes(b"3gp4"), "video/3gpp", "3gp"),
        (boxes(b"3ge6"), "video/3gpp", "3gp"),
        (boxes(b"3gr6"), "video/3gpp", "3gp"),
        (boxes(b"3gp5", b"isom"), "video/3gpp", "3gp"),
        (boxes(b"3g2a"), "video/3gpp2", "3g2"),
        (boxes(b"XXXX", b"YYYY", b"mp42"), "video/mp4", "mp4"),
        (boxes(b"M4A ", b"mp42"), "audio/mp4", "m4a"),
        (matroska(b"webm"), "video/webm", "webm"),
        (matroska(b"matroska"), "video/x-matroska", "matroska"),
        (ogg(b"\x80theora"), "video/ogg", "ogg"),
        (ogg(b"OpusHead"), "audio/ogg", "ogg"),
        (ogg(b"\x01vorbis"), "audio/ogg", "ogg"),
        (b"#!AMR\n\x3c" + bytes(31), "audio/amr", "amr"),
        (b"#!AMR-WB\n\x04" + bytes(31), "audio/amr-wb", "amr"),
        (ADTS_FRAME * 3, "audio/aac", "aac"),
        (MP3_FRAME * 3, "audio/mpeg", "mp3"),
        (b"ID3\x04\0\0\0\0\x02\x01" + bytes(257), "audio/mpeg", "mp3"),
        (silence(), "audio/wav", "wav"),
        (b"caff\0\x01\0\0desc", "audio/x-caf", "caf"),
        (b"fLaC\0\0\0\x22", "audio/flac", "flac"),
        (b"%PDF-1.7\n", "application/pdf", None),
    ],
)
def test_sound_video_and_documents_of_phones_are_known(head, mime, ffmpeg_format):
    kind = sniff(head)
    assert (kind.mime, kind.ffmpeg_format) == (mime, ffmpeg_format)
    assert kind.family == ("document" if mime == "application/pdf" else mime.split("/")[0])


@pytest.mark.parametrize(
    ("brands", "mime"),
    [
        ((b"heic", b"mif1"), "image/heic"),
        ((b"mif1", b"heic"), "image/heic"),
        ((b"mif1", b"avif"), "image/avif"),
        ((b"mif1", b"miaf"), "image/heif"),
        ((b"msf1", b"hevc"), "image/heic"),
    ],
)
def test_a_still_image_in_boxes_is_told_by_its_most_exact_brand(brands, mime):
    assert sniff(boxes(*brands)).mime == mime


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff",
        b"\xff\xd8\xff",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04" + bytes(26),
        b"MZ" + bytes(62),
        b"\x7fELF" + bytes(60),
        b"ffconcat version 1.0\nfile 'other.mp4'\n",
        b"#EXTM3U\n#EXT-X-VERSION:3\n",
        b"RIFF\0\0\0\0AVI LIST",
        b"RIFF\0\0\0\0",
        b"\x89PNG\r\n\x1a\n",
        b"GIF88a" + bytes(20),
        b" %PDF-1.7",
        boxes(b"XXXX"),
        boxes(b"jp2 "),
        b"\0\0\0\x08ftyp",
        b"\0\0\0\x01ftypisom" + bytes(16),
        matroska(b"other"),
        b"\x1a\x45\xdf\xa3",
        MP3_FRAME,
        MP3_FRAME + b"text",
        ADTS_FRAME + b"text",
        b"\xff\xfe" + "text in UTF-16".encode("utf-16-le") * 40,
        b"\xff" * 4096,
        b"ID3",
        "中文".encode(),
    ],
)
def test_everything_else_is_unknown(head):
    assert sniff(head) is None


@given(st.binary(max_size=200))
def test_no_bytes_confuse_the_sniffer(head):
    kind = sniff(head)
    assert kind is None or kind.mime.count("/") == 1


@given(
    st.sampled_from(
        [b"\0\0\0\x20ftyp", b"\x1a\x45\xdf\xa3\x42\x82", b"\xff\xfb\x90", b"\xff\xf1\x50", b"OggS\0\2"]
    ),
    st.binary(max_size=99),
)
def test_no_bytes_after_a_known_beginning_confuse_the_sniffer(beginning, rest):
    kind = sniff(beginning + rest)
    assert kind is None or kind.family in {"image", "audio", "video"}
