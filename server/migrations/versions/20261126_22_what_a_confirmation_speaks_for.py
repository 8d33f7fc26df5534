"""from where to where in the audit log a confirmation of a library speaks for"""

import sqlalchemy as sa
from alembic import op

revision = '20261126_22'
down_revision = '20261126_40'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('library_month', schema=None) as batch_op:
        for name in ('after_seq', 'until_seq'):
            batch_op.add_column(
                sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text('0'))
            )


def downgrade() -> None:
    with op.batch_alter_table('library_month', schema=None) as batch_op:
        batch_op.drop_column('until_seq')
        batch_op.drop_column('after_seq')
