"""objects are listed by region and name: an index in that order, instead of one of regions alone"""

from alembic import op

revision = '20261126_23'
down_revision = '20261126_22'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        'ix_inspected_object_region_name_id', 'inspected_object', ['region', 'name', 'id'], unique=False
    )
    op.drop_index('ix_inspected_object_region', 'inspected_object')


def downgrade() -> None:
    op.create_index('ix_inspected_object_region', 'inspected_object', ['region'], unique=False)
    op.drop_index('ix_inspected_object_region_name_id', 'inspected_object')
