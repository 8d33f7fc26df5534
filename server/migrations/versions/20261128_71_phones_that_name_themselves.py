"""a key knows whether its phone names itself when it reads: older ones do so only when they send"""

import sqlalchemy as sa
from alembic import op

revision = '20261128_71'
down_revision = '20261128_70'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('openrosa_key') as batch_op:
        batch_op.add_column(sa.Column('names_itself', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('openrosa_key') as batch_op:
        batch_op.drop_column('names_itself')
