"""versions of licences and markers; licences and inspectors that ended"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261128_41'
down_revision = '20261128_60'
branch_labels = None
depends_on = None

_CAN_END = ('licence', 'inspector_profile')


def upgrade() -> None:
    for table in _CAN_END:
        op.add_column(table, sa.Column('ended_on', sa.Date(), nullable=True))
        op.add_column(table, sa.Column('ended_because', sa.Text(), nullable=True))
    op.create_table(
        'licence_version',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('licence_id', sa.Uuid(), nullable=False),
        sa.Column('part', sa.Text(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('since', sa.Date(), nullable=True),
        sa.Column('source', sa.Text(), nullable=False),
        sa.Column('state', types.JsonType, nullable=False),
        sa.Column('entered_at', types.UtcDateTime(), nullable=True),
        sa.Column('entered_by', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ['licence_id'], ['licence.id'], name=op.f('fk_licence_version_licence_id_licence')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_licence_version')),
        sa.UniqueConstraint(
            'licence_id', 'part', 'number', name=op.f('uq_licence_version_licence_id_part_number')
        ),
    )


def downgrade() -> None:
    op.drop_table('licence_version')
    for table in _CAN_END:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column('ended_because')
            batch_op.drop_column('ended_on')
