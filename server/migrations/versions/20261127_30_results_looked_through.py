"""what is public of results can be looked through by object, matter, day and outcome"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261127_30'
down_revision = '20261127_20'
branch_labels = None
depends_on = None

# As the codes stood when this was written.
PROBLEMS = {
    'CORRECTED_ON_ORDER', 'REFUSED_SERIOUS', 'UNREACHABLE', 'NOT_PUBLICISED', 'FALSE_PUBLICITY', 'PENDING_FOLLOWUP',
    'OTHER_BREACH_OWN_DEPT', 'OTHER_BREACH_OTHER_DEPT', 'UNQUALIFIED',
}
NONE = {'NO_PROBLEM', 'QUALIFIED'}

INDEXES = {
    'ix_disclosure_state_inspected_on': ['state', 'inspected_on', 'id'],
    'ix_disclosure_state_item_code': ['state', 'item_code', 'inspected_on', 'id'],
    'ix_disclosure_state_region': ['state', 'region', 'inspected_on', 'id'],
    'ix_disclosure_object_id': ['object_id', 'inspected_on', 'id'],
}


def upgrade() -> None:
    with op.batch_alter_table('disclosure', schema=None) as batch_op:
        batch_op.add_column(sa.Column('object_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('item_code', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('inspected_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('outcome', sa.Text(), nullable=True))
    _fill()
    with op.batch_alter_table('disclosure', schema=None) as batch_op:
        batch_op.create_foreign_key(op.f('fk_disclosure_object_id_inspected_object'), 'inspected_object', ['object_id'], ['id'])
        for column, kind in (('object_id', sa.Uuid()), ('item_code', sa.Text()), ('inspected_on', sa.Date()), ('outcome', sa.Text())):
            batch_op.alter_column(column, existing_type=kind, nullable=False)
        for name, columns in INDEXES.items():
            batch_op.create_index(name, columns, unique=False)


def _fill() -> None:
    """What a result was about stands in the result; what it came to, in the codes that were made public."""
    op.execute(
        'update disclosure set (object_id, item_code, inspected_on) = '
        '(select object_id, item_code, inspected_on from result where result.id = disclosure.result_id)'
    )
    table = sa.table('disclosure', sa.column('id', sa.Uuid()), sa.column('body', types.JsonType), sa.column('outcome', sa.Text()))
    connection = op.get_bind()
    by_outcome: dict[str, list] = {}
    for id_, body in connection.execute(sa.select(table.c.id, table.c.body)):
        codes = set(body['result_codes'])
        outcome = 'problem' if codes & PROBLEMS else 'no_problem' if codes & NONE else 'other'
        by_outcome.setdefault(outcome, []).append(id_)
    for outcome, ids in by_outcome.items():
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            connection.execute(table.update().where(table.c.id.in_(some)).values(outcome=outcome))


def downgrade() -> None:
    with op.batch_alter_table('disclosure', schema=None) as batch_op:
        for name in INDEXES:
            batch_op.drop_index(name)
        batch_op.drop_constraint(op.f('fk_disclosure_object_id_inspected_object'), type_='foreignkey')
        for column in ('object_id', 'item_code', 'inspected_on', 'outcome'):
            batch_op.drop_column(column)
