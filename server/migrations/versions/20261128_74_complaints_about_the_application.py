"""what users complain of or suggest about the application is kept, with the answer to it"""

import sqlalchemy as sa
from alembic import op

from server.db import UtcDateTime

revision = '20261128_74'
down_revision = '20261128_73'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('complaint',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('written_at', UtcDateTime(), nullable=False),
    sa.Column('received_at', UtcDateTime(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('answered_by', sa.Uuid(), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['answered_by'], ['person.id'], name=op.f('fk_complaint_answered_by_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_complaint_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint'))
    )
    with op.batch_alter_table('complaint') as batch_op:
        batch_op.create_index('ix_complaint_state_received_at', ['state', 'received_at', 'id', 'region'], unique=False)
        batch_op.create_index('ix_complaint_person_id_received_at', ['person_id', 'received_at', 'id'], unique=False)


def downgrade() -> None:
    op.drop_table('complaint')
