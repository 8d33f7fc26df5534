"""What every test gets: both databases, a rolled-back savepoint each, and the cast."""

import functools
import gc
import itertools
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from server.app import create_app
from server.checklists import publishing
from server.db import open_engine
from server.http import App
from server.installation import guard_epoch
from server.migrate import migrate
from server.settings import Settings
from tests.actors import Cast
from tests.chromium import browser, bureau, founded, playwright  # noqa: F401 - fixtures of whoever needs a browser
from tests.postgres import running_postgres
from tests.sharing import pytest_xdist_make_scheduler  # noqa: F401 - a hook

_counter = itertools.count(1)


gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What is loaded by now stays: nobody looks through it for garbage, neither while it is loaded nor later."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def forms_compiled_once() -> Iterator[None]:
    """Publishing remembers what it compiled: a source gives the same form each time, as `tests/forms` prove."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "read_source", functools.cache(publishing.read_source))
        yield


@dataclass(frozen=True)
class Database:
    """A migrated template that fresh databases are copied from."""

    name: str
    url: str
    template: str

    def fresh_url(self, folder: Path) -> str:
        """Copy the template; the copy belongs to one test alone."""
        if self.name == "sqlite":
            copy = folder / f"copy-{next(_counter)}.sqlite3"
            shutil.copy(self.template, copy)
            return f"sqlite:///{copy}"
        return self._create(self.template)

    def empty_url(self, folder: Path) -> str:
        """Name a database without tables; it belongs to one test alone."""
        if self.name == "sqlite":
            return f"sqlite:///{folder}/empty-{next(_counter)}.sqlite3"
        return self._create("template0")

    def _create(self, template: str) -> str:
        name = f"copy_{os.getpid()}_{next(_counter)}"
        admin = create_engine(f"{self.url}/postgres", isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"create database {name} template {template}"))
        admin.dispose()
        return f"{self.url}/{name}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with running_postgres() as url:
        yield url


def sqlite_database(folder: Path) -> Database:
    """Make a migrated template in a folder."""
    template = folder / "template.sqlite3"
    _build(f"sqlite:///{template}")
    return Database("sqlite", "", str(template))


def postgres_database(url: str) -> Database:
    """Make a migrated template in a cluster."""
    admin = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("create database template_merestone"))
    admin.dispose()
    _build(f"{url}/template_merestone")
    return Database("postgres", url, "template_merestone")


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory) -> Database:
    return sqlite_database(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def on_postgres(postgres) -> Database:
    return postgres_database(postgres)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def database(request) -> Database:
    """Both databases, with every table: each test that touches data runs on either.

    Tests may go back and forth between the two: each template is made once.
    """
    return request.getfixturevalue(f"on_{request.param}")


def _build(url: str) -> None:
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()  # closing the last connection folds SQLite's log into the file


def settings_for(url: str, folder: Path, **more: str) -> Settings:
    """Settings of a test's installation."""
    environment = {
        "MERESTONE_DATA": str(folder),
        "MERESTONE_DATABASE_URL": url,
        "MERESTONE_RESERVE_BYTES": "0",
        **more,
    }
    return Settings.from_environment(environment)


@pytest.fixture(scope="session")
def app(database: Database, tmp_path_factory) -> Iterator[App]:
    """One application for all tests of a database; what tests write is rolled back."""
    folder = tmp_path_factory.mktemp("app")
    app = create_app(settings_for(database.fresh_url(folder), folder))
    app.testing = True
    with app.readers() as session:
        guard_epoch(app.installation, session)
    yield app
    app.close()


@pytest.fixture
def session(app: App) -> Iterator[Session]:
    """A session whose work, and that of every request, is undone after the test."""
    engine = app.sessions.kw["bind"]
    readers = app.readers.kw["bind"]
    with engine.connect() as connection, connection.begin() as outer:
        app.sessions.configure(bind=connection, join_transaction_mode="create_savepoint")
        app.readers.configure(bind=connection, join_transaction_mode="create_savepoint")
        if connection.dialect.name == "postgresql":
            # The whole test is one transaction here, and may think for longer than a request may.
            connection.execute(text("set local idle_in_transaction_session_timeout = 0"))
        try:
            with app.sessions() as session:
                yield session
        finally:
            app.sessions.configure(bind=engine, join_transaction_mode="conditional_savepoint")
            app.readers.configure(bind=readers, join_transaction_mode="conditional_savepoint")
            if outer.is_active:
                outer.rollback()


@pytest.fixture
def cast(app: App, session: Session) -> Cast:
    """The cast, speaking to the application of this test."""
    return Cast(app)


@pytest.fixture
def visit(cast):
    """Two phones that have pulled the same task."""
    lead, second = cast.phone(), cast.phone()
    task = cast.task(lead, second)
    lead.syncs()
    second.syncs()
    return SimpleNamespace(lead=lead, second=second, task=task)


@pytest.fixture
def statements(app):
    """The statements that reached the database since it was cleared."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement)

    engine = app.sessions.kw["bind"].engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def fresh_app(database: Database, tmp_path) -> Iterator[App]:
    """An application on a database of its own, whose commits are real: for threads and crashes."""
    app = create_app(settings_for(database.fresh_url(tmp_path), tmp_path))
    app.testing = True
    with app.readers() as session:
        guard_epoch(app.installation, session)
    yield app
    app.close()
