"""fingerprints of photos, and what reviewers answered when the machine asked"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from server import clock
from server import db as types

revision = '20261126_06'
down_revision = '20261126_05'
branch_labels = None
depends_on = None

_BANDS = ('band1', 'band2', 'band3', 'band4')


def upgrade() -> None:
    op.create_table('photo_likeness',
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('likeness', sa.Text(), nullable=False),
    *(sa.Column(band, sa.Integer(), nullable=False) for band in _BANDS),
    sa.ForeignKeyConstraint(['sha256'], ['media_object.sha256'], name=op.f('fk_photo_likeness_sha256_media_object'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_photo_likeness'))
    )
    with op.batch_alter_table('photo_likeness', schema=None) as batch_op:
        for band in _BANDS:
            batch_op.create_index(batch_op.f(f'ix_photo_likeness_{band}'), [band], unique=False)
    op.create_table('doubt_answer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('record_id', sa.Uuid(), nullable=False),
    sa.Column('rev', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('keys', types.JsonType, nullable=False),
    sa.Column('fine', sa.Boolean(), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('reviewer_id', sa.Uuid(), nullable=False),
    sa.Column('answered_at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['record_id'], ['record.id'], name=op.f('fk_doubt_answer_record_id_record')),
    sa.ForeignKeyConstraint(['rev'], ['revision.rev'], name=op.f('fk_doubt_answer_rev_revision')),
    sa.ForeignKeyConstraint(['reviewer_id'], ['person.id'], name=op.f('fk_doubt_answer_reviewer_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_doubt_answer'))
    )
    with op.batch_alter_table('doubt_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_doubt_answer_record_id'), ['record_id'], unique=False)
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.add_column(sa.Column('open_doubts', types.JsonType, nullable=False, server_default='[]'))
    _look_again()


def _look_again() -> None:
    """Let the worker look into every photo once more, the newest first, so that earlier ones are known again too.

    Five a second, so that photos that come meanwhile need not wait for all of them.
    """
    table = sa.table(
        'media_object',
        sa.column('sha256', sa.Text()),
        sa.column('family', sa.Text()),
        sa.column('stored_at', types.UtcDateTime()),
        sa.column('inspect_after', types.UtcDateTime()),
    )
    connection, now = op.get_bind(), clock.now()
    photos = sa.select(table.c.sha256).where(table.c.family == 'image').order_by(table.c.stored_at.desc())
    again = [
        {'photo': sha256, 'at': now + place * timedelta(seconds=0.2)}
        for place, sha256 in enumerate(connection.scalars(photos).all())
    ]
    if again:
        update = table.update().where(table.c.sha256 == sa.bindparam('photo'))
        connection.execute(update.values(inspect_after=sa.bindparam('at')), again)


def downgrade() -> None:
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.drop_column('open_doubts')
    with op.batch_alter_table('doubt_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_doubt_answer_record_id'))
    op.drop_table('doubt_answer')
    with op.batch_alter_table('photo_likeness', schema=None) as batch_op:
        for band in _BANDS:
            batch_op.drop_index(batch_op.f(f'ix_photo_likeness_{band}'))
    op.drop_table('photo_likeness')
