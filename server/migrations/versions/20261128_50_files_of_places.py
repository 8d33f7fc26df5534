"""files of places are made by the worker too: they are of no snapshot"""

import sqlalchemy as sa
from alembic import op

revision = '20261128_50'
down_revision = '20261128_41'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('report_file', schema=None) as batch_op:
        batch_op.alter_column('snapshot_id', existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    op.execute("delete from report_file where snapshot_id is null")
    with op.batch_alter_table('report_file', schema=None) as batch_op:
        batch_op.alter_column('snapshot_id', existing_type=sa.Uuid(), nullable=False)
