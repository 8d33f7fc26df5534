"""Receiving and finishing uploads: short transactions around the long work, which holds none.

take hold → receive → let go with what came; and when all has come: take hold → hash and store → settle.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from media import (
    SNIFF_LENGTH,
    DigestMismatch,
    Kind,
    Store,
    StoredObject,
    StoreError,
    UploadUnknown,
    sniff,
    tus,
)
from server import clock
from server.access import Actor
from server.evidence import uploads
from server.evidence.arriving import Arriving, announced_length
from server.evidence.models import Upload
from server.evidence.uploads import Hold
from server.problems import MediaDigestMismatch, UploadInterrupted, UploadLocked

#: How long a request waits for the holder to let go; the holder looks up every half second.
PATIENCE: Final = 3.0
_POLL: Final = 0.05
_RENEWAL: Final = 2.0
_NO_CONTENT_HAS_THIS: Final = "0" * 64

Transaction = Callable[..., AbstractContextManager[Session]]


@dataclass(frozen=True)
class Transfer:
    """One request's dealings with uploads.

    `transaction(writing=…)` opens a short one; `lasting` is the time after its last byte until an upload expires;
    no upload grows beyond `maximum` bytes.
    """

    store: Store
    transaction: Transaction
    actor: Actor
    lasting: timedelta
    maximum: int = tus.MAXIMUM_SIZE
    patience: float = PATIENCE

    def find(self, upload_id: UUID) -> Upload:
        """Load the upload as it stands on record. Raises as `uploads.load`."""
        with self.transaction(writing=False) as session:
            return uploads.load(session, self.actor, upload_id)

    def begin(self, length: int | None, promised: tus.Metadata) -> Upload:
        """Begin an upload, of None bytes when its length is told later. Raises as `uploads.begin`."""
        with self.transaction() as session:
            return uploads.begin(session, self.actor, self.store, length, promised, self.lasting)

    @contextmanager
    def holding(self, upload_id: UUID, *, broken_too: bool = False) -> Iterator["Held"]:
        """Hold an upload for a block; whatever happens, it is let go with what has come.

        Raises `UploadLocked` when another request does not let go in time, and as `uploads.load`.
        """
        held = Held(self, self._take(upload_id, broken_too=broken_too))
        try:
            yield held
        finally:
            held.let_go()

    def catch_up(self, upload_id: UUID) -> Upload:
        """Tell how far an upload has come, after asking whoever writes it to let go.

        One that was whole when its process died is finished first: a client that hears "all is here" deletes.
        Never refuses for being locked: a client that hears 4xx forgets the upload and starts at byte 0.
        """
        if self.find(upload_id).finished_at is None:
            with suppress(UploadLocked), self.holding(upload_id) as held:
                if held.hold.whole:
                    held.complete()
        return self.find(upload_id)

    def _take(self, upload_id: UUID, *, broken_too: bool) -> Hold:
        """Ask whoever holds to let go, and wait for it.

        The hold's offset is what is acknowledged *and* there: after a loss of power the store may have less.
        """
        deadline = time.monotonic() + self.patience
        while True:
            with self.transaction() as session:
                upload = uploads.load(session, self.actor, upload_id, to_write=True, broken_too=broken_too)
                hold = uploads.take(session, upload)
            if hold is not None:
                return hold if hold.whole else replace(hold, offset=min(hold.offset, self._there(hold)))
            if time.monotonic() >= deadline:
                raise UploadLocked().with_headers(Retry_After="2")
            time.sleep(_POLL)

    def _there(self, hold: Hold) -> int:
        try:
            return self.store.size(hold.name)
        except UploadUnknown:
            self.store.begin(hold.name)
            return 0


class Held:
    """An upload in the hands of this request."""

    def __init__(self, transfer: Transfer, hold: Hold) -> None:
        self.hold = hold
        self._transfer = transfer
        self._holds = True
        self._renewed_at = time.monotonic()

    def learn_length(self, length: int, announced: int | None) -> None:
        """Take the length of a file that was told after its creation; `announced` is the body that follows.

        Raises `TusError` when it is known and another, or too small for what is here or announced, and
        `StoreFull`; then nothing is changed.
        """
        hold, store = self.hold, self._transfer.store
        tus.check_length(length, hold.length, hold.offset)
        tus.remaining_bytes(hold.offset, length, announced)
        if hold.length is not None:
            return
        uploads.require_room(store, length - hold.offset)
        store.append(hold.name, hold.offset, (), 0)  # nothing that was never acknowledged may pass the end
        with self._transfer.transaction() as session:
            if not uploads.change(session, hold, length=length):
                raise UploadLocked().with_headers(Retry_After="2")
        self.hold = replace(hold, length=length)

    def receive(self, environ: dict[str, Any], checksum: tus.Checksum | None = None) -> None:
        """Append the body of a request; what came before any cut counts, and is acknowledged.

        With a `checksum` all of the body counts or nothing: it is acknowledged when it is whole and judged.
        Raises `UploadLocked` when another request asked for the upload, `UploadInterrupted` when fewer bytes
        came than were announced, `TusError` when more were announced than the upload lacks or when the
        checksum is of other bytes, `StoreError`.
        """
        start = self.hold.offset
        announced = announced_length(environ)
        limit = tus.remaining_bytes(start, self._end, announced)
        if limit == 0:  # all is here, perhaps as an object already
            if checksum:
                checksum.check(checksum.begin().digest())
            return
        if checksum is None:
            body = Arriving(environ, limit, self._look_up)
            try:
                self._transfer.store.append(self.hold.name, start, body, limit)
            finally:
                self._note_what_came()
        else:
            body = self._receive_judged(environ, checksum, limit, announced)
        headers = {"Upload_Offset": str(self.hold.offset), "Retry_After": "1"}
        if body.stopped and not self.hold.whole:
            raise UploadLocked().with_headers(**headers)
        if body.cut or (announced is not None and self.hold.offset < start + announced):
            raise UploadInterrupted().with_headers(**headers)

    def _receive_judged(
        self, environ: dict[str, Any], checksum: tus.Checksum, limit: int, announced: int | None
    ) -> Arriving:
        """Append a body and acknowledge it if it is whole and hashes to `checksum`; else take it back.

        Raises `ChecksumMismatch`, `StoreError`.
        """
        start = self.hold.offset
        body = Arriving(environ, limit, lambda _given: self._look_up(0))
        hashing = checksum.begin()
        try:
            came = self._transfer.store.append(self.hold.name, start, _hashed(body, hashing), limit)
            if came == announced or (announced is None and not body.cut):
                checksum.check(hashing.digest())
                self._note_what_came()
        except tus.ChecksumMismatch as error:
            error.headers["Upload-Offset"] = str(start)
            raise
        finally:
            if self.hold.offset == start:
                self._take_back()
        return body

    def _take_back(self) -> None:
        """Cut off what came and does not count, unless another has taken over and may be writing."""
        with self._transfer.transaction() as session:
            self._holds = uploads.renew(session, self.hold, self.hold.offset)
        if self._holds:
            self._transfer.store.append(self.hold.name, self.hold.offset, (), 0)

    def complete(self) -> None:
        """Make the whole upload an object. May be repeated after a crash anywhere in between.

        Raises `MediaDigestMismatch`, `StoreError`, and `OffsetMismatch` when bytes acknowledged are lost.
        """
        store = self._transfer.store
        try:
            with self._kept_alive():
                stored = store.finish(self.hold.name, self.hold.sha256 or self._digest())
                kind = _kind(store, stored)
        except DigestMismatch as error:
            with self._transfer.transaction() as session:
                uploads.break_off(session, self.hold, error.actual)
            self._holds = False
            raise MediaDigestMismatch(expected=error.expected, actual=error.actual) from error
        except UploadUnknown as error:
            self.hold = replace(self.hold, offset=0)
            store.begin(self.hold.name)
            raise tus.OffsetMismatch(self._end, 0) from error
        with self._transfer.transaction() as session:
            uploads.settle(session, self._transfer.actor, self.hold, stored, kind)
        self._holds = False

    def end(self) -> None:
        """End the upload and forget its bytes; an object made of it stays."""
        with self._transfer.transaction() as session:
            uploads.end(session, self._transfer.actor, self.hold)
        self._holds = False
        self._transfer.store.discard(self.hold.name)

    def let_go(self) -> None:
        """Let go, if that has not happened yet."""
        if self._holds:
            self._holds = False
            with self._transfer.transaction() as session:
                uploads.let_go(session, self.hold)

    @property
    def _end(self) -> int:
        """The byte at which the upload has to end at the latest."""
        return self._transfer.maximum if self.hold.length is None else self.hold.length

    def _note_what_came(self) -> None:
        size = min(self._transfer.store.size(self.hold.name), self._end)
        if size > self.hold.offset:
            self.hold = replace(self.hold, offset=size, expires_at=clock.now() + self._transfer.lasting)

    def _look_up(self, given: int) -> bool:
        """Say whether to go on; every two seconds also acknowledge what came, in case this process dies."""
        if time.monotonic() - self._renewed_at < _RENEWAL:
            with self._transfer.transaction(writing=False) as session:
                return uploads.may_go_on(session, self.hold)
        self._renewed_at = time.monotonic()
        with self._transfer.transaction() as session:
            self._holds = uploads.renew(session, self.hold, self.hold.offset + given)
            return self._holds and uploads.may_go_on(session, self.hold)

    @contextmanager
    def _kept_alive(self) -> Iterator[None]:
        """Renew the lease while a large file is hashed and carried to its place."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(_RENEWAL):
                with suppress(SQLAlchemyError), self._transfer.transaction() as session:
                    uploads.renew(session, self.hold, self.hold.offset)

        renewing = threading.Thread(target=copy_context().run, args=(renew,), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            done.set()
            renewing.join()

    def _digest(self) -> str:
        """Hash an upload that promised nothing: a store tells the hash when it refuses another."""
        try:
            self._transfer.store.finish(self.hold.name, _NO_CONTENT_HAS_THIS)
        except DigestMismatch as error:
            return error.actual
        raise StoreError("a store took bytes for a hash they do not have")


def _hashed(body: Iterable[memoryview], hashing: Any) -> Iterator[memoryview]:
    """Give the pieces of a body as they come, and feed them to a hash."""
    for piece in body:
        hashing.update(piece)
        yield piece


def _kind(store: Store, stored: StoredObject) -> Kind | None:
    with store.open(stored.sha256, 0, SNIFF_LENGTH) as head:
        return sniff(b"".join(head))
