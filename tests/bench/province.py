"""A province of a size: filled once, and asked for pages as a supervisor of a county, a city, or all of it, or as a stranger."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import Engine, event, func, select

from server import audit, clock
from server.access import Role
from server.accounts.models import Organisation, Person, Region
from server.accounts.passwords import Attempt, hash_password
from server.accounts.service import Lifetimes, add_person, sign_in
from server.http import App
from server.paging import write_place
from tests.bench.beside import Beside
from tests.bench.bulk import filling
from tests.bench.naming import CITIES, COUNTIES, code_of, hex_of, uscc_of
from tests.bench.pages import ROWS, Asked
from tests.bench.standing import Standing

ASKERS = {"county": code_of(0, 1), "city": code_of(0, 0), "province": "140000"}
PASSWORD = "bench-password"
_HOURS = timedelta(hours=12)
_STEPS, _TRIES = 10, 10
_IDLE = "一个没有任务的单位"


class Province:
    """An installation of a size; one that is filled already is used as it is. `statements` counts those of the last page."""

    def __init__(self, app: App, size: int) -> None:
        self.app, self.size, self.statements = app, size, 0
        hashed = hash_password(PASSWORD)
        with app.sessions() as session:
            is_filled = session.scalar(select(Person.id).where(Person.username == "province")) is not None
        if not is_filled:
            _fill(app, size, hashed)
        self.tokens = {asker: _token(app, asker, hashed) for asker in ASKERS}
        self._client = app.test_client()
        self.engine: Engine = app.sessions.kw["bind"].engine
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._backends: set[int] = set()
        if not self.is_sqlite:
            event.listen(self.engine, "checkout", self._know)
        event.listen(self.engine, "before_cursor_execute", self._count)

    def ask(self, asker: str, address: str) -> tuple[float, Any]:
        """Ask for a page; returns milliseconds of the processor, the database's too, and the answer."""
        token = self.tokens.get(asker)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        for _ in range(_TRIES):
            self.statements = 0
            began = self._processor_time()
            answer = self._client.get(address, headers=headers, buffered=True)
            taken = (self._processor_time() - began) * 1000
            if answer.status_code != 503:
                break
            time.sleep(1)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code} {answer.get_data(as_text=True)[:500]}")
        return taken, answer

    def _know(self, connection: Any, *_: Any) -> None:
        self._backends.add(connection.info.backend_pid)

    def _processor_time(self) -> float:
        """Seconds of this thread, and of the processes of PostgreSQL that answer it: what others do is not in it."""
        return time.thread_time() + sum(_seconds_of(process) for process in self._backends)

    def work(self, asker: str, address: str) -> int:
        """Count what SQLite does for a page, in steps of its machine: the same on every computer, however busy it is."""
        done = [0]

        def count() -> None:
            done[0] += 1

        def watch(connection: Any, *_: Any) -> None:
            connection.set_progress_handler(count, _STEPS)

        def leave(connection: Any, *_: Any) -> None:
            connection.set_progress_handler(None, 0)

        event.listen(self.engine, "checkout", watch)
        event.listen(self.engine, "checkin", leave)
        self.ask(asker, address)
        event.remove(self.engine, "checkout", watch)
        event.remove(self.engine, "checkin", leave)
        return done[0] * _STEPS

    def address_of(self, page: Asked, rows: int = ROWS) -> str:
        """Write the address of a page of so many rows; one deep inside begins behind the row in the middle of all."""
        path = (page.path if page.path.startswith("/") else f"/api/v1/{page.path}").format(**self._named())
        more = [f"after={self._middle(page)}"] if page.middle else []
        if page.is_console and "limit=" not in path and not path.endswith("/board"):
            more.append(f"limit={rows}")
        if more:
            path += ("&" if "?" in path else "?") + "&".join(more)
        return quote(path, safe="/?&=%")

    def _named(self) -> dict[str, str]:
        with self.app.readers() as session:
            bureau = select(Organisation.id).where(Organisation.region == code_of(2, 3))
            idle = select(Organisation.id).where(Organisation.name == _IDLE)
            ids = {"organisation": session.scalar(bureau), "idle": session.scalar(idle)}
        return {name: str(found) for name, found in ids.items()} | {
            "nothing": str(UUID(int=1)),
            **{kind: str(UUID(hex_of(kind, 77))) for kind in ("record", "task", "result")},
            "person": str(UUID(hex_of("person", 2))),
            "site": str(UUID(hex_of("site", 77))),
            "disclosure": str(UUID(hex_of("disclosure", 77))),
            "uscc": uscc_of(77),
            "day": str(clock.today() - timedelta(days=1)),
        }

    def _middle(self, page: Asked) -> str:
        with self.app.readers() as session:
            count = session.scalar(select(func.count()).select_from(page.middle[0].class_)) or 0
            row = session.execute(
                select(*page.middle).order_by(*page.middle).offset(count // 2).limit(1)
            ).one()
        return write_place(row)

    def _count(self, *_: Any) -> None:
        self.statements += 1


def _token(app: App, asker: str, hashed: str) -> str:
    with audit.transaction(app.sessions) as session:
        person = session.scalars(select(Person).where(Person.username == asker)).one()
        person.password_hash = hashed
        session.flush()
        return sign_in(session, Attempt(asker, hashed, True), None, Lifetimes(_HOURS, _HOURS)).token


def _fill(app: App, size: int, hashed: str) -> None:
    with audit.transaction(app.sessions) as session:
        codes = ["140000"] + [
            code_of(city, county) for city in range(CITIES) for county in range(COUNTIES + 1)
        ]
        for code in codes:
            session.add(Region(code=code, name=f"地区{code}"))
        session.flush()
        bureaus = {code: Organisation(name=f"{code}自然资源局", region=code) for code in codes}
        session.add_all([*bureaus.values(), Organisation(name=_IDLE, region=code_of(1, 1))])
        session.flush()
        organisations = {code: bureau.id for code, bureau in bureaus.items()}
        person = add_person(
            session, "inspector", "检查员", "", [Role.INSPECTOR], bureaus["140000"], hashed=hashed
        )
        inspector: UUID = person.id
        for asker, code in ASKERS.items():
            add_person(session, asker, asker, "", [Role.SUPERVISOR], bureaus[code], hashed=hashed)
    with app.sessions() as session:
        head = audit.head(session)
    with filling(app.sessions.kw["bind"].engine) as bulk:
        beside = Beside(bulk, size, organisations, inspector, head)
        Standing(bulk, size, organisations, inspector, beside).run()
        beside.run()


def _seconds_of(process: int) -> float:
    """Seconds that a process was on a processor, as Linux counts them in nanoseconds."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    except FileNotFoundError:
        return 0.0
