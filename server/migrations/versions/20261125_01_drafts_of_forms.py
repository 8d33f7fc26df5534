"""drafts of forms, and a reason of its own to see a form for each version"""

import re

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261125_01'
down_revision = '20261120_01'
branch_labels = None
depends_on = None

_REASONS = "recipient = 'channel:forms' and kind = 'form'"


def upgrade() -> None:
    op.create_table('form_draft',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('form_id', sa.Text(), nullable=True),
    sa.Column('version', sa.Text(), nullable=True),
    sa.Column('title', sa.Text(), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=True),
    sa.Column('xform', sa.LargeBinary(), nullable=True),
    sa.Column('source', sa.LargeBinary(), nullable=False),
    sa.Column('source_type', sa.Text(), nullable=False),
    sa.Column('findings', types.JsonType, nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', types.UtcDateTime(), nullable=False),
    sa.Column('changed_at', types.UtcDateTime(), nullable=False),
    sa.Column('published_at', types.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_form_draft_author_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form_draft'))
    )
    with op.batch_alter_table('form_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_form_draft_published_at'), ['published_at'], unique=False)
    with op.batch_alter_table('form_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lists', types.JsonType, nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('restricted', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('media_link', schema=None) as batch_op:
        batch_op.add_column(sa.Column('restricted', sa.Boolean(), nullable=False, server_default=sa.false()))
    _find_lists()
    # The one reason to see a form was "published"; now each offered version is one, and the last takes it along.
    op.execute(f"delete from feed_reason where {_REASONS}")
    op.execute(
        "insert into feed_reason (recipient, kind, entity, reason)"
        " select 'channel:forms', 'form', form_id, version from form_version where retired_at is null"
    )


def _find_lists() -> None:
    """Write down which lists the published forms draw on."""
    table = sa.table(
        'form_version',
        sa.column('form_id', sa.Text()),
        sa.column('version', sa.Text()),
        sa.column('xform', sa.LargeBinary()),
        sa.column('lists', types.JsonType),
    )
    connection = op.get_bind()
    for form_id, version, xform in connection.execute(sa.select(table.c.form_id, table.c.version, table.c.xform)):
        lists = sorted({name.decode() for name in re.findall(rb'jr://file-csv/([^"/]+)\.csv', xform)})
        connection.execute(
            table.update().where(table.c.form_id == form_id, table.c.version == version).values(lists=lists)
        )


def downgrade() -> None:
    with op.batch_alter_table('form_version', schema=None) as batch_op:
        batch_op.drop_column('lists')
        batch_op.drop_column('restricted')
    with op.batch_alter_table('media_link', schema=None) as batch_op:
        batch_op.drop_column('restricted')
    op.execute(f"delete from feed_reason where {_REASONS}")
    op.execute(
        "insert into feed_reason (recipient, kind, entity, reason)"
        " select distinct 'channel:forms', 'form', form_id, 'published' from form_version"
        " where retired_at is null"
    )
    with op.batch_alter_table('form_draft', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_form_draft_published_at'))

    op.drop_table('form_draft')
