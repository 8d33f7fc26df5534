"""signed roots of the audit log, and the hashes that proofs are made from; attestations keep their algorithm"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261126_01'
down_revision = '20261125_02'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_node',
    sa.Column('level', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('position', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('level', 'position', name=op.f('pk_audit_node'))
    )
    op.create_table('audit_root',
    sa.Column('size', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('root', sa.Text(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('made_at', types.UtcDateTime(), nullable=False),
    sa.Column('statement', sa.LargeBinary(), nullable=False),
    sa.Column('signature', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('stamp', sa.LargeBinary(), nullable=True),
    sa.Column('stamped_at', types.UtcDateTime(), nullable=True),
    sa.Column('stamp_after', types.UtcDateTime(), nullable=True),
    sa.Column('stamp_attempts', sa.Integer(), nullable=False),
    sa.Column('stamp_error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('size', name=op.f('pk_audit_root'))
    )
    with op.batch_alter_table('audit_root', schema=None) as batch_op:
        batch_op.create_index('ix_audit_root_stamp_after', ['stamp_after'], unique=False)
    with op.batch_alter_table('attestation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('alg', sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('attestation', schema=None) as batch_op:
        batch_op.drop_column('alg')
    op.drop_table('audit_root')
    op.drop_table('audit_node')
