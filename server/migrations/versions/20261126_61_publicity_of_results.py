"""what is public of results, and where it was sent"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261126_61'
down_revision = '20261126_23'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('disclosure',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('result_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('name_key', sa.Text(), nullable=False),
    sa.Column('uscc', sa.Text(), nullable=True),
    sa.Column('body', types.JsonType, nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('objection', sa.Text(), nullable=True),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('published_at', types.UtcDateTime(), nullable=True),
    sa.Column('changed_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_disclosure_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['result_id'], ['result.id'], name=op.f('fk_disclosure_result_id_result')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disclosure')),
    sa.UniqueConstraint('result_id', 'version', name=op.f('uq_disclosure_result_id_version')),
    )
    op.create_index('ix_disclosure_changed_at', 'disclosure', ['changed_at', 'id'], unique=False)
    op.create_index('ix_disclosure_state_name_key', 'disclosure', ['state', 'name_key', 'id'], unique=False)
    op.create_index('ix_disclosure_state_uscc', 'disclosure', ['state', 'uscc', 'name_key', 'id'], unique=False)
    op.create_table('publication',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('disclosure_id', sa.Uuid(), nullable=False),
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('batch', sa.Uuid(), nullable=True),
    sa.Column('queued_at', types.UtcDateTime(), nullable=False),
    sa.Column('sent_at', types.UtcDateTime(), nullable=True),
    sa.Column('settled_at', types.UtcDateTime(), nullable=True),
    sa.Column('receipt', types.JsonType, nullable=True),
    sa.Column('errors', types.JsonType, nullable=False),
    sa.ForeignKeyConstraint(['disclosure_id'], ['disclosure.id'], name=op.f('fk_publication_disclosure_id_disclosure')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publication')),
    sa.UniqueConstraint('disclosure_id', 'target', name=op.f('uq_publication_disclosure_id_target')),
    )
    op.create_index('ix_publication_batch', 'publication', ['batch'], unique=False)
    op.create_index('ix_publication_region_queued_at', 'publication', ['region', 'queued_at', 'id'], unique=False)
    op.create_index('ix_publication_target_state_region', 'publication', ['target', 'state', 'region', 'queued_at', 'id'], unique=False)


def downgrade() -> None:
    op.drop_table('publication')
    op.drop_table('disclosure')
