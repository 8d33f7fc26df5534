"""frozen snapshots that reports are made from"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261126_62'
down_revision = '20261126_61'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('report_snapshot',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('as_of', types.UtcDateTime(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('facts', types.JsonType, nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_report_snapshot_made_by_person')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_report_snapshot_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_snapshot')),
    )
    op.create_index('ix_report_snapshot_region_as_of', 'report_snapshot', ['region', 'as_of', 'id'], unique=False)
    op.create_table('report_row',
    sa.Column('snapshot_id', sa.Uuid(), nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('planned_id', sa.Uuid(), nullable=True),
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('object_id', sa.Uuid(), nullable=False),
    sa.Column('object_kind', sa.Text(), nullable=False),
    sa.Column('tags', sa.Text(), nullable=False),
    sa.Column('risk_class', sa.Text(), nullable=True),
    sa.Column('task_due', sa.Date(), nullable=False),
    sa.Column('inspected_on', sa.Date(), nullable=True),
    sa.Column('state', sa.Text(), nullable=True),
    sa.Column('codes', sa.Text(), nullable=False),
    sa.Column('followup_codes', sa.Text(), nullable=False),
    sa.Column('problem', sa.Boolean(), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('closed', sa.Boolean(), nullable=False),
    sa.Column('entry_due', sa.Date(), nullable=True),
    sa.Column('entry_met', sa.Date(), nullable=True),
    sa.Column('publication_due', sa.Date(), nullable=True),
    sa.Column('publication_met', sa.Date(), nullable=True),
    sa.Column('followups', sa.Integer(), nullable=False),
    sa.Column('followups_over', sa.Integer(), nullable=False),
    sa.Column('followups_late', sa.Integer(), nullable=False),
    sa.Column('crime_unsent', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['snapshot_id'], ['report_snapshot.id'], name=op.f('fk_report_row_snapshot_id_report_snapshot')),
    sa.PrimaryKeyConstraint('snapshot_id', 'place', name=op.f('pk_report_row')),
    )


def downgrade() -> None:
    op.drop_table('report_row')
    op.drop_table('report_snapshot')
