"""A store in a bucket of any S3-compatible service; uploads grow on a local disk until they are whole."""

import os
from pathlib import Path

from media.bucket import Bucket, BucketObjects
from media.local_store import DEFAULT_RESERVE_BYTES
from media.staged_uploads import StagedUploads
from media.staged_writing import Whole
from media.staging import Staging
from media.store import object_key


class S3Store(StagedUploads, BucketObjects):
    """A `Store` whose objects are in a bucket.

    Uploads grow in the folder `staging`, which all processes that serve one upload share. A finished object
    is read back and hashed before its upload is forgotten.
    """

    def __init__(self, bucket: Bucket, *, staging: Path, reserve_bytes: int = DEFAULT_RESERVE_BYTES) -> None:
        StagedUploads.__init__(self, Staging(staging, reserve_bytes))
        BucketObjects.__init__(self, bucket)

    def place(self, whole: Whole) -> None:
        """See `StagedUploads.place`."""
        if not self.exists(whole.sha256):
            with os.fdopen(os.dup(whole.descriptor), "rb") as file:
                file.seek(0)
                self._bucket.put(object_key(whole.sha256), file, whole.size)
        self.check_what_is_stored(whole.sha256, whole.size)
