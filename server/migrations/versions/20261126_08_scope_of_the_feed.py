"""how far tombstones are purged, lists and messages for phones, and how often views are compared"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261126_08'
down_revision = '20261126_07'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('feed_horizon',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('looked_at', types.UtcDateTime(), nullable=False),
    sa.Column('raised_at', types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed_horizon'))
    )
    op.create_index('ix_feed_dead_seq', 'feed', ['seq'], unique=False, sqlite_where=sa.text('live = 0'), postgresql_where=sa.text('not live'))
    op.create_table('message',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('text_en', sa.Text(), nullable=False),
    sa.Column('about_kind', sa.Text(), nullable=True),
    sa.Column('about', sa.Text(), nullable=True),
    sa.Column('details', types.JsonType, nullable=True),
    sa.Column('told_at', types.UtcDateTime(), nullable=False),
    sa.Column('ends_at', types.UtcDateTime(), nullable=False),
    sa.Column('ended_at', types.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message'))
    )
    op.create_index('ix_message_ends_at', 'message', ['ends_at'], unique=False, sqlite_where=sa.text('ended_at is null'), postgresql_where=sa.text('ended_at is null'))
    op.create_index(op.f('ix_message_ended_at'), 'message', ['ended_at'], unique=False)
    op.create_table('reference_list',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('title_en', sa.Text(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('offered_at', types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('name', 'sha256', name=op.f('pk_reference_list'))
    )
    op.create_index(op.f('ix_reference_list_sha256'), 'reference_list', ['sha256'], unique=False)
    op.create_table('certificate_day',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_day'))
    )
    op.create_table('digest_allowance',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('sums', sa.Integer(), nullable=False),
    sa.Column('sums_since', types.UtcDateTime(), nullable=False),
    sa.Column('buckets', sa.Integer(), nullable=False),
    sa.Column('buckets_since', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_digest_allowance_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_digest_allowance'))
    )


def downgrade() -> None:
    op.drop_table('digest_allowance')
    op.drop_table('certificate_day')
    op.drop_table('reference_list')
    op.drop_table('message')
    op.drop_index('ix_feed_dead_seq', table_name='feed')
    op.drop_table('feed_horizon')
