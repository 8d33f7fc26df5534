"""What every store promises, asked of every store."""

import hashlib
import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from media import (
    DigestMismatch,
    ObjectUnknown,
    StoredObject,
    UploadExists,
    UploadUnknown,
    WrongOffset,
    WrongRange,
    original_file,
    sm3,
)

CONTENT = bytes(range(256)) * 1200
SHA256 = hashlib.sha256(CONTENT).hexdigest()
EMPTY = hashlib.sha256(b"").hexdigest()


class Cut(Exception):
    """The line broke."""


def cut_after(pieces):
    yield from pieces
    raise Cut


def test_an_upload_grows_and_becomes_an_object(store):
    store.begin("a")
    assert store.size("a") == 0
    assert store.append("a", 0, [CONTENT[:1000]], 1000) == 1000
    assert store.append("a", 1000, io.BytesIO(CONTENT[1000:]), len(CONTENT)) == len(CONTENT) - 1000
    assert store.size("a") == len(CONTENT)
    assert not store.exists(SHA256)
    assert store.finish("a", SHA256) == StoredObject(SHA256, len(CONTENT))
    assert store.exists(SHA256)
    assert store.stat(SHA256) == StoredObject(SHA256, len(CONTENT))
    assert b"".join(store.open(SHA256)) == CONTENT
    with pytest.raises(UploadUnknown):
        store.size("a")


def test_an_empty_file_is_a_file(store):
    store.begin("a")
    assert store.append("a", 0, [], 0) == 0
    assert store.finish("a", EMPTY) == StoredObject(EMPTY, 0)
    assert b"".join(store.open(EMPTY)) == b""


def test_a_cut_body_keeps_what_arrived_and_the_upload_goes_on_from_there(store):
    store.begin("a")
    with pytest.raises(Cut):
        store.append("a", 0, cut_after([CONTENT[:70_000], CONTENT[70_000:70_001]]), len(CONTENT))
    assert store.size("a") == 70_001
    store.append("a", 70_001, [CONTENT[70_001:]], len(CONTENT) - 70_001)
    assert store.finish("a", SHA256).size == len(CONTENT)


def test_each_piece_is_written_before_the_next_is_asked_for(store):
    sizes = []

    def pieces():
        for at in range(0, 5000, 1000):
            sizes.append(store.size("a"))
            yield CONTENT[at : at + 1000]

    store.begin("a")
    store.append("a", 0, pieces(), 5000)
    assert sizes == [0, 1000, 2000, 3000, 4000]


def test_a_body_that_ends_early_is_no_error(store):
    store.begin("a")
    assert store.append("a", 0, io.BytesIO(CONTENT[:10]), 1000) == 10
    assert store.size("a") == 10


@pytest.mark.parametrize(
    "body", [io.BytesIO, lambda content: [content], lambda content: [content[:7], content[7:]]]
)
def test_no_more_than_the_limit_is_written(store, body):
    store.begin("a")
    assert store.append("a", 0, body(CONTENT), 10) == 10
    assert store.size("a") == 10


def test_no_more_than_the_limit_is_read_from_the_line(store):
    store.begin("a")
    line = io.BytesIO(CONTENT)
    store.append("a", 0, line, 1234)
    assert line.tell() == 1234


@pytest.mark.parametrize("piece", [b"12345", bytearray(b"12345"), memoryview(b"0123456")[1:6]])
def test_pieces_may_be_any_bytes_like_thing(store, piece):
    store.begin("a")
    store.append("a", 0, [piece, b""], 10)
    assert store.finish("a", hashlib.sha256(b"12345").hexdigest()).size == 5


def test_a_buffer_that_is_used_again_for_every_piece_is_written_right(store):
    buffer = bytearray(1000)

    def pieces():
        for at in range(0, len(CONTENT), 1000):
            piece = CONTENT[at : at + 1000]
            buffer[: len(piece)] = piece
            yield memoryview(buffer)[: len(piece)]

    store.begin("a")
    store.append("a", 0, pieces(), len(CONTENT))
    assert store.finish("a", SHA256).size == len(CONTENT)


@pytest.mark.parametrize("offset", [101, 10_000, -1])
def test_bytes_past_the_end_are_refused_and_nothing_is_written(store, offset):
    store.begin("a")
    store.append("a", 0, [CONTENT[:100]], 100)
    with pytest.raises(WrongOffset) as refusal:
        store.append("a", offset, [b"never"], 5)
    assert refusal.value.size == 100
    assert store.size("a") == 100


def test_bytes_a_crashed_writer_left_past_the_recorded_offset_are_cut_off(store):
    store.begin("a")
    store.append("a", 0, [CONTENT[:1000] + b"garbage of a crashed writer" * 100], 10_000)
    assert store.append("a", 1000, [CONTENT[1000:1010]], 10) == 10
    assert store.size("a") == 1010
    store.append("a", 1010, [CONTENT[1010:]], len(CONTENT) - 1010)
    assert store.finish("a", SHA256).sha256 == SHA256


