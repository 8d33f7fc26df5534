"""What only a disk can do: keep, crash, and be full."""

import errno
import hashlib
import os
import resource
import stat
import subprocess
import sys
import textwrap
from contextlib import ExitStack
from pathlib import Path

import pytest

from media import (
    DigestMismatch,
    LocalStore,
    MemoryStore,
    ObjectUnknown,
    Progress,
    StoreFull,
    StoreUnavailable,
    UploadUnknown,
    staged_writing,
)
from media.running_hash import RunningHash
from tests.media.conftest import finish, put

CONTENT = b"boundary marker" * 5000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def store_whole(store, upload_id, content=CONTENT):
    progress = put(store, upload_id, content)
    finish(store, upload_id, progress, hashlib.sha256(content).hexdigest())
    store.discard(upload_id, progress)
    return progress


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_object_is_one_file_under_its_hash_and_nothing_else_is_left(local_store, tmp_path):
    for phone in ("a", "b"):
        store_whole(local_store, phone)
    assert files_below(tmp_path / "media") == [f"objects/{SHA256[:2]}/{SHA256[2:4]}/{SHA256}"]


def test_the_first_copy_of_an_object_stays_when_the_same_bytes_come_again(local_store, tmp_path):
    store_whole(local_store, "a")
    path = tmp_path / "media" / "objects" / SHA256[:2] / SHA256[2:4] / SHA256
    before = path.stat().st_ino
    store_whole(local_store, "b")
    assert path.stat().st_ino == before


def test_everything_is_there_after_a_restart(local_store, tmp_path):
    store_whole(local_store, "a")
    progress = put(local_store, "b", b"half")
    again = LocalStore(tmp_path / "media", reserve_bytes=0)
    assert b"".join(again.open(SHA256)) == CONTENT
    assert again.resume("b", progress) == progress


def test_an_upload_written_after_a_crash_at_its_finish_does_not_touch_the_object(local_store):
    progress = put(local_store, "a", CONTENT)
    finish(local_store, "a", progress, SHA256)  # named, and then the power went
    now = put(local_store, "a", b"other bytes", Progress(10, {}))
    assert b"".join(local_store.open(SHA256)) == CONTENT
    assert now.offset == 21
    assert finish(local_store, "a", now).sha256 == hashlib.sha256(CONTENT[:10] + b"other bytes").hexdigest()


def test_a_finish_repeated_after_a_crash_ends_the_upload(local_store, tmp_path):
    progress = put(local_store, "a", CONTENT)
    finish(local_store, "a", progress, SHA256)
    assert finish(local_store, "a", progress, SHA256).size == len(CONTENT)
    local_store.discard("a", progress)
    assert files_below(tmp_path / "media" / "uploads") == []


def test_a_finished_file_is_read_no_second_time(local_store, monkeypatch):
    def read_again(*_):
        raise AssertionError("the file is read again")

    monkeypatch.setattr(staged_writing.StagedWriting, "_read_digest", read_again)
    progress = put(local_store, "a", CONTENT[:30_000])
    progress = put(local_store, "a", CONTENT[30_000:], progress)
    assert finish(local_store, "a", progress, SHA256).size == len(CONTENT)


def test_a_file_is_made_durable_once_and_before_it_has_its_name(local_store, tmp_path, monkeypatch):
    target = tmp_path / "media" / "objects" / SHA256[:2] / SHA256[2:4] / SHA256
    target.parent.mkdir(parents=True)
    synced = []

    def sync(descriptor):
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            synced.append((os.fstat(descriptor).st_size, target.exists()))

    monkeypatch.setattr(os, "fsync", sync)
    progress = put(local_store, "a", CONTENT[:30_000])
    progress = put(local_store, "a", CONTENT[30_000:], progress)
    finish(local_store, "a", progress, SHA256)
    assert synced == [(len(CONTENT), False)]


