"""what is large is packed with lz4 where PostgreSQL has it: half the processor's time of pglz, an eighth more space"""

from alembic import op

revision = '20261127_60'
down_revision = '20261127_53'
branch_labels = None
depends_on = None

_LARGE = {'revision': ('data', 'answers', 'findings'), 'pushed_operation': ('reply',)}


def upgrade() -> None:
    _pack('lz4')


def downgrade() -> None:
    _pack('default')


def _pack(how: str) -> None:
    """Say how values are packed that are written from now on; a PostgreSQL without lz4 goes on as before."""
    if op.get_bind().dialect.name != 'postgresql':
        return
    for table, columns in _LARGE.items():
        changes = ', '.join(f'alter column {column} set compression {how}' for column in columns)
        op.execute(f'do $$ begin alter table {table} {changes}; exception when feature_not_supported then null; end $$')
