"""finished records have an index of their own: the last visit of an object is found without the others"""

import sqlalchemy as sa
from alembic import op

revision = '20261128_70'
down_revision = '20261128_50'
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_final = sa.text('final_rev is not null')
    op.create_index(
        'ix_record_final',
        'record',
        ['task_id', 'finished_at', 'final_rev'],
        sqlite_where=is_final,
        postgresql_where=is_final,
    )


def downgrade() -> None:
    op.drop_index('ix_record_final', table_name='record')
