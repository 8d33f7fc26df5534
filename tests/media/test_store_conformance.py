"""What every store promises, asked of every store."""

import hashlib
import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from media import (
    DigestMismatch,
    ObjectUnknown,
    Progress,
    StoredObject,
    StoreError,
    UploadUnknown,
    WrongOffset,
    WrongRange,
    finish_together,
    original_file,
    sm3,
)
from tests.media.conftest import as_kept, finish, put

CONTENT = bytes(range(256)) * 1200
SHA256 = hashlib.sha256(CONTENT).hexdigest()
EMPTY = hashlib.sha256(b"").hexdigest()


def test_an_upload_grows_from_request_to_request_and_becomes_an_object(store):
    progress = store.begin("a", len(CONTENT), SHA256)
    assert progress.offset == 0
    for end in (1000, 1001, 70_000, 200_000, len(CONTENT)):
        before, progress = progress, put(store, "a", CONTENT[progress.offset : end], progress)
        assert progress.offset == end
        store.tidy("a", before, progress)
    assert not store.exists(SHA256)

    assert finish(store, "a", progress, SHA256) == StoredObject(SHA256, len(CONTENT))

    store.discard("a", progress)
    assert store.stat(SHA256) == StoredObject(SHA256, len(CONTENT))
    assert b"".join(store.open(SHA256)) == CONTENT


def test_a_file_that_comes_at_once_is_finished_without_a_stop(store):
    with store.write("a", store.begin("a", len(CONTENT), SHA256)) as writing:
        for at in range(0, len(CONTENT), 10_000):
            writing.write(CONTENT[at : at + 10_000])
        assert writing.size == len(CONTENT)
        assert writing.finish(SHA256) == StoredObject(SHA256, len(CONTENT))
    store.discard("a", writing.progress)
    assert b"".join(store.open(SHA256)) == CONTENT


def test_each_request_may_be_served_by_another_host(host):
    progress = host("first").begin("a", len(CONTENT), SHA256)
    for number, end in enumerate((50_000, 140_000, len(CONTENT))):
        store = host(f"number {number}")
        before, progress = progress, put(store, "a", CONTENT[progress.offset : end], progress)
        host("another").tidy("a", before, progress)
    assert finish(host("last"), "a", progress, SHA256).size == len(CONTENT)
    host("first").discard("a", progress)
    assert b"".join(host("any").open(SHA256)) == CONTENT


def test_an_empty_file_is_a_file(store):
    progress = store.begin("a", 0, EMPTY)
    assert finish(store, "a", progress, EMPTY) == StoredObject(EMPTY, 0)
    store.discard("a", progress)
    assert b"".join(store.open(EMPTY)) == b""


def test_a_file_that_promised_no_hash_is_stored_under_the_one_it_has(store):
    progress = put(store, "a", CONTENT)
    assert finish(store, "a", progress) == StoredObject(SHA256, len(CONTENT))
    store.discard("a", progress)
    assert b"".join(store.open(SHA256)) == CONTENT


def test_files_that_end_together_are_stored_together_the_same_bytes_once(store):
    contents = [CONTENT, CONTENT[:70_000], CONTENT, b""]
    with ExitStack() as stack:
        writings = []
        for number, content in enumerate(contents):
            name = f"file-{number}"
            writings.append(stack.enter_context(store.write(name, store.begin(name, len(content)))))
            writings[-1].write(content)
        found = finish_together(store, writings)
    assert found == [StoredObject(hashlib.sha256(each).hexdigest(), len(each)) for each in contents]
    for number, writing in enumerate(writings):
        store.discard(f"file-{number}", writing.progress)
    assert [b"".join(store.open(each.sha256)) for each in found] == contents
    assert finish_together(store, []) == []


def test_what_counts_before_a_flush_is_there(host):
    with host("here").write("a", host("here").begin("a", len(CONTENT))) as writing:
        writing.write(CONTENT)
        counted = as_kept(writing.progress)
    assert 0 <= counted.offset <= len(CONTENT)
    store = host("another")
    assert store.resume("a", counted) == counted
    whole = put(store, "a", CONTENT[counted.offset :], counted)
    assert finish(store, "a", whole, SHA256).size == len(CONTENT)