def test_wrong_bytes_are_refused_and_kept(store):
    store.begin("a")
    store.append("a", 0, [b"not what was promised"], 100)
    with pytest.raises(DigestMismatch) as refusal:
        store.finish("a", SHA256)
    assert refusal.value.expected == SHA256
    assert refusal.value.actual == hashlib.sha256(b"not what was promised").hexdigest()
    assert store.size("a") == 21
    assert not store.exists(SHA256)
    assert not store.exists(refusal.value.actual)


def test_the_same_bytes_uploaded_twice_are_one_object_and_both_uploads_are_over(store):
    for phone in ("a", "b"):
        store.begin(phone)
        store.append(phone, 0, [CONTENT], len(CONTENT))
    assert store.finish("a", SHA256) == store.finish("b", SHA256)
    assert b"".join(store.open(SHA256)) == CONTENT
    for phone in ("a", "b"):
        with pytest.raises(UploadUnknown):
            store.size(phone)


def test_a_finish_may_be_repeated(store):
    store.begin("a")
    store.append("a", 0, [CONTENT], len(CONTENT))
    first = store.finish("a", SHA256)
    assert store.finish("a", SHA256) == first


def test_an_upload_may_begin_only_once(store):
    store.begin("a")
    store.append("a", 0, [b"kept"], 4)
    with pytest.raises(UploadExists):
        store.begin("a")
    assert store.size("a") == 4


def test_an_upload_nobody_began_is_unknown(store):
    for ask in (
        lambda: store.size("a"),
        lambda: store.append("a", 0, [b"x"], 1),
        lambda: store.finish("a", SHA256),
    ):
        with pytest.raises(UploadUnknown):
            ask()


def test_a_discarded_upload_is_gone_and_its_id_is_free(store):
    store.begin("a")
    store.append("a", 0, [b"x"], 1)
    store.discard("a")
    store.discard("a")
    with pytest.raises(UploadUnknown):
        store.size("a")
    store.begin("a")
    assert store.size("a") == 0


def test_discarding_an_upload_leaves_objects_alone(store, stored):
    stored(CONTENT)
    store.begin("a")
    store.append("a", 0, [CONTENT], len(CONTENT))
    store.discard("a")
    assert b"".join(store.open(SHA256)) == CONTENT


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, None), (0, 1), (5, 10), (307_199, None), (307_200, None), (0, 0), (9, 9), (100, 10**9)],
)
def test_any_range_within_an_object_can_be_read(store, stored, start, end):
    stored(CONTENT)
    with store.open(SHA256, start, end) as reading:
        assert b"".join(reading) == CONTENT[start:end]
        assert reading.length == len(CONTENT[start:end])


@pytest.mark.parametrize(
    ("start", "end"), [(-1, None), (10, 9), (307_201, None), (307_201, 307_300), (0, -1)]
)
def test_a_range_outside_an_object_is_refused_at_once(store, stored, start, end):
    stored(CONTENT)
    with pytest.raises(WrongRange) as refusal:
        store.open(SHA256, start, end)
    assert refusal.value.size == len(CONTENT)


def test_a_reading_may_be_left_early_and_closed_twice(store, stored):
    stored(CONTENT)
    reading = store.open(SHA256)
    assert next(reading)
    reading.close()
    reading.close()
    assert list(reading) == []


def test_an_object_that_is_not_there_is_unknown(store):
    assert not store.exists(SHA256)
    for ask in (
        lambda: store.stat(SHA256),
        lambda: store.open(SHA256),
        lambda: store.open_derivative(SHA256, "thumbnail.jpg"),
        lambda: store.put_derivative(SHA256, "thumbnail.jpg", b"x"),
    ):
        with pytest.raises(ObjectUnknown):
            ask()


def test_a_derivative_is_kept_beside_its_original_and_may_be_made_again(store, stored):
    stored(CONTENT)
    with pytest.raises(ObjectUnknown):
        store.open_derivative(SHA256, "thumbnail.jpg")
    store.put_derivative(SHA256, "thumbnail.jpg", b"small")
    store.put_derivative(SHA256, "thumbnail.jpg", b"smaller")
    assert b"".join(store.open_derivative(SHA256, "thumbnail.jpg")) == b"smaller"
    assert b"".join(store.open(SHA256)) == CONTENT


