"""A store in a bucket of any S3-compatible service, in which uploads grow too: for hosts that share no folder."""

import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from media.bucket import Bucket, BucketObjects
from media.local_store import DEFAULT_RESERVE_BYTES
from media.parts_writing import PartsWriting, own_key, tail_key
from media.running_hash import CARRIES
from media.spool import Spool
from media.staging import disk_errors
from media.store import Progress, check_sha256, check_upload_id, is_upload_id, object_key
from media.store_refusals import StoreUnavailable, UploadUnknown

#: Services take at least 5 MiB for a part, and 10,000 parts.
PART_SIZE: Final = 8 * 1024 * 1024
_MOST_PARTS: Final = 9000
#: Parts in memory at once, in one process.
_PARTS_AT_ONCE: Final = 4


class S3MultipartStore(BucketObjects):
    """A `Store` that keeps all it has in a bucket; `spool` is a folder for what one request has brought so far.

    An upload grows as a multipart upload: every part but the last has the same size, and what does not fill one yet is
    an object of its own, its tail, under a name that is never used twice. Nothing is asked of the service that
    is not in the notes: no list of parts, no list of uploads.

    Notes: `part`, the size of a part; `key`, what the parts become; `parts`, the service's id of the multipart
    upload, once there is one; `tags`, the tag of each part; `tail`, its name and size, when there is one;
    `sha256`, where the hash stands.

    A multipart upload must name its object before its bytes are known. One that promised a hash goes to the object of
    that hash, and is completed only when what was sent has it. One that promised none goes to a key of its own, and
    is put under its hash from there.
    """

    def __init__(
        self,
        bucket: Bucket,
        *,
        spool: Path | None = None,
        reserve_bytes: int = DEFAULT_RESERVE_BYTES,
        part_size: int = PART_SIZE,
    ) -> None:
        if not CARRIES:
            # The parts of an upload can not be read before it is whole: their hash has to be carried along.
            raise StoreUnavailable("uploads can not grow in a bucket here: OpenSSL's SHA-256 is missing")
        super().__init__(bucket)
        self._folder = spool or Path(tempfile.gettempdir())
        self._reserve_bytes = reserve_bytes
        self._part_size = part_size
        with disk_errors():
            self._folder.mkdir(parents=True, exist_ok=True)
        self._parts_at_once = threading.BoundedSemaphore(_PARTS_AT_ONCE)

    def begin(self, upload_id: str, most: int, sha256: str | None = None) -> Progress:
        """See `Store.begin`. Nothing is asked of the bucket before there are bytes."""
        check_upload_id(upload_id)
        if sha256 is not None:
            check_sha256(sha256)
        size = max(self._part_size, -(-most // _MOST_PARTS))
        return Progress(0, {"part": size, "key": object_key(sha256) if sha256 else own_key(upload_id)})

    def resume(self, upload_id: str, progress: Progress) -> Progress:
        """See `Store.resume`. A bucket forgets nothing by itself; if it was made to, writing will tell."""
        return progress if "part" in progress.notes else self.begin(upload_id, 0)

    def write(self, upload_id: str, progress: Progress, *, hold_back: bool = False) -> PartsWriting:
        """See `Store.write`.

        An earlier writer may still put parts under numbers of ours. Then the tags in the notes are no longer those
        of the bucket, which therefore refuses to complete them, and the upload is lost: never wrong.
        """
        check_upload_id(upload_id)
        if progress.offset and "part" not in progress.notes:
            raise UploadUnknown(upload_id)
        return PartsWriting(
            self._bucket,
            self,
            Spool(self._folder, self._reserve_bytes),
            self._parts_at_once,
            upload_id,
            self.resume(upload_id, progress),
            hold_back=hold_back,
        )

    def tidy(self, upload_id: str, before: Progress, now: Progress) -> None:
        """See `Store.tidy`."""
        self._forget(upload_id, before.notes, now.notes)

    def discard(self, upload_id: str, progress: Progress) -> None:
        """See `Store.discard`."""
        self._forget(upload_id, progress.notes, {})
        if progress.notes.get("key") == own_key(upload_id):
            self._bucket.remove(own_key(upload_id))

    def free_space(self) -> int:
        """See `Store.free_space`; a bucket does not say. The spool needs room for a part."""
        with disk_errors():
            free = shutil.disk_usage(self._folder).free - self._reserve_bytes
        return sys.maxsize if free > self._part_size else 0

    def stale_uploads(self, before: datetime) -> Iterator[str]:
        """See `Listing.stale_uploads`. Parts alone are not listed: the service's own rule ends them, see docs/storage.md."""
        for prefix in ("uploads/", "tails/"):
            for key, _, written_at in self._bucket.list(prefix):
                upload_id = key.removeprefix(prefix).partition(".")[0]
                if written_at < before and is_upload_id(upload_id):
                    yield upload_id

    def forget_upload(self, upload_id: str) -> None:
        """See `Listing.forget_upload`."""
        check_upload_id(upload_id)
        for key, _, _ in list(self._bucket.list(f"tails/{upload_id}.")):
            self._bucket.remove(key)
        self._bucket.remove(own_key(upload_id))

    def _forget(self, upload_id: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        check_upload_id(upload_id)
        if "tail" in before and before["tail"] != now.get("tail"):
            self._bucket.remove(tail_key(upload_id, before["tail"]["name"]))
        if "parts" in before and before["parts"] != now.get("parts"):
            self._bucket.abort_parts(before["key"], before["parts"])
