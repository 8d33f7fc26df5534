"""A bucket of an S3-compatible service, and what such services say when something is wrong.

All that is known of the client's insides is here: it has the calls of multipart uploads, under private names.
"""

import hashlib
import io
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, BinaryIO, Final

import urllib3
from minio import Minio
from minio.datatypes import Part
from minio.error import InvalidResponseError, MinioException, S3Error

from media.reading import Readable, Reading
from media.store import (
    StoredObject,
    as_file,
    check_shelf,
    clamp_range,
    damaged_key,
    derivative_key,
    object_at,
    object_key,
    original_at,
)
from media.store_refusals import ObjectUnknown, StoreFull, StoreUnavailable, UploadUnknown

#: A phone waits for the answer: a service that takes no connection in 3 s, or is silent for 30 s, is down.
_TIMEOUT: Final = urllib3.Timeout(connect=3, read=30)
_RETRIES: Final = urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504))
#: Files that are put whole travel in parts of this size, one after the other: so much memory for each.
_PART_SIZE: Final = 16 * 1024 * 1024
#: Seconds between the questions for an object that was just put.
_PAUSES: Final = (0.05, 0.2, 0.5, 1.0)
_MISSING: Final = frozenset({"NoSuchKey", "NoSuchObject"})
_FULL: Final = frozenset({"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"})
_FULL_STATUS: Final = 507
#: What a multipart upload ends with that is gone, or whose parts are not those that were written down.
_LOST: Final = frozenset({"NoSuchUpload", "InvalidPart", "InvalidPartOrder"})
_CODE: Final = re.compile(r"<Code>\s*(\w+)\s*</Code>")


@contextmanager
def service_errors(lost: frozenset[str] = _LOST) -> Iterator[None]:
    """Turn what the service says into `ObjectUnknown`, `UploadUnknown`, `StoreFull` or `StoreUnavailable`.

    Some services answer in `text/xml`, which the client takes for no answer at all: then the code is read here.
    """
    try:
        yield
    except S3Error as error:
        raise _refusal(error.code, lost, f"{error.code}: {error.message}") from error
    except InvalidResponseError as error:
        status, body = error._code, str(error._body)  # noqa: SLF001 - it has no other way to tell
        code = _CODE.search(body)
        if status == _FULL_STATUS:
            raise StoreFull(body) from error
        raise _refusal(code[1] if code else "", lost, str(error)) from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StoreUnavailable(str(error)) from error


def _refusal(code: str | None, lost: frozenset[str], message: str) -> Exception:
    if code in _MISSING:
        return ObjectUnknown(message)
    if code in lost:
        return UploadUnknown(message)
    return StoreFull(message) if code in _FULL else StoreUnavailable(message)


