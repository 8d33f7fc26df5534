"""Parts of names, and labels, in a table beside what bears them: what few bear is found without reading all that is stored.

A row of such a table is a term and the key of what bears it. Terms are bytes, which every database sorts alike: the
endings of a name (`endings`), so that whatever begins one of them is a part of the name, and labels (`labels`). They are
written by the unit of work together with what bears them (`kept_beside`), so no verb has to think of it.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, LargeBinary, delete, event, insert, inspect, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Mapper, Session, mapped_column

from server.db import Base

MOST = 500
"""What more bear than this is common: a list finds some of it soon, wherever it begins to read."""
_LENGTH = 24
_AFTER_ALL = b"\xff"
"""No UTF-8 has this byte."""
_LABEL = "\0"
"""Stands before a label; no name has it."""

Entity = TypeVar("Entity", bound=Base)


class Term:
    """What the tables have in common: the term, which is the first part of the key."""

    term: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


def endings(*names: str) -> set[bytes]:
    """Return the endings of names, each cut after 24 characters, without regard to case."""
    folded = [name.casefold() for name in names]
    return {name[start : start + _LENGTH].encode() for name in folded for start in range(len(name))}


def labels(values: Iterable[str]) -> set[bytes]:
    """Return the terms of labels, that are found as a whole only."""
    return {f"{_LABEL}{value}{_LABEL}".encode() for value in values}


def few_named(session: Session, column: InstrumentedAttribute[UUID], part: str) -> list[UUID] | None:
    """Find what bears a name with a part that may be in it; None when it is more than `MOST`.

    `column` is that of the key in a table of terms. Only the first 24 characters of the part are looked at.
    """
    return _few(session, column, part.casefold()[:_LENGTH].encode())


def few_labelled(
    session: Session, column: InstrumentedAttribute[UUID], values: Collection[str]
) -> list[UUID] | None:
    """Find what bears one of some labels; None when it is more than `MOST` of any of them."""
    found = [_few(session, column, term) for term in labels(values)]
    return None if None in found else [key for keys in found for key in keys or ()]


def _few(session: Session, column: InstrumentedAttribute[UUID], first: bytes) -> list[UUID] | None:
    term = column.class_.term
    rows = session.scalars(select(column).where(term >= first, term < first + _AFTER_ALL).limit(MOST + 1))
    found = list(rows)
    return None if len(found) > MOST else list(dict.fromkeys(found))


def kept_beside(
    entity: type[Entity], table: type[Term], keys: dict[str, str], watched: Collection[str],
    terms: Callable[[Entity], set[bytes]],
) -> None:  # fmt: skip
    """Let the terms of an entity be written with it, and anew when one of its `watched` attributes changes.

    `keys` tells which column of the table holds which attribute of the entity. What is written past the unit of work,
    by a statement of its own, brings its terms itself. What is removed takes them with it: the table's key says so.
    """

    def write(connection: Connection, target: Entity) -> None:
        key = {column: getattr(target, attribute) for column, attribute in keys.items()}
        rows = [key | {"term": term} for term in sorted(terms(target))]
        if rows:
            connection.execute(insert(table), rows)

    @event.listens_for(entity, "after_insert")
    def added(_: Mapper[Any], connection: Connection, target: Entity) -> None:
        write(connection, target)

    @event.listens_for(entity, "after_update")
    def changed(_: Mapper[Any], connection: Connection, target: Entity) -> None:
        state = inspect(target)
        if any(state.attrs[name].history.has_changes() for name in watched):
            its = (getattr(table, column) == getattr(target, attribute) for column, attribute in keys.items())
            connection.execute(delete(table).where(*its))
            write(connection, target)
