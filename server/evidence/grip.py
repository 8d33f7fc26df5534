"""The hold of one request on an upload, and the writing it has open.

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
from typing import Final, NoReturn

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from media import Progress, Store, StoreError, Writing, tus
from server import clock
from server.access import Actor
from server.evidence import uploads
from server.evidence.later import Later
from server.evidence.under_way import Quota
from server.evidence.uploads import Hold
from server.problems import UploadLocked

_RENEWAL: Final = 2.0
_later: Final = Later(_RENEWAL)

log = logging.getLogger("merestone.evidence")

Transaction = Callable[..., AbstractContextManager[Session]]


@dataclass(frozen=True)
class Dealings:
    """What a request needs to deal with uploads.

    `transaction(writing=…)` opens a short one; `lasting` is the time after its last byte until an upload expires;
    `quota` bounds what its owner may have unfinished; no upload grows beyond `maximum` bytes.
    """

    store: Store
    transaction: Transaction
    actor: Actor
    lasting: timedelta
    quota: Quota
    maximum: int = tus.MAXIMUM_SIZE


class Grip:
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

    def let_go(self) -> bool:
        """Let go with what counts, if that has not happened yet; False when another has taken the upload.

        The writing is closed first: the next holder must not find it open.
        """
        self.close()
        if self._holds:
            self._holds = False
            with self._dealings.transaction() as session:
                self._lost = not uploads.let_go(session, self.hold)
            self.tidy()
        return not self._lost

    def let_go_or_refuse(self) -> None:
        """Let go. What has come may be acknowledged after this, and not before. Raises `UploadLocked`."""
        if not self.let_go():
            self.refuse()

    def open(self, *, hold_back: bool = False) -> Writing:
        """Open the upload, and only then ask whether it is still ours: see `media.store`.

        A first hold need not ask: nobody has written the upload before, and whoever could take it over has yet to
        be told its name. The worker, which knows all names, writes no byte of what has none.
        """
        if self._writing is None:
            self._writing = self._store.write(self.hold.name, self.hold.progress, hold_back=hold_back)
            if not self.hold.is_first:
                self._require_hold()
        return self._writing

    def _require_hold(self) -> None:
        with self._dealings.transaction(writing=False) as session:
            is_ours = uploads.holds(session, self.hold)
        if not is_ours:
            self.refuse()

    def flush(self) -> None:
        """Let all that came count."""
        if self._writing:
            self._writing.flush()

    def flush_what_fits(self) -> None:
        """Let as much of it count as the store has room for."""
        with suppress(StoreError):
            self.flush()

    def close(self) -> None:
        """Close the writing; what is not flushed does not count."""
        writing, self._writing = self._writing, None
        if writing is None:
            return
        progress = writing.progress
        writing.close()
        self.know(progress)

    def know(self, progress: Progress) -> None:
        """Take note of how far the upload has come; every byte puts off its end."""
        expires_at = self.hold.expires_at
        if progress.offset > self.hold.offset:
            expires_at = clock.now() + self._dealings.lasting
        self.hold = replace(self.hold, progress=progress, expires_at=expires_at)

    def tidy(self) -> None:
        """Forget what the row no longer needs; or, when the hold is lost, what it never will."""
        before, now = self._recorded, self.hold.progress
        if self._lost:
            before, now = now, before
        else:
            self._recorded = now
        with self.forgetting():
            self._store.tidy(self.hold.name, before, now)

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Go on when a store can not forget just now: what is left over does no harm."""
        try:
            yield
        except StoreError as error:
            log.warning("store forgets nothing", extra={"reason": str(error)[:300]})

    def refuse(self) -> NoReturn:
        """Another request has the upload. Raises `UploadLocked` with what is acknowledged, and as `uploads.load`."""
        self._holds, self._lost = False, True
        self.close()
        self.tidy()
        with self._dealings.transaction(writing=False) as session:
            upload = uploads.load(session, self._dealings.actor, self.hold.upload_id)
            stands_at = upload.offset
        raise UploadLocked().with_headers(Upload_Offset=str(stands_at), Retry_After="1")

    def look_up(self) -> bool:
        """Say whether to go on; every two seconds also acknowledge what counts, in case this process dies."""
        if time.monotonic() - self._renewed_at < _RENEWAL:
            with self._dealings.transaction(writing=False) as session:
                return uploads.may_go_on(session, self.hold)
        self._renewed_at = time.monotonic()
        progress = self.open().progress
        with self._dealings.transaction() as session:
            is_ours = uploads.renew(session, self.hold, progress)
            goes_on = is_ours and uploads.may_go_on(session, self.hold)
        if is_ours:
            self.know(progress)
            self.tidy()
        return goes_on

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Keep the lease while a large file is hashed and carried to its place."""
        done = threading.Event()
        context = copy_context()
        keeping: list[threading.Thread] = []

        def keep() -> None:
            while True:
                with suppress(SQLAlchemyError), self._dealings.transaction() as session:
                    uploads.keep(session, self.hold)
                if done.wait(_RENEWAL):
                    return

        def start() -> None:
            thread = threading.Thread(target=context.run, args=(keep,), daemon=True)
            with suppress(RuntimeError):  # no thread to be had: then another request may take the upload over
                thread.start()
                keeping.append(thread)

        try:
            with _later.unless_over(start):
                yield
        finally:
            done.set()
            for thread in keeping:
                thread.join()
