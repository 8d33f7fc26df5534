"""Importing inspectors with their certificates from a workbook.

A person is known by user name. Someone new gets a password that nobody knows, until an administrator sets
one: being in the library is not yet being able to sign in.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, Role, require
from server.accounts.models import Organisation, Person
from server.accounts.service import add_person, hash_password
from server.problems import InspectorNameDiffers
from server.registry import columns
from server.registry.drafts import CertificateDraft
from server.registry.import_report import ImportReport, run_import
from server.registry.inspectors import enter_certificate
from server.workbook import Row, Sheet, require_table


@dataclass(frozen=True)
class ImportedInspector:
    """An inspector of an import."""

    row: int
    username: str
    name: str
    role: Role
    certificate: CertificateDraft


def import_inspectors(
    session: Session,
    actor: Actor,
    sheets: Sequence[Sheet],
    *,
    take_good_rows: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Enter every inspector of a workbook into the actor's organisation, or renew their certificates."""
    require(actor, Permission.PERSON_MANAGE)
    organisation = session.get_one(Organisation, actor.organisation_id)
    report = ImportReport(dry_run=dry_run)
    imported = read_inspectors(sheets, organisation.name, report)
    nobodys = hash_password(secrets.token_urlsafe(32))
    rows: list[tuple[int, Callable[[], bool]]] = [
        (each.row, partial(_enter, session, actor, organisation, each, nobodys)) for each in imported
    ]
    return run_import(session, report, rows, take_good_rows=take_good_rows)


def read_inspectors(sheets: Sequence[Sheet], issuer: str, report: ImportReport) -> list[ImportedInspector]:
    """Read the rows of inspectors; `issuer` stands where none is written."""
    imported = []
    seen: set[str] = set()
    table = require_table(sheets, columns.INSPECTORS)
    report.sheet = table.sheet.name
    for row in table.rows():
        report.rows += 1
        inspector = _read_inspector(row, issuer)
        if inspector and inspector.username in seen:
            row.wrong("username", "用户名重复", "this user name appears twice")
        if inspector and row.good:
            seen.add(inspector.username)
            imported.append(inspector)
        report.errors += row.errors
    return imported


def _read_inspector(row: Row, issuer: str) -> ImportedInspector | None:
    username = row.text("username", required=True, longest=60)
    name = row.text("name", required=True, longest=60)
    number = row.text("number", required=True, longest=32)
    role = Role(row.choice("role", columns.ROLES) or Role.INSPECTOR)
    valid_to = row.day("valid_to", required=True)
    valid_from = row.day("valid_from")
    if valid_to is None:
        return None
    if valid_from and valid_from > valid_to:
        row.wrong("valid_to", "有效期止早于有效期起", "the certificate ends before it begins")
    draft = CertificateDraft(number, row.text("issuer") or issuer, valid_from or date.min, valid_to)
    return ImportedInspector(row.number, username, name, role, draft)


def _enter(
    session: Session, actor: Actor, organisation: Organisation, imported: ImportedInspector, hashed: str
) -> bool:
    person = session.scalar(select(Person).where(Person.username == imported.username))
    is_new = person is None
    if person is None:
        person = add_person(
            session, imported.username, imported.name, "", [imported.role], organisation, hashed=hashed
        )
        details = {"roles": person.roles, "name": person.name}
        audit.append(session, actor, "person.added", ("person", person.id), details)
    require(actor, Permission.PERSON_MANAGE, person)
    if person.name != imported.name:
        raise InspectorNameDiffers(imported.username)
    if imported.role.value not in person.roles:
        person.roles = [*person.roles, imported.role.value]
        audit.append(session, actor, "person.changed", ("person", person.id), {"roles": person.roles})
    enter_certificate(session, actor, person.id, imported.certificate)
    return is_new
