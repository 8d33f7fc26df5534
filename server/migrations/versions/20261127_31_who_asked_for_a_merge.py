"""who asked the lead inspector to bring the versions of a record together"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261127_31'
down_revision = '20261127_60'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('record') as table:
        table.add_column(sa.Column('merge_asked', types.JsonType, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('record') as table:
        table.drop_column('merge_asked')
