"""What only a bucket can do: be elsewhere, be away, be full, and answer strangely."""

import hashlib
import io
import os
import socket

import pytest
from minio.error import InvalidResponseError, S3Error
from urllib3 import HTTPResponse

from media import (
    Bucket,
    ObjectUnknown,
    Progress,
    S3MultipartStore,
    S3Store,
    StoreFull,
    StoreUnavailable,
    UploadUnknown,
)
from media.bucket import service_errors
from media.spool import Spool
from tests.media.conftest import as_kept, finish, put
from tests.s3 import PART_SIZE

CONTENT = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def in_parts(bucket, tmp_path, part_size=PART_SIZE):
    return S3MultipartStore(bucket, spool=tmp_path / "spool", reserve_bytes=0, part_size=part_size)


def staged(bucket, tmp_path):
    return S3Store(bucket, staging=tmp_path / "staging", reserve_bytes=0)


@pytest.fixture(params=[staged, in_parts])
def store_in(request, tmp_path):
    """Open a store of either kind in a bucket."""
    return lambda bucket: request.param(bucket, tmp_path)


def keys(service, name):
    return sorted(found.object_name for found in service.client().list_objects(name, recursive=True))


def test_a_finished_object_is_in_the_bucket_under_its_hash_and_nothing_else_is(s3_service, store_in):
    name = s3_service.make_bucket()
    store = store_in(s3_service.bucket(name))
    for promised in (SHA256, None):
        progress = put(store, "a", CONTENT[:100_000], store.begin("a", len(CONTENT), promised))
        now = put(store, "a", CONTENT[100_000:], progress)
        store.tidy("a", progress, now)
        finish(store, "a", now, promised)
        store.discard("a", now)
        assert keys(s3_service, name) == [f"objects/{SHA256[:2]}/{SHA256[2:4]}/{SHA256}"]


def test_a_large_object_travels_in_parts_and_arrives_whole(rclone_service, tmp_path):
    content = bytes(range(256)) * 4096 * 17 + b"tail"  # 17 MiB and a little
    sha256 = hashlib.sha256(content).hexdigest()
    for make in (staged, lambda bucket, path: in_parts(bucket, path, 8 * 1024 * 1024)):
        store = make(rclone_service.bucket(rclone_service.make_bucket()), tmp_path)
        assert finish(store, "a", put(store, "a", content), sha256).size == len(content)
        assert b"".join(store.open(sha256, len(content) - 10)) == content[-10:]


def write_and_finish(writing):
    writing.write(CONTENT)
    writing.finish(SHA256)


def test_a_wrong_secret_is_unavailable_and_nothing_is_called_stored(rclone_service, store_in):
    store = store_in(rclone_service.bucket(rclone_service.make_bucket(), secret="wrong"))
    with store.write("a", store.begin("a", len(CONTENT), SHA256)) as writing:
        with pytest.raises(StoreUnavailable):
            write_and_finish(writing)
        assert writing.progress.offset in {0, len(CONTENT)}


def test_a_bucket_that_is_not_there_is_unavailable_and_nothing_is_called_stored(s3_service, store_in):
    store = store_in(s3_service.bucket("no-such-bucket"))
    with store.write("a", store.begin("a", len(CONTENT), SHA256)) as writing:
        with pytest.raises(StoreUnavailable):
            write_and_finish(writing)
        assert writing.progress.offset in {0, len(CONTENT)}


def nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return Bucket(f"127.0.0.1:{unused.getsockname()[1]}", "key", "secret", "media", secure=False)


def test_uploads_grow_in_a_staging_folder_while_the_service_is_away(tmp_path):
    store = staged(nobody_listens(), tmp_path)
    progress = put(store, "a", CONTENT)
    with pytest.raises(StoreUnavailable):
        finish(store, "a", progress, SHA256)
    with pytest.raises(StoreUnavailable):
        store.exists(SHA256)
    assert store.resume("a", progress) == progress


def test_what_a_service_that_is_away_did_not_take_is_not_counted(tmp_path):
    store = in_parts(nobody_listens(), tmp_path)
    with store.write("a", store.begin("a", len(CONTENT))) as writing:
        with pytest.raises(StoreUnavailable):
            writing.write(CONTENT)
        with pytest.raises(StoreUnavailable):
            writing.flush()
        assert writing.progress.offset == 0


