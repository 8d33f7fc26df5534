"""The rules of tus 1.0, header by header."""

import base64
import contextlib
import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import tus


def encode(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


SHA256 = "ab" * 32


@pytest.mark.parametrize(
    ("value", "method"),
    [
        ("1.0.0", "POST"),
        (" 1.0.0 ", "PATCH"),
        ("1.0.0", "head"),
        (None, "HEAD"),
        (None, "GET"),
        (None, "OPTIONS"),
        ("0.2.2", "OPTIONS"),
    ],
)
def test_a_request_in_our_version_passes(value, method):
    assert tus.check_version(value, method) is None


@pytest.mark.parametrize(
    ("value", "method"),
    [(None, "POST"), (None, "PATCH"), (None, "DELETE"), ("0.2.2", "HEAD"), ("1.0", "PATCH"), ("", "POST")],
)
def test_a_request_in_another_version_is_told_412_and_which_version_we_speak(value, method):
    with pytest.raises(tus.WrongVersion) as refusal:
        tus.check_version(value, method)
    assert refusal.value.status == 412
    assert refusal.value.headers["Tus-Version"] == "1.0.0"
    assert refusal.value.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize(
    ("method", "override", "meant"),
    [
        ("POST", "PATCH", "PATCH"),
        ("POST", "delete", "DELETE"),
        ("post", " HEAD ", "HEAD"),
        ("POST", None, "POST"),
        ("GET", "DELETE", "GET"),
        ("patch", None, "PATCH"),
    ],
)
def test_only_a_post_may_stand_for_another_method(method, override, meant):
    assert tus.effective_method(method, override) == meant


@pytest.mark.parametrize("override", ["PUT", "POST", "", "PATCH, DELETE"])
def test_a_post_may_not_stand_for_just_any_method(override):
    with pytest.raises(tus.BadHeader) as refusal:
        tus.effective_method("POST", override)
    assert refusal.value.header == "X-HTTP-Method-Override"


@pytest.mark.parametrize(
    "value",
    ["application/offset+octet-stream", "Application/Offset+Octet-Stream", tus.CONTENT_TYPE + "; x=1"],
)
def test_bytes_in_the_right_content_type_pass(value):
    assert tus.check_content_type(value) is None


@pytest.mark.parametrize("value", [None, "", "application/octet-stream", "text/plain", "application/offset"])
def test_bytes_in_another_content_type_are_told_415(value):
    with pytest.raises(tus.WrongContentType) as refusal:
        tus.check_content_type(value)
    assert refusal.value.status == 415


@pytest.mark.parametrize(
    ("value", "length"), [("0", 0), ("1", 1), (" 42 ", 42), ("007", 7), ("4294967296", 2**32)]
)
def test_a_length_is_a_whole_number_of_bytes(value, length):
    assert tus.parse_upload_length(value) == length


BAD_NUMBERS = [
    None,
    "",
    " ",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x10",
    "1_000",
    "１２",
    "12a",
    "1 2",
    "9" * 19,
    "1\n",
]


@pytest.mark.parametrize("value", BAD_NUMBERS)
def test_a_malformed_length_is_told_400(value):
    with pytest.raises(tus.BadHeader) as refusal:
        tus.parse_upload_length(value)
    assert (refusal.value.status, refusal.value.header) == (400, "Upload-Length")


@pytest.mark.parametrize("value", BAD_NUMBERS)
def test_a_malformed_offset_is_told_400(value):
    with pytest.raises(tus.BadHeader) as refusal:
        tus.parse_upload_offset(value)
    assert (refusal.value.status, refusal.value.header) == (400, "Upload-Offset")


def test_a_length_may_reach_the_maximum_and_not_pass_it():
    assert tus.parse_upload_length("100", maximum=100) == 100
    with pytest.raises(tus.TooLarge) as refusal:
        tus.parse_upload_length("101", maximum=100)
    assert refusal.value.status == 413
    assert refusal.value.headers["Tus-Max-Size"] == "100"


def test_a_creation_tells_its_length_or_defers_it():
    assert tus.parse_creation_length("12", None) == 12
    assert tus.parse_creation_length(None, " 1 ") is None


@pytest.mark.parametrize(
    ("length", "deferred", "header"),
    [
        (None, None, "Upload-Length"),
        ("5", "1", "Upload-Defer-Length"),
        (None, "0", "Upload-Defer-Length"),
        (None, "true", "Upload-Defer-Length"),
        (None, "", "Upload-Defer-Length"),
        (None, "11", "Upload-Defer-Length"),
    ],
)
def test_a_creation_that_tells_both_or_neither_is_told_400(length, deferred, header):
    with pytest.raises(tus.BadHeader) as refusal:
        tus.parse_creation_length(length, deferred)
    assert (refusal.value.status, refusal.value.header) == (400, header)


def test_a_deferred_length_is_told_once_and_may_be_repeated():
    assert tus.check_length(5, None, 5) is None
    assert tus.check_length(5, 5, 2) is None
    for sent, known, offset in [(5, 6, 0), (7, 6, 0), (4, None, 5)]:
        with pytest.raises(tus.BadHeader) as refusal:
            tus.check_length(sent, known, offset)
        assert (refusal.value.status, refusal.value.header) == (400, "Upload-Length")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checksum_is_kept_by_the_bytes_it_was_made_of_and_by_no_others(algorithm):
    digest = hashlib.new(algorithm, b"abc").digest()
    checksum = tus.parse_checksum(f"{algorithm} {encode(digest)}")
    hashing = checksum.begin()
    hashing.update(b"abc")
    assert checksum.check(hashing.digest()) is None
    with pytest.raises(tus.ChecksumMismatch) as refusal:
        checksum.check(checksum.begin().digest())
    assert (refusal.value.status, refusal.value.expected) == (460, digest.hex())


def test_no_checksum_is_no_error():
    assert tus.parse_checksum(None) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sha1",
        "sha1 ",
        "md5 " + encode(b"\0" * 16),
        "SHA1 " + encode(b"\0" * 20),
        "sha1 " + encode(b"\0" * 32),
        "sha256 " + encode(b"\0" * 20),
        "sha1 not-base64!",
        "sha1 é",
        "sha1 " + "00" * 20 + "?",
        encode(b"\0" * 20),
    ],
)
def test_a_malformed_checksum_is_told_400(value):
    with pytest.raises(tus.BadHeader) as refusal:
        tus.parse_checksum(value)
    assert (refusal.value.status, refusal.value.header) == (400, "Upload-Checksum")


