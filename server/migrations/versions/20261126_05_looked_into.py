"""what was found in media, and what was made of it"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261126_05'
down_revision = '20261126_04'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('media_object', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sm3', sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column('derivatives', types.JsonType, server_default=sa.text("'{}'"), nullable=False)
        )
        batch_op.add_column(sa.Column('recipe', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False))
        batch_op.add_column(sa.Column('copy_after', types.UtcDateTime(), nullable=True))
        batch_op.create_index(batch_op.f('ix_media_object_copy_after'), ['copy_after'], unique=False)
    # Everything is looked into once more: for its SM3, and for previews that were not made before.
    op.execute("update media_object set inspect_after = stored_at")


def downgrade() -> None:
    with op.batch_alter_table('media_object', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_media_object_copy_after'))
        batch_op.drop_column('copy_after')
        batch_op.drop_column('attempts')
        batch_op.drop_column('recipe')
        batch_op.drop_column('derivatives')
        batch_op.drop_column('sm3')