def test_an_object_that_reads_back_wrong_is_not_called_stored(rclone_service, store_in):
    name = rclone_service.make_bucket()
    store = store_in(rclone_service.bucket(name))
    finish(store, "a", put(store, "a", CONTENT), SHA256)
    file = next((rclone_service.folder / name).rglob(SHA256))
    facts = file.stat()
    file.write_bytes(b"z" * len(CONTENT))
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # a disk that rots tells nobody
    with pytest.raises(StoreUnavailable, match="other bytes"):
        finish(store, "b", put(store, "b", CONTENT), SHA256)


@pytest.mark.parametrize("misses", [1, 3, 99], ids=["for a moment", "for longer", "for good"])
def test_an_object_that_the_service_does_not_have_at_once_is_waited_for(
    s3_service, store_in, monkeypatch, misses
):
    bucket = s3_service.bucket(s3_service.make_bucket())
    store, opens, asked = store_in(bucket), bucket.open, []

    def open_late(key, *given):
        if key.startswith("objects/"):
            asked.append(key)
            if len(asked) <= misses:
                raise ObjectUnknown(key)
        return opens(key, *given)

    monkeypatch.setattr(bucket, "open", open_late)
    monkeypatch.setattr("media.bucket._PAUSES", (0.0,) * 4)
    progress = put(store, "a", CONTENT)
    if misses < 99:
        assert finish(store, "a", progress, SHA256).sha256 == SHA256
        return
    with pytest.raises(StoreUnavailable, match="does not give back"):
        finish(store, "a", progress, SHA256)
    monkeypatch.undo()
    assert finish(store, "a", progress, SHA256).sha256 == SHA256


