"""indices of lists hold the region, so that what lies elsewhere is passed over within them"""

from alembic import op

revision = '20261127_71'
down_revision = '20261127_51'
branch_labels = None
depends_on = None

_MENDED = (
    ('task', 'ix_task_due_on_id', ['due_on', 'id'], 'region'),
    ('task', 'ix_task_state_due_on', ['state', 'due_on', 'id'], 'region'),
    ('record', 'ix_record_state_due_on', ['state', 'due_on', 'id'], 'region'),
    ('record', 'ix_record_created_at', ['created_at', 'id'], 'region'),
    ('record', 'ix_record_task_id', ['task_id'], 'state'),
    ('result', 'ix_result_due_on', ['due_on', 'id'], 'region'),
    ('result', 'ix_result_state_due_on', ['state', 'due_on', 'id'], 'region'),
    ('result', 'ix_result_state_publish_on', ['state', 'publish_on', 'id'], 'region'),
    ('followup', 'ix_followup_opened_at', ['opened_at', 'id'], 'region'),
    ('followup', 'ix_followup_state_opened_at', ['state', 'opened_at', 'id'], 'region'),
    ('disclosure', 'ix_disclosure_state_published_at', ['state', 'published_at', 'id'], 'region'),
)


def upgrade() -> None:
    for table, name, columns, beside in _MENDED:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, [*columns, beside])


def downgrade() -> None:
    for table, name, columns, _ in _MENDED:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns)