@pytest.mark.parametrize("piece", [b"12345", bytearray(b"12345"), memoryview(b"0123456")[1:6]])
def test_pieces_may_be_any_bytes_like_thing(store, piece):
    with store.write("a", store.begin("a", 5)) as writing:
        writing.write(piece)
        writing.write(b"")
        assert writing.finish(None) == StoredObject(hashlib.sha256(b"12345").hexdigest(), 5)


def test_a_buffer_that_is_used_again_for_every_piece_is_written_right(store):
    buffer = bytearray(1000)
    with store.write("a", store.begin("a", len(CONTENT), SHA256)) as writing:
        for at in range(0, len(CONTENT), 1000):
            piece = CONTENT[at : at + 1000]
            buffer[: len(piece)] = piece
            writing.write(memoryview(buffer)[: len(piece)])
        assert writing.finish(SHA256).size == len(CONTENT)


def test_bytes_that_were_never_written_down_do_not_count(store):
    recorded = put(store, "a", CONTENT[:70_000])
    put(store, "a", b"of a process that died" * 5000, recorded)

    progress = put(store, "a", CONTENT[70_000:70_010], recorded)

    assert progress.offset == 70_010
    progress = put_or_begin_again(store, "a", progress)
    assert finish_or_begin_again(store, "a", progress).sha256 == SHA256
    assert b"".join(store.open(SHA256)) == CONTENT


def put_or_begin_again(store, upload_id, progress, lost=UploadUnknown):
    """Send the rest of the file, as a phone does: what the store says is lost is sent again from its beginning."""
    try:
        return put(store, upload_id, CONTENT[progress.offset :], progress)
    except lost:
        return put(store, upload_id, CONTENT)


def finish_or_begin_again(store, upload_id, progress):
    try:
        return finish(store, upload_id, progress, SHA256)
    except UploadUnknown:
        return finish(store, upload_id, put(store, upload_id, CONTENT), SHA256)


@pytest.mark.parametrize("size", [100, 100_000], ids=["less than a part", "more than a part"])
def test_what_is_held_back_counts_at_the_flush_and_leaves_no_trace_without_it(store, size):
    recorded = put(store, "a", CONTENT[:1000])
    with store.write("a", recorded, hold_back=True) as writing:
        writing.write(b"!" * size)
        assert (writing.progress.offset, writing.size) == (1000, 1000 + size)
    assert store.resume("a", writing.progress).offset == 1000

    with store.write("a", as_kept(writing.progress), hold_back=True) as writing:
        writing.write(CONTENT[1000:])
        assert writing.progress.offset == 1000
        progress = as_kept(writing.flush())

    assert progress.offset == len(CONTENT)
    assert finish(store, "a", progress, SHA256).size == len(CONTENT)


def test_wrong_bytes_are_refused_and_kept(store):
    wrong = CONTENT[:-1] + b"!"
    with store.write("a", store.begin("a", len(CONTENT), SHA256)) as writing:
        writing.write(wrong)
        with pytest.raises(DigestMismatch) as refusal:
            writing.finish(SHA256)
        kept = as_kept(writing.flush())
    assert refusal.value.expected == SHA256
    assert refusal.value.actual == hashlib.sha256(wrong).hexdigest()
    assert store.resume("a", kept).offset == len(CONTENT)
    assert not store.exists(SHA256)
    assert not store.exists(refusal.value.actual)


def test_wrong_bytes_do_not_touch_the_right_ones_that_are_there(store, stored):
    stored(CONTENT)
    progress = put(store, "a", CONTENT[:-1] + b"!", store.begin("a", len(CONTENT), SHA256))
    with pytest.raises(DigestMismatch):
        finish(store, "a", progress, SHA256)
    assert b"".join(store.open(SHA256)) == CONTENT


def test_the_same_bytes_uploaded_twice_are_one_object(store):
    progress = {phone: put(store, phone, CONTENT) for phone in ("a", "b")}
    assert finish(store, "a", progress["a"], SHA256) == finish(store, "b", progress["b"], SHA256)
    for phone in ("a", "b"):
        store.discard(phone, progress[phone])
    assert b"".join(store.open(SHA256)) == CONTENT


STEPS = (
    "begun",
    "written",
    "written down",
    "tidied",
    "whole",
    "whole and written down",
    "finished",
    "settled",
)


