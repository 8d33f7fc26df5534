"""Receiving and finishing uploads: short transactions around the long work, which holds none.

take hold → receive → let go with what came; and when all has come: finish → settle → forget the upload.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from media import ObjectUnknown, StoreError, tus
from server.evidence import uploads
from server.evidence.grip import Dealings, log
from server.evidence.held import Held
from server.evidence.models import Upload
from server.evidence.uploads import Hold
from server.problems import UploadLocked

#: How long a request waits for the holder to let go; the holder looks up every half second.
PATIENCE: Final = 3.0
_POLL: Final = 0.05


@dataclass(frozen=True)
class Transfer(Dealings):
    """One request's dealings with uploads; it waits `patience` seconds for one that another request holds."""

    patience: float = PATIENCE

    def find(self, upload_id: UUID) -> Upload:
        """Load the upload as it stands on record. Raises as `uploads.load`."""
        with self.transaction(writing=False) as session:
            return uploads.load(session, self.actor, upload_id)

    def begin(self, length: int | None, promised: tus.Metadata, *, held: bool = False) -> Upload:
        """Begin an upload, of None bytes when its length is told later; `held` by this request unless finished.

        Raises as `uploads.begin`. What is held must go to `holding_first`.
        """
        upload = self._begin(length, promised, held=held)
        if upload.skipped and self._is_lost(str(upload.sha256), upload.offset):
            upload = self._begin(length, promised, held=held, lost=True)
        return upload

    def _begin(self, length: int | None, promised: tus.Metadata, *, held: bool, lost: bool = False) -> Upload:
        with self.transaction() as session:
            return uploads.begin(
                session,
                self.actor,
                self.store,
                length,
                promised,
                self.lasting,
                self.quota,
                self.maximum,
                held=held,
                lost=lost,
            )

    def _is_lost(self, sha256: str, size: int) -> bool:
        """Say whether the store has no longer what its row tells of; one that can't say just now is believed to have it.

        Asked outside of a transaction: a bucket may be slow.
        """
        try:
            lost = self.store.stat(sha256).size != size
        except ObjectUnknown:
            lost = True
        except StoreError:
            return False
        if lost:
            log.error("an object that has a row is lost", extra={"sha256": sha256})
        return lost

    @contextmanager
    def holding(self, upload_id: UUID, *, broken_too: bool = False) -> Iterator[Held]:
        """Hold an upload for a block; whatever happens, it is let go with what has come.

        Raises `UploadLocked` when another request does not let go in time, or took over meanwhile, and as
        `uploads.load`.
        """
        with self._until_let_go(Held(self, self._take(upload_id, broken_too=broken_too))) as held:
            held.resume()
            yield held

    def holding_first(self, upload: Upload) -> AbstractContextManager[Held]:
        """As `holding`, of an upload that this request has begun `held`."""
        return self._until_let_go(Held(self, uploads.first_hold(upload)))

    @contextmanager
    def _until_let_go(self, held: Held) -> Iterator[Held]:
        try:
            yield held
        except BaseException:
            held.let_go()
            raise
        held.let_go_or_refuse()

    def catch_up(self, upload_id: UUID) -> Upload:
        """Tell how far an upload has come, after asking whoever writes it to let go.

        One that was whole when its process died is finished first: a client that hears "all is here" deletes.
        Never refuses for being locked: a client that hears 4xx forgets the upload and starts at byte 0.
        """
        if self.find(upload_id).finished_at is None:
            with suppress(UploadLocked, tus.OffsetMismatch), self.holding(upload_id) as held:
                if held.whole:
                    held.complete()
        return self.find(upload_id)

    def _take(self, upload_id: UUID, *, broken_too: bool) -> Hold:
        """Ask whoever holds to let go, and wait for it."""
        deadline = time.monotonic() + self.patience
        while True:
            with self.transaction() as session:
                upload = uploads.load(session, self.actor, upload_id, to_write=True, broken_too=broken_too)
                hold = uploads.take(session, upload)
            if hold is not None:
                return hold
            if time.monotonic() >= deadline:
                raise UploadLocked().with_headers(Retry_After="2")
            time.sleep(_POLL)
