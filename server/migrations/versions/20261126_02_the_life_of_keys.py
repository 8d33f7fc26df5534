"""keys of devices are endorsed, replaced, ended for a reason and revoked since a moment"""

import sqlalchemy as sa
from alembic import op

from server.db import UtcDateTime

revision = '20261126_02'
down_revision = '20261126_01'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('device_key', schema=None) as batch_op:
        batch_op.add_column(sa.Column('endorsement', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('ended_because', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('replaced_by', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('revoked_at', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('revoked_since', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('revoked_because', sa.Text(), nullable=True))
    # Until now a key was ended only by the one after it.
    op.execute("update device_key set ended_because = 'replaced' where ended_at is not null")


def downgrade() -> None:
    with op.batch_alter_table('device_key', schema=None) as batch_op:
        for name in ('endorsement', 'ended_because', 'replaced_by', 'revoked_at', 'revoked_since', 'revoked_because'):
            batch_op.drop_column(name)
