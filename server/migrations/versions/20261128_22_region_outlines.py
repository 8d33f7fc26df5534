"""where regions lie, for pictures"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261128_22'
down_revision = '20261128_21'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'region_outline',
        sa.Column('code', sa.Text(), nullable=False),
        sa.Column('geometry', types.JsonType, nullable=False),
        sa.Column('source', sa.Text(), nullable=False),
        sa.Column('entered_at', types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['code'], ['region.code'], name=op.f('fk_region_outline_code_region')),
        sa.PrimaryKeyConstraint('code', name=op.f('pk_region_outline')),
    )


def downgrade() -> None:
    op.drop_table('region_outline')
