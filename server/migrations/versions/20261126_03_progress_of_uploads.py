"""an upload's row keeps what its store needs to go on with it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '20261126_03'
down_revision = '20261126_02'
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.add_column(sa.Column('progress', kind, server_default='{}', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.drop_column('progress')
