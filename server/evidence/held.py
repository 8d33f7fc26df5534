"""An upload in the hands of one request: receiving, finishing, ending it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn

from sqlalchemy.orm import Session

from media import (
    SNIFF_LENGTH,
    DigestMismatch,
    Kind,
    ObjectUnknown,
    Progress,
    Store,
    StoredObject,
    StoreError,
    StoreUnavailable,
    UploadUnknown,
    Writing,
    sniff,
    tus,
)
from server.evidence import under_way, uploads
from server.evidence.arriving import Arriving, announced_length
from server.evidence.grip import Grip, log
from server.problems import MediaDigestMismatch, UploadInterrupted, UploadLocked


class Held(Grip):
    """An upload in the hands of this request."""

    @property
    def _end(self) -> int:
        """The byte at which the upload has to end at the latest."""
        return self._dealings.maximum if self.hold.length is None else self.hold.length

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
        with self._dealings.transaction() as session:
            self._require_allowance(session, length - hold.offset)
            is_ours = uploads.change(session, hold, length=length)
        if not is_ours:
            self.refuse()
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
        if self.hold.length is None:  # as if these bytes were promised now
            with self._dealings.transaction() as session:
                self._require_allowance(session, 1 if announced is None else announced)
        body = Arriving(environ, limit, lambda _given: self.look_up())
        with self._beginning_again_when_lost():
            if checksum is None:
                came = self._take_in(body)
            else:
                came = self._take_in_judged(body, checksum, announced)
            if self.whole:
                return
            self.flush()
        self.let_go_or_refuse()
        headers = {"Upload_Offset": str(self.hold.offset), "Retry_After": "1"}
        if body.stopped:
            raise UploadLocked().with_headers(**headers)
        if body.cut or (announced is not None and came < announced):
            raise UploadInterrupted().with_headers(**headers)

    def complete(self) -> None:
        """Make the whole upload an object. May be repeated after a crash anywhere in between.

        Raises `MediaDigestMismatch`, `UploadLocked` when another request has taken the upload, `StoreError`, and
        `OffsetMismatch` when bytes acknowledged are lost.
        """
        if self.hold.finished:
            return
        try:
            with self._beginning_again_when_lost(), self.kept_alive():
                writing = self.open()
                self._write_down_what_is_whole(writing)
                stored = writing.finish(self.hold.sha256)
                kind = _kind(self._store, stored)
        except DigestMismatch as error:
            self._break_off(error)
        except StoreError as error:
            self.flush_what_fits()
            if isinstance(error, ObjectUnknown):  # to the phone that would say that its upload is not known
                raise StoreUnavailable(str(error)) from error
            raise
        with self._dealings.transaction() as session:
            is_ours = uploads.settle(session, self._dealings.actor, self.hold, stored, kind)
        if not is_ours:
            self.refuse()
        self._holds = False
        self.close()
        self.tidy()
        with self.forgetting():
            self._store.discard(self.hold.name, self.hold.progress)
        self.hold = replace(self.hold, progress=Progress(stored.size), finished=True)

    def end(self) -> None:
        """End the upload and forget its bytes; an object made of it stays."""
        with self._dealings.transaction() as session:
            is_ours = uploads.end(session, self._dealings.actor, self.hold)
        if not is_ours:
            self.refuse()
        self._holds = False
        self._store.discard(self.hold.name, self.hold.progress)

    def _require_allowance(self, session: Session, size: int) -> None:
        dealings = self._dealings
        under_way.require(session, dealings.actor, dealings.store, size, dealings.quota)

    def _take_in(self, body: Arriving, hashing: Any = None) -> int:
        """Write a body as it comes and say how many bytes came. Raises `StoreError`; then what fits is kept."""
        writing = self.open(hold_back=hashing is not None)
        try:
            for piece in body:
                writing.write(piece)
                if hashing is not None:
                    hashing.update(piece)
        except StoreError:
            if hashing is None:
                self.flush_what_fits()
            raise
        return writing.size - self.hold.offset

    def _take_in_judged(self, body: Arriving, checksum: tus.Checksum, announced: int | None) -> int:
        """Write a body, and take it back unless it is whole and hashes to `checksum`.

        Raises `ChecksumMismatch`, `StoreError`.
        """
        hashing = checksum.begin()
        came = self._take_in(body, hashing)
        if came != announced and (announced is not None or body.cut):
            self.close()
            return came
        try:
            checksum.check(hashing.digest())
        except tus.ChecksumMismatch as error:
            self.let_go_or_refuse()
            error.headers["Upload-Offset"] = str(self.hold.offset)
            raise
        if not self.whole:
            with self.kept_alive():  # a bucket gets all of it only now
                self.flush()
        return came

    def _write_down_what_is_whole(self, writing: Writing) -> None:
        """See `Writing.finish`. An upload of which nothing is acknowledged has nothing to lose: that spares the row."""
        if 0 < self._recorded.offset < writing.size:
            progress = writing.flush()
            with self._dealings.transaction() as session:
                is_ours = uploads.renew(session, self.hold, progress)
            if not is_ours:
                self.refuse()
            self.know(progress)
            self.tidy()

    @contextmanager
    def _beginning_again_when_lost(self) -> Iterator[None]:
        """Answer `UploadUnknown` with an upload that begins at byte 0. Raises `OffsetMismatch`, which says so."""
        try:
            yield
        except UploadUnknown as error:
            log.warning("upload lost", extra={"upload": self.hold.name, "reason": str(error)[:300]})
            self.close()
            lost = self.hold.offset
            fresh = self._store.begin(self.hold.name, self._end, self.hold.sha256)
            self.hold = replace(self.hold, progress=fresh)
            self.let_go_or_refuse()
            raise tus.OffsetMismatch(lost, 0) from error

    def _break_off(self, refusal: DigestMismatch) -> NoReturn:
        """Note that the bytes are others than were promised, and keep them. Raises `MediaDigestMismatch`."""
        self.flush_what_fits()
        self.close()
        with self._dealings.transaction() as session:
            is_ours = uploads.break_off(session, self.hold, refusal.actual)
        if not is_ours:
            self.refuse()
        self._holds = False
        self.tidy()
        raise MediaDigestMismatch(expected=refusal.expected, actual=refusal.actual) from refusal


def _kind(store: Store, stored: StoredObject) -> Kind | None:
    with store.open(stored.sha256, 0, SNIFF_LENGTH) as head:
        return sniff(b"".join(head))
