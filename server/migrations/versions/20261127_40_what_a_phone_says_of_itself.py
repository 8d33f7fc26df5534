"""what a phone said of itself last; why a phone was blocked; phones in the order of their sign-ins"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261127_40'
down_revision = '20261127_30'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'device_standing',
        sa.Column('device_id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('said_at', types.UtcDateTime(), nullable=False),
        sa.Column('version', sa.Text(), nullable=False),
        sa.Column('drafts', sa.Integer(), nullable=False),
        sa.Column('records', sa.Integer(), nullable=False),
        sa.Column('files', sa.Integer(), nullable=False),
        sa.Column('used', sa.BigInteger(), nullable=True),
        sa.Column('quota', sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_device_standing_person_id_person')),
        sa.PrimaryKeyConstraint('device_id', 'person_id', name=op.f('pk_device_standing')),
    )
    op.add_column('device', sa.Column('blocked_because', sa.Text(), nullable=True))
    op.create_index('ix_device_last_sign_in', 'device', ['last_sign_in', 'id', 'person_id'])


def downgrade() -> None:
    op.drop_index('ix_device_last_sign_in', table_name='device')
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.drop_column('blocked_because')
    op.drop_table('device_standing')
