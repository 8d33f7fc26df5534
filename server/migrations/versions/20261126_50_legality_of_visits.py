"""what the law asks of a visit: its mode, source and papers, departments, commissions, recusals and what was allowed"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261126_50'
down_revision = '20261126_60'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('task_section',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('item_codes', types.JsonType, nullable=False),
    sa.Column('forms', types.JsonType, nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['lead_id'], ['person.id'], name=op.f('fk_task_section_lead_id_person')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_task_section_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_task_section_task_id_task')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task_section')),
    sa.UniqueConstraint('task_id', 'organisation_id', name=op.f('uq_task_section_task_id_organisation_id'))
    )
    op.create_table('commission',
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('institution', sa.Text(), nullable=False),
    sa.Column('uscc', sa.Text(), nullable=True),
    sa.Column('qualification', sa.Text(), nullable=False),
    sa.Column('qualification_no', sa.Text(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('report', sa.Text(), nullable=True),
    sa.Column('opinion', sa.Text(), nullable=False),
    sa.Column('opinion_by', sa.Text(), nullable=False),
    sa.Column('entered_by', sa.Uuid(), nullable=False),
    sa.Column('entered_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['entered_by'], ['person.id'], name=op.f('fk_commission_entered_by_person')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_commission_task_id_task')),
    sa.PrimaryKeyConstraint('task_id', name=op.f('pk_commission'))
    )
    op.create_table('recusal_answer',
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('told_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_recusal_answer_person_id_person')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_recusal_answer_task_id_task')),
    sa.PrimaryKeyConstraint('task_id', 'person_id', name=op.f('pk_recusal_answer'))
    )
    op.create_table('gate_override',
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_gate_override_person_id_person')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_gate_override_task_id_task')),
    sa.PrimaryKeyConstraint('task_id', 'rule', 'outcome', name=op.f('pk_gate_override'))
    )
    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mode', sa.Text(), server_default='on_site', nullable=False))
        batch_op.add_column(sa.Column('source', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('approved_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('notice_served_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('urgent_reason', sa.Text(), nullable=True))
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('section_id', sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_assignment_section_id_task_section'), 'task_section', ['section_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_assignment_section_id_task_section'), type_='foreignkey')
        batch_op.drop_column('section_id')
    with op.batch_alter_table('task', schema=None) as batch_op:
        for name in ('urgent_reason', 'notice_served_on', 'approved_on', 'source', 'mode'):
            batch_op.drop_column(name)
    for name in ('gate_override', 'recusal_answer', 'commission', 'task_section'):
        op.drop_table(name)