class Bucket:
    """The bucket `name` (which exists) at `endpoint` (`host:port`). Raises what `service_errors` says."""

    def __init__(
        self,
        endpoint: str,
        access_key: str,
        secret_key: str,
        name: str,
        *,
        secure: bool = True,
        region: str | None = None,
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
        self._name = name

    def put(self, key: str, content: Readable, size: int) -> None:
        """Put `size` bytes under a key, in place of what is there."""
        with service_errors():
            self._client.put_object(
                self._name, key, content, size, part_size=_PART_SIZE, num_parallel_uploads=1
            )

    def size(self, key: str) -> int:
        """Bytes under a key. Raises `ObjectUnknown`."""
        with service_errors():
            return int(self._client.stat_object(self._name, key).size)

    def open(self, key: str, start: int = 0, end: int | None = None) -> Reading:
        """See `Store.open`."""
        first, last = clamp_range(start, end, self.size(key))
        if first == last:  # the client takes a length of 0 for "to the end"
            return Reading(io.BytesIO(), 0, lambda: None)
        with service_errors():
            response = self._client.get_object(self._name, key, offset=first, length=last - first)

        def close() -> None:
            response.close()
            response.release_conn()

        return Reading(response, last - first, close)

    def list(self, prefix: str) -> Iterator[tuple[str, int, datetime]]:
        """Key, bytes and moment of writing (aware) of all that is below a prefix."""
        with service_errors():
            for each in self._client.list_objects(self._name, prefix, recursive=True):
                yield str(each.object_name), int(each.size), each.last_modified

    def remove(self, key: str) -> None:
        """Remove what is under a key; no error when nothing is."""
        with service_errors(), suppress(ObjectUnknown):
            self._client.remove_object(self._name, key)

    def begin_parts(self, key: str) -> str:
        """Begin a multipart upload to a key, and answer its id."""
        with service_errors():
            return str(self._client._create_multipart_upload(self._name, key, {}))  # noqa: SLF001

    def put_part(self, key: str, parts_id: str, number: int, content: bytes) -> str:
        """Put a part, the first of which is number 1, and answer its tag.

        Raises `UploadUnknown` when the upload is gone, or has another part of this number that can not be replaced.
        """
        with service_errors(_LOST | {"NotImplemented"}):
            return str(
                self._client._upload_part(self._name, key, content, None, parts_id, number)  # noqa: SLF001
            )

    def complete_parts(self, key: str, parts_id: str, tags: Sequence[str]) -> None:
        """Make the object of the parts with these tags, and of no others.

        Raises `UploadUnknown` when the upload is gone (it may have been completed) or has other parts.
        """
        parts = [Part(number, tag) for number, tag in enumerate(tags, 1)]
        with service_errors():
            self._client._complete_multipart_upload(self._name, key, parts_id, parts)  # noqa: SLF001

    def abort_parts(self, key: str, parts_id: str) -> None:
        """Forget a multipart upload; no error when there is none."""
        with suppress(UploadUnknown), service_errors():
            self._client._abort_multipart_upload(self._name, key, parts_id)  # noqa: SLF001


class BucketObjects:
    """The half of a `Store` that knows objects and derivatives, in a bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def open(self, sha256: str, start: int = 0, end: int | None = None) -> Reading:
        """See `Store.open`."""
        return self._bucket.open(object_key(sha256), start, end)

    def exists(self, sha256: str) -> bool:
        """See `Store.exists`."""
        try:
            self.stat(sha256)
        except ObjectUnknown:
            return False
        return True

    def stat(self, sha256: str) -> StoredObject:
        """See `Store.stat`."""
        return StoredObject(sha256, self._bucket.size(object_key(sha256)))

    def put_derivative(self, sha256: str, name: str, content: bytes | BinaryIO) -> None:
        """See `Store.put_derivative`."""
        key = derivative_key(sha256, name)
        self.stat(sha256)
        self._bucket.put(key, *as_file(content))

    def open_derivative(self, sha256: str, name: str, start: int = 0, end: int | None = None) -> Reading:
        """See `Store.open_derivative`."""
        return self._bucket.open(derivative_key(sha256, name), start, end)

    def discard_derivative(self, sha256: str, name: str) -> None:
        """See `Store.discard_derivative`."""
        self._bucket.remove(derivative_key(sha256, name))

    def objects(self, shelf: str) -> Iterator[StoredObject]:
        """See `Listing.objects`."""
        check_shelf(shelf)
        for key, size, _ in self._bucket.list(f"objects/{shelf}/"):
            if sha256 := object_at(key):
                yield StoredObject(sha256, size)

    def set_aside(self, sha256: str) -> None:
        """See `Listing.set_aside`."""
        key = object_key(sha256)
        with suppress(ObjectUnknown), self._bucket.open(key) as reading:
            self._bucket.put(damaged_key(sha256), reading, reading.length)
        self._bucket.remove(key)

    def discard_orphans(self, shelf: str, before: datetime) -> int:
        """See `Listing.discard_orphans`."""
        check_shelf(shelf)
        discarded = 0
        for key, _, written_at in list(self._bucket.list(f"derivatives/{shelf}/")):
            original = original_at(key)
            if original and written_at < before and not self.exists(original):
                self._bucket.remove(key)
                discarded += 1
        return discarded

    def check_what_is_stored(self, sha256: str, size: int) -> None:
        """Read an object back and hash it: few services check what they are sent. Raises `StoreUnavailable`.

        Where somebody puts the same bytes at the same moment, some services have neither for a while.
        """
        digest = hashlib.sha256()
        with self._open_when_there(sha256) as reading:
            for piece in reading:
                digest.update(piece)
        if reading.length != size or digest.hexdigest() != sha256:
            message = f"the bucket gave back other bytes for {sha256}; the upload is kept"
            raise StoreUnavailable(message)

    def _open_when_there(self, sha256: str) -> Reading:
        for pause in _PAUSES:
            with suppress(ObjectUnknown):
                return self.open(sha256)
            time.sleep(pause)
        message = f"the bucket does not give back {sha256}, which it took; the upload is kept"
        raise StoreUnavailable(message)
