"""Conditions as each database answers them best: one of many values, the beginning of a text, a column past its index."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Dialect, Text, TypeDecorator
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement, ReturnTypeFromArgs
from sqlalchemy.types import NullType, TypeEngine

from server.db import write_json


def begins(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Choose what begins with a text, as a stretch of an index of a column `InByteOrder`."""
    return (column >= text) & (column < text + "\U0010ffff")


class Several(TypeDecorator[Any]):
    """Values of one type, as one parameter: an array, and on SQLite a JSON text of them."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        """Make the type for values of a column's type: UUIDs or texts."""
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose how the values travel."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.of))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Write the values as SQLite keeps them."""
        if dialect.name != "sqlite":
            return value
        return write_json([each.hex if isinstance(each, UUID) else each for each in value])


class Among(FunctionElement[Any]):
    """A column is one of several values, which are one parameter: one text of SQL and one plan, however many they are."""

    # Said to be a boolean, SQLite would compare it with 1, and look into no index.
    type = NullType()
    inherit_cache = True


@compiles(Among)
def _is_any(element: Among, compiler: Any, **more: Any) -> str:
    column, values = (compiler.process(each, **more) for each in element.clauses)
    return f"{column} = any({values})"


@compiles(Among, "sqlite")
def _is_in(element: Among, compiler: Any, **more: Any) -> str:
    column, values = (compiler.process(each, **more) for each in element.clauses)
    return f"{column} in (select value from json_each({values}))"  # noqa: S608 - names and places of our own


class Unindexed(ReturnTypeFromArgs[Any]):
    """A column for whose condition no index is looked for: SQLite's unary plus. PostgreSQL knows its rows and decides itself."""

    inherit_cache = True


@compiles(Unindexed)
def _as_it_is(element: Unindexed, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


@compiles(Unindexed, "sqlite")
def _with_a_plus(element: Unindexed, compiler: Any, **more: Any) -> str:
    return f"+{compiler.process(element.clauses, **more)}"
