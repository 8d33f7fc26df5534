"""ceremonies of drawing, locked objects, substitutions, recusals"""

import sqlalchemy as sa
from alembic import op

from server import db as types

revision = '20261126_40'
down_revision = '20261126_21'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recusal',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('object_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('entered_by', sa.Text(), nullable=False),
    sa.Column('entered_at', types.UtcDateTime(), nullable=False),
    sa.Column('withdrawn_at', types.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['object_id'], ['inspected_object.id'], name=op.f('fk_recusal_object_id_inspected_object')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recusal'))
    )
    with op.batch_alter_table('recusal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recusal_object_id'), ['object_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_recusal_region'), ['region'], unique=False)
        batch_op.create_index(batch_op.f('ix_recusal_subject_id'), ['subject_id'], unique=False)

    op.create_table('ceremony',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('planned_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('locked_by_id', sa.Uuid(), nullable=True),
    sa.Column('supersedes_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('commitment', sa.Text(), nullable=False),
    sa.Column('randomness_source', sa.Text(), nullable=False),
    sa.Column('sealed_secret', sa.LargeBinary(), nullable=True),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('randomness', sa.Text(), nullable=False),
    sa.Column('frame_digest', sa.Text(), nullable=False),
    sa.Column('frame', sa.LargeBinary(), nullable=True),
    sa.Column('people', types.JsonType, nullable=False),
    sa.Column('seed', sa.Text(), nullable=False),
    sa.Column('outcome', types.JsonType, nullable=True),
    sa.Column('draw_id', sa.Uuid(), nullable=True),
    sa.Column('committed_at', types.UtcDateTime(), nullable=False),
    sa.Column('frozen_at', types.UtcDateTime(), nullable=True),
    sa.Column('revealed_at', types.UtcDateTime(), nullable=True),
    sa.Column('published_at', types.UtcDateTime(), nullable=True),
    sa.Column('ended_at', types.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['draw_id'], ['draw.id'], name=op.f('fk_ceremony_draw_id_draw')),
    sa.ForeignKeyConstraint(['locked_by_id'], ['ceremony.id'], name=op.f('fk_ceremony_locked_by_id_ceremony')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_ceremony_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['planned_id'], ['planned_inspection.id'], name=op.f('fk_ceremony_planned_id_planned_inspection')),
    sa.ForeignKeyConstraint(['supersedes_id'], ['ceremony.id'], name=op.f('fk_ceremony_supersedes_id_ceremony')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ceremony')),
    sa.UniqueConstraint('planned_id', 'number', name=op.f('uq_ceremony_planned_id_number'))
    )
    with op.batch_alter_table('ceremony', schema=None) as batch_op:
        batch_op.create_index('ix_ceremony_committed_at_id', ['committed_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ceremony_draw_id'), ['draw_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ceremony_planned_id'), ['planned_id'], unique=False)
        batch_op.create_index('ix_ceremony_region_committed_at', ['region', 'committed_at'], unique=False)

    op.create_table('locked_object',
    sa.Column('ceremony_id', sa.Uuid(), nullable=False),
    sa.Column('object_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('matched_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['ceremony_id'], ['ceremony.id'], name=op.f('fk_locked_object_ceremony_id_ceremony')),
    sa.ForeignKeyConstraint(['matched_id'], ['ceremony.id'], name=op.f('fk_locked_object_matched_id_ceremony')),
    sa.ForeignKeyConstraint(['object_id'], ['inspected_object.id'], name=op.f('fk_locked_object_object_id_inspected_object')),
    sa.PrimaryKeyConstraint('ceremony_id', 'object_id', name=op.f('pk_locked_object'))
    )
    with op.batch_alter_table('locked_object', schema=None) as batch_op:
        batch_op.create_index('ix_locked_object_object_id', ['object_id'], unique=False)

    op.create_table('substitution',
    sa.Column('ceremony_id', sa.Uuid(), nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('object_id', sa.Uuid(), nullable=False),
    sa.Column('team', sa.Text(), nullable=False),
    sa.Column('out', sa.Text(), nullable=False),
    sa.Column('into', sa.Text(), nullable=False),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['ceremony_id'], ['ceremony.id'], name=op.f('fk_substitution_ceremony_id_ceremony')),
    sa.ForeignKeyConstraint(['object_id'], ['inspected_object.id'], name=op.f('fk_substitution_object_id_inspected_object')),
    sa.PrimaryKeyConstraint('ceremony_id', 'place', name=op.f('pk_substitution'))
    )
    with op.batch_alter_table('draw', schema=None) as batch_op:
        batch_op.add_column(sa.Column('superseded_at', types.UtcDateTime(), nullable=True))

    with op.batch_alter_table('drawn_visit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('teams', types.JsonType, nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('expert_ids', types.JsonType, nullable=False, server_default='[]'))


def downgrade() -> None:
    with op.batch_alter_table('drawn_visit', schema=None) as batch_op:
        batch_op.drop_column('expert_ids')
        batch_op.drop_column('teams')

    with op.batch_alter_table('draw', schema=None) as batch_op:
        batch_op.drop_column('superseded_at')

    op.drop_table('substitution')
    with op.batch_alter_table('locked_object', schema=None) as batch_op:
        batch_op.drop_index('ix_locked_object_object_id')

    op.drop_table('locked_object')
    with op.batch_alter_table('ceremony', schema=None) as batch_op:
        batch_op.drop_index('ix_ceremony_region_committed_at')
        batch_op.drop_index(batch_op.f('ix_ceremony_planned_id'))
        batch_op.drop_index(batch_op.f('ix_ceremony_draw_id'))
        batch_op.drop_index('ix_ceremony_committed_at_id')

    op.drop_table('ceremony')
    with op.batch_alter_table('recusal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recusal_subject_id'))
        batch_op.drop_index(batch_op.f('ix_recusal_region'))
        batch_op.drop_index(batch_op.f('ix_recusal_object_id'))

    op.drop_table('recusal')
