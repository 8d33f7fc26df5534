"""large ledgers are made by the worker"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261128_21'
down_revision = '20261128_20'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'report_file',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('snapshot_id', sa.Uuid(), nullable=False),
        sa.Column('region', sa.Text(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('chosen', types.JsonType, nullable=False),
        sa.Column('order_sha256', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('done', sa.Integer(), nullable=False),
        sa.Column('total', sa.Integer(), nullable=False),
        sa.Column('held_until', types.UtcDateTime(), nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('problem', sa.Text(), nullable=True),
        sa.Column('size', sa.BigInteger(), nullable=True),
        sa.Column('asked_by', sa.Uuid(), nullable=False),
        sa.Column('asked_at', types.UtcDateTime(), nullable=False),
        sa.Column('ready_at', types.UtcDateTime(), nullable=True),
        sa.Column('expires_at', types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_report_file_asked_by_person')),
        sa.ForeignKeyConstraint(
            ['snapshot_id'], ['report_snapshot.id'], name=op.f('fk_report_file_snapshot_id_report_snapshot')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_report_file')),
    )
    op.create_index(op.f('ix_report_file_snapshot_id'), 'report_file', ['snapshot_id'])
    op.create_index(op.f('ix_report_file_order_sha256'), 'report_file', ['order_sha256'])
    op.create_index('ix_report_file_asked_at', 'report_file', ['asked_at', 'id', 'region'])
    op.create_index('ix_report_file_state_asked_at', 'report_file', ['state', 'asked_at'])
    op.create_index('ix_report_file_state_expires_at', 'report_file', ['state', 'expires_at'])


def downgrade() -> None:
    op.drop_table('report_file')
