"""what is in quarantine and what becomes of it, operations that came twice, and the revision before on a device"""

import json
from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261126_07'
down_revision = '20261126_06'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('revision', schema=None) as batch_op:
        batch_op.add_column(sa.Column('prev_dev_rev', sa.Text(), nullable=True))
    op.create_table('quarantine_case',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('rev', sa.Text(), nullable=True),
    sa.Column('op', sa.Uuid(), nullable=True),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('sender_id', sa.Uuid(), nullable=False),
    sa.Column('device_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('arrived_at', types.UtcDateTime(), nullable=False),
    sa.Column('task_id', sa.Uuid(), nullable=True),
    sa.Column('record_id', sa.Uuid(), nullable=True),
    sa.Column('form_id', sa.Text(), nullable=True),
    sa.Column('form_version', sa.Text(), nullable=True),
    sa.Column('beacon_at', types.UtcDateTime(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('bound_task_id', sa.Uuid(), nullable=True),
    sa.Column('decided_by', sa.Uuid(), nullable=True),
    sa.Column('decided_at', types.UtcDateTime(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['bound_task_id'], ['task.id'], name=op.f('fk_quarantine_case_bound_task_id_task')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_quarantine_case_decided_by_person')),
    sa.ForeignKeyConstraint(['op'], ['quarantined_item.op'], name=op.f('fk_quarantine_case_op_quarantined_item')),
    sa.ForeignKeyConstraint(['rev'], ['revision.rev'], name=op.f('fk_quarantine_case_rev_revision')),
    sa.ForeignKeyConstraint(['sender_id'], ['person.id'], name=op.f('fk_quarantine_case_sender_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quarantine_case')),
    sa.UniqueConstraint('op', name=op.f('uq_quarantine_case_op')),
    sa.UniqueConstraint('rev', name=op.f('uq_quarantine_case_rev'))
    )
    with op.batch_alter_table('quarantine_case', schema=None) as batch_op:
        batch_op.create_index('ix_quarantine_case_form_id_form_version', ['form_id', 'form_version'], unique=False)
        batch_op.create_index(batch_op.f('ix_quarantine_case_record_id'), ['record_id'], unique=False)
        batch_op.create_index('ix_quarantine_case_state_arrived_at_id', ['state', 'arrived_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_quarantine_case_task_id'), ['task_id'], unique=False)
    op.create_table('operation_reuse',
    sa.Column('op', sa.Uuid(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('rev', sa.Text(), nullable=True),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('device_id', sa.Uuid(), nullable=True),
    sa.Column('at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_operation_reuse_person_id_person')),
    sa.PrimaryKeyConstraint('op', 'content', name=op.f('pk_operation_reuse'))
    )
    with op.batch_alter_table('operation_reuse', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_operation_reuse_rev'), ['rev'], unique=False)
    _open_cases()


def _open_cases() -> None:
    """Open a case for everything that is in quarantine already."""
    connection = op.get_bind()
    people, revisions, items, tasks, records, cases = (
        sa.table(name, *(sa.column(each, kind) for each, kind in columns.items()))
        for name, columns in {
            'person': {'id': sa.Uuid(), 'region': sa.Text()},
            'revision': {
                'rev': sa.Text(), 'data': sa.LargeBinary(), 'status': sa.Text(), 'reason': sa.Text(),
                'author_id': sa.Uuid(), 'received_at': types.UtcDateTime(),
            },
            'quarantined_item': {
                'op': sa.Uuid(), 'person_id': sa.Uuid(), 'device_id': sa.Uuid(), 'reason': sa.Text(),
                'received_at': types.UtcDateTime(),
            },
            'task': {'id': sa.Uuid(), 'region': sa.Text()},
            'record': {'id': sa.Uuid(), 'region': sa.Text()},
            'quarantine_case': {
                'id': sa.Uuid(), 'rev': sa.Text(), 'op': sa.Uuid(), 'region': sa.Text(), 'sender_id': sa.Uuid(),
                'device_id': sa.Uuid(), 'reason': sa.Text(), 'arrived_at': types.UtcDateTime(), 'task_id': sa.Uuid(),
                'record_id': sa.Uuid(), 'form_id': sa.Text(), 'form_version': sa.Text(), 'state': sa.Text(),
            },
        }.items()
    )  # fmt: skip
    held = sa.select(revisions, people.c.region).join_from(
        revisions, people, people.c.id == revisions.c.author_id
    )
    for row in connection.execute(held.where(revisions.c.status == 'quarantined')).all():
        claims = _claims(row.data)
        region = row.region
        for table, name in ((tasks, 'task_id'), (records, 'record_id')):
            found = connection.scalar(sa.select(table.c.region).where(table.c.id == claims[name]))
            region = found or region
        connection.execute(cases.insert().values(
            id=uuid4(), rev=row.rev, region=region, sender_id=row.author_id, reason=row.reason,
            arrived_at=row.received_at, state='open', **claims,
        ))  # fmt: skip
    raw = sa.select(items, people.c.region).join_from(items, people, people.c.id == items.c.person_id)
    for row in connection.execute(raw).all():
        connection.execute(cases.insert().values(
            id=uuid4(), op=row.op, region=row.region, sender_id=row.person_id, device_id=row.device_id,
            reason=row.reason, arrived_at=row.received_at, state='open',
        ))  # fmt: skip


def _claims(data: bytes) -> dict[str, UUID | str | None]:
    """Read what bytes in quarantine claim to be of; nothing where they can't be read."""
    try:
        body = json.loads(data)
        form_id, form_version = (str(body[name]) for name in ('form', 'form_version'))
        if b'\0' in (form_id + form_version).encode('utf-8'):
            raise ValueError('NUL')
        return {
            'task_id': UUID(body['task']),
            'record_id': UUID(body['record']),
            'form_id': form_id,
            'form_version': form_version,
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {'task_id': None, 'record_id': None, 'form_id': None, 'form_version': None}


def downgrade() -> None:
    with op.batch_alter_table('operation_reuse', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_operation_reuse_rev'))
    op.drop_table('operation_reuse')
    with op.batch_alter_table('quarantine_case', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_quarantine_case_task_id'))
        batch_op.drop_index('ix_quarantine_case_state_arrived_at_id')
        batch_op.drop_index(batch_op.f('ix_quarantine_case_record_id'))
        batch_op.drop_index('ix_quarantine_case_form_id_form_version')
    op.drop_table('quarantine_case')
    with op.batch_alter_table('revision', schema=None) as batch_op:
        batch_op.drop_column('prev_dev_rev')
