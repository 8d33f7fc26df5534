"""Rows in bulk, straight into the tables: for tests that want many, or every column filled."""

import itertools
from uuid import uuid4

from sqlalchemy import Boolean, Date, Float, Integer, Text, Uuid

from server import clock
from server.db import Base, UtcDateTime

_numbers = itertools.count(1)
NUMBER = 37.770177
"""Every coordinate and measure that is a canary."""


def filled(model, **known):
    """A row of a table: what is given, and canaries in everything else."""
    row = {}
    for column in Base.metadata.tables[model.__tablename__].columns:
        if column.name in known:
            row[column.key] = known[column.name]
        elif column.foreign_keys or column.primary_key:
            row[column.key] = None if column.nullable else uuid4()
        else:
            row[column.key] = canary(column)
    return row


def canary(column):
    """A value that is seen wherever it comes out."""
    kind = column.type
    if isinstance(kind, Text):
        return f"CANARY-{column.table.name}-{column.name}-{next(_numbers)}"
    if isinstance(kind, Float):
        return NUMBER
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, Date):
        return clock.today()
    if isinstance(kind, UtcDateTime):
        return clock.now()
    if kind.python_type is bytes:
        return b"CANARY"
    if isinstance(kind, Uuid):
        return None if column.nullable else uuid4()
    return [{"CANARY": column.name, "latitude": NUMBER}] if column.nullable is False else {"CANARY": NUMBER}