def test_of_files_that_end_together_no_name_is_made_before_all_bytes_are_durable_and_every_new_name_is(
    local_store, tmp_path, monkeypatch
):
    objects = tmp_path / "media" / "objects"
    events = []

    def sync(descriptor):
        name = Path(f"/proc/self/fd/{descriptor}").readlink()
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        events.append((name if is_folder else None, len(list(objects.glob("*/*/*")))))

    monkeypatch.setattr(os, "fsync", sync)
    with ExitStack() as stack:
        writings = []
        for name in ("a", "b", "c"):
            writings.append(stack.enter_context(local_store.write(name, local_store.begin(name, 100))))
            writings[-1].write(name.encode() * 100)
        found = local_store.finish_together(writings)

    shelves = [objects / each.sha256[:2] / each.sha256[2:4] for each in found]
    assert events[:3] == [(None, 0)] * 3
    assert all(count == 3 for _, count in events[3:])
    named = [*shelves, *(shelf.parent for shelf in shelves), objects, objects.parent]
    assert sorted(folder for folder, _ in events[3:]) == sorted(set(named))


@pytest.mark.parametrize("lost", ["the machine started anew", "the note is spoilt", "nothing was noted"])
def test_a_hash_that_may_not_be_that_of_the_disk_is_taken_again(local_store, tmp_path, lost):
    """After a loss of power a file may be as long as it should and hold something else."""
    progress = put(local_store, "a", CONTENT[:30_000])
    notes = {
        "the machine started anew": {**progress.notes, "boot": "another"},
        "the note is spoilt": {**progress.notes, "sha256": {"words": "", "rest": ""}},
        "nothing was noted": {},
    }[lost]
    with (tmp_path / "media" / "uploads" / "a").open("r+b") as file:
        file.write(b"\0" * 4096)
    progress = put(local_store, "a", CONTENT[30_000:], Progress(30_000, notes))
    with pytest.raises(DigestMismatch) as refusal:
        finish(local_store, "a", progress, SHA256)
    assert refusal.value.actual == hashlib.sha256(b"\0" * 4096 + CONTENT[4096:]).hexdigest()


def test_a_mismatch_is_believed_only_when_the_disk_says_so_too(local_store):
    progress = put(local_store, "a", CONTENT)
    wrong = RunningHash()
    wrong.update(b"?" * len(CONTENT))
    spoilt = Progress(progress.offset, {**progress.notes, "sha256": wrong.note()})
    assert finish(local_store, "a", spoilt, SHA256).sha256 == SHA256


def test_a_loss_of_power_that_took_the_end_of_a_file_is_found_out(local_store, tmp_path):
    progress = put(local_store, "a", CONTENT[:30_000])
    os.truncate(tmp_path / "media" / "uploads" / "a", 20_000)
    there = local_store.resume("a", progress)
    assert there.offset == 20_000
    progress = put(local_store, "a", CONTENT[20_000:], there)
    assert finish(local_store, "a", progress, SHA256).size == len(CONTENT)


def test_a_writer_finds_the_file_of_another_locked_and_goes_on_in_a_copy(local_store, tmp_path):
    recorded = put(local_store, "a", CONTENT[:10_000])
    with local_store.write("a", recorded):
        now = put(local_store, "a", CONTENT[10_000:20_000], recorded)
    assert len(files_below(tmp_path / "media" / "uploads")) == 2
    local_store.tidy("a", recorded, now)
    assert len(files_below(tmp_path / "media" / "uploads")) == 1
    store_is_whole = put(local_store, "a", CONTENT[20_000:], now)
    assert finish(local_store, "a", store_is_whole, SHA256).size == len(CONTENT)


def test_a_damaged_object_is_reported_and_the_good_bytes_are_kept(local_store, tmp_path):
    store_whole(local_store, "a")
    path = tmp_path / "media" / "objects" / SHA256[:2] / SHA256[2:4] / SHA256
    os.truncate(path, 100)
    progress = put(local_store, "b", CONTENT)
    with pytest.raises(StoreUnavailable, match="damaged"):
        finish(local_store, "b", progress, SHA256)
    assert local_store.resume("b", progress) == progress


def test_an_object_cut_while_it_is_read_is_an_error_and_not_a_short_answer(local_store, tmp_path):
    content = b"x" * 1_000_000
    sha256 = hashlib.sha256(content).hexdigest()
    store_whole(local_store, "a", content)
    reading = local_store.open(sha256)
    next(reading)
    os.truncate(tmp_path / "media" / "objects" / sha256[:2] / sha256[2:4] / sha256, 300_000)
    with pytest.raises(StoreUnavailable, match="missing"):
        list(reading)


