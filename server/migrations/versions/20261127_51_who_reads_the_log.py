"""the region of whoever did something, so that the log is read within a jurisdiction"""

import sqlalchemy as sa
from alembic import op

revision = '20261127_51'
down_revision = '20261127_10'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('audit', sa.Column('region', sa.Text(), nullable=True))
    op.execute('update audit set region = (select region from person where person.username = audit.actor)')
    op.create_index('ix_audit_actor_seq', 'audit', ['actor', 'seq'], unique=False)
    op.create_index('ix_audit_region_seq', 'audit', ['region', 'seq'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_audit_region_seq', table_name='audit')
    op.drop_index('ix_audit_actor_seq', table_name='audit')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_column('region')
