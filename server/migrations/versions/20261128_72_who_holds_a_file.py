"""a link to a file tells whose it is, and whether it shows the file by itself: those that are here do"""

import sqlalchemy as sa
from alembic import op

revision = '20261128_72'
down_revision = '20261128_71'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'media_bringer',
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint('sha256', 'person_id', name=op.f('pk_media_bringer')),
    )
    with op.batch_alter_table('media_link') as batch_op:
        batch_op.add_column(sa.Column('author_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('sender_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('vouched', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.create_index(
            'ix_media_link_doubted',
            ['sha256'],
            sqlite_where=sa.text('vouched = 0'),
            postgresql_where=sa.text('not vouched'),
        )
    op.execute(
        'update media_link set author_id = '
        '(select revision.author_id from revision where revision.rev = media_link.rev)'
    )


def downgrade() -> None:
    with op.batch_alter_table('media_link') as batch_op:
        batch_op.drop_index('ix_media_link_doubted')
        batch_op.drop_column('vouched')
        batch_op.drop_column('sender_id')
        batch_op.drop_column('author_id')
    op.drop_table('media_bringer')
