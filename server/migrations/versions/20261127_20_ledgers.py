"""what ledgers and pictures tell is frozen with its snapshot"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261127_20'
down_revision = '20261127_70'
branch_labels = None
depends_on = None

_COLUMNS = {
    'task_number': sa.Text(),
    'task_name': sa.Text(),
    'mode': sa.Text(),
    'object_name': sa.Text(),
    'uscc': sa.Text(),
    'lead': sa.Text(),
    'assisting': sa.Text(),
    'findings_text': sa.Text(),
    'rectify_by': sa.Date(),
    'revisits': sa.Integer(),
    'revisits_over': sa.Integer(),
    'revisited_on': sa.Date(),
    'disclosure_id': sa.Uuid(),
    'published_at': types.UtcDateTime(),
    'latitude_cell': sa.Integer(),
    'longitude_cell': sa.Integer(),
}


def upgrade() -> None:
    with op.batch_alter_table('report_row', schema=None) as batch_op:
        for name, kind in _COLUMNS.items():
            batch_op.add_column(sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('report_row', schema=None) as batch_op:
        for name in reversed(_COLUMNS):
            batch_op.drop_column(name)
