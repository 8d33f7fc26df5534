"""The server of one schedule: the real application over a database of its own, which can die and be taken back."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import Connection, Engine, event

from media import open_store
from server.app import WRITERS
from server.db import open_sessions
from server.http import App
from server.installation import begin_epoch, guard_epoch, open_installation
from server.together import Together
from tests.conftest import settings_for
from tests.simulation.handlers_copies import Copies

AT_THE_DOOR = 2.0  # seconds
AFTER_COMMIT = 0  # the place right behind the first commit of what was written
EVERYTHING = 1 << 62  # more bytes than any disk has to spare


class Died(BaseException):
    """The server's process is gone: what was not committed never was, and nobody is answered."""


@dataclass
class _Fate:
    """What waits for a thread at its `place`-th statement; commits count before and after they happen."""

    place: int
    meet: Callable[[], None]
    reached: int = 0
    only_reads: bool = True  # the transaction that it is in

    def step(self) -> None:
        self.reached += 1
        if self.reached == self.place:
            self.meet()


@dataclass
class House:
    """An application that can be killed at a statement and opened anew on its database, or on a backup of it.

    `folder` holds what lies outside the database: keys, epoch, media.
    """

    app: App
    copies: Copies
    prepared: Any
    folder: Path
    fates: dict[int, _Fate] = field(default_factory=dict)
    is_dead: bool = False
    disk_is_full: bool = False

    def __post_init__(self) -> None:
        self.engine: Engine = self.app.sessions.kw["bind"]
        self.is_postgres = self.engine.dialect.name == "postgresql"
        self.copies.load(self.prepared)
        self._listen()
        self.open()

    # Life and death

    def open(self) -> None:
        """Begin as a new process does, on the database as it was left."""
        settings = settings_for(str(self.engine.url), self.folder)
        self.app.settings = settings
        self.app.sessions, self.app.readers = open_sessions(self.engine)
        self.app.gate = threading.BoundedSemaphore(WRITERS if self.is_postgres else 1)
        self.app.installation = open_installation(settings)
        self.open_store()
        self.fates.clear()
        self.is_dead = False
        with self.app.readers() as session:
            guard_epoch(self.app.installation, session)

    def open_store(self) -> None:
        reserve = EVERYTHING if self.disk_is_full else 0
        self.app.store = open_store(self.app.settings.store_url, reserve_bytes=reserve)

    @contextmanager
    def dying_at(self, place: int | None) -> Iterator[None]:
        """Let this thread's work end at a statement as the process does; raises Died."""
        thread = threading.get_ident()
        if place is not None:
            self.fates[thread] = _Fate(place, self._die)
        try:
            yield
        finally:
            self.fates.pop(thread, None)

    def cross(self, first: Callable[[], Any], place: int, second: Callable[[], Any], *, dies: bool) -> None:
        """Hold `first` at a statement, run `second` meanwhile, and let `first` go on, or the process die.

        On PostgreSQL the second may have to wait for the first, which is seen by the lock that it waits for; before
        the door (`server.admission`) it may wait as well, which is not seen, so that the first goes on after a while.
        """
        with mock.patch.dict(
            self.app.extensions, exchange=_InAProcessOfItsOwn(self.app.extensions["exchange"])
        ):
            self._cross(first, place, second, dies=dies)

    def _cross(self, first: Callable[[], Any], place: int, second: Callable[[], Any], *, dies: bool) -> None:
        reached, go_on = threading.Event(), threading.Event()

        def hold() -> None:
            reached.set()
            assert go_on.wait(30)
            if dies:
                self._die()

        one = _Thread(lambda: self._fated(first, _Fate(place, hold)), reached)
        assert reached.wait(30)
        two = _Thread(second, threading.Event())
        begun = time.monotonic()
        while not two.ended.is_set() and time.monotonic() - begun < AT_THE_DOOR:
            if one.is_alive() and self.copies.somebody_waits():
                break
            two.ended.wait(0.002)
        go_on.set()
        self._see_end([one, two])

    def together(self, works: Sequence[Callable[[], Any]], place: int | None) -> None:
        """Let pushes come while another transaction runs, so that they are taken in the next one together.

        Whoever came first opens it, and dies at a statement if there is a `place`.
        """
        queue: Together[Any, Any] = self.app.extensions["exchange"]
        queue._is_led = True  # as if somebody's transaction ran
        waiting: list[_Thread] = []
        for work in works:
            fate = _Fate(place, self._die) if place is not None and not waiting else None
            before, begun = len(queue._waiting), time.monotonic()
            one = _Thread(partial(self._fated, work, fate) if fate else work, threading.Event())
            waiting.append(one)
            while not one.ended.is_set() and len(queue._waiting) == before:
                assert time.monotonic() - begun < 30
                one.ended.wait(0.0005)
        with queue._lock:
            queue._is_led = bool(queue._waiting)
            if queue._waiting:
                queue._waiting[0].called.set()
        self._see_end(waiting)

    def _see_end(self, threads: Sequence["_Thread"]) -> None:
        for each in threads:
            each.join(60)
        assert not any(each.is_alive() for each in threads), "requests wait for one another for ever"
        for each in threads:
            if each.error is not None and not isinstance(each.error, Died):
                raise each.error
        if self.is_dead:
            raise Died

    def _fated(self, work: Callable[[], Any], fate: _Fate) -> None:
        self.fates[threading.get_ident()] = fate
        try:
            work()
        finally:
            self.fates.pop(threading.get_ident(), None)

    def _die(self) -> None:
        self.is_dead = True
        raise Died

    def _listen(self) -> None:
        """Stand between the application and its database, until closed.

        The engine is the same for all houses, because what it has compiled is dear.
        """
        self._dialect_commits = self.engine.dialect.do_commit
        event.listen(self.engine, "before_cursor_execute", self._step)
        self.engine.dialect.do_commit = self._commit  # type: ignore[method-assign]

    def _step(self, connection: Connection | None = None, *_: Any) -> None:
        if self.is_dead:
            raise Died
        if fate := self.fates.get(threading.get_ident()):
            if connection is not None:
                fate.only_reads = bool(connection.get_execution_options().get("reading"))
            fate.step()

    def _commit(self, connection: Any) -> None:
        self._step()
        self._dialect_commits(connection)
        fate = self.fates.get(threading.get_ident())
        if fate and fate.place == AFTER_COMMIT and not fate.only_reads:
            fate.meet()
        self._step()

    # Backups

    def restore(self, backup: Any, *, by_the_book: bool) -> None:
        """Take the database back to a backup: as the runbook says, or only by laying the file in its place.

        Without the runbook the guard beside the database has to notice, so it is told of the head before.
        """
        if not by_the_book:
            with self.app.readers() as session:
                self.app.installation.remember_head(session)
        self.copies.load(backup)
        if by_the_book:
            with self.app.readers() as session:
                begin_epoch(self.app.installation, session)
        self.open()

    def close(self) -> None:
        """Leave the engine to the next one, and throw the rest away."""
        event.remove(self.engine, "before_cursor_execute", self._step)
        self.engine.dialect.do_commit = self._dialect_commits  # type: ignore[method-assign]
        shutil.rmtree(self.folder, ignore_errors=True)


class _InAProcessOfItsOwn:
    """A queue of pushes in which nobody else stands: whoever else pushes does so in another process."""

    def __init__(self, queue: Together[Any, Any]) -> None:
        self._queue = queue

    def take(self, given: Any) -> Any:
        """Take it in a transaction of its own."""
        return self._queue._take([given])[0]


class _Thread(threading.Thread):
    """Work in a thread of its own; `ended` is set at its end, and so is the event that others wait for."""

    def __init__(self, work: Callable[[], Any], awaited: threading.Event) -> None:
        super().__init__(daemon=True)
        self.work, self.awaited, self.ended = work, awaited, threading.Event()
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.work()
        except BaseException as error:
            self.error = error
        finally:
            self.ended.set()
            self.awaited.set()
