"""a session knows the one before it, and when it was first asked in"""

import sqlalchemy as sa
from alembic import op

from server import clock
from server import db as types

revision = '20261126_80'
down_revision = '20261126_09'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('sign_in_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('follows', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('used_at', types.UtcDateTime(), nullable=True))
        batch_op.create_index('ix_sign_in_session_follows', ['follows'], unique=False)
    # Nobody wrote down whether their tokens arrived: they count as used, as they did until now.
    table = sa.table('sign_in_session', sa.column('used_at', types.UtcDateTime()))
    op.execute(table.update().values(used_at=clock.now()))


def downgrade() -> None:
    with op.batch_alter_table('sign_in_session', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_session_follows')
        batch_op.drop_column('used_at')
        batch_op.drop_column('follows')
