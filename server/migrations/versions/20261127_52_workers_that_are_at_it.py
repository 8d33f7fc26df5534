"""when a worker last began a round"""

import sqlalchemy as sa
from alembic import op

from server.db import UtcDateTime

revision = '20261127_52'
down_revision = '20261127_71'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'worker_beat',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('host', sa.Text(), nullable=False),
        sa.Column('started_at', UtcDateTime(), nullable=False),
        sa.Column('beat_at', UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_worker_beat')),
    )


def downgrade() -> None:
    op.drop_table('worker_beat')
