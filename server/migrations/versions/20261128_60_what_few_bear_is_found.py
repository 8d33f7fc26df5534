"""what few bear is found: parts of names and labels"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '20261128_60'
down_revision = '20261128_40'
branch_labels = None
depends_on = None

_MANY = 5000
_LENGTH = 24
KEPT: tuple[tuple[str, dict[str, str], str, list[str], str | None], ...] = (
    ('object_term', {'object_id': 'id'}, 'inspected_object', ['name'], 'tags'),
    ('person_term', {'person_id': 'id'}, 'person', ['name', 'username'], 'roles'),
    ('device_term', {'device_id': 'id', 'person_id': 'person_id'}, 'device', ['name'], None),
    ('task_term', {'task_id': 'id'}, 'task', [], 'forms'),
)
_ADDED = (
    ('disclosure', 'ix_disclosure_state_outcome_name_key', ['state', 'outcome', 'name_key', 'id', 'region']),
    ('disclosure', 'ix_disclosure_state_region_name_key', ['state', 'region', 'name_key', 'id', 'outcome']),
    ('disclosure', 'ix_disclosure_state_region_published_at', ['state', 'region', 'published_at', 'id']),
    ('result', 'ix_result_region_state_publish_on', ['region', 'state', 'publish_on', 'id']),
)


def upgrade() -> None:
    for table, keys, source, named, labelled in KEPT:
        _keep(table, keys, source, named, labelled)
    for table, name, columns in _ADDED:
        op.create_index(name, table, columns)
    op.drop_index('ix_person_region', table_name='person')
    op.create_index('ix_person_region_username', 'person', ['region', 'username'])
    _partial('ix_person_inactive', 'person', ['username'], 'active = 0', 'not active')
    blocked = 'blocked_at is not null'
    _partial('ix_device_blocked', 'device', ['last_sign_in', 'id', 'person_id'], blocked, blocked)


def downgrade() -> None:
    for table, name, _ in _ADDED:
        op.drop_index(name, table_name=table)
    op.drop_index('ix_device_blocked', table_name='device')
    op.drop_index('ix_person_inactive', table_name='person')
    op.drop_index('ix_person_region_username', table_name='person')
    op.create_index('ix_person_region', 'person', ['region'])
    for table in ('task_term', 'device_term', 'person_term', 'object_term'):
        op.drop_table(table)


def _partial(name: str, table: str, columns: list[str], on_sqlite: str, on_postgresql: str) -> None:
    op.create_index(
        name, table, columns, sqlite_where=sa.text(on_sqlite), postgresql_where=sa.text(on_postgresql)
    )


def _keep(table: str, keys: dict[str, str], source: str, named: list[str], labelled: str | None) -> None:
    made = op.create_table(
        table,
        sa.Column('term', sa.LargeBinary(), primary_key=True),
        *(sa.Column(key, sa.Uuid(), primary_key=True) for key in keys),
        sa.ForeignKeyConstraint(
            list(keys),
            [f'{source}.{column}' for column in keys.values()],
            name=f"fk_{table}_{'_'.join(keys)}_{source}",
            ondelete='CASCADE',
        ),
    )
    op.create_index(f'ix_{table}_{next(iter(keys))}', table, list(keys))
    for some in _batches(terms_of(op.get_bind(), keys, source, named, labelled)):
        op.bulk_insert(made, some, multiinsert=False)


def terms_of(
    connection: sa.Connection, keys: dict[str, str], source: str, named: list[str], labelled: str | None
) -> Iterator[dict[str, Any]]:
    """Read what is there, and give the rows of terms that belong to it."""
    read = [sa.column(name, sa.Uuid()) for name in keys.values()] + [sa.column(name) for name in named]
    if labelled:
        read.append(sa.cast(sa.column(labelled), sa.Text))
    some_at_once = {'yield_per': _MANY}  # however many there are
    for row in connection.execute(sa.select(*read).select_from(sa.table(source)), execution_options=some_at_once):
        key = dict(zip(keys, row, strict=False))
        folded = [name.casefold() for name in row[len(keys) : len(keys) + len(named)]]
        terms = {name[start : start + _LENGTH] for name in folded for start in range(len(name))}
        if labelled:
            terms |= {f'\0{label}\0' for label in json.loads(row[-1])}
        yield from ({'term': term.encode(), **key} for term in sorted(terms))


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == _MANY:
            yield some
            some = []
    if some:
        yield some