@pytest.mark.parametrize("promised", [SHA256, None], ids=["promised", "not promised"])
@pytest.mark.parametrize("crash", STEPS)
def test_a_crash_after_any_step_loses_nothing_that_was_written_down(host, crash, promised):
    """A host dies after a step; another goes on from the row alone, and what was on its way comes again."""
    done: list[str] = []

    def after(step: str) -> bool:
        done.append(step)
        return step == crash

    def until_it_dies(store, row):
        recorded = row["progress"]
        if after("begun"):
            return
        now = put(store, "a", CONTENT[:100_000], recorded)
        if after("written"):
            return
        row["progress"] = now
        if after("written down"):
            return
        store.tidy("a", recorded, now)
        if after("tidied"):
            return
        with store.write("a", now) as writing:
            writing.write(CONTENT[100_000:])
            whole = as_kept(writing.flush())
            if after("whole"):
                return
            row["progress"] = whole
            if after("whole and written down"):
                return
            writing.finish(promised)
            if after("finished"):
                return
        row["finished"] = after("settled")

    row = {"progress": host("first").begin("a", len(CONTENT), promised), "finished": False}
    until_it_dies(host("first"), row)
    acknowledged = row["progress"].offset

    second = host("second")
    if not row["finished"]:
        progress = second.resume("a", row["progress"])
        assert progress.offset == acknowledged, "what was acknowledged is there"
        progress = put(second, "a", CONTENT[progress.offset :], progress)
        second.tidy("a", row["progress"], progress)
        assert finish(second, "a", progress, promised) == StoredObject(SHA256, len(CONTENT))
        second.discard("a", progress)
    assert done[-1] == crash
    assert b"".join(second.open(SHA256)) == CONTENT


def test_an_upload_finished_and_not_written_down_goes_on_from_before_or_is_lost_but_never_wrong(host):
    recorded = put(host("first"), "a", CONTENT[:100_000])
    finish(host("first"), "a", put(host("first"), "a", CONTENT[100_000:], recorded), SHA256)
    second = host("second")
    whole = put_or_begin_again(second, "a", recorded, host.says_what_is_lost)
    assert finish_or_begin_again(second, "a", whole) == StoredObject(SHA256, len(CONTENT))
    assert b"".join(second.open(SHA256)) == CONTENT


def test_a_finish_may_be_repeated_by_whoever_has_the_row(host):
    progress = put(host("first"), "a", CONTENT, host("first").begin("a", len(CONTENT), SHA256))
    first = finish(host("first"), "a", progress, SHA256)
    assert finish(host("second"), "a", progress, SHA256) == first
    host("second").discard("a", progress)
    host("first").discard("a", progress)
    assert b"".join(host("third").open(SHA256)) == CONTENT


@pytest.mark.parametrize("junk", [b"?" * 10, b"?" * 150_000], ids=["a little", "more than a part"])
@pytest.mark.parametrize("start", [0, 1000, 80_000])
def test_a_writer_that_lost_the_upload_and_does_not_know_it_harms_no_other(host, start, junk):
    """It was asleep: another host took the upload over, and then it goes on writing, other bytes than the file has."""
    recorded = put(host("asleep"), "a", CONTENT[:start])
    asleep = host("asleep").write("a", recorded)

    def goes_on_writing():
        with suppress(StoreError):  # it may hear of it, or not
            asleep.write(junk)
            asleep.flush()

    goes_on_writing()
    store, now = host("awake"), recorded
    for end in (start + 100, 100_000, len(CONTENT)):
        before = now
        try:
            with store.write("a", now) as awake:
                awake.write(CONTENT[now.offset : end])
                goes_on_writing()
                now = as_kept(awake.flush())
        except UploadUnknown:
            now = put(store, "a", CONTENT[:end])
        goes_on_writing()
        store.tidy("a", before, now)

    assert finish_or_begin_again(store, "a", now) == StoredObject(SHA256, len(CONTENT))

    goes_on_writing()
    asleep.close()
    assert b"".join(store.open(SHA256)) == CONTENT


def test_no_bytes_can_be_written_past_the_end_of_what_is_there(store):
    progress = put(store, "a", CONTENT[:100])
    with pytest.raises((WrongOffset, UploadUnknown)):
        store.write("a", Progress(101, progress.notes))


