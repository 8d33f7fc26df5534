"""a drawn visit says when all that was recorded there was accepted: nobody is replaced in it any more"""

import sqlalchemy as sa
from alembic import op

from server.db import UtcDateTime

revision = '20261128_73'
down_revision = '20261128_72'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('drawn_visit') as batch_op:
        batch_op.add_column(sa.Column('visited_at', UtcDateTime(), nullable=True))
    op.execute(
        "update drawn_visit set visited_at = (select task.closed_at from task "
        "where task.drawn_visit_id = drawn_visit.id and task.state = 'done')"
    )


def downgrade() -> None:
    with op.batch_alter_table('drawn_visit') as batch_op:
        batch_op.drop_column('visited_at')
