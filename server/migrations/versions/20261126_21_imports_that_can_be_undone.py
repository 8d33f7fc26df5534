"""what an import entered, entry by entry, so that it can be undone"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261126_21'
down_revision = '20261126_50'
branch_labels = None
depends_on = None

_COUNTS = ('good_rows', 'wrong_rows', 'done', 'unchanged', 'left')


def upgrade() -> None:
    # Neither table was written to before this revision.
    op.drop_table('library_change')
    op.create_table(
        'imported_entry',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('import_id', sa.Uuid(), nullable=False),
        sa.Column('subject', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('before', types.JsonType, nullable=False),
        sa.Column('after', types.JsonType, nullable=False),
        sa.ForeignKeyConstraint(
            ['import_id'], ['library_import.id'], name=op.f('fk_imported_entry_import_id_library_import')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_imported_entry')),
    )
    op.create_index('ix_imported_entry_import_id', 'imported_entry', ['import_id', 'id'], unique=False)
    with op.batch_alter_table('library_import', schema=None) as batch_op:
        for name in _COUNTS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text('0')))
        batch_op.drop_column('read')


def downgrade() -> None:
    with op.batch_alter_table('library_import', schema=None) as batch_op:
        batch_op.add_column(sa.Column('read', sa.Integer(), nullable=False, server_default=sa.text('0')))
        for name in _COUNTS:
            batch_op.drop_column(name)
    op.drop_table('imported_entry')
    op.create_table(
        'library_change',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('library', sa.Text(), nullable=False),
        sa.Column('region', sa.Text(), nullable=False),
        sa.Column('subject', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('import_id', sa.Uuid(), nullable=True),
        sa.Column('before', types.JsonType, nullable=True),
        sa.Column('after', types.JsonType, nullable=True),
        sa.Column('at', types.UtcDateTime(), nullable=False),
        sa.Column('actor', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ['import_id'], ['library_import.id'], name=op.f('fk_library_change_import_id_library_import')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_library_change')),
    )
    op.create_index('ix_library_change_import_id', 'library_change', ['import_id', 'id'], unique=False)
    op.create_index(
        'ix_library_change_library_region_at', 'library_change', ['library', 'region', 'at'], unique=False
    )
    op.create_index('ix_library_change_subject', 'library_change', ['subject', 'id'], unique=False)
