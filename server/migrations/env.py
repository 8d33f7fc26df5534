"""Alembic's entry: migrations run on the connection that `server.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON

from server import tables  # every table, so that autogenerate sees them all
from server.db import Base, UtcDateTime


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own types by our own names."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "types.UtcDateTime()"
    if kind == "type" and isinstance(item, JSON) and item._variant_mapping:  # noqa: SLF001 - the only way to ask
        return "types.JsonType"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=True,
    render_item=render_item,
)
assert tables
with context.begin_transaction():
    context.run_migrations()
