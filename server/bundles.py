"""Several selections in one statement: what is asked about the same things at the same time is one question, not ten.

PostgreSQL answers with a JSON text for each selection, so that one message goes each way instead of one for each: for a
dozen small selections, waiting and getting ready cost more than all their rows. SQLite, which is no further away than
a call, runs one after the other. The counterpart of `server.rows`, which writes.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    Double,
    Integer,
    ScalarSelect,
    Select,
    Subquery,
    Text,
    Uuid,
    bindparam,
    func,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine

from server.db import JsonType, UtcDateTime, is_postgresql, read_uuid

Rows = Sequence[Any]
Found = Mapping[str, Rows]


class Bundle:
    """Selections by what they look for, that are asked together; their rows have columns by name, as elsewhere.

    A parameter that several of them name is the same for all.
    """

    def __init__(self, selections: Mapping[str, Select[*tuple[Any, ...]]]) -> None:
        """Bundle selections; done once, when a module is loaded."""
        self._selections = selections
        self._readers = {name: _Reader(each) for name, each in selections.items()}

    def read(self, session: Session, values: Mapping[str, Any]) -> Found:
        """Ask them all."""
        session.flush()  # what this transaction has written is seen, as by a query for objects
        connection = session.connection()
        if not is_postgresql(session):
            return {name: connection.execute(each, values).all() for name, each in self._selections.items()}
        written = connection.execute(self._together, values).one()
        return {
            name: reader.rows(each)
            for (name, reader), each in zip(self._readers.items(), written, strict=True)
        }

    @cached_property
    def _together(self) -> Select[*tuple[Any, ...]]:
        return select(*(_as_json(each.subquery(name)).label(name) for name, each in self._selections.items()))


class Unforeseen(FunctionElement[Any]):
    """Several values that no plan is made for.

    PostgreSQL makes another plan each time as long as it hopes for a better one from knowing the values. Where ids are
    looked up in an index there is none, and planning costs several times what finding the rows does.
    """

    inherit_cache = True


@compiles(Unforeseen)
def _hidden(element: Unforeseen, compiler: Any, **more: Any) -> str:
    return f"array(select unnest({compiler.process(element.clauses, **more)}))"


@compiles(Unforeseen, "sqlite")
def _as_given(element: Unforeseen, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


def unforeseen(name: str, kind: TypeEngine[Any]) -> ScalarSelect[Any]:
    """Name a parameter whose value no plan is made for either: that of a bundle is dear."""
    return select(bindparam(name, type_=kind)).scalar_subquery()


def _as_json(rows: Subquery) -> Any:
    listed = func.json_agg(func.json_build_array(*rows.c))
    return select(type_coerce(listed, JsonType)).select_from(rows).scalar_subquery()


class _Reader:
    """Makes rows of what was written as JSON, which has no bytes."""

    def __init__(self, selection: Select[*tuple[Any, ...]]) -> None:
        columns = selection.selected_columns
        strange = [each.key for each in columns if not isinstance(each.type, (*_PARSERS, *_AS_WRITTEN))]
        if strange:
            raise TypeError(f"JSON tells bytes and exact numbers as something else: {strange}")
        row: Any = namedtuple("Row", columns.keys())  # type: ignore[misc] # noqa: PYI024 - known when it runs
        self._make = row._make
        self._parsed = [
            (place, _PARSERS[kind])
            for place, column in enumerate(columns)
            for kind in _PARSERS
            if isinstance(column.type, kind)
        ]

    def rows(self, written: Sequence[list[Any]] | None) -> Rows:
        """Make the rows; where there is none, PostgreSQL gives nothing at all."""
        for cells in written or ():
            for place, parse in self._parsed:
                if cells[place] is not None:
                    cells[place] = parse(cells[place])
        return [self._make(cells) for cells in written or ()]


_PARSERS: Mapping[type[TypeEngine[Any]], Callable[[Any], Any]] = {
    Uuid: read_uuid,
    Date: lru_cache(maxsize=4096)(date.fromisoformat),
    UtcDateTime: datetime.fromisoformat,
    Double: float,
}
_AS_WRITTEN = (Text, Boolean, Integer, JSON, NullType)