def test_the_parts_of_a_long_request_count_while_it_lasts(s3_service, tmp_path):
    store = in_parts(s3_service.bucket(s3_service.make_bucket()), tmp_path)
    counted = []
    with store.write("a", store.begin("a", len(CONTENT))) as writing:
        for at in range(0, len(CONTENT), 50_000):
            writing.write(CONTENT[at : at + 50_000])
            counted.append(as_kept(writing.progress))
    offsets = [each.offset for each in counted]
    assert offsets == [
        (at // PART_SIZE) * PART_SIZE for at in (50_000, 100_000, 150_000, 200_000, 250_000, 256_000)
    ]

    progress = counted[2]  # the host dies here; what it sent after that comes again
    whole = put(store, "a", CONTENT[progress.offset :], progress)
    assert finish(store, "a", whole, SHA256).size == len(CONTENT)


def test_parts_are_as_large_as_the_longest_file_needs(s3_service, tmp_path):
    store = in_parts(s3_service.bucket("unused"), tmp_path, 8 * 1024 * 1024)
    sizes = [store.begin("a", most).notes["part"] for most in (1, 4 * 1024**3, 9000 * 8 * 1024**2, 10**12)]
    assert sizes == [8 * 1024**2, 8 * 1024**2, 8 * 1024**2, 111_111_112]


def test_a_small_file_is_put_once(s3_service, tmp_path):
    name = s3_service.make_bucket()
    store = in_parts(s3_service.bucket(name), tmp_path)
    content = b"a photo that comes in one request"
    sha256 = hashlib.sha256(content).hexdigest()
    with store.write("a", store.begin("a", len(content), sha256)) as writing:
        writing.write(content)
        writing.finish(sha256)
    assert writing.progress.notes.keys() == {"part", "key"}
    assert keys(s3_service, name) == [f"objects/{sha256[:2]}/{sha256[2:4]}/{sha256}"]


def test_a_tail_is_never_overwritten_and_goes_when_nobody_needs_it(s3_service, tmp_path):
    name = s3_service.make_bucket()
    store = in_parts(s3_service.bucket(name), tmp_path)
    first = put(store, "a", CONTENT[:1000])
    second = put(store, "a", CONTENT[1000:2000], first)
    again = put(store, "a", CONTENT[1000:1500], first)  # as by a host that never heard of `second`
    assert len(keys(s3_service, name)) == 3

    store.tidy("a", first, again)
    store.discard("a", second)

    assert keys(s3_service, name) == [f"tails/a.{again.notes['tail']['name']}"]
    assert put(store, "a", CONTENT[1500:], again).offset == len(CONTENT)


def test_a_host_without_room_for_a_tail_leaves_the_upload_as_it_is(s3_service, tmp_path, monkeypatch):
    store = in_parts(s3_service.bucket(s3_service.make_bucket()), tmp_path)
    progress = put(store, "a", CONTENT[:100_000])
    take, takes = Spool.append, [True, False, True, True, False]

    def full_now_and_then(spool, piece):
        if not takes.pop(0):
            raise StoreFull("the disk of this host")
        return take(spool, piece[:20_000])

    with store.write("a", progress) as writing:
        with monkeypatch.context() as patch:
            patch.setattr(Spool, "append", full_now_and_then)
            for _ in range(2):
                with pytest.raises(StoreFull):
                    writing.write(CONTENT[100_000:])
                assert as_kept(writing.flush()) == progress
        writing.write(CONTENT[100_000:])
        assert writing.finish(SHA256).size == len(CONTENT)


@pytest.mark.parametrize("lost", ["tail", "parts"])
def test_an_upload_whose_bytes_the_bucket_has_forgotten_begins_again(rclone_service, tmp_path, lost):
    """As by a rule of the bucket that removes what is old."""
    name = rclone_service.make_bucket()
    store = in_parts(rclone_service.bucket(name), tmp_path)
    progress = put(store, "a", CONTENT[:100_000])
    if lost == "tail":
        rclone_service.client().remove_object(name, f"tails/a.{progress.notes['tail']['name']}")
    else:
        rclone_service.bucket(name).abort_parts(progress.notes["key"], progress.notes["parts"])
    with pytest.raises(UploadUnknown):
        put(store, "a", CONTENT[100_000:], progress)
    assert finish(store, "a", put(store, "a", CONTENT), SHA256).size == len(CONTENT)


def test_parts_another_writer_has_overwritten_are_never_called_the_file(s3_service, tmp_path):
    store = in_parts(s3_service.bucket(s3_service.make_bucket()), tmp_path)
    recorded = put(store, "a", CONTENT[: PART_SIZE + 1], store.begin("a", len(CONTENT), SHA256))
    whole = put(store, "a", CONTENT[PART_SIZE + 1 :], recorded)
    try:
        put(store, "a", b"?" * len(CONTENT), recorded)  # part 2 again, with other bytes
    except UploadUnknown:
        pass  # a service may refuse that
    else:
        with pytest.raises(UploadUnknown):
            finish(store, "a", whole, SHA256)
    assert not store.exists(SHA256)


def test_notes_that_do_not_fit_together_are_a_lost_upload(s3_service, tmp_path):
    store = in_parts(s3_service.bucket(s3_service.make_bucket()), tmp_path)
    progress = put(store, "a", CONTENT[:100_000])
    for spoilt in ({"tags": []}, {"sha256": None}, {"tail": None}):
        with pytest.raises(UploadUnknown):
            store.write("a", Progress(progress.offset, {**progress.notes, **spoilt}))


def an_answer(status, body, content_type):
    return HTTPResponse(io.BytesIO(body), {"content-type": content_type}, status, preload_content=True)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "NoSuchKey", ObjectUnknown),
        (404, "NoSuchUpload", UploadUnknown),
        (400, "InvalidPart", UploadUnknown),
        (403, "QuotaExceeded", StoreFull),
        (507, "InsufficientStorage", StoreFull),
        (403, "AccessDenied", StoreUnavailable),
        (500, "InternalError", StoreUnavailable),
    ],
)
@pytest.mark.parametrize("dialect", ["application/xml", "text/xml"])
def test_both_dialects_of_refusals_are_understood(status, code, kind, dialect):
    body = f'<?xml version="1.0"?>\n<Error>\n  <Code>{code}</Code><Message>no</Message></Error>'.encode()
    if dialect == "application/xml":
        refusal = S3Error.fromxml(an_answer(status, body, dialect))
    else:
        refusal = InvalidResponseError(status, dialect, body.decode())
    with pytest.raises(kind), service_errors():
        raise refusal


@pytest.mark.parametrize("body", [None, "no room", "<html>"])
def test_a_service_without_room_or_words_is_full(body):
    with pytest.raises(StoreFull), service_errors():
        raise InvalidResponseError(507, "text/plain", body)
