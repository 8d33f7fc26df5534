"""Writing items, inspectors and experts into workbooks that are imported again unchanged."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import Actor, Permission, Role, require
from server.accounts.models import Person
from server.registry import columns
from server.registry.experts import experts_within
from server.registry.exporting_objects import KINDS
from server.registry.inspectors import certificates_of, inspectors_within
from server.registry.item_list import items_for
from server.registry.models import Certificate, Expert, InspectorProfile, ItemKind, ItemMode, TrainingExam
from server.workbook import Cell, Column, SheetDraft

_CERTIFICATES = {"department": "部门执法证", "government": "省政府执法证"}
_MODES = {
    ItemMode.ON_SITE.value: "实地核查",
    ItemMode.WRITTEN.value: "书面检查",
    ItemMode.NETWORK.value: "网络监测",
    ItemMode.COMMISSIONED.value: "委托专业机构",
}
_NOT_WRITTEN = {"government_number", "government_valid_to", "identity_no"}


def item_sheets(session: Session, actor: Actor, region: str | None) -> Iterator[SheetDraft]:
    """Write the items that a bureau of a region, by default the actor's, may claim."""
    require(actor, Permission.LIST_READ)

    def rows() -> Iterator[list[Cell]]:
        for item in session.scalars(items_for(region or actor.region)):
            cells: dict[str, Any] = {column.key: getattr(item, column.key) for column in columns.ITEMS}
            cells["kind"] = "重点检查事项" if item.kind == ItemKind.KEY.value else "一般检查事项"
            cells["modes"] = "、".join(_MODES[mode] for mode in item.modes)
            cells["object_kinds"] = "、".join(KINDS[kind] for kind in item.object_kinds)
            cells["departments"] = "、".join(item.departments)
            cells["aliases"] = "\n".join(item.aliases)
            yield list(cells.values())

    yield SheetDraft("抽查事项清单", _headings(columns.ITEMS), rows())


def expert_sheets(session: Session, actor: Actor, region: str | None) -> Iterator[SheetDraft]:
    """Write the experts of the jurisdiction, or of one region of it."""
    query = experts_within(actor)
    query = query.where(Expert.region == region) if region else query

    def rows() -> Iterator[list[Cell]]:
        for expert in session.scalars(query.order_by(Expert.region, Expert.name, Expert.unit)):
            cells: dict[str, Any] = {column.key: getattr(expert, column.key) for column in columns.EXPERTS}
            for key in ("tags", "scope", "qualifications"):
                cells[key] = "、".join(cells[key])
            yield list(cells.values())

    yield SheetDraft("专家名录库", _headings(columns.EXPERTS), rows())


def inspector_sheets(session: Session, actor: Actor, region: str | None) -> Iterator[SheetDraft]:
    """Write the inspectors who hold a certificate, each with the one that lasts longest; the others on a sheet of their own."""
    query = inspectors_within(actor)
    query = query.where(Person.region == region) if region else query
    inspectors = session.scalars(query.order_by(Person.username)).all()
    ids = [person.id for person in inspectors]
    held = certificates_of(session, ids)
    pages = {page.person_id: page for page in _all_of(session, InspectorProfile, ids)}
    exams: dict[UUID, list[TrainingExam]] = defaultdict(list)
    for exam in _all_of(session, TrainingExam, ids):
        exams[exam.person_id].append(exam)
    written = [column for column in columns.INSPECTORS if column.key not in _NOT_WRITTEN]

    def people() -> Iterator[list[Cell]]:
        for person in inspectors:
            if held[person.id]:
                cells = _inspector_cells(person, held[person.id][-1], pages.get(person.id), exams[person.id])
                yield [cells.get(column.key) for column in written]

    def further() -> Iterator[list[Cell]]:
        for person in inspectors:
            for certificate in held[person.id][:-1]:
                cells = _certificate_cells(certificate) | {"holder": person.username}
                yield [cells.get(column.key) for column in columns.CERTIFICATES]

    yield SheetDraft("执法检查人员", _headings(written), people())
    yield SheetDraft("其他执法证", _headings(columns.CERTIFICATES), further())


def _inspector_cells(
    person: Person, certificate: Certificate, page: InspectorProfile | None, exams: Sequence[TrainingExam]
) -> dict[str, Cell]:
    cells: dict[str, Any] = {}
    if page:
        cells = {column.key: getattr(page, column.key, None) for column in columns.INSPECTORS}
        for key in ("tags", "scope", "qualifications"):
            cells[key] = "、".join(cells[key])
    for key, passed in (("exams_passed", True), ("exams_failed", False)):
        cells[key] = "、".join(str(exam.year) for exam in exams if exam.passed is passed)
    role = "主检" if Role.LEAD.value in person.roles else "检查人员"
    named = {"username": person.username, "name": person.name, "role": role}
    return cells | named | _certificate_cells(certificate)


def _certificate_cells(certificate: Certificate) -> dict[str, Cell]:
    unknown = certificate.valid_from == date.min
    return {
        "number": certificate.number,
        "issuer": certificate.issuer,
        "valid_from": None if unknown else certificate.valid_from,
        "valid_to": certificate.valid_to,
        "certificate_kind": _CERTIFICATES.get(certificate.kind or ""),
    }


def _all_of(session: Session, table: type[Any], ids: Sequence[UUID]) -> Sequence[Any]:
    return session.scalars(select(table).where(table.person_id.in_(ids))).all()


def _headings(written: Sequence[Column]) -> list[str]:
    return [column.headings[0] for column in written]
