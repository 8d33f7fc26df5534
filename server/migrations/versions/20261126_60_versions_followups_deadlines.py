"""versions of results, what follows them, objections, deadlines and calendars"""

import re
from datetime import date

import sqlalchemy as sa
from alembic import op

from server import clock
from server import db as types

revision = '20261126_60'
down_revision = '20261126_70'
branch_labels = None
depends_on = None

_COUNTED = re.compile(r'(任务完成|检查结束)（(\d{4}-\d\d-\d\d)）后(\d+)个工作日内')
_STARTS = {'任务完成': 'task_end', '检查结束': 'inspection_end'}
_CALENDAR = re.compile(r'; (\S+)$')


def upgrade() -> None:
    with op.batch_alter_table('result', schema=None) as batch_op:
        batch_op.add_column(sa.Column('objection', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('closed_at', types.UtcDateTime(), nullable=True))
    versions = op.create_table('result_version',
    sa.Column('result_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('codes', types.JsonType, nullable=False),
    sa.Column('followup_codes', types.JsonType, nullable=False),
    sa.Column('findings_text', sa.Text(), nullable=False),
    sa.Column('rectify_by', sa.Date(), nullable=True),
    sa.Column('correction', sa.Text(), nullable=True),
    sa.Column('written_by', sa.Uuid(), nullable=True),
    sa.Column('written_at', types.UtcDateTime(), nullable=False),
    sa.Column('released_by', sa.Uuid(), nullable=True),
    sa.Column('released_at', types.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['released_by'], ['person.id'], name=op.f('fk_result_version_released_by_person')),
    sa.ForeignKeyConstraint(['result_id'], ['result.id'], name=op.f('fk_result_version_result_id_result')),
    sa.ForeignKeyConstraint(['written_by'], ['person.id'], name=op.f('fk_result_version_written_by_person')),
    sa.PrimaryKeyConstraint('result_id', 'version', name=op.f('pk_result_version'))
    )
    op.create_table('followup',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('result_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('act_by', sa.Date(), nullable=True),
    sa.Column('to_body', sa.Text(), nullable=True),
    sa.Column('reference_no', sa.Text(), nullable=True),
    sa.Column('receipt', types.JsonType, nullable=True),
    sa.Column('task_id', sa.Uuid(), nullable=True),
    sa.Column('evidence', types.JsonType, nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('opened_at', types.UtcDateTime(), nullable=False),
    sa.Column('sent_at', types.UtcDateTime(), nullable=True),
    sa.Column('entered_by', sa.Uuid(), nullable=True),
    sa.Column('entered_at', types.UtcDateTime(), nullable=True),
    sa.Column('ended_reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['entered_by'], ['person.id'], name=op.f('fk_followup_entered_by_person')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_followup_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['result_id'], ['result.id'], name=op.f('fk_followup_result_id_result')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_followup_task_id_task')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_followup'))
    )
    op.create_index(op.f('ix_followup_region_opened_at'), 'followup', ['region', 'opened_at', 'id'])
    op.create_index(op.f('ix_followup_result_id'), 'followup', ['result_id'])
    op.create_index(op.f('ix_followup_task_id'), 'followup', ['task_id'])
    op.create_table('objection',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('result_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('grounds', sa.Text(), nullable=False),
    sa.Column('filed_on', sa.Date(), nullable=False),
    sa.Column('received_by', sa.Uuid(), nullable=False),
    sa.Column('received_at', types.UtcDateTime(), nullable=False),
    sa.Column('decide_by', sa.Date(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=True),
    sa.Column('decided_by', sa.Uuid(), nullable=True),
    sa.Column('decided_at', types.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_objection_decided_by_person')),
    sa.ForeignKeyConstraint(['received_by'], ['person.id'], name=op.f('fk_objection_received_by_person')),
    sa.ForeignKeyConstraint(['result_id'], ['result.id'], name=op.f('fk_objection_result_id_result')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_objection'))
    )
    op.create_index(op.f('ix_objection_result_id'), 'objection', ['result_id'])
    deadlines = op.create_table('deadline',
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('start', sa.Text(), nullable=True),
    sa.Column('start_on', sa.Date(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('estimated', sa.Boolean(), nullable=False),
    sa.Column('calendar', sa.Text(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('met_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_deadline_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('subject_id', 'kind', name=op.f('pk_deadline'))
    )
    op.create_index('ix_deadline_due_on', 'deadline', ['due_on', 'subject_id', 'kind'])
    op.create_table('calendar_notice',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('days_off', types.JsonType, nullable=False),
    sa.Column('make_up', types.JsonType, nullable=False),
    sa.Column('entered_by', sa.Uuid(), nullable=False),
    sa.Column('entered_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['entered_by'], ['person.id'], name=op.f('fk_calendar_notice_entered_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_notice')),
    sa.UniqueConstraint('region', 'year', 'version', name=op.f('uq_calendar_notice_region_year_version'))
    )
    op.create_table('deadline_change',
    sa.Column('notice_id', sa.Uuid(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('was', sa.Date(), nullable=False),
    sa.Column('now', sa.Date(), nullable=False),
    sa.Column('calendar_was', sa.Text(), nullable=False),
    sa.Column('calendar', sa.Text(), nullable=False),
    sa.Column('at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['calendar_notice.id'], name=op.f('fk_deadline_change_notice_id_calendar_notice')),
    sa.PrimaryKeyConstraint('notice_id', 'subject_id', 'kind', name=op.f('pk_deadline_change'))
    )
    op.create_index(op.f('ix_deadline_change_subject_id'), 'deadline_change', ['subject_id'])
    _keep_what_was_there(versions, deadlines)


def _keep_what_was_there(versions: sa.Table, deadlines: sa.Table) -> None:
    """What a result says now is all that is known of its versions; its deadline is read out of its rule in words."""
    result = sa.table(
        'result',
        *(sa.column(name, sa.Uuid()) for name in ('id', 'organisation_id', 'confirmed_by', 'released_by')),
        *(sa.column(name, sa.Text()) for name in ('region', 'findings_text', 'correction', 'due_rule')),
        *(sa.column(name, sa.Date()) for name in ('rectify_by', 'inspected_on', 'due_on', 'publish_on')),
        *(sa.column(name, types.JsonType) for name in ('codes', 'followup_codes')),
        *(sa.column(name, types.UtcDateTime()) for name in ('drafted_at', 'confirmed_at', 'released_at')),
        sa.column('version', sa.Integer()),
        sa.column('estimated', sa.Boolean()),
    )
    rows = op.get_bind().execute(sa.select(result)).mappings().all()
    if rows:
        op.bulk_insert(versions, [_version(row) for row in rows])
        op.bulk_insert(deadlines, [*map(_entry, rows), *(_publication(row) for row in rows if row['publish_on'])])


def _version(row: sa.RowMapping) -> dict[str, object]:
    same = ('version', 'codes', 'followup_codes', 'findings_text', 'rectify_by', 'correction', 'released_by', 'released_at')
    return {
        'result_id': row['id'],
        **{name: row[name] for name in same},
        'written_by': row['confirmed_by'],
        'written_at': row['confirmed_at'] or row['drafted_at'],
    }


def _entry(row: sa.RowMapping) -> dict[str, object]:
    counted = _COUNTED.search(row['due_rule'])
    calendar = _CALENDAR.search(row['due_rule'])
    confirmed = row['confirmed_at']
    return {
        'subject_id': row['id'],
        'kind': 'entry',
        'region': row['region'],
        'organisation_id': row['organisation_id'],
        'start': _STARTS[counted[1]] if counted else None,
        'start_on': date.fromisoformat(counted[2]) if counted else row['due_on'],
        'days': int(counted[3]) if counted else None,
        'due_on': row['due_on'],
        'estimated': row['estimated'],
        'calendar': calendar[1] if counted and calendar else '',
        'rule': row['due_rule'],
        'met_on': confirmed.astimezone(clock.CHINA).date() if confirmed else None,
    }


def _publication(row: sa.RowMapping) -> dict[str, object]:
    # By which rule it was counted was not written down: the day stands as it is.
    fixed = {'kind': 'publication', 'start': None, 'start_on': row['publish_on'], 'days': None, 'calendar': '', 'rule': ''}
    return _entry(row) | fixed | {'due_on': row['publish_on'], 'met_on': None}


def downgrade() -> None:
    for table in ('deadline_change', 'calendar_notice', 'deadline', 'objection', 'followup', 'result_version'):
        op.drop_table(table)
    with op.batch_alter_table('result', schema=None) as batch_op:
        batch_op.drop_column('closed_at')
        batch_op.drop_column('objection')
