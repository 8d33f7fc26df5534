"""keys of stock ODK phones, and what they submit"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261126_70'
down_revision = '20261126_30'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'openrosa_key',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('device_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('made_at', types.UtcDateTime(), nullable=False),
        sa.Column('made_by', sa.Uuid(), nullable=True),
        sa.Column('bound_to', sa.Text(), nullable=True),
        sa.Column('bound_at', types.UtcDateTime(), nullable=True),
        sa.Column('last_sent_at', types.UtcDateTime(), nullable=True),
        sa.Column('ended_at', types.UtcDateTime(), nullable=True),
        sa.Column('ended_because', sa.Text(), nullable=True),
        sa.Column('sent', sa.BigInteger(), nullable=False),
        sa.Column('last_rev', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_openrosa_key_person_id_person')),
        sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_openrosa_key_made_by_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_openrosa_key')),
    )
    op.create_index('ix_openrosa_key_person_id', 'openrosa_key', ['person_id'])
    op.create_table(
        'openrosa_submission',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('key_id', sa.Uuid(), nullable=False),
        sa.Column('instance_id', sa.Text(), nullable=False),
        sa.Column('xml_sha256', sa.Text(), nullable=False),
        sa.Column('xml', sa.LargeBinary(), nullable=True),
        sa.Column('form_id', sa.Text(), nullable=False),
        sa.Column('form_version', sa.Text(), nullable=False),
        sa.Column('base', sa.Text(), nullable=True),
        sa.Column('waits', sa.Boolean(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('expected', types.JsonType, nullable=True),
        sa.Column('rev', sa.Text(), nullable=True),
        sa.Column('first_at', types.UtcDateTime(), nullable=False),
        sa.Column('last_at', types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ['person_id'], ['person.id'], name=op.f('fk_openrosa_submission_person_id_person')
        ),
        sa.ForeignKeyConstraint(
            ['key_id'], ['openrosa_key.id'], name=op.f('fk_openrosa_submission_key_id_openrosa_key')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_openrosa_submission')),
        sa.UniqueConstraint(
            'instance_id',
            'person_id',
            'xml_sha256',
            name=op.f('uq_openrosa_submission_instance_id_person_id_xml_sha256'),
        ),
    )
    op.create_index('ix_openrosa_submission_key_id', 'openrosa_submission', ['key_id'])
    op.create_index('ix_openrosa_submission_rev', 'openrosa_submission', ['rev'])
    op.create_index(
        'ix_openrosa_submission_arriving',
        'openrosa_submission',
        ['last_at'],
        sqlite_where=sa.text("state = 'arriving'"),
        postgresql_where=sa.text("state = 'arriving'"),
    )
    op.create_index(
        'ix_openrosa_submission_waiting',
        'openrosa_submission',
        ['base'],
        sqlite_where=sa.text('waits = 1'),
        postgresql_where=sa.text('waits'),
    )
    op.create_table(
        'openrosa_file',
        sa.Column('submission_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.Column('type', sa.Text(), nullable=False),
        sa.Column('came_at', types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ['submission_id'],
            ['openrosa_submission.id'],
            name=op.f('fk_openrosa_file_submission_id_openrosa_submission'),
        ),
        sa.PrimaryKeyConstraint('submission_id', 'name', 'sha256', name=op.f('pk_openrosa_file')),
    )


def downgrade() -> None:
    op.drop_table('openrosa_file')
    op.drop_table('openrosa_submission')
    op.drop_table('openrosa_key')
