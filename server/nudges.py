"""Nudges: who looks on is told that there is something to pull, and nothing else. No phone depends on it.

Streams are kept open for phones in the foreground. One thread of the process asks the database once a second how far
the log has come, and only when it has come further, for whom: however many streams are open.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server import audit, clock
from server.admission import again_within
from server.db import Sessions
from server.feed import FeedRow
from server.problems import Busy

log = logging.getLogger("merestone.nudges")

POLL_SECONDS: Final = 1.0
#: Seconds after which a silent stream says that it is still there, so that nothing on the way cuts it.
HEARTBEAT: Final = 25.0
#: How often a stream looks whether it has to end.
TICK: Final = 0.5
#: Seconds within which those come again for whom there was no room.
MUCH_LATER: Final = 300
#: Streams of one person: a few phones and desks, so that nobody has all there are.
MOST_OF_ONE: Final = 8
_AT_ONCE: Final = 1000

Ended = Callable[[Session, Collection[UUID]], Collection[UUID]]
"""Tells which of some sign-in sessions were ended."""

_stopping = threading.Event()


def stop_nudging() -> None:
    """Let every stream of this process end within a tick: the process is told to stop."""
    _stopping.set()


def moved(session: Session, among: Collection[str], after: int) -> set[str]:
    """Tell in the feed of which recipients anything changed after an entry of the log."""
    names, found = sorted(among), set[str]()
    for start in range(0, len(names), _AT_ONCE):
        some = FeedRow.recipient.in_(names[start : start + _AT_ONCE])
        found |= set(session.scalars(select(FeedRow.recipient).where(some, FeedRow.seq > after).distinct()))
    return found


@dataclass(eq=False)
class Stream:
    """One open stream: of which recipients it tells, the sign-in session it belongs to, and when that ends."""

    recipients: frozenset[str]
    session_id: UUID | None
    until: datetime
    person_id: UUID | None = None
    something_new: threading.Event = field(default_factory=threading.Event)
    ended: bool = False


class Nudges:
    """The open streams of one process, at most so many, and of one person at most `MOST_OF_ONE`."""

    def __init__(self, readers: Sessions, most: int, ended: Ended) -> None:
        self._readers = readers
        self._most = most
        self._which_ended = ended
        self._lock = threading.Lock()
        self._streams: dict[Stream, None] = {}  # the oldest first
        self._watcher: threading.Thread | None = None
        self._seen = 0

    def open(
        self,
        recipients: Collection[str],
        session_id: UUID | None,
        until: datetime,
        person_id: UUID | None = None,
    ) -> Stream:
        """Open a stream, in place of one that the same sign-in session had: its phone has hung up on that.

        Of a person who has as many as one may have, the oldest makes room.
        Raises Busy when there are as many as may be; `close` it whatever happens.
        """
        with self._readers.begin() as session:
            head, _ = audit.head(session)
        stream = Stream(frozenset(recipients), session_id, until, person_id)
        with self._lock:
            same = [each for each in self._streams if session_id and each.session_id == session_id]
            theirs = [
                each
                for each in self._streams
                if person_id and each.person_id == person_id and each not in same
            ]
            for other in [*same, *theirs[: max(0, len(theirs) + 1 - MOST_OF_ONE)]]:
                other.ended = True
                del self._streams[other]
            if len(self._streams) >= self._most:
                raise Busy().with_headers(Retry_After=again_within(MUCH_LATER))
            self._streams[stream] = None
            if self._watcher is None:
                # Seen before the stream says its first word: what changes from now on is told.
                self._seen = head
                self._watcher = threading.Thread(target=self._watch, name="nudges", daemon=True)
                self._watcher.start()
        return stream

    def close(self, stream: Stream) -> None:
        """End a stream and give its place to another."""
        with self._lock:
            self._streams.pop(stream, None)

    def close_all(self) -> None:
        """End all streams, and with them the thread that watches."""
        with self._lock:
            for stream in self._streams:
                stream.ended = True
            self._streams.clear()

    def words(self, stream: Stream) -> Iterator[bytes]:
        """Give what the stream says, as server-sent events, until it has to end."""
        again = random.randint(1_000, 30_000)  # noqa: S311 - only so that not all come back together
        yield f"retry: {again}\nevent: pull\ndata: {{}}\n\n".encode()
        said = time.monotonic()
        while not (stream.ended or _stopping.is_set() or clock.now() >= stream.until):
            if stream.something_new.wait(TICK):
                stream.something_new.clear()
                said = time.monotonic()
                yield b"event: pull\ndata: {}\n\n"
            elif time.monotonic() - said >= HEARTBEAT:
                said = time.monotonic()
                yield b": nothing new\n\n"

    def _watch(self) -> None:
        while not _stopping.wait(POLL_SECONDS):
            with self._lock:
                if not self._streams:
                    self._watcher = None
                    return
                streams = list(self._streams)
            try:
                self._tell(streams)
            except SQLAlchemyError as error:
                log.warning("nobody was nudged", extra={"reason": str(error)[:300]})

    def _tell(self, streams: list[Stream]) -> None:
        """Look once, and wake those streams for which there is something new."""
        with self._readers.begin() as session:
            head, _ = audit.head(session)
            if head == self._seen:
                return
            fed = moved(session, {each for stream in streams for each in stream.recipients}, self._seen)
            ended = set(self._which_ended(session, [each.session_id for each in streams if each.session_id]))
        self._seen = head
        for stream in streams:
            stream.ended = stream.ended or stream.session_id in ended
            if stream.recipients & fed:
                stream.something_new.set()