def test_of_an_upload_nobody_began_nothing_is_there(store):
    assert store.resume("a", Progress(100, {})).offset == 0
    assert store.resume("a", Progress(100, {"another": "store"})).offset == 0
    with pytest.raises(UploadUnknown):
        store.write("a", Progress(100, {}))


def test_a_discarded_upload_is_gone_and_may_begin_again(store):
    progress = put(store, "a", CONTENT[:100_000])
    store.discard("a", progress)
    store.discard("a", progress)
    progress = put(store, "a", CONTENT)
    assert finish(store, "a", progress, SHA256).size == len(CONTENT)


def test_discarding_an_upload_leaves_objects_alone(store, stored):
    stored(CONTENT)
    store.discard("a", put(store, "a", CONTENT, store.begin("a", len(CONTENT), SHA256)))
    assert b"".join(store.open(SHA256)) == CONTENT


def test_any_range_within_an_object_can_be_read(store, stored):
    stored(CONTENT)
    for start, end in (
        (0, None),
        (0, 1),
        (5, 10),
        (307_199, None),
        (307_200, None),
        (0, 0),
        (9, 9),
        (100, 10**9),
    ):
        with store.open(SHA256, start, end) as reading:
            assert b"".join(reading) == CONTENT[start:end]
            assert reading.length == len(CONTENT[start:end])


def test_a_range_outside_an_object_is_refused_at_once(store, stored):
    stored(CONTENT)
    for start, end in ((-1, None), (10, 9), (307_201, None), (307_201, 307_300), (0, -1)):
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


def test_an_id_that_could_leave_the_folder_is_refused(store):
    for ask in (
        lambda upload_id: store.begin(upload_id, 1),
        lambda upload_id: store.resume(upload_id, Progress()),
        lambda upload_id: store.write(upload_id, Progress()),
        lambda upload_id: store.tidy(upload_id, Progress(), Progress()),
        lambda upload_id: store.discard(upload_id, Progress()),
    ):
        for upload_id in BAD_IDS:
            with pytest.raises(ValueError):
                ask(upload_id)


def test_a_name_that_is_no_hash_is_refused(store):
    progress = store.begin("a", 10)
    for ask in (
        lambda sha256: store.begin("a", 10, sha256),
        lambda sha256: finish(store, "a", progress, sha256),
        lambda sha256: store.open(sha256),
        lambda sha256: store.exists(sha256),
        lambda sha256: store.stat(sha256),
        lambda sha256: store.put_derivative(sha256, "a.jpg", b""),
        lambda sha256: store.open_derivative(sha256, "a.jpg"),
    ):
        for sha256 in ("", "ab", SHA256.upper(), SHA256 + "\n", "../" + SHA256[3:], "g" * 64):
            with pytest.raises(ValueError):
                ask(sha256)


def test_a_derivative_with_a_name_that_could_leave_the_folder_is_refused(store, stored):
    stored(CONTENT)
    for name in ("", "../a", "a/b", "A.jpg", ".hidden", "a.b.c", "a" * 65):
        with pytest.raises(ValueError):
            store.put_derivative(SHA256, name, b"x")
        with pytest.raises(ValueError):
            store.open_derivative(SHA256, name)


def test_many_phones_finishing_the_same_bytes_at_once_make_one_object(store):
    phones = {f"phone-{n}": put(store, f"phone-{n}", CONTENT) for n in range(6)}
    together = threading.Barrier(len(phones))

    def finish_together(phone):
        together.wait()
        return finish(store, phone, phones[phone], SHA256)

    with ThreadPoolExecutor(len(phones)) as pool:
        assert set(pool.map(finish_together, phones)) == {StoredObject(SHA256, len(CONTENT))}
    for phone, progress in phones.items():
        store.discard(phone, progress)
    assert b"".join(store.open(SHA256)) == CONTENT


def test_different_uploads_grow_at_once_without_touching_each_other(store):
    contents = {f"phone-{n}": bytes([n]) * 100_000 for n in range(6)}

    def upload(item):
        phone, content = item
        progress = store.begin(phone, len(content))
        for at in range(0, len(content), 40_000):
            progress = put(store, phone, content[at : at + 40_000], progress)
        return finish(store, phone, progress)

    with ThreadPoolExecutor(6) as pool:
        objects = list(pool.map(upload, contents.items()))
    for content, found in zip(contents.values(), objects, strict=True):
        assert b"".join(store.open(found.sha256)) == content
