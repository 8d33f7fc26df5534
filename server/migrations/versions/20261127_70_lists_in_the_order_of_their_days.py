"""lists are read in the order of their days, by region and by state; a record repeats the last day of its task"""

import sqlalchemy as sa
from alembic import op

revision = '20261127_70'
down_revision = '20261127_50'
branch_labels = None
depends_on = None

_NEW = (
    ('task', 'ix_task_region_due_on', ['region', 'due_on', 'id']),
    ('task', 'ix_task_state_due_on', ['state', 'due_on', 'id']),
    ('task', 'ix_task_region_state_due_on', ['region', 'state', 'due_on', 'id']),
    ('record', 'ix_record_region_state_due_on', ['region', 'state', 'due_on', 'id']),
    ('record', 'ix_record_state_due_on', ['state', 'due_on', 'id']),
    ('record', 'ix_record_region_created_at', ['region', 'created_at', 'id']),
    ('record', 'ix_record_created_at', ['created_at', 'id']),
    ('result', 'ix_result_due_on', ['due_on', 'id']),
    ('result', 'ix_result_state_publish_on', ['state', 'publish_on', 'id']),
    ('result', 'ix_result_state_due_on', ['state', 'due_on', 'id']),
    ('result', 'ix_result_region_state_due_on', ['region', 'state', 'due_on', 'id']),
    ('followup', 'ix_followup_opened_at', ['opened_at', 'id']),
    ('followup', 'ix_followup_state_opened_at', ['state', 'opened_at', 'id']),
    ('disclosure', 'ix_disclosure_state_published_at', ['state', 'published_at', 'id']),
)
_OLD = (
    ('task', 'ix_task_region', ['region']),
    ('record', 'ix_record_region_state', ['region', 'state']),
)


def upgrade() -> None:
    op.add_column('record', sa.Column('due_on', sa.Date(), nullable=True))
    task, record = (sa.table(name, sa.column('id'), sa.column('task_id'), sa.column('due_on')) for name in ('task', 'record'))
    last_day = sa.select(task.c.due_on).where(task.c.id == record.c.task_id).scalar_subquery()
    op.execute(sa.update(record).values(due_on=last_day))
    with op.batch_alter_table('record', schema=None) as batch_op:
        batch_op.alter_column('due_on', existing_type=sa.Date(), nullable=False)
    for table, name, _ in _OLD:
        op.drop_index(name, table_name=table)
    for table, name, columns in _NEW:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for table, name, _ in _NEW:
        op.drop_index(name, table_name=table)
    for table, name, columns in _OLD:
        op.create_index(name, table, columns)
    with op.batch_alter_table('record', schema=None) as batch_op:
        batch_op.drop_column('due_on')
