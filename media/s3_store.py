"""A store in a bucket of any S3-compatible service; uploads grow on a local disk until they are whole."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from media.bucket import Bucket, BucketObjects
from media.local_store import DEFAULT_RESERVE_BYTES
from media.staged_writing import StagedWriting
from media.staging import Staging
from media.store import Progress, object_key


class S3Store(BucketObjects):
    """A `Store` whose objects are in a bucket.

    Uploads grow in the folder `staging`, which all processes that serve one upload share. A finished object
    is read back and hashed before its upload is forgotten.
    """

    def __init__(self, bucket: Bucket, *, staging: Path, reserve_bytes: int = DEFAULT_RESERVE_BYTES) -> None:
        super().__init__(bucket)
        self._staging = Staging(staging, reserve_bytes)

    def begin(self, upload_id: str, most: int, sha256: str | None = None) -> Progress:  # noqa: ARG002
        """See `Store.begin`."""
        return self._staging.begin(upload_id, sha256)

    def resume(self, upload_id: str, progress: Progress) -> Progress:
        """See `Store.resume`."""
        return self._staging.resume(upload_id, progress)

    def write(self, upload_id: str, progress: Progress, *, hold_back: bool = False) -> StagedWriting:
        """See `Store.write`."""
        return StagedWriting(self._staging, upload_id, progress, self._place, hold_back=hold_back)

    def tidy(self, upload_id: str, before: Progress, now: Progress) -> None:
        """See `Store.tidy`."""
        self._staging.tidy(upload_id, before, now)

    def discard(self, upload_id: str, progress: Progress) -> None:
        """See `Store.discard`."""
        self._staging.discard(upload_id, progress)

    def free_space(self) -> int:
        """See `Store.free_space`; it is the staging folder that fills up, a bucket does not say."""
        return self._staging.free_space()

    def stale_uploads(self, before: datetime) -> Iterator[str]:
        """See `Listing.stale_uploads`."""
        return self._staging.stale(before)

    def forget_upload(self, upload_id: str) -> None:
        """See `Listing.forget_upload`."""
        self._staging.forget(upload_id)

    def _place(self, _path: Path, descriptor: int, sha256: str, size: int) -> None:
        if not self.exists(sha256):
            with os.fdopen(os.dup(descriptor), "rb") as file:
                file.seek(0)
                self._bucket.put(object_key(sha256), file, size)
        self.check_what_is_stored(sha256, size)
