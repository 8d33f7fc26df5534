"""Uploads, crashes between any two steps, sweeps and time, in every order: nothing that counts is ever eaten."""

import itertools
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import delete, event, func, select

from media import LocalStore, Piece, Progress, StoredObject, StoreUnavailable, Writing
from server import clock
from server.access import Role
from server.app import create_app
from server.duties import Duty
from server.evidence.models import MediaLink, MediaObject, Upload
from server.evidence.patrol import Patrol
from server.http import App
from server.installation import guard_epoch
from server.worker import make_worker
from tests.actors import Cast
from tests.actors.uploader import TUS, UPLOADS, Uploader, sha256_of
from tests.conftest import settings_for
from tests.server.evidence.conftest import link

LASTING = timedelta(days=14)
SHELVES = [f"{number:02x}" for number in range(256)]
_numbers = itertools.count(1)


class Crash(BaseException):
    """The process is killed. Nobody catches this, and what runs on the way out finds nothing to speak to."""


class Fuse:
    """Kills the process at a step: before or after the store does something, or before a commit.

    While `store_is_down` the store finishes nothing.
    """

    def __init__(self) -> None:
        self.left: int | None = None
        self.last_act: str | None = None
        self.is_dead = False
        self.store_is_down = False

    def step(self) -> None:
        if self.left is not None:
            self.left -= 1
            self.is_dead = self.is_dead or self.left <= 0
        if self.is_dead:
            raise Crash

    def around(self, name: str, act: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """Let an act happen between two steps."""
        self.step()
        result = act(*given, **more)
        self.is_dead = self.is_dead or self.last_act == name
        try:
            self.step()
        except Crash:  # the files of a killed process are closed
            getattr(result, "close", lambda: None)()
            raise
        return result

    @contextmanager
    def burning(self, crash: int | str | None) -> Iterator[None]:
        """Crash after so many steps of a block, or after an act of the store; afterwards the process runs anew."""
        self.left = crash if isinstance(crash, int) else None
        self.last_act = crash if isinstance(crash, str) else None
        try:
            yield
        finally:
            self.left, self.last_act, self.is_dead = None, None, False


class FusedStore:
    """A store whose every act is two steps of a fuse, and so is every act of writing."""

    def __init__(self, store: LocalStore, fuse: Fuse) -> None:
        self.store, self.fuse = store, fuse

    def __getattr__(self, name: str) -> Callable[..., Any]:
        act = getattr(self.store, name)

        def fused(*given: Any, **more: Any) -> Any:
            result = self.fuse.around(name, act, *given, **more)
            return FusedWriting(result, self.fuse) if name == "write" else result

        return fused


class FusedWriting(Writing):
    """What a store gives to write with. The files of a killed process are closed."""

    def __init__(self, writing: Writing, fuse: Fuse) -> None:
        self.writing, self.fuse = writing, fuse

    @property
    def progress(self) -> Progress:
        return self.writing.progress

    @property
    def size(self) -> int:
        return self.writing.size

    def write(self, piece: Piece) -> None:
        self.fuse.around("append", self.writing.write, piece)

    def flush(self) -> Progress:
        return self.fuse.around("flush", self.writing.flush)

    def finish(self, sha256: str | None) -> StoredObject:
        if self.fuse.store_is_down:
            raise StoreUnavailable("down")
        return self.fuse.around("finish", self.writing.finish, sha256)

    def close(self) -> None:
        self.writing.close()


@dataclass
class Sent:
    """What a phone knows of an upload: what it sends, and how much of it was acknowledged."""

    url: str
    content: bytes
    length_is_told: bool
    acknowledged: int = 0
    is_over: bool = False
    is_ended: bool = False
    breaks_promise: bool = False
    came_in_full: bool = False

    @property
    def sha256(self) -> str:
        return sha256_of(self.content)

    @property
    def is_whole(self) -> bool:
        return self.length_is_told and self.acknowledged == len(self.content)


class World(RuleBasedStateMachine):
    """One phone, one server that dies now and then, and the time."""

    uploads = Bundle("uploads")
    #: After how many steps (a request that stores a file has about sixteen), or after which act of the store.
    crashes = st.sampled_from(
        [None, *["finish", None] * 8, *range(1, 18), "begin", "append", "flush", "tidy", "discard"]
    )
    rarely = st.sampled_from([False, False, False, True])

    def __init__(self, app: App, fuse: Fuse, folder: Path, person: Any) -> None:
        super().__init__()
        self.app, self.fuse = app, fuse
        self.store = LocalStore(folder / f"media-{next(_numbers)}", reserve_bytes=0)
        app.store = FusedStore(self.store, fuse)
        self.phone = Uploader(person)
        self.sent: list[Sent] = []
        self.stored: dict[str, bytes] = {}
        self.real_now, self.passed = clock.now, timedelta(0)
        clock.now = lambda: self.real_now() + self.passed

    @initialize(target=uploads, promise=st.sampled_from(["true", "none"]), is_down=rarely, crash=crashes)
    def begin(self, promise, is_down, crash):
        upload = self.create(2000, twin=False, promise=promise, deferred=False, crash=None)
        self.send(upload, 5000, tells=False, cut=False, is_down=is_down, crash=crash)
        return upload

    @rule(
        target=uploads,
        size=st.sampled_from([2000, 2000, 1, 0]),
        twin=rarely,
        promise=st.sampled_from(["true", "true", "none", "broken"]),
        deferred=rarely,
        crash=crashes,
    )
    def create(self, size, twin, promise, deferred, crash):
        content = self.sent[-1].content if twin and self.sent else (b"%d " % next(_numbers) * size)[:size]
        sha256 = {"true": sha256_of(content), "none": None, "broken": "0" * 64}[promise]
        headers = (
            {**TUS, "Upload-Defer-Length": "1"} if deferred else {**TUS, "Upload-Length": str(len(content))}
        )
        if sha256:
            headers["Upload-Metadata"] = f"sha256 {b64encode(sha256.encode()).decode()}"
        with self._alive(crash):
            answer = self.phone.client.call("POST", UPLOADS, headers=headers)
            if answer.status_code == 201:
                sent = Sent(answer.headers["Location"], content, not deferred)
                sent.breaks_promise = promise == "broken"
                self._hear(sent, answer)
                self.sent.append(sent)
                return sent
            assert answer.status_code == 460
        return Sent("", content, length_is_told=False, is_over=True)

    @rule(
        upload=uploads,
        size=st.sampled_from([5000, 5000, 700]),
        tells=st.booleans(),
        cut=rarely,
        is_down=rarely,
        crash=crashes,
    )
    def send(self, upload, size, tells, cut, is_down, crash):
        if upload.is_over:
            return
        rest = upload.content[upload.acknowledged :]
        body = rest[:size]
        headers = {"Upload_Length": str(len(upload.content))} if tells else {}
        self.fuse.store_is_down = is_down
        with self._alive(crash):
            answer = self.phone.send(
                upload.url,
                upload.content[: upload.acknowledged] + body,
                upload.acknowledged,
                len(body) // 2 if cut else None,
                expect=None,
                **headers,
            )
            upload.length_is_told = upload.length_is_told or (
                "Upload_Length" in headers and answer.status_code == 204
            )
            self._hear(upload, answer)

    @rule(upload=uploads, crash=crashes)
    def ask(self, upload, crash):
        if upload.is_over:
            return
        with self._alive(crash):
            answer = self.phone.head(upload.url, expect=None)
            self._hear(upload, answer)
            if answer.status_code == 200:
                upload.length_is_told = "Upload-Length" in answer.headers

    @rule(upload=uploads, crash=crashes)
    def end(self, upload, crash):
        if upload.is_over:
            return
        upload.is_over = upload.is_ended = True
        with self._alive(crash):
            self.phone.end(upload.url, expect=None)

    @rule(upload=uploads)
    def link(self, upload):
        link(self.app, upload.content)

    @rule(hours=st.sampled_from([1, 1, 30, 15 * 24]))
    def time_passes(self, hours):
        self._pass(timedelta(hours=hours))

    @rule(crash=crashes)
    def work(self, crash):
        with self._alive(crash):
            self._work()

    def check_invariants(self, *given, **more):
        """After every step: what was ever stored is there. Noted is also what has come in full."""
        super().check_invariants(*given, **more)
        with self.app.readers() as session:
            whole = select(Upload.id).where(Upload.offset == Upload.length, Upload.mismatched.is_(None))
            whole_ids = set(session.scalars(whole.where(Upload.ended_at.is_(None))))
        for sent in self.sent:
            sent.came_in_full |= UUID(sent.url.rpartition("/")[2]) in whole_ids
        for sent in self.sent:
            if self.store.exists(sent.sha256):
                self.stored[sent.sha256] = sent.content
        for sha256, content in self.stored.items():
            assert b"".join(self.store.open(sha256)) == content

    def teardown(self):
        try:
            self._in_the_end()
        finally:
            clock.now = self.real_now
            with self.app.sessions.begin() as session:
                for table in (Upload, MediaLink, MediaObject):
                    session.execute(delete(table))

    def _in_the_end(self) -> None:
        """Two months later all work is done: what counts is there, and all else is gone."""
        self._pass(timedelta(days=60))
        for _ in range(3):
            self._work()
            self._pass(timedelta(days=2))
        with self.app.readers() as session:
            rows = set(session.scalars(select(MediaObject.sha256)))
            open_ones = select(func.count()).where(Upload.finished_at.is_(None), Upload.ended_at.is_(None))
            assert session.scalar(open_ones) == 0
        assert rows == {found.sha256 for shelf in SHELVES for found in self.store.objects(shelf)}
        assert rows >= self.stored.keys()
        assert list(self.store.stale_uploads(clock.now())) == []
        for sent in self.sent:
            if not sent.is_ended and (sent.is_whole or (sent.came_in_full and not sent.breaks_promise)):
                assert b"".join(self.store.open(sent.sha256)) == sent.content

    @contextmanager
    def _alive(self, crash: int | str | None) -> Iterator[None]:
        with suppress(Crash), self.fuse.burning(crash):
            yield
        self.fuse.store_is_down = False
        if crash is not None:
            self._pass(timedelta(seconds=11))  # a process that comes back waits for what the dead one held

    def _hear(self, upload: Sent, answer: Any) -> None:
        assert answer.status_code in {200, 201, 204, 400, 409, 410, 460, 503}, answer.get_data(as_text=True)
        if answer.status_code in {410, 460}:
            upload.is_over = True
            assert not upload.is_whole, "what was told to be whole can't break its promise or expire"
        if (offset := answer.headers.get("Upload-Offset")) is not None:
            assert int(offset) >= upload.acknowledged, "what was acknowledged is never taken back"
            upload.acknowledged = int(offset)

    def _pass(self, time: timedelta) -> None:
        self.passed += time

    def _work(self) -> None:
        worker = make_worker(self.app)
        patrol = Patrol(self.app.store, self.app.readers, LASTING, None)
        for duty in worker.duties:
            if duty.name in {"sweep uploads", "finish uploads"}:
                worker.perform(duty)
        worker.perform(Duty("patrol", lambda _: SHELVES, patrol.perform, patrol.settle))


@pytest.fixture
def mortal_app(database, tmp_path):
    """An installation whose process can be killed at any step, and the fuse that does it."""
    more = {"MERESTONE_ACCESS_MINUTES": str(10**8)}
    app = create_app(settings_for(database.fresh_url(tmp_path), tmp_path, **more))
    app.testing = True
    with app.readers() as session:
        guard_epoch(app.installation, session)
    fuse = Fuse()
    engine = app.sessions.kw["bind"]
    event.listen(engine, "begin", lambda _: None if not fuse.is_dead else fuse.step())
    event.listen(engine, "commit", lambda _: fuse.step())
    yield app, fuse
    app.close()


def test_nothing_that_counts_is_eaten_whatever_happens_in_whatever_order(mortal_app, database, tmp_path):
    app, fuse = mortal_app
    person = Cast(app).signed_in(Role.INSPECTOR)

    run_state_machine_as_test(
        lambda: World(app, fuse, tmp_path, person),
        settings=settings(
            max_examples=40 if database.name == "sqlite" else 8,
            stateful_step_count=10,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # to make a failure smaller takes minutes
        ),
    )
