"""an upload may begin before its length is known"""

import sqlalchemy as sa
from alembic import op

revision = '20261125_02'
down_revision = '20261125_01'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.alter_column('length', existing_type=sa.BigInteger(), nullable=True)


def downgrade() -> None:
    op.execute("delete from upload where length is null")
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.alter_column('length', existing_type=sa.BigInteger(), nullable=False)
