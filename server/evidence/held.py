"""An upload in the hands of one request: receiving, finishing, ending it.

What a store must remember about an upload is its `Progress`, kept in the upload's row. It is written there by
compare-and-set on the hold's epoch before anybody is told of it, and a request that has lost its hold says so and
where the upload stands; only when it is written does the store forget what the older progress needed.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, NoReturn

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from media import (
    SNIFF_LENGTH,
    DigestMismatch,
    Kind,
    Progress,
    Store,
    StoredObject,
    StoreError,
    UploadUnknown,
    Writing,
    sniff,
    tus,
)
from server import clock
from server.access import Actor
from server.evidence import uploads
from server.evidence.arriving import Arriving, announced_length
from server.evidence.uploads import Hold
from server.problems import MediaDigestMismatch, UploadInterrupted, UploadLocked

_RENEWAL: Final = 2.0

log = logging.getLogger("merestone.evidence")

Transaction = Callable[..., AbstractContextManager[Session]]


@dataclass(frozen=True)
class Dealings:
    """What a request needs to deal with uploads.

    `transaction(writing=…)` opens a short one; `lasting` is the time after its last byte until an upload expires;
    no upload grows beyond `maximum` bytes.
    """

    store: Store
    transaction: Transaction
    actor: Actor
    lasting: timedelta
    maximum: int = tus.MAXIMUM_SIZE


class Held:
    """An upload that this request holds. `hold.progress` is what counts, as far as this request knows."""

    def __init__(self, dealings: Dealings, hold: Hold) -> None:
        self.hold = hold
        self._dealings = dealings
        self._store = dealings.store
        self._recorded = hold.progress  # what the row has
        self._holds = True
        self._lost = False
        self._renewed_at = time.monotonic()
        self._writing: Writing | None = None

    @property
    def offset(self) -> int:
        """How many bytes have come."""
        return self._writing.size if self._writing else self.hold.offset

    @property
    def whole(self) -> bool:
        """Say whether every byte has come."""
        return self.offset == self.hold.length

    def resume(self) -> None:
        """Find out what of the upload is really there: after a loss of power the store may have less."""
        if self.hold.finished:
            return
        progress = self._store.resume(self.hold.name, self.hold.progress)
        self.hold = replace(self.hold, progress=progress)

    def learn_length(self, length: int, announced: int | None) -> None:
        """Take the length of a file that was told after its creation; `announced` is the body that follows.

        Raises `TusError` when it is known and another, or too small for what is here or announced, and
        `StoreFull`; then nothing is changed.
        """
        hold = self.hold
        tus.check_length(length, hold.length, hold.offset)
        tus.remaining_bytes(hold.offset, length, announced)
        if hold.length is not None:
            return
        uploads.require_room(self._store, length - hold.offset)
        with self._dealings.transaction() as session:
            is_ours = uploads.change(session, hold, length=length)
        if not is_ours:
            self._refuse()
        self.hold = replace(hold, length=length)

    def receive(self, environ: dict[str, Any], checksum: tus.Checksum | None = None) -> None:
        """Append the body of a request; what came before any cut counts, and is acknowledged.

        With a `checksum` all of the body counts or nothing: it is acknowledged when it is whole and judged.
        A body that makes the upload whole is acknowledged by `complete`, which must follow.
        Raises `UploadLocked` when another request asked for the upload or has taken it, `UploadInterrupted` when
        fewer bytes came than were announced, `TusError` when more were announced than the upload lacks, when the
        checksum is of other bytes or when earlier bytes are lost, `StoreError`.
        """
        announced = announced_length(environ)
        limit = tus.remaining_bytes(self.hold.offset, self._end, announced)
        if limit == 0:  # all is here
            if checksum:
                checksum.check(checksum.begin().digest())
            return
        body = Arriving(environ, limit, lambda _given: self._look_up())
        with self._beginning_again_when_lost():
            if checksum is None:
                came = self._take_in(body)
            else:
                came = self._take_in_judged(body, checksum, announced)
            if self.whole:
                return
            self._flush()
        self.let_go_or_refuse()
        headers = {"Upload_Offset": str(self.hold.offset), "Retry_After": "1"}
        if body.stopped:
            raise UploadLocked().with_headers(**headers)
        if announced is not None and came < announced:
            raise UploadInterrupted().with_headers(**headers)

    def complete(self) -> None:
        """Make the whole upload an object. May be repeated after a crash anywhere in between.

        Raises `MediaDigestMismatch`, `UploadLocked` when another request has taken the upload, `StoreError`, and
        `OffsetMismatch` when bytes acknowledged are lost.
        """
        if self.hold.finished:
            return
        try:
            with self._beginning_again_when_lost(), self._kept_alive():
                writing = self._open()
                self._write_down_what_is_whole(writing)
                stored = writing.finish(self.hold.sha256)
                kind = _kind(self._store, stored)
        except DigestMismatch as error:
            self._break_off(error)
        except StoreError:
            self._flush_what_fits()
            raise
        with self._dealings.transaction() as session:
            is_ours = uploads.settle(session, self._dealings.actor, self.hold, stored, kind)
        if not is_ours:
            self._refuse()
        self._holds = False
        self._close()
        self._tidy()
        with self._forgetting():
            self._store.discard(self.hold.name, self.hold.progress)
        self.hold = replace(self.hold, progress=Progress(stored.size))

    def end(self) -> None:
        """End the upload and forget its bytes; an object made of it stays."""
        with self._dealings.transaction() as session:
            is_ours = uploads.end(session, self._dealings.actor, self.hold)
        if not is_ours:
            self._refuse()
        self._holds = False
        self._store.discard(self.hold.name, self.hold.progress)

    def let_go(self) -> bool:
        """Let go with what counts, if that has not happened yet; False when another has taken the upload.

        The writing is closed first: the next holder must not find it open.
        """
        self._close()
        if self._holds:
            self._holds = False
            with self._dealings.transaction() as session:
                self._lost = not uploads.let_go(session, self.hold)
            self._tidy()
        return not self._lost

    def let_go_or_refuse(self) -> None:
        """Let go. What has come may be acknowledged after this, and not before. Raises `UploadLocked`."""
        if not self.let_go():
            self._refuse()

    @property
    def _end(self) -> int:
        """The byte at which the upload has to end at the latest."""
        return self._dealings.maximum if self.hold.length is None else self.hold.length

    def _open(self, *, hold_back: bool = False) -> Writing:
        """Open the upload, and only then ask whether it is still ours: see `media.store`."""
        if self._writing is None:
            self._writing = self._store.write(self.hold.name, self.hold.progress, hold_back=hold_back)
            with self._dealings.transaction(writing=False) as session:
                is_ours = uploads.holds(session, self.hold)
            if not is_ours:
                self._refuse()
        return self._writing

    def _take_in(self, body: Arriving, hashing: Any = None) -> int:
        """Write a body as it comes and say how many bytes came. Raises `StoreError`; then what fits is kept."""
        writing = self._open(hold_back=hashing is not None)
        try:
            for piece in body:
                writing.write(piece)
                if hashing is not None:
                    hashing.update(piece)
        except StoreError:
            if hashing is None:
                self._flush_what_fits()
            raise
        return writing.size - self.hold.offset

    def _take_in_judged(self, body: Arriving, checksum: tus.Checksum, announced: int | None) -> int:
        """Write a body, and take it back unless it is whole and hashes to `checksum`.

        Raises `ChecksumMismatch`, `StoreError`.
        """
        hashing = checksum.begin()
        came = self._take_in(body, hashing)
        if came != announced and (announced is not None or body.stopped):
            self._close()
            return came
        try:
            checksum.check(hashing.digest())
        except tus.ChecksumMismatch as error:
            self.let_go_or_refuse()
            error.headers["Upload-Offset"] = str(self.hold.offset)
            raise
        if not self.whole:
            with self._kept_alive():  # a bucket gets all of it only now
                self._flush()
        return came

    def _flush(self) -> None:
        """Let all that came count."""
        if self._writing:
            self._writing.flush()

    def _write_down_what_is_whole(self, writing: Writing) -> None:
        """See `Writing.finish`. An upload of which nothing is acknowledged has nothing to lose: that spares the row."""
        if 0 < self._recorded.offset < writing.size:
            progress = writing.flush()
            with self._dealings.transaction() as session:
                is_ours = uploads.renew(session, self.hold, progress)
            if not is_ours:
                self._refuse()
            self._know(progress)
            self._tidy()

    def _flush_what_fits(self) -> None:
        with suppress(StoreError):
            self._flush()

    def _close(self) -> None:
        """Close the writing; what is not flushed does not count."""
        writing, self._writing = self._writing, None
        if writing is None:
            return
        progress = writing.progress
        writing.close()
        self._know(progress)

    def _know(self, progress: Progress) -> None:
        expires_at = self.hold.expires_at
        if progress.offset > self.hold.offset:
            expires_at = clock.now() + self._dealings.lasting
        self.hold = replace(self.hold, progress=progress, expires_at=expires_at)

    def _tidy(self) -> None:
        """Forget what the row no longer needs; or, when the hold is lost, what it never will."""
        before, now = self._recorded, self.hold.progress
        if self._lost:
            before, now = now, before
        else:
            self._recorded = now
        with self._forgetting():
            self._store.tidy(self.hold.name, before, now)

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        """Go on when a store can not forget just now: what is left over does no harm."""
        try:
            yield
        except StoreError as error:
            log.warning("store forgets nothing", extra={"reason": str(error)[:300]})

    def _refuse(self) -> NoReturn:
        """Another request has the upload. Raises `UploadLocked` with what is acknowledged, and as `uploads.load`."""
        self._holds, self._lost = False, True
        self._close()
        self._tidy()
        with self._dealings.transaction(writing=False) as session:
            upload = uploads.load(session, self._dealings.actor, self.hold.upload_id)
            stands_at = upload.offset
        raise UploadLocked().with_headers(Upload_Offset=str(stands_at), Retry_After="1")

    @contextmanager
    def _beginning_again_when_lost(self) -> Iterator[None]:
        """Answer `UploadUnknown` with an upload that begins at byte 0. Raises `OffsetMismatch`, which says so."""
        try:
            yield
        except UploadUnknown as error:
            log.warning("upload lost", extra={"upload": self.hold.name, "reason": str(error)[:300]})
            self._close()
            lost = self.hold.offset
            fresh = self._store.begin(self.hold.name, self._end, self.hold.sha256)
            self.hold = replace(self.hold, progress=fresh)
            self.let_go_or_refuse()
            raise tus.OffsetMismatch(lost, 0) from error

    def _break_off(self, refusal: DigestMismatch) -> NoReturn:
        """Note that the bytes are others than were promised, and keep them. Raises `MediaDigestMismatch`."""
        self._flush_what_fits()
        self._close()
        with self._dealings.transaction() as session:
            is_ours = uploads.break_off(session, self.hold, refusal.actual)
        if not is_ours:
            self._refuse()
        self._holds = False
        self._tidy()
        raise MediaDigestMismatch(expected=refusal.expected, actual=refusal.actual) from refusal

    def _look_up(self) -> bool:
        """Say whether to go on; every two seconds also acknowledge what counts, in case this process dies."""
        if time.monotonic() - self._renewed_at < _RENEWAL:
            with self._dealings.transaction(writing=False) as session:
                return uploads.may_go_on(session, self.hold)
        self._renewed_at = time.monotonic()
        progress = self._open().progress
        with self._dealings.transaction() as session:
            is_ours = uploads.renew(session, self.hold, progress)
            goes_on = is_ours and uploads.may_go_on(session, self.hold)
        if is_ours:
            self._know(progress)
            self._tidy()
        return goes_on

    @contextmanager
    def _kept_alive(self) -> Iterator[None]:
        """Keep the lease while a large file is hashed and carried to its place."""
        done = threading.Event()

        def keep() -> None:
            while not done.wait(_RENEWAL):
                with suppress(SQLAlchemyError), self._dealings.transaction() as session:
                    uploads.keep(session, self.hold)

        keeping = threading.Thread(target=copy_context().run, args=(keep,), daemon=True)
        keeping.start()
        try:
            yield
        finally:
            done.set()
            keeping.join()


def _kind(store: Store, stored: StoredObject) -> Kind | None:
    with store.open(stored.sha256, 0, SNIFF_LENGTH) as head:
        return sniff(b"".join(head))