def test_an_upload_continues_only_where_it_stands():
    assert tus.check_offset(7, 7) is None
    for sent in (0, 6, 8):
        with pytest.raises(tus.OffsetMismatch) as refusal:
            tus.check_offset(sent, 7)
        assert refusal.value.status == 409
        assert refusal.value.headers["Upload-Offset"] == "7"
        assert refusal.value.current == 7


@pytest.mark.parametrize(
    ("offset", "length", "content_length", "remaining"),
    [(0, 10, 10, 10), (4, 10, 6, 6), (4, 10, 1, 6), (4, 10, None, 6), (10, 10, 0, 0), (0, 0, None, 0)],
)
def test_a_body_may_bring_what_the_upload_lacks(offset, length, content_length, remaining):
    assert tus.remaining_bytes(offset, length, content_length) == remaining


@pytest.mark.parametrize(("offset", "length", "content_length"), [(0, 10, 11), (10, 10, 1), (9, 10, 2)])
def test_a_body_that_announces_more_than_is_lacking_is_told_413(offset, length, content_length):
    with pytest.raises(tus.TooLarge) as refusal:
        tus.remaining_bytes(offset, length, content_length)
    assert refusal.value.status == 413


def test_metadata_of_a_phone_is_read():
    raw = (
        f"filename {encode('界桩 6 号.jpg')},filetype {encode('image/jpeg')}, "
        f"sha256 {encode(SHA256.upper())},record {encode('5f0c-1')},is_confidential"
    )
    metadata = tus.parse_metadata(raw)
    assert metadata == tus.Metadata(
        raw=raw,
        filename="界桩 6 号.jpg",
        filetype="image/jpeg",
        sha256=SHA256,
        record="5f0c-1",
        others={"is_confidential": b""},
    )


@pytest.mark.parametrize("raw", [None, "", "   "])
def test_no_metadata_is_no_error(raw):
    assert tus.parse_metadata(raw) == tus.Metadata()


@pytest.mark.parametrize(
    ("raw", "filetype"),
    [
        ("filetype ", None),
        ("filetype", None),
        (f"filetype {encode('audio/webm;codecs=opus')}", "audio/webm;codecs=opus"),
        (f"filetype {encode('application/vnd.ms-excel')}", "application/vnd.ms-excel"),
    ],
)
def test_a_filetype_may_be_empty_or_carry_parameters(raw, filetype):
    assert tus.parse_metadata(raw).filetype == filetype


@pytest.mark.parametrize(
    "raw",
    [
        ",",
        "filename eA==,",
        f"filename {encode('a')},filename {encode('b')}",
        "filename not-base64!",
        "filename YQ",
        "filename YQ== YQ==",
        "filename é",
        "filenäme YQ==",
        "file\tname YQ==",
        f"{'k' * 65} YQ==",
        ",".join(f"k{n} YQ==" for n in range(17)),
        "k " + "A" * 4096,
        f"filename {encode(bytes([0xFF, 0xFE]))}",
        f"filename {encode('a' * 256)}",
        f"filename {encode('a' + chr(10) + 'Set-Cookie: b')}",
        f"filename {encode('a' + chr(0))}",
        f"filetype {encode('jpeg')}",
        f"filetype {encode('image/jpeg, text/html')}",
        f"filetype {encode('图片/jpeg')}",
        f"sha256 {encode('ab' * 31)}",
        f"sha256 {encode('xy' * 32)}",
        f"sha256 {encode(bytes.fromhex(SHA256))}",
        f"record {encode('r' * 129)}",
    ],
)
def test_malformed_metadata_is_told_400(raw):
    with pytest.raises(tus.BadHeader) as refusal:
        tus.parse_metadata(raw)
    assert (refusal.value.status, refusal.value.header) == (400, "Upload-Metadata")


