"""Many rows in one statement: what a batch brings is written once a table, not once a row.

PostgreSQL takes the rows as one JSON text and spells them out itself: for twenty rows a twentieth of the messages, and of
what preparing, binding and answering each costs both sides. SQLite, which is no further away than a call, runs the
statement for each row. Nothing is returned; rows are written in the order in which they are given.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    Column,
    CursorResult,
    Dialect,
    LargeBinary,
    Table,
    TextClause,
    TextualSelect,
    Update,
    bindparam,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from server.db import is_postgresql

Row = Mapping[str, Any]

#: In the `info` of a column of JSON that is large in most rows.
LARGE: Final = "large"

_DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
_quote = _DIALECT.identifier_preparer.quote


def insert_rows(
    session: Session, table: Table, rows: Sequence[Row], known: Sequence[str] | None = None
) -> None:
    """Insert rows that fill in the same columns, all that have a default among them.

    `known`: of a row whose primary key is there already, what is taken over from the new one; empty: nothing is. Without
    it such a row is an IntegrityError.
    """
    if rows:
        taken = None if known is None else tuple(known)
        _insert(session, table, rows, taken, returning=None)


def insert_new(session: Session, table: Table, rows: Sequence[Row]) -> set[Any]:
    """Insert those of some rows, of one primary key column, that are not there yet; returns the keys of these.

    Waits for another transaction that inserts one of them to end: name them in the same order everywhere.
    """
    if not rows:
        return set()
    [key] = (column.name for column in table.primary_key.columns)
    return set(_insert(session, table, rows, (), returning=key).scalars())


def _insert(
    session: Session, table: Table, rows: Sequence[Row], known: tuple[str, ...] | None, returning: str | None
) -> CursorResult[Any]:
    if left_out := _defaults_in(table) - rows[0].keys():
        raise ValueError(f"columns of {table.name} that only their default would fill in: {sorted(left_out)}")
    if not is_postgresql(session):
        return session.connection().execute(_insert_each(table, known, returning), rows)
    names = tuple(rows[0])
    statement = _insert_of(table, names, known, returning, _apart(table, rows))
    return session.connection().execute(statement, _written(table, rows))


def update_rows(session: Session, table: Table, rows: Sequence[Row], by: Sequence[str] = ()) -> None:
    """Update rows, each of which says by what it is found beside what it changes: the same columns in all.

    `by` names the columns by which they are found; without it those of the primary key.
    """
    if not rows:
        return
    keys = tuple(by) or tuple(column.name for column in table.primary_key.columns)
    if is_postgresql(session):
        statement = _update_of(table, keys, tuple(rows[0]), _apart(table, rows))
        session.connection().execute(statement, _written(table, rows))
    else:
        named = [{f"its_{name}": value for name, value in row.items()} for row in rows]
        session.connection().execute(_update_each(table, keys, tuple(rows[0])), named)


@lru_cache(maxsize=256)
def _defaults_in(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in table.columns if column.default is not None)


@lru_cache(maxsize=256)
def _insert_of(
    table: Table, names: tuple[str, ...], known: tuple[str, ...] | None, returning: str | None, count: int
) -> TextClause | TextualSelect:
    """Write the insertion of rows; of `count` rows, where columns are large."""
    columns = ", ".join(map(_quote, names))
    statement = f"insert into {_quote(table.name)} ({columns}) select {columns} from {_spelled_out(table, names, count)}"  # noqa: S608
    if known is not None:
        keys = ", ".join(_quote(column.name) for column in table.primary_key.columns)
        taken = ", ".join(f"{name} = excluded.{name}" for name in map(_quote, known))
        statement += f" on conflict ({keys}) do {f'update set {taken}' if taken else 'nothing'}"
    if returning is None:
        return text(statement)
    return text(f"{statement} returning {_quote(returning)}").columns(table.c[returning])


@lru_cache(maxsize=256)
def _update_of(table: Table, keys: tuple[str, ...], names: tuple[str, ...], count: int) -> TextClause:
    named = _quote(table.name)
    changed = ", ".join(
        f"{name} = its.{name}" for name in (_quote(each) for each in names if each not in keys)
    )
    found = " and ".join(f"{named}.{key} = its.{key}" for key in map(_quote, keys))
    return text(f"update {named} set {changed} from {_spelled_out(table, names, count)} where {found}")  # noqa: S608


def _spelled_out(table: Table, names: tuple[str, ...], count: int) -> str:
    """Write the rows as a table called `its`. Names are those of our own tables and columns.

    What is large travels as it is, each by itself: bytes as base64 in JSON, or as an array, would cost three times as
    much, and JSON within JSON is read three times.
    """
    plain = [name for name in names if not _is_large(table.c[name])]
    rows = f"json_to_recordset(cast(:rows as json)) as ({', '.join(f'{_quote(name)} {_type(table.c[name])}' for name in plain)})"
    beside = [name for name in names if name not in plain]
    arrays = "".join(f", unnest(array[{_each_of(table.c[name], count)}])" for name in beside)
    return f"rows from ({rows}{arrays}) as its({', '.join(map(_quote, [*plain, *beside]))})"


def _each_of(column: Column[Any], count: int) -> str:
    return ", ".join(f"cast(:{column.name}{number} as {_type(column)})" for number in range(count))


def _type(column: Column[Any]) -> str:
    return column.type.compile(_DIALECT)


def _is_large(column: Column[Any]) -> bool:
    return isinstance(column.type, LargeBinary) or bool(column.info.get(LARGE))


def _apart(table: Table, rows: Sequence[Row]) -> int:
    """Tell how many rows there are, where a statement is another for each number of them; else 0."""
    return len(rows) if any(_is_large(table.c[name]) for name in rows[0]) else 0


@lru_cache(maxsize=256)
def _insert_each(
    table: Table, known: tuple[str, ...] | None, returning: str | None
) -> Insert | ReturningInsert[Any]:
    insert = sqlite.insert(table)
    if known:
        keys = [column.name for column in table.primary_key.columns]
        insert = insert.on_conflict_do_update(
            index_elements=keys, set_={name: insert.excluded[name] for name in known}
        )
    elif known is not None:
        insert = insert.on_conflict_do_nothing()
    return insert if returning is None else insert.returning(table.c[returning])


@lru_cache(maxsize=256)
def _update_each(table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Update:
    changed: dict[str, Any] = {name: bindparam(f"its_{name}") for name in names if name not in keys}
    return update(table).where(*(table.c[key] == bindparam(f"its_{key}") for key in keys)).values(changed)


def _plainly(value: object) -> str:
    if isinstance(value, UUID):  # as most are
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no column holds a {type(value).__name__}")


_write_patiently = json.JSONEncoder(
    ensure_ascii=False,
    check_circular=False,  # rows are made anew, and to remember each of their values costs a tenth of writing it
    separators=(",", ":"),
    default=_plainly,
).encode


def _write(value: object) -> str:
    """Write JSON: by orjson, which is quicker, and what it knows not (long numbers, numbers as keys) without."""
    try:
        return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATACLASS).decode()
    except TypeError:
        return _write_patiently(value)


def _written(table: Table, rows: Sequence[Row]) -> dict[str, Any]:
    large = [name for name in rows[0] if _is_large(table.c[name])]
    if not large:
        return {"rows": _write(rows)}
    plain = [{name: value for name, value in row.items() if name not in large} for row in rows]
    apart = {f"{name}{number}": _alone(row[name]) for number, row in enumerate(rows) for name in large}
    return {"rows": _write(plain), **apart}


def _alone(value: object) -> object:
    return value if value is None or isinstance(value, bytes) else _write(value)
