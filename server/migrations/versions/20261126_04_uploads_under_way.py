"""uploads that are under way are found without reading those that are over"""

import sqlalchemy as sa
from alembic import op

revision = '20261126_04'
down_revision = '20261126_03'
branch_labels = None
depends_on = None


def upgrade() -> None:
    under_way = sa.text('finished_at is null and ended_at is null')
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.drop_index('ix_upload_expires_at')
        batch_op.create_index(
            'ix_upload_under_way', ['expires_at'], sqlite_where=under_way, postgresql_where=under_way
        )


def downgrade() -> None:
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.drop_index('ix_upload_under_way')
        batch_op.create_index('ix_upload_expires_at', ['expires_at'])
