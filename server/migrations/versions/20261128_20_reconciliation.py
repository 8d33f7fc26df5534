"""what was delivered is compared with what the platform holds"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261128_20'
down_revision = '20261127_31'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'reconciliation',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('region', sa.Text(), nullable=False),
        sa.Column('target', sa.Text(), nullable=False),
        sa.Column('source', sa.Text(), nullable=False),
        sa.Column('first', sa.Date(), nullable=False),
        sa.Column('last', sa.Date(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('next_at', types.UtcDateTime(), nullable=False),
        sa.Column('asked_by', sa.Uuid(), nullable=True),
        sa.Column('asked_at', types.UtcDateTime(), nullable=False),
        sa.Column('ended_at', types.UtcDateTime(), nullable=True),
        sa.Column('here', sa.Integer(), nullable=False),
        sa.Column('there', sa.Integer(), nullable=False),
        sa.Column('agreed', sa.Integer(), nullable=False),
        sa.Column('found', types.JsonType, nullable=False),
        sa.Column('problem', sa.Text(), nullable=True),
        sa.Column('file_sha256', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_reconciliation_asked_by_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_reconciliation')),
    )
    op.create_index('ix_reconciliation_asked_at', 'reconciliation', ['asked_at', 'id', 'region'])
    op.create_index('ix_reconciliation_state_next_at', 'reconciliation', ['state', 'next_at'])
    op.create_index('ix_reconciliation_source_last', 'reconciliation', ['source', 'last'])
    op.create_table(
        'difference',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('region', sa.Text(), nullable=False),
        sa.Column('target', sa.Text(), nullable=False),
        sa.Column('key', sa.Text(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('delivery_id', sa.Uuid(), nullable=True),
        sa.Column('at', types.UtcDateTime(), nullable=False),
        sa.Column('ours', types.JsonType, nullable=True),
        sa.Column('theirs', types.JsonType, nullable=True),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('decided_by', sa.Uuid(), nullable=True),
        sa.Column('decided_at', types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_difference_decided_by_person')),
        sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_difference_delivery_id_delivery')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_difference')),
        sa.UniqueConstraint('target', 'key', 'kind', name=op.f('uq_difference_target_key_kind')),
    )
    op.create_index('ix_difference_at', 'difference', ['at', 'id', 'region'])
    op.create_index('ix_difference_state_at', 'difference', ['state', 'at', 'id', 'region'])
    op.create_table(
        'difference_sighting',
        sa.Column('run_id', sa.Uuid(), nullable=False),
        sa.Column('difference_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ['difference_id'], ['difference.id'], name=op.f('fk_difference_sighting_difference_id_difference')
        ),
        sa.ForeignKeyConstraint(
            ['run_id'], ['reconciliation.id'], name=op.f('fk_difference_sighting_run_id_reconciliation')
        ),
        sa.PrimaryKeyConstraint('run_id', 'difference_id', name=op.f('pk_difference_sighting')),
    )
    op.create_index('ix_delivery_settled_at', 'delivery', ['settled_at', 'id', 'region'])


def downgrade() -> None:
    op.drop_index('ix_delivery_settled_at', table_name='delivery')
    op.drop_table('difference_sighting')
    op.drop_table('difference')
    op.drop_table('reconciliation')
