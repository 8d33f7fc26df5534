"""the life of plans: states, versions, amendments, work schemes, intakes, launches"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261126_30'
down_revision = '20261126_20'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.add_column(sa.Column('section', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('part_of_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('aggregated_at', types.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('aggregated_by', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('approved_at', types.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('approved_by', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('approval_no', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('filed_at', types.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('filing_no', sa.Text(), nullable=False, server_default=''))
        batch_op.create_index('ix_plan_part_of_id', ['part_of_id'])
        batch_op.create_foreign_key('fk_plan_part_of_id_plan', 'plan', ['part_of_id'], ['id'])
    with op.batch_alter_table('planned_inspection', schema=None) as batch_op:
        batch_op.add_column(sa.Column('chosen_time', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('frame', types.JsonType, nullable=True))
        batch_op.add_column(sa.Column('particulars', types.JsonType, nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('withdrawn_at', types.UtcDateTime(), nullable=True))
    op.create_table(
        'plan_version',
        sa.Column('plan_id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('published_at', types.UtcDateTime(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('document', types.JsonType, nullable=False),
        sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_plan_version_plan_id_plan')),
        sa.PrimaryKeyConstraint('plan_id', 'number', name=op.f('pk_plan_version')),
    )
    op.create_index('ix_plan_version_sha256', 'plan_version', ['sha256'])
    op.create_table(
        'plan_amendment',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('plan_id', sa.Uuid(), nullable=False),
        sa.Column('region', sa.Text(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('changes', types.JsonType, nullable=False),
        sa.Column('proposed_at', types.UtcDateTime(), nullable=False),
        sa.Column('proposed_by', sa.Uuid(), nullable=False),
        sa.Column('decided_at', types.UtcDateTime(), nullable=True),
        sa.Column('decided_by', sa.Uuid(), nullable=True),
        sa.Column('approval_no', sa.Text(), nullable=False),
        sa.Column('answer', sa.Text(), nullable=False),
        sa.Column('published_version', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_plan_amendment_plan_id_plan')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_amendment')),
    )
    op.create_index('ix_plan_amendment_plan_id', 'plan_amendment', ['plan_id'])
    op.create_table(
        'work_scheme',
        sa.Column('planned_id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('region', sa.Text(), nullable=False),
        sa.Column('title', sa.Text(), nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.Column('written_at', types.UtcDateTime(), nullable=False),
        sa.Column('written_by', sa.Uuid(), nullable=False),
        sa.Column('published_at', types.UtcDateTime(), nullable=True),
        sa.Column('sha256', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ['planned_id'], ['planned_inspection.id'], name=op.f('fk_work_scheme_planned_id_planned_inspection')
        ),
        sa.PrimaryKeyConstraint('planned_id', 'number', name=op.f('pk_work_scheme')),
    )
    op.create_table(
        'plan_intake',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('region', sa.Text(), nullable=False),
        sa.Column('organisation_id', sa.Uuid(), nullable=False),
        sa.Column('year', sa.Integer(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=True),
        sa.Column('layout', sa.Text(), nullable=True),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('source', sa.LargeBinary(), nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('corrections', types.JsonType, nullable=False),
        sa.Column('received_at', types.UtcDateTime(), nullable=False),
        sa.Column('received_by', sa.Uuid(), nullable=False),
        sa.Column('plan_id', sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ['organisation_id'], ['organisation.id'], name=op.f('fk_plan_intake_organisation_id_organisation')
        ),
        sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_plan_intake_plan_id_plan')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_intake')),
    )
    op.create_index('ix_plan_intake_region', 'plan_intake', ['region'])
    op.create_table(
        'plan_launch',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('planned_id', sa.Uuid(), nullable=False),
        sa.Column('launched_at', types.UtcDateTime(), nullable=False),
        sa.Column('launched_on', sa.Date(), nullable=False),
        sa.Column('objects', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['planned_id'], ['planned_inspection.id'], name=op.f('fk_plan_launch_planned_id_planned_inspection')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_launch')),
    )
    op.create_index('ix_plan_launch_planned_id', 'plan_launch', ['planned_id'])


def downgrade() -> None:
    for table in ('plan_launch', 'plan_intake', 'work_scheme', 'plan_amendment', 'plan_version'):
        op.drop_table(table)
    with op.batch_alter_table('planned_inspection', schema=None) as batch_op:
        for name in ('withdrawn_at', 'particulars', 'frame', 'chosen_time'):
            batch_op.drop_column(name)
    with op.batch_alter_table('plan', schema=None) as batch_op:
        batch_op.drop_constraint('fk_plan_part_of_id_plan', type_='foreignkey')
        batch_op.drop_index('ix_plan_part_of_id')
        for name in (
            'filing_no', 'filed_at', 'version', 'approval_no', 'approved_by', 'approved_at', 'aggregated_by',
            'aggregated_at', 'part_of_id', 'section',
        ):
            batch_op.drop_column(name)