def test_a_derivative_may_be_a_file_and_be_read_in_part(store, stored):
    stored(CONTENT)
    file = io.BytesIO(CONTENT[::-1])
    file.read(1000)
    store.put_derivative(SHA256, "playable.mp4", file)
    with store.open_derivative(SHA256, "playable.mp4", 1000, 2000) as reading:
        assert reading.length == 1000
        assert b"".join(reading) == CONTENT[::-1][1000:2000]
    assert b"".join(store.open_derivative(SHA256, "playable.mp4")) == CONTENT[::-1]
    with pytest.raises(WrongRange):
        store.open_derivative(SHA256, "playable.mp4", len(CONTENT) + 1)


def test_a_derivative_can_be_forgotten_and_its_original_cannot(store, stored):
    stored(CONTENT)
    store.put_derivative(SHA256, "thumbnail.jpg", b"small")
    store.put_derivative(SHA256, "preview.jpg", b"larger")
    for _ in range(2):
        store.discard_derivative(SHA256, "thumbnail.jpg")
    with pytest.raises(ObjectUnknown):
        store.open_derivative(SHA256, "thumbnail.jpg")
    assert b"".join(store.open_derivative(SHA256, "preview.jpg")) == b"larger"
    assert b"".join(store.open(SHA256)) == CONTENT


def test_an_original_is_a_file_for_as_long_as_it_is_looked_into(store, stored, tmp_path):
    stored(CONTENT)
    with original_file(store, SHA256, tmp_path / "copies") as file:
        assert file.read() == CONTENT
        assert os.fstat(file.fileno()).st_size == len(CONTENT)
        assert sm3(file) == sm3(io.BytesIO(CONTENT))
    with pytest.raises(ObjectUnknown), original_file(store, EMPTY, tmp_path / "copies"):
        pass


@pytest.mark.parametrize(
    ("content", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_is_that_of_the_examples_of_the_standard(content, digest):
    """GB/T 32905-2016, annex A."""
    assert sm3(io.BytesIO(content)) == digest


BAD_IDS = ["", ".", "..", "a/b", "../a", "a.b", "ä", "a\n", "a" * 129, "a\x00"]


@pytest.mark.parametrize("upload_id", BAD_IDS)
def test_an_id_that_could_leave_the_folder_is_refused(store, upload_id):
    for ask in (
        lambda: store.begin(upload_id),
        lambda: store.append(upload_id, 0, [b"x"], 1),
        lambda: store.size(upload_id),
        lambda: store.discard(upload_id),
        lambda: store.finish(upload_id, EMPTY),
    ):
        with pytest.raises(ValueError):
            ask()


@pytest.mark.parametrize("sha256", ["", "ab", SHA256.upper(), SHA256 + "\n", "../" + SHA256[3:], "g" * 64])
def test_a_name_that_is_no_hash_is_refused(store, sha256):
    store.begin("a")
    for ask in (
        lambda: store.finish("a", sha256),
        lambda: store.open(sha256),
        lambda: store.exists(sha256),
        lambda: store.stat(sha256),
        lambda: store.put_derivative(sha256, "a.jpg", b""),
        lambda: store.open_derivative(sha256, "a.jpg"),
    ):
        with pytest.raises(ValueError):
            ask()


@pytest.mark.parametrize("name", ["", "../a", "a/b", "A.jpg", ".hidden", "a.b.c", "a" * 65])
def test_a_derivative_with_a_name_that_could_leave_the_folder_is_refused(store, stored, name):
    stored(CONTENT)
    with pytest.raises(ValueError):
        store.put_derivative(SHA256, name, b"x")
    with pytest.raises(ValueError):
        store.open_derivative(SHA256, name)


def test_many_phones_finishing_the_same_bytes_at_once_make_one_object(store):
    phones = [f"phone-{n}" for n in range(8)]
    for phone in phones:
        store.begin(phone)
        store.append(phone, 0, [CONTENT], len(CONTENT))
    together = threading.Barrier(len(phones))

    def finish(phone):
        together.wait()
        return store.finish(phone, SHA256)

    with ThreadPoolExecutor(len(phones)) as pool:
        assert set(pool.map(finish, phones)) == {StoredObject(SHA256, len(CONTENT))}
    assert b"".join(store.open(SHA256)) == CONTENT
    for phone in phones:
        with pytest.raises(UploadUnknown):
            store.size(phone)


def test_different_uploads_grow_at_once_without_touching_each_other(store):
    contents = {f"phone-{n}": bytes([n]) * 50_000 for n in range(6)}

    def upload(item):
        phone, content = item
        store.begin(phone)
        for at in range(0, len(content), 10_000):
            store.append(phone, at, [content[at : at + 10_000]], 10_000)
        return store.finish(phone, hashlib.sha256(content).hexdigest())

    with ThreadPoolExecutor(6) as pool:
        objects = list(pool.map(upload, contents.items()))
    for content, found in zip(contents.values(), objects, strict=True):
        assert b"".join(store.open(found.sha256)) == content
