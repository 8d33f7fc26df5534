"""A store in a bucket of any S3-compatible service; uploads grow on a local disk until they are whole."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from media.local_store import DEFAULT_RESERVE_BYTES
from media.reading import Reading, Source
from media.staging import Staging
from media.store import StoredObject, as_file, clamp_range, derivative_key, object_key
from media.store_refusals import DigestMismatch, ObjectUnknown, StoreFull, StoreUnavailable, UploadUnknown

#: A phone waits for the answer: a service that takes no connection in 3 s, or is silent for 30 s, is down.
_TIMEOUT: Final = urllib3.Timeout(connect=3, read=30)
_RETRIES: Final = urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504))
#: Larger files travel in parts of this size, one after the other: so much memory per finishing upload.
_PART_SIZE: Final = 16 * 1024 * 1024
_MISSING: Final = frozenset({"NoSuchKey", "NoSuchObject"})
_FULL: Final = frozenset({"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"})


@contextmanager
def service_errors() -> Iterator[None]:
    """Turn what the service says into `ObjectUnknown`, `StoreFull` or `StoreUnavailable`.

    Some services answer in `text/xml`, which the client reports as an invalid response without a code; only
    requests without a body in the answer (HEAD) tell a missing object reliably. So the store asks with HEAD.
    """
    try:
        yield
    except S3Error as error:
        if error.code in _MISSING:
            raise ObjectUnknown(str(error.object_name)) from error
        kind = StoreFull if error.code in _FULL else StoreUnavailable
        raise kind(f"{error.code}: {error.message}") from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StoreUnavailable(str(error)) from error


class S3Store:
    """A `Store` whose objects are in `bucket` (which exists) at `endpoint` (`host:port`).

    Uploads grow in the folder `staging`, which all processes that serve one upload share. A finished object
    is read back and hashed before its upload is forgotten: few services check the hash they are sent.
    """

    def __init__(
        self,
        endpoint: str,
        access_key: str,
        secret_key: str,
        bucket: str,
        *,
        staging: Path,
        secure: bool = True,
        region: str | None = None,
        reserve_bytes: int = DEFAULT_RESERVE_BYTES,
    ) -> None:
        self._client: Any = Minio(
            endpoint,
            access_key=access_key,
            secret_key=secret_key,
            secure=secure,
            # A named region spares the client a request for it, which some services refuse.
            region=region or "us-east-1",
            http_client=urllib3.PoolManager(timeout=_TIMEOUT, retries=_RETRIES, maxsize=16),
        )
        self._bucket = bucket
        self._staging = Staging(staging, reserve_bytes)

    def begin(self, upload_id: str) -> None:
        """See `Store.begin`."""
        self._staging.begin(upload_id)

    def append(self, upload_id: str, offset: int, source: Source, limit: int) -> int:
        """See `Store.append`."""
        return self._staging.append(upload_id, offset, source, limit)

    def size(self, upload_id: str) -> int:
        """See `Store.size`."""
        return self._staging.size(upload_id)

    def discard(self, upload_id: str) -> None:
        """See `Store.discard`."""
        self._staging.discard(upload_id)

    def free_space(self) -> int:
        """See `Store.free_space`; it is the staging folder that fills up, a bucket does not say."""
        return self._staging.free_space()

    def finish(self, upload_id: str, sha256: str) -> StoredObject:
        """See `Store.finish`."""
        key = object_key(sha256)
        try:
            digest = self._staging.digest(upload_id)
        except UploadUnknown:
            if self.exists(sha256):
                return self.stat(sha256)
            raise
        if digest != sha256:
            raise DigestMismatch(sha256, digest)
        size = self._staging.size(upload_id)
        if not self.exists(sha256):
            with self._staging.path(upload_id).open("rb") as file:
                self._put(key, file, size)
        self._check_what_is_stored(sha256, size)
        self._staging.discard(upload_id)
        return StoredObject(sha256, size)

    def open(self, sha256: str, start: int = 0, end: int | None = None) -> Reading:
        """See `Store.open`."""
        return self._open(object_key(sha256), start, end)

    def exists(self, sha256: str) -> bool:
        """See `Store.exists`."""
        try:
            self.stat(sha256)
        except ObjectUnknown:
            return False
        return True

    def stat(self, sha256: str) -> StoredObject:
        """See `Store.stat`."""
        return StoredObject(sha256, self._size(object_key(sha256)))

    def put_derivative(self, sha256: str, name: str, content: bytes | BinaryIO) -> None:
        """See `Store.put_derivative`."""
        key = derivative_key(sha256, name)
        self.stat(sha256)
        self._put(key, *as_file(content))

    def open_derivative(self, sha256: str, name: str, start: int = 0, end: int | None = None) -> Reading:
        """See `Store.open_derivative`."""
        return self._open(derivative_key(sha256, name), start, end)

    def discard_derivative(self, sha256: str, name: str) -> None:
        """See `Store.discard_derivative`."""
        with service_errors(), suppress(ObjectUnknown):
            self._client.remove_object(self._bucket, derivative_key(sha256, name))

    def _put(self, key: str, content: BinaryIO, size: int) -> None:
        with service_errors():
            self._client.put_object(
                self._bucket, key, content, size, part_size=_PART_SIZE, num_parallel_uploads=1
            )

    def _size(self, key: str) -> int:
        with service_errors():
            return int(self._client.stat_object(self._bucket, key).size)

    def _open(self, key: str, start: int, end: int | None) -> Reading:
        first, last = clamp_range(start, end, self._size(key))
        if first == last:  # the client takes a length of 0 for "to the end"
            return Reading(io.BytesIO(), 0, lambda: None)
        with service_errors():
            response = self._client.get_object(self._bucket, key, offset=first, length=last - first)

        def close() -> None:
            response.close()
            response.release_conn()

        return Reading(response, last - first, close)

    def _check_what_is_stored(self, sha256: str, size: int) -> None:
        digest = hashlib.sha256()
        with self.open(sha256) as reading:
            for piece in reading:
                digest.update(piece)
        if reading.length != size or digest.hexdigest() != sha256:
            message = f"the bucket gave back other bytes for {sha256}; the upload is kept"
            raise StoreUnavailable(message)
