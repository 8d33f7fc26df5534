"""Alembic's entry: migrations run on the connection that `server.migrate` hands over."""

from alembic import context

from server import tables  # every table, so that autogenerate sees them all
from server.db import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=True,
    user_module_prefix="types.",
)
assert tables
with context.begin_transaction():
    context.run_migrations()
