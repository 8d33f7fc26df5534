"""What only a disk can do: keep, crash, and be full."""

import errno
import hashlib
import os
import resource
import subprocess
import sys
import textwrap

import pytest

from media import LocalStore, MemoryStore, ObjectUnknown, StoreFull, StoreUnavailable, UploadUnknown

CONTENT = b"boundary marker" * 5000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def upload(store, upload_id, content=CONTENT):
    store.begin(upload_id)
    store.append(upload_id, 0, [content], len(content))


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_object_is_one_file_under_its_hash_and_nothing_else_is_left(local_store, tmp_path):
    for phone in ("a", "b"):
        upload(local_store, phone)
        local_store.finish(phone, SHA256)
    assert files_below(tmp_path / "media") == [f"objects/{SHA256[:2]}/{SHA256[2:4]}/{SHA256}"]


def test_the_first_copy_of_an_object_stays_when_the_same_bytes_come_again(local_store, tmp_path):
    upload(local_store, "a")
    local_store.finish("a", SHA256)
    path = tmp_path / "media" / "objects" / SHA256[:2] / SHA256[2:4] / SHA256
    before = path.stat().st_ino
    upload(local_store, "b")
    local_store.finish("b", SHA256)
    assert path.stat().st_ino == before


def test_everything_is_there_after_a_restart(local_store, tmp_path):
    upload(local_store, "a")
    local_store.finish("a", SHA256)
    upload(local_store, "b", b"half")
    again = LocalStore(tmp_path / "media", reserve_bytes=0)
    assert b"".join(again.open(SHA256)) == CONTENT
    assert again.size("b") == 4


def test_an_upload_written_after_a_crash_at_its_finish_does_not_touch_the_object(local_store, tmp_path):
    upload(local_store, "a")
    path = tmp_path / "media" / "objects" / SHA256[:2] / SHA256[2:4] / SHA256
    path.parent.mkdir(parents=True)
    path.hardlink_to(tmp_path / "media" / "uploads" / "a")  # named, and then the power went
    local_store.append("a", 10, [b"other bytes"], 11)
    assert b"".join(local_store.open(SHA256)) == CONTENT
    assert local_store.size("a") == 21


def test_a_finish_repeated_after_a_crash_ends_the_upload(local_store, tmp_path):
    upload(local_store, "a")
    path = tmp_path / "media" / "objects" / SHA256[:2] / SHA256[2:4] / SHA256
    path.parent.mkdir(parents=True)
    path.hardlink_to(tmp_path / "media" / "uploads" / "a")
    assert local_store.finish("a", SHA256).size == len(CONTENT)
    assert files_below(tmp_path / "media" / "uploads") == []


def test_a_damaged_object_is_reported_and_the_good_bytes_are_kept(local_store, tmp_path):
    upload(local_store, "a")
    local_store.finish("a", SHA256)
    path = tmp_path / "media" / "objects" / SHA256[:2] / SHA256[2:4] / SHA256
    os.truncate(path, 100)
    upload(local_store, "b")
    with pytest.raises(StoreUnavailable, match="damaged"):
        local_store.finish("b", SHA256)
    assert local_store.size("b") == len(CONTENT)


def test_an_object_cut_while_it_is_read_is_an_error_and_not_a_short_answer(local_store, tmp_path):
    content = b"x" * 1_000_000
    sha256 = hashlib.sha256(content).hexdigest()
    upload(local_store, "a", content)
    local_store.finish("a", sha256)
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
        local_store.append("a", 0, [b"evil"], 4)
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
        store.begin("a")


def test_an_upload_stops_at_the_reserve_and_keeps_what_it_has(tmp_path):
    store = LocalStore(tmp_path / "media", reserve_bytes=0)
    upload(store, "a", b"kept")
    disk = os.statvfs(tmp_path)
    full = LocalStore(tmp_path / "media", reserve_bytes=disk.f_frsize * disk.f_blocks + 1)
    with pytest.raises(StoreFull):
        full.append("a", 4, [b"more"], 4)
    assert full.size("a") == 4
    store.append("a", 4, [b"more"], 4)
    assert store.finish("a", hashlib.sha256(b"keptmore").hexdigest()).size == 8


FULL_DISK = """
    import hashlib, resource, sys
    from pathlib import Path
    from media import LocalStore, StoreFull, StoreError

    store = LocalStore(Path(sys.argv[1]), reserve_bytes=0)
    content = bytes(range(256)) * 1000
    sha256 = hashlib.sha256(content).hexdigest()
    store.begin("a")
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_001, resource.RLIM_INFINITY))
    pieces = [content[at : at + 30_000] for at in range(0, len(content), 30_000)]
    try:
        store.append("a", 0, pieces, len(content))
    except StoreFull:
        print("full at", store.size("a"))
    try:
        store.finish("a", sha256)
    except StoreError as refusal:
        print(type(refusal).__name__, store.exists(sha256))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    kept = store.size("a")
    store.append("a", kept, [content[kept:]], len(content) - kept)
    print("stored", store.finish("a", sha256).size)
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
    upload(local_store, "a")
    local_store.finish("a", SHA256)
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
    store.begin("a")
    with pytest.raises(StoreFull):
        store.append("a", 0, [b"12345", b"67890", b"1"], 11)
    assert store.size("a") == 10
    assert store.free_space() == 0
    store.discard("a")
    assert store.free_space() == 10


def test_a_lost_upload_file_is_an_unknown_upload(local_store, tmp_path):
    upload(local_store, "a")
    (tmp_path / "media" / "uploads" / "a").unlink()
    with pytest.raises(UploadUnknown):
        local_store.append("a", 0, [b"x"], 1)
    with pytest.raises(ObjectUnknown):
        local_store.stat(SHA256)
