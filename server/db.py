"""The database: base class, column types, engines and sessions for SQLite and PostgreSQL."""

import json
from collections.abc import Callable, Mapping
from copy import copy
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from time import monotonic
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    JSON,
    Date,
    DateTime,
    Dialect,
    Engine,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    Uuid,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

Json = dict[str, Any]
JsonList = list[Any]
Sessions = sessionmaker[Session]

_IDLE_SINCE: Final = "idle_since"
#: For so long a connection that was given back is taken to be still there.
_TRUSTED_SECONDS: Final = 2.0


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; SQLite keeps it as naive UTC, so that it sorts as text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """Say what a value is in Python; a decorator does not know by itself."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments: nobody can tell what they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive moment has no place in the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give every moment back aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class KnownUuid(Uuid[UUID]):
    """A UUID that SQLite keeps as text; the same few thousand come again and again, and making one costs more than finding it."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], UUID | None] | None:
        """Read text by what is known; a driver that gives UUIDs needs nothing."""
        is_text = super().result_processor(dialect, coltype) is not None  # type: ignore[no-untyped-call]
        return read_uuid if is_text else None


@lru_cache(maxsize=8192)
def read_uuid(text: str | None) -> UUID | None:
    """Read a UUID; the same object for the same text, mostly."""
    return None if text is None else UUID(text)


InByteOrder = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is sorted byte by byte whatever the language of the database, so that an index finds a beginning; see `begins`."""

NAMES: Final = "names"
"""In a column's `info`: the tables whose keys stand in it where no foreign key can say so, in JSON or of several tables."""

JsonType = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """Mother of all tables. Names of constraints are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own name and form
        str: Text,
        datetime: UtcDateTime,
        date: Date,
        UUID: KnownUuid,
        bytes: LargeBinary,
        Json: JsonType,
        JsonList: JsonType,
    }


# Made once: `json.dumps` makes an encoder for each value, and a pushed record brings a dozen.
write_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_write_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_parse_json = json.JSONDecoder().raw_decode


def _read_json(text: str | bytes) -> Any:
    """Read what was written here: with nothing before it or behind, which `json.loads` would look for first."""
    return _parse_json(text.decode() if isinstance(text, bytes) else text)[0]


def open_engine(database_url: str, pool_size: int = 32) -> Engine:
    """Open the engine of one process.

    SQLite: WAL, `synchronous=FULL` (an acknowledged commit survives power loss), foreign keys on, and
    transactions that begin explicitly. PostgreSQL: a holder of the append lock that freezes is thrown out
    after five seconds, so that it can't block every push.
    """
    if database_url.startswith("sqlite"):
        engine = create_engine(
            database_url,
            hide_parameters=True,  # what a statement was given is no business of a log
            json_serializer=write_json,
            json_deserializer=_read_json,
            connect_args={"timeout": 30, "check_same_thread": False},
            pool_size=pool_size,
            max_overflow=8,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        engine.dialect.do_begin = _begin_writing  # type: ignore[assignment, method-assign]
        return engine
    engine = create_engine(
        database_url,
        hide_parameters=True,
        json_serializer=write_json,
        json_deserializer=_read_json,
        pool_size=pool_size,
        max_overflow=8,
        pool_use_lifo=True,  # what was used last has its statements prepared, and its process is warm
        connect_args={
            "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=5s -c timezone=UTC",
            "connect_timeout": 5,
        },
    )
    event.listen(engine, "checkin", _note_idle)
    event.listen(engine, "checkout", partial(_ask_after_idle, engine.dialect))
    return engine


def _note_idle(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_IDLE_SINCE] = monotonic()


def _ask_after_idle(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Make sure of a connection that nobody used for a while: the server may have started anew meanwhile.

    One that was used a moment ago is not asked, which would cost as much as a small statement: should it be gone, the
    request fails as it would have failed in its middle, and is sent again.
    """
    idle_since = record.info.get(_IDLE_SINCE)
    if idle_since is None or monotonic() - idle_since < _TRUSTED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except Exception as error:
        if not dialect.is_disconnect(error, connection, None):  # type: ignore[arg-type]
            raise
        raise InvalidatePoolError from error


_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    # Hashes and UUIDs land all over the indexes: keep 16 MiB of them, and fold the log in every 16 MiB.
    "cache_size=-16384",
    "wal_autocheckpoint=4000",
)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 must not begin on its own: we say how
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


# Said to the dialect, and not as a listener to the engine: where one listens, every statement looks for more of them.
def _begin_writing(connection: PoolProxiedConnection) -> None:
    # A writer that begins as a reader can fail in the middle with "database is locked"; so it says so first.
    connection.driver_connection.execute("BEGIN IMMEDIATE")  # type: ignore[union-attr]


def _begin_reading(connection: PoolProxiedConnection) -> None:
    connection.driver_connection.execute("BEGIN")  # type: ignore[union-attr]


def open_sessions(engine: Engine) -> tuple[Sessions, Sessions]:
    """Return two session makers on one pool: for writing and for reading only."""
    reader = engine.execution_options(reading=True)
    if engine.dialect.name == "sqlite":
        reader.dialect = copy(engine.dialect)
        reader.dialect.do_begin = _begin_reading  # type: ignore[assignment, method-assign]
    writing = sessionmaker(engine, expire_on_commit=False)
    reading = sessionmaker(reader, expire_on_commit=False, autoflush=False)
    return writing, reading


def is_postgresql(session: Session) -> bool:
    """Say whether this session talks to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def is_gone(error: BaseException) -> bool:
    """Say whether the database is busy or gone: its transaction is over, and the same may be asked again.

    Of a PostgreSQL that ended without a word psycopg says nothing more than DatabaseError.
    """
    if isinstance(error, OperationalError | InterfaceError | InternalError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def hold_still(session: Session) -> None:
    """Let a transaction that begins here see one state of the database to its end, as on SQLite every one does.

    For those that only read: on PostgreSQL one that writes could not go on where another one wrote meanwhile. A session
    on a connection that others began sees what that one sees.
    """
    if is_postgresql(session) and isinstance(session.get_bind(), Engine):
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Write JSON with one spelling only: sorted keys, no spaces, UTF-8. The audit chain hashes it."""
    return _write_canonical(value).encode()
