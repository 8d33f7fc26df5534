"""since when a record's heads stand beside each other"""

import sqlalchemy as sa
from alembic import op

from server import clock
from server import db as types

revision = '20261126_09'
down_revision = '20261126_08'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('record', schema=None) as batch_op:
        batch_op.add_column(sa.Column('conflicted_at', types.UtcDateTime(), nullable=True))
    table = sa.table(
        'record', sa.column('state', sa.Text()), sa.column('conflicted_at', types.UtcDateTime())
    )
    # Nobody wrote down when it began; the days to resolve it count from now.
    op.execute(table.update().where(table.c.state == 'conflicted').values(conflicted_at=clock.now()))


def downgrade() -> None:
    with op.batch_alter_table('record', schema=None) as batch_op:
        batch_op.drop_column('conflicted_at')
