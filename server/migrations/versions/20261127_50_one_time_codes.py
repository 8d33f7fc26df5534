"""one-time codes with which people set a password"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261127_50'
down_revision = '20261126_62'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('code_hash', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('code_until', types.UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('code_until')
        batch_op.drop_column('code_hash')
