"""The half of a `Store` in which uploads grow in files of a local disk until they are whole."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime

from media.staged_writing import StagedWriting, Whole
from media.staging import Staging
from media.store import Progress


class StagedUploads(ABC):
    """Uploads in a folder that all processes share which serve one; `place` says where a whole one goes."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging

    @abstractmethod
    def place(self, whole: Whole) -> None:
        """Make an object of a file, see `staged_writing.Place`."""

    def begin(self, upload_id: str, most: int, sha256: str | None = None) -> Progress:  # noqa: ARG002
        """See `Store.begin`."""
        return self._staging.begin(upload_id, sha256)

    def resume(self, upload_id: str, progress: Progress) -> Progress:
        """See `Store.resume`."""
        return self._staging.resume(upload_id, progress)

    def write(self, upload_id: str, progress: Progress, *, hold_back: bool = False) -> StagedWriting:
        """See `Store.write`."""
        return StagedWriting(self._staging, upload_id, progress, self.place, hold_back=hold_back)

    def tidy(self, upload_id: str, before: Progress, now: Progress) -> None:
        """See `Store.tidy`."""
        self._staging.tidy(upload_id, before, now)

    def discard(self, upload_id: str, progress: Progress) -> None:
        """See `Store.discard`."""
        self._staging.discard(upload_id, progress)

    def free_space(self) -> int:
        """See `Store.free_space`; it is this folder's disk that fills up, a bucket does not say."""
        return self._staging.free_space()

    def stale_uploads(self, before: datetime) -> Iterator[str]:
        """See `Listing.stale_uploads`."""
        return self._staging.stale(before)

    def forget_upload(self, upload_id: str) -> None:
        """See `Listing.forget_upload`."""
        self._staging.forget(upload_id)
