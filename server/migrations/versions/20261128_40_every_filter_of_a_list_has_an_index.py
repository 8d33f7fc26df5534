"""every filter of a list has an index in the order of the list"""

import sqlalchemy as sa
from alembic import op

revision = '20261128_40'
down_revision = '20261128_22'
branch_labels = None
depends_on = None

_DAYS = ['due_on', 'id']
_QUEUED = ['queued_at', 'id']
_NAMED = ['region', 'name', 'id']

_ADDED = (
    ('task', 'ix_task_organisation_id_due_on', ['organisation_id', *_DAYS]),
    ('task', 'ix_task_organisation_id_state_due_on', ['organisation_id', 'state', *_DAYS]),
    ('task', 'ix_task_planned_id_due_on', ['planned_id', *_DAYS]),
    ('task', 'ix_task_object_id_due_on', ['object_id', *_DAYS]),
    ('task', 'ix_task_number', ['number', 'id', 'region']),
    ('followup', 'ix_followup_code_opened_at', ['code', 'opened_at', 'id', 'region']),
    ('followup', 'ix_followup_code_state_opened_at', ['code', 'state', 'opened_at', 'id', 'region']),
    ('delivery', 'ix_delivery_queued_at', [*_QUEUED, 'region']),
    ('delivery', 'ix_delivery_region_queued_at', ['region', *_QUEUED]),
    ('delivery', 'ix_delivery_state_queued_at', ['state', *_QUEUED, 'region']),
    ('delivery', 'ix_delivery_region_state_queued_at', ['region', 'state', *_QUEUED]),
    ('publication', 'ix_publication_queued_at', [*_QUEUED, 'region']),
    ('publication', 'ix_publication_state_queued_at', ['state', *_QUEUED, 'region']),
    ('publication', 'ix_publication_region_state_queued_at', ['region', 'state', *_QUEUED]),
    ('publication', 'ix_publication_target_queued_at', ['target', *_QUEUED, 'region']),
    ('publication', 'ix_publication_target_state_queued_at', ['target', 'state', *_QUEUED, 'region']),
    ('disclosure', 'ix_disclosure_state_outcome', ['state', 'outcome', 'inspected_on', 'id', 'region']),
    ('quarantine_case', 'ix_quarantine_case_state_arrived_at', ['state', 'arrived_at', 'id', 'region']),
    ('quarantine_case', 'ix_quarantine_case_state_reason', ['state', 'reason', 'arrived_at', 'id', 'region']),
    ('inspected_object', 'ix_inspected_object_kind_region', ['kind', *_NAMED]),
    ('inspected_object', 'ix_inspected_object_risk_class_region', ['risk_class', *_NAMED]),
)
_REMOVED = (
    ('task', 'ix_task_planned_id', ['planned_id']),
    ('task', 'ix_task_object_id', ['object_id']),
    ('delivery', 'ix_delivery_region', ['region']),
    ('publication', 'ix_publication_target_state_region', ['target', 'state', 'region', *_QUEUED]),
    ('quarantine_case', 'ix_quarantine_case_state_arrived_at_id', ['state', 'arrived_at', 'id']),
)
_MENDED = (
    ('audit', 'ix_audit_region_seq', ['region', 'seq'], ['action']),
    ('audit', 'ix_audit_action', ['action', 'seq'], ['region']),
    ('publication', 'ix_publication_region_queued_at', ['region', *_QUEUED], ['target']),
    ('disclosure', 'ix_disclosure_state_name_key', ['state', 'name_key', 'id'], ['region', 'outcome']),
    ('disclosure', 'ix_disclosure_state_inspected_on', ['state', 'inspected_on', 'id'], ['region']),
    ('disclosure', 'ix_disclosure_state_item_code', ['state', 'item_code', 'inspected_on', 'id'], ['region']),
    ('disclosure', 'ix_disclosure_state_region', ['state', 'region', 'inspected_on', 'id'], ['outcome']),
)


def upgrade() -> None:
    _sort_numbers_by('C')
    for table, name, _ in _REMOVED:
        op.drop_index(name, table_name=table)
    for table, name, columns, beside in _MENDED:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, [*columns, *beside])
    for table, name, columns in _ADDED:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for table, name, _ in _ADDED:
        op.drop_index(name, table_name=table)
    for table, name, columns, _ in _MENDED:
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns)
    for table, name, columns in _REMOVED:
        op.create_index(name, table, columns)
    _sort_numbers_by('default')


def _sort_numbers_by(collation: str) -> None:
    if op.get_bind().dialect.name == 'postgresql':  # SQLite sorts by bytes as it is
        op.alter_column('task', 'number', type_=sa.Text(collation=collation))
