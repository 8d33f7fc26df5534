"""organisations that ended"""

import sqlalchemy as sa
from alembic import op

from server.db import UtcDateTime

revision = '20261127_53'
down_revision = '20261127_52'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('organisation', sa.Column('ended_at', UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.drop_column('ended_at')
