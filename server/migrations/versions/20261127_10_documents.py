"""documents: issued, drafts, numbers, templates, case files"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261127_10'
down_revision = '20261127_40'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'document',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('region', sa.Text(), nullable=False),
        sa.Column('organisation_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('subject_id', sa.Uuid(), nullable=False),
        sa.Column('task_id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.Text(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('content', types.JsonType, nullable=False),
        sa.Column('content_sha256', sa.Text(), nullable=False),
        sa.Column('file_sha256', sa.Text(), nullable=False),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.Column('pages', sa.Integer(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('ended_reason', sa.Text(), nullable=True),
        sa.Column('issued_by', sa.Uuid(), nullable=False),
        sa.Column('issued_at', types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ['organisation_id'], ['organisation.id'], name=op.f('fk_document_organisation_id_organisation')
        ),
        sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_document_task_id_task')),
        sa.ForeignKeyConstraint(['issued_by'], ['person.id'], name=op.f('fk_document_issued_by_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
        sa.UniqueConstraint('subject_id', 'kind', 'version', name=op.f('uq_document_subject_id_kind_version')),
        sa.UniqueConstraint('organisation_id', 'number', 'version', name=op.f('uq_document_organisation_id_number_version')),
    )
    op.create_index('ix_document_task_id', 'document', ['task_id'])
    op.create_index('ix_document_number', 'document', ['number'])
    op.create_table(
        'document_draft',
        sa.Column('subject_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('entered', types.JsonType, nullable=False),
        sa.Column('written_by', sa.Uuid(), nullable=False),
        sa.Column('written_at', types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ['written_by'], ['person.id'], name=op.f('fk_document_draft_written_by_person')
        ),
        sa.PrimaryKeyConstraint('subject_id', 'kind', name=op.f('pk_document_draft')),
    )
    op.create_table(
        'document_count',
        sa.Column('organisation_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('given', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['organisation_id'],
            ['organisation.id'],
            name=op.f('fk_document_count_organisation_id_organisation'),
        ),
        sa.PrimaryKeyConstraint('organisation_id', 'kind', 'year', name=op.f('pk_document_count')),
    )
    op.create_table(
        'document_template',
        sa.Column('organisation_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('docx', sa.LargeBinary(), nullable=True),
        sa.Column('sha256', sa.Text(), nullable=True),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('entered_by', sa.Uuid(), nullable=False),
        sa.Column('entered_at', types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ['organisation_id'],
            ['organisation.id'],
            name=op.f('fk_document_template_organisation_id_organisation'),
        ),
        sa.ForeignKeyConstraint(
            ['entered_by'], ['person.id'], name=op.f('fk_document_template_entered_by_person')
        ),
        sa.PrimaryKeyConstraint('organisation_id', 'kind', 'version', name=op.f('pk_document_template')),
    )
    op.create_table(
        'case_file',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('task_id', sa.Uuid(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('parts', types.JsonType, nullable=False),
        sa.Column('done', sa.Integer(), nullable=False),
        sa.Column('total', sa.Integer(), nullable=False),
        sa.Column('held_until', types.UtcDateTime(), nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('problem', sa.Text(), nullable=True),
        sa.Column('file_sha256', sa.Text(), nullable=True),
        sa.Column('size', sa.BigInteger(), nullable=True),
        sa.Column('pages', sa.Integer(), nullable=True),
        sa.Column('asked_by', sa.Uuid(), nullable=False),
        sa.Column('asked_at', types.UtcDateTime(), nullable=False),
        sa.Column('ready_at', types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_case_file_task_id_task')),
        sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_case_file_asked_by_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_case_file')),
    )
    op.create_index('ix_case_file_task_id', 'case_file', ['task_id'])
    op.create_index('ix_case_file_state_asked_at', 'case_file', ['state', 'asked_at'])


def downgrade() -> None:
    for name in ('case_file', 'document_template', 'document_count', 'document_draft', 'document'):
        op.drop_table(name)
