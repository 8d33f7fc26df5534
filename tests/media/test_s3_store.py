"""What only a bucket can do: be elsewhere, be away, and answer strangely."""

import hashlib
import socket

import pytest

from media import S3Store, StoreUnavailable

CONTENT = bytes(range(256)) * 100
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def upload(store, upload_id="a", content=CONTENT):
    store.begin(upload_id)
    store.append(upload_id, 0, [content], len(content))


@pytest.fixture
def store_at(tmp_path):
    def make(endpoint, key="inspector", secret="secret/+%", bucket="media"):
        return S3Store(
            endpoint, key, secret, bucket, staging=tmp_path / "staging", secure=False, reserve_bytes=0
        )

    return make


def test_a_finished_object_is_in_the_bucket_under_its_hash(s3_store, s3_service):
    content = b"found on the disk of the service"
    sha256 = hashlib.sha256(content).hexdigest()
    upload(s3_store, "a", content)
    s3_store.finish("a", sha256)
    found = list(s3_service.folder.rglob(sha256))
    assert [path.read_bytes() for path in found] == [content]
    assert found[0].parts[-4:-1] == ("objects", sha256[:2], sha256[2:4])


def test_a_large_object_travels_in_parts_and_arrives_whole(s3_store):
    content = bytes(range(256)) * 4096 * 17 + b"tail"  # 17 MiB and a little: two parts
    sha256 = hashlib.sha256(content).hexdigest()
    upload(s3_store, content=content)
    assert s3_store.finish("a", sha256).size == len(content)
    assert b"".join(s3_store.open(sha256, len(content) - 10)) == content[-10:]


def test_a_wrong_secret_is_unavailable_and_the_bytes_are_kept(s3_service, store_at):
    store = store_at(s3_service.endpoint, secret="wrong")
    upload(store)
    with pytest.raises(StoreUnavailable):
        store.finish("a", SHA256)
    assert store.size("a") == len(CONTENT)


def test_a_bucket_that_is_not_there_is_unavailable_and_the_bytes_are_kept(s3_service, store_at):
    store = store_at(s3_service.endpoint, bucket="no-such-bucket")
    upload(store)
    with pytest.raises(StoreUnavailable):
        store.finish("a", SHA256)
    assert store.size("a") == len(CONTENT)


def test_uploads_go_on_while_the_service_is_away(store_at):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        store = store_at(f"127.0.0.1:{unused.getsockname()[1]}")
        upload(store)
        with pytest.raises(StoreUnavailable):
            store.finish("a", SHA256)
        with pytest.raises(StoreUnavailable):
            store.exists(SHA256)
    assert store.size("a") == len(CONTENT)


def test_an_object_that_reads_back_wrong_is_not_called_stored(s3_store, s3_service):
    content = b"stored in no other test"
    sha256 = hashlib.sha256(content).hexdigest()
    upload(s3_store, "a", content)
    s3_store.finish("a", sha256)
    next(s3_service.folder.rglob(sha256)).write_bytes(b"z" * len(content))
    upload(s3_store, "b", content)
    with pytest.raises(StoreUnavailable, match="other bytes"):
        s3_store.finish("b", sha256)
    assert s3_store.size("b") == len(content)
