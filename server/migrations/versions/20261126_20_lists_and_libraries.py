"""lists and libraries: item list versions, risk classes, key library, inspectors' exams, experts, imports"""

import sqlalchemy as sa
from alembic import op

from server import clock
from server import db as types

revision = '20261126_20'
down_revision = '20261126_80'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('label',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('group', sa.Text(), nullable=False),
    sa.Column('aliases', types.JsonType, nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_label'))
    )
    op.create_table('expert',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('tags', types.JsonType, nullable=False),
    sa.Column('scope', types.JsonType, nullable=False),
    sa.Column('qualifications', types.JsonType, nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_expert_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_expert')),
    sa.UniqueConstraint('organisation_id', 'name', 'unit', name=op.f('uq_expert_organisation_id_name_unit'))
    )
    with op.batch_alter_table('expert', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_expert_region'), ['region'], unique=False)

    op.create_table('item_claim',
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('claimed_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('section', sa.Text(), nullable=False),
    sa.Column('ratio', sa.Text(), nullable=False),
    sa.Column('frequency', sa.Text(), nullable=False),
    sa.Column('remark', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['item_code'], ['inspection_item.code'], name=op.f('fk_item_claim_item_code_inspection_item')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_item_claim_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('organisation_id', 'item_code', name=op.f('pk_item_claim'))
    )
    with op.batch_alter_table('item_claim', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_claim_region'), ['region'], unique=False)

    op.create_table('leader',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('post', sa.Text(), nullable=False),
    sa.Column('duty', sa.Text(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_leader_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leader'))
    )
    with op.batch_alter_table('leader', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_leader_region'), ['region'], unique=False)

    op.create_table('library_import',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('library', sa.Text(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('dry_run', sa.Boolean(), nullable=False),
    sa.Column('take_good_rows', sa.Boolean(), nullable=False),
    sa.Column('sheet', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('read', sa.Integer(), nullable=False),
    sa.Column('added', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('findings', types.JsonType, nullable=False),
    sa.Column('errors', types.JsonType, nullable=False),
    sa.Column('begun_at', types.UtcDateTime(), nullable=False),
    sa.Column('ended_at', types.UtcDateTime(), nullable=True),
    sa.Column('claimed_until', types.UtcDateTime(), nullable=True),
    sa.Column('undone_at', types.UtcDateTime(), nullable=True),
    sa.Column('undone_because', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_library_import_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_library_import'))
    )
    with op.batch_alter_table('library_import', schema=None) as batch_op:
        batch_op.create_index('ix_library_import_begun_at_id', ['begun_at', 'id'], unique=False)
        batch_op.create_index('ix_library_import_state', ['state'], unique=False)

    op.create_table('library_month',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('library', sa.Text(), nullable=False),
    sa.Column('month', sa.Text(), nullable=False),
    sa.Column('confirmed_by', sa.Text(), nullable=False),
    sa.Column('confirmed_at', types.UtcDateTime(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('added', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('removed', sa.Integer(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_library_month_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_library_month')),
    sa.UniqueConstraint('organisation_id', 'library', 'month', name=op.f('uq_library_month_organisation_id_library_month'))
    )
    with op.batch_alter_table('library_month', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_library_month_region'), ['region'], unique=False)

    op.create_table('list_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('prepared_at', types.UtcDateTime(), nullable=False),
    sa.Column('prepared_by', sa.Uuid(), nullable=False),
    sa.Column('approved_at', types.UtcDateTime(), nullable=True),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('approval_no', sa.Text(), nullable=True),
    sa.Column('published_at', types.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_list_version_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_list_version')),
    sa.UniqueConstraint('organisation_id', 'kind', 'number', name=op.f('uq_list_version_organisation_id_kind_number'))
    )
    with op.batch_alter_table('list_version', schema=None) as batch_op:
        batch_op.create_index('ix_list_version_published_at_id', ['published_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_list_version_region'), ['region'], unique=False)
        batch_op.create_index(batch_op.f('ix_list_version_sha256'), ['sha256'], unique=False)

    op.create_table('responsibility',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('lead', sa.Text(), nullable=False),
    sa.Column('cooperating', types.JsonType, nullable=False),
    sa.Column('item_codes', types.JsonType, nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_responsibility_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_responsibility')),
    sa.UniqueConstraint('organisation_id', 'name', name=op.f('uq_responsibility_organisation_id_name'))
    )
    with op.batch_alter_table('responsibility', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_responsibility_region'), ['region'], unique=False)

    op.create_table('inspector_profile',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('scope', types.JsonType, nullable=False),
    sa.Column('tags', types.JsonType, nullable=False),
    sa.Column('function', sa.Text(), nullable=False),
    sa.Column('post_class', sa.Text(), nullable=False),
    sa.Column('gender', sa.Text(), nullable=False),
    sa.Column('born', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('work_no', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('department', sa.Text(), nullable=False),
    sa.Column('duty', sa.Text(), nullable=False),
    sa.Column('district', sa.Text(), nullable=False),
    sa.Column('education', sa.Text(), nullable=False),
    sa.Column('major', sa.Text(), nullable=False),
    sa.Column('post_since', sa.Date(), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('qualifications', types.JsonType, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_inspector_profile_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_inspector_profile'))
    )
    with op.batch_alter_table('inspector_profile', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_inspector_profile_region'), ['region'], unique=False)

    op.create_table('key_listing',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('object_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('entered_at', types.UtcDateTime(), nullable=False),
    sa.Column('ended_because', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['object_id'], ['inspected_object.id'], name=op.f('fk_key_listing_object_id_inspected_object')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_listing'))
    )
    with op.batch_alter_table('key_listing', schema=None) as batch_op:
        batch_op.create_index('ix_key_listing_object_id_since', ['object_id', 'since'], unique=False)
        batch_op.create_index(batch_op.f('ix_key_listing_region'), ['region'], unique=False)

    op.create_table('lending',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_lending_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_lending_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lending'))
    )
    with op.batch_alter_table('lending', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lending_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_lending_region'), ['region'], unique=False)

    op.create_table('library_change',
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
    sa.ForeignKeyConstraint(['import_id'], ['library_import.id'], name=op.f('fk_library_change_import_id_library_import')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_library_change'))
    )
    with op.batch_alter_table('library_change', schema=None) as batch_op:
        batch_op.create_index('ix_library_change_import_id', ['import_id', 'id'], unique=False)
        batch_op.create_index('ix_library_change_library_region_at', ['library', 'region', 'at'], unique=False)
        batch_op.create_index('ix_library_change_subject', ['subject', 'id'], unique=False)

    op.create_table('risk_class',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('object_id', sa.Uuid(), nullable=False),
    sa.Column('risk_class', sa.Text(), nullable=True),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('entered_at', types.UtcDateTime(), nullable=False),
    sa.Column('entered_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['object_id'], ['inspected_object.id'], name=op.f('fk_risk_class_object_id_inspected_object')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_risk_class'))
    )
    with op.batch_alter_table('risk_class', schema=None) as batch_op:
        batch_op.create_index('ix_risk_class_object_id_since', ['object_id', 'since'], unique=False)

    op.create_table('training_exam',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('passed', sa.Boolean(), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_training_exam_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', 'year', name=op.f('pk_training_exam'))
    )
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.Text(), nullable=True))
        batch_op.create_index('ix_certificate_number', ['number'], unique=False)

    with op.batch_alter_table('inspected_object', schema=None) as batch_op:
        batch_op.add_column(sa.Column('owner_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('library', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('entity_type', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('registrar', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('registration_status', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('established_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('station', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('district', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('source', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('specialised', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('qualifications', types.JsonType, nullable=True))
        batch_op.add_column(sa.Column('experts', types.JsonType, nullable=True))
        batch_op.create_index(batch_op.f('ix_inspected_object_owner_id'), ['owner_id'], unique=False)

    with op.batch_alter_table('inspection_item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('region', sa.Text(), nullable=False, server_default=sa.text("'000000'")))
        batch_op.add_column(sa.Column('category', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('sub_item', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('matter_no', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('subject', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('object_scope', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('object_kinds', types.JsonType, nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(sa.Column('standard', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('modes', types.JsonType, nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(sa.Column('kind', sa.Text(), nullable=False, server_default=sa.text("'general'")))
        batch_op.add_column(sa.Column('ratio', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('frequency', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('inspector_requirement', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('section', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('lead_department', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('departments', types.JsonType, nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(sa.Column('remark', sa.Text(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('valid_from', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('valid_to', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('basis_from', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('basis_to', sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f('ix_inspection_item_region'), ['region'], unique=False)

    objects = sa.table(
        'inspected_object', sa.column('id', sa.Uuid()), sa.column('risk_class', sa.Text())
    )
    history = sa.table(
        'risk_class',
        *(sa.column(name, sa.Text()) for name in ('risk_class', 'source', 'entered_by')),
        sa.column('object_id', sa.Uuid()),
        sa.column('since', sa.Date()),
        sa.column('entered_at', types.UtcDateTime()),
    )
    # Nobody wrote down who rated them, and when; the history begins with what stands there now.
    now = clock.now()
    op.execute(
        history.insert().from_select(
            ['object_id', 'risk_class', 'since', 'source', 'entered_at', 'entered_by'],
            sa.select(
                objects.c.id,
                objects.c.risk_class,
                sa.literal(now.astimezone(clock.CHINA).date(), sa.Date()),
                sa.literal('register', sa.Text()),
                sa.literal(now, types.UtcDateTime()),
                sa.literal('system', sa.Text()),
            ).where(objects.c.risk_class.is_not(None)),
        )
    )


def downgrade() -> None:
    with op.batch_alter_table('inspection_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_inspection_item_region'))
        batch_op.drop_column('basis_to')
        batch_op.drop_column('basis_from')
        batch_op.drop_column('valid_to')
        batch_op.drop_column('valid_from')
        batch_op.drop_column('remark')
        batch_op.drop_column('departments')
        batch_op.drop_column('lead_department')
        batch_op.drop_column('section')
        batch_op.drop_column('inspector_requirement')
        batch_op.drop_column('frequency')
        batch_op.drop_column('ratio')
        batch_op.drop_column('kind')
        batch_op.drop_column('modes')
        batch_op.drop_column('standard')
        batch_op.drop_column('object_kinds')
        batch_op.drop_column('object_scope')
        batch_op.drop_column('subject')
        batch_op.drop_column('matter_no')
        batch_op.drop_column('sub_item')
        batch_op.drop_column('category')
        batch_op.drop_column('region')

    with op.batch_alter_table('inspected_object', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_inspected_object_owner_id'))
        batch_op.drop_column('experts')
        batch_op.drop_column('qualifications')
        batch_op.drop_column('specialised')
        batch_op.drop_column('source')
        batch_op.drop_column('district')
        batch_op.drop_column('station')
        batch_op.drop_column('established_on')
        batch_op.drop_column('registration_status')
        batch_op.drop_column('registrar')
        batch_op.drop_column('entity_type')
        batch_op.drop_column('library')
        batch_op.drop_column('owner_id')

    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.drop_index('ix_certificate_number')
        batch_op.drop_column('kind')

    op.drop_table('training_exam')
    op.drop_table('risk_class')
    op.drop_table('library_change')
    op.drop_table('lending')
    op.drop_table('key_listing')
    op.drop_table('inspector_profile')
    op.drop_table('responsibility')
    op.drop_table('list_version')
    op.drop_table('library_month')
    op.drop_table('library_import')
    op.drop_table('leader')
    op.drop_table('item_claim')
    op.drop_table('expert')
    op.drop_table('label')