def test_sixteen_keys_are_taken():
    metadata = tus.parse_metadata(",".join(f"k{n} YQ==" for n in range(16)))
    assert metadata.others == {f"k{n}": b"a" for n in range(16)}


@given(st.text(max_size=300))
def test_no_metadata_header_does_anything_but_pass_or_be_refused(raw):
    with contextlib.suppress(tus.BadHeader):
        assert tus.parse_metadata(raw).raw == raw.strip()


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=255))
def test_any_printable_file_name_comes_through(name):
    assert tus.parse_metadata(f"filename {encode(name)}").filename == name


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (tus.WrongVersion(None), 412),
        (tus.WrongContentType("text/plain"), 415),
        (tus.BadHeader("Upload-Length", "缺失", "is missing"), 400),
        (tus.TooLarge(2, 1), 413),
        (tus.OffsetMismatch(1, 2), 409),
        (tus.NotFound(), 404),
        (tus.Gone(), 410),
        (tus.Locked(), 423),
        (tus.ChecksumMismatch("a", "b"), 460),
    ],
)
def test_every_refusal_speaks_both_languages_and_is_never_cached(refusal, status):
    assert isinstance(refusal, tus.TusError)
    assert refusal.status == status
    assert refusal.code.startswith("upload.")
    assert any("\u4e00" <= character <= "\u9fff" for character in refusal.message.split("。")[0])
    assert refusal.message.split("。")[-1].strip().isascii()
    assert refusal.headers["Cache-Control"] == "no-store"
    assert refusal.headers["Tus-Resumable"] == "1.0.0"


def test_a_locked_upload_says_when_to_ask_again():
    assert tus.Locked(retry_after=3).headers["Retry-After"] == "3"


def test_a_gone_upload_names_no_offset():
    assert "Upload-Offset" not in tus.Gone().headers
    assert "Upload-Offset" not in tus.NotFound().headers


def test_options_tell_what_the_server_can():
    assert tus.option_headers(5) == {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,creation-with-upload,creation-defer-length,checksum,termination,expiration",
        "Tus-Max-Size": "5",
        "Tus-Checksum-Algorithm": "sha1,sha256",
    }


def test_head_names_offset_and_length_and_is_not_cached():
    assert tus.head_headers(0, 0, "", None) == {
        "Tus-Resumable": "1.0.0",
        "Cache-Control": "no-store",
        "Upload-Offset": "0",
        "Upload-Length": "0",
    }
    deferred = tus.head_headers(3, None, "", None)
    assert (deferred["Upload-Defer-Length"], "Upload-Length" in deferred) == ("1", False)
    assert tus.head_headers(1, 2, "filename YQ==", None)["Upload-Metadata"] == "filename YQ=="


def test_expiry_is_told_as_an_http_date_in_gmt():
    beijing = timezone(timedelta(hours=8))
    assert tus.patch_headers(9, datetime(2026, 11, 20, 8, 0, tzinfo=beijing)) == {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "9",
        "Upload-Expires": "Fri, 20 Nov 2026 00:00:00 GMT",
    }
    created = tus.creation_headers("media/a", 3, datetime(2026, 11, 20, tzinfo=UTC))
    assert created["Location"] == "media/a"
    assert created["Upload-Offset"] == "3"
    assert created["Upload-Expires"] == "Fri, 20 Nov 2026 00:00:00 GMT"
    with pytest.raises(ValueError):
        tus.expires_header(datetime(2026, 11, 20))


def test_a_page_of_another_origin_may_send_and_read_every_header_of_ours():
    preflight = tus.preflight_headers("https://console.example")
    for header in (
        "Upload-Offset",
        "Upload-Length",
        "Upload-Metadata",
        "Tus-Resumable",
        "X-HTTP-Method-Override",
    ):
        assert header in preflight["Access-Control-Allow-Headers"].split(", ")
    assert "PATCH" in preflight["Access-Control-Allow-Methods"].split(", ")
    exposed = tus.cors_headers("https://console.example")["Access-Control-Expose-Headers"].split(", ")
    answered = {
        *tus.creation_headers("a", 0, datetime.now(UTC)),
        *tus.head_headers(0, 1, "a YQ==", None),
        *tus.option_headers(),
        *tus.Locked().headers,
    }
    assert answered - {"Cache-Control"} <= set(exposed)