def test_a_link_planted_among_the_uploads_is_not_followed(local_store, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"untouched")
    (tmp_path / "media" / "uploads" / "a").symlink_to(victim)
    with pytest.raises(StoreUnavailable):
        put(local_store, "a", b"evil")
    assert victim.read_bytes() == b"untouched"


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        LocalStore(tmp_path / "file" / "media")


def test_the_reserve_is_left_free(tmp_path):
    disk = os.statvfs(tmp_path)
    store = LocalStore(tmp_path / "media", reserve_bytes=disk.f_frsize * disk.f_blocks + 1)
    assert store.free_space() == 0
    with pytest.raises(StoreFull):
        store.begin("a", 1)


def test_an_upload_stops_at_the_reserve_and_keeps_what_it_has(tmp_path):
    store = LocalStore(tmp_path / "media", reserve_bytes=0)
    progress = put(store, "a", b"kept")
    disk = os.statvfs(tmp_path)
    full = LocalStore(tmp_path / "media", reserve_bytes=disk.f_frsize * disk.f_blocks + 1)
    with pytest.raises(StoreFull):
        put(full, "a", b"more", progress)
    assert full.resume("a", progress) == progress
    progress = put(store, "a", b"more", progress)
    assert finish(store, "a", progress, hashlib.sha256(b"keptmore").hexdigest()).size == 8


FULL_DISK = """
    import hashlib, resource, sys
    from pathlib import Path
    from media import LocalStore, StoreFull, StoreError

    store = LocalStore(Path(sys.argv[1]), reserve_bytes=0)
    content = bytes(range(256)) * 1000
    sha256 = hashlib.sha256(content).hexdigest()
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_001, resource.RLIM_INFINITY))
    with store.write("a", store.begin("a", len(content), sha256)) as writing:
        try:
            for at in range(0, len(content), 30_000):
                writing.write(content[at : at + 30_000])
        except StoreFull:
            print("full at", writing.flush().offset)
        try:
            writing.finish(sha256)
        except StoreError as refusal:
            print(type(refusal).__name__, store.exists(sha256))
        kept = writing.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with store.write("a", kept) as writing:
        writing.write(content[kept.offset :])
        print("stored", writing.finish(sha256).size)
"""


def test_a_write_the_system_cuts_in_the_middle_keeps_every_byte_and_is_called_full(tmp_path):
    """The kernel itself refuses to write on, in the middle of the fourth piece, as a full disk does."""
    program = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL_DISK), tmp_path / "media"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert program.stdout.splitlines() == ["full at 100001", "DigestMismatch False", "stored 256000"]


def test_a_derivative_that_does_not_fit_leaves_the_old_one_whole(local_store, tmp_path):
    store_whole(local_store, "a")
    local_store.put_derivative(SHA256, "thumbnail.jpg", b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(StoreFull) as refusal:
            local_store.put_derivative(SHA256, "thumbnail.jpg", b"n" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert refusal.value.__cause__.errno == errno.EFBIG
    assert b"".join(local_store.open_derivative(SHA256, "thumbnail.jpg")) == b"old"
    folder = tmp_path / "media" / "derivatives" / SHA256[:2] / SHA256[2:4] / SHA256
    assert files_below(folder) == ["thumbnail.jpg"]


def test_the_memory_store_is_full_at_its_capacity():
    store = MemoryStore(capacity=10)
    with store.write("a", store.begin("a", 11)) as writing:
        writing.write(b"12345")
        writing.write(b"67890")
        with pytest.raises(StoreFull):
            writing.write(b"1")
        assert writing.flush().offset == 10
    assert store.free_space() == 0
    store.discard("a", writing.progress)
    assert store.free_space() == 10


def test_a_lost_upload_file_is_an_unknown_upload(local_store, tmp_path):
    progress = put(local_store, "a", CONTENT)
    (tmp_path / "media" / "uploads" / "a").unlink()
    assert local_store.resume("a", progress) == Progress()
    with pytest.raises(UploadUnknown):
        put(local_store, "a", b"x", progress)
    with pytest.raises(ObjectUnknown):
        local_store.stat(SHA256)
