"""Importing inspection items; the code tells them apart."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.access import Actor
from server.registry import columns
from server.registry.import_report import ImportReport
from server.registry.item_drafts import ItemDraft
from server.registry.item_list import enter_item, item_as_json
from server.registry.models import InspectionItem, ItemKind
from server.registry.repeats import tell_repeats
from server.registry.states import Entered
from server.workbook import Row, Sheet, require_table

_TEXTS = (
    "category", "sub_item", "matter_no", "subject", "ratio", "frequency", "section", "lead_department", "form_id",
)  # fmt: skip
_LONG_TEXTS = ("basis", "object_scope", "content", "standard", "inspector_requirement", "remark")


def read(sheets: Sequence[Sheet], _asked: None, report: ImportReport) -> list[tuple[int, ItemDraft]]:
    """Read the rows of items."""
    table = require_table(sheets, columns.ITEMS)
    report.sheet = table.sheet.name
    read: list[tuple[Row, ItemDraft]] = []
    for row in table.rows():
        report.rows += 1
        draft = _read_item(row, frozenset(table.places))
        for first, last in (("valid_from", "valid_to"), ("basis_from", "basis_to")):
            begins, ends = getattr(draft, first), getattr(draft, last)
            if begins and ends and ends < begins:
                row.wrong(last, "有效期止早于有效期起", "it ends before it begins")
        read.append((row, draft))
    tell_repeats(((row, each.code) for row, each in read), "code")
    for row, _ in read:
        report.errors += row.errors
    return [(row.number, each) for row, each in read if row.good]


def enter(session: Session, actor: Actor, draft: ItemDraft, _known: object) -> Entered:
    """Enter an item, or bring it up to date."""
    known = session.get(InspectionItem, draft.code)
    before = item_as_json(known) if known else {}
    item, _ = enter_item(session, actor, draft)
    return Entered(item.code, item.name, before, item_as_json(item))


def _read_item(row: Row, given: frozenset[str]) -> ItemDraft:
    return ItemDraft(
        code=row.text("code", required=True, longest=60),
        name=row.text("name", required=True),
        **{name: row.text(name) for name in _TEXTS},
        **{name: row.text(name, longest=4000) for name in _LONG_TEXTS},
        aliases=row.lines("aliases"),
        object_kinds=row.choices("object_kinds", columns.OBJECT_KINDS),
        modes=row.choices("modes", columns.ITEM_MODES),
        kind=row.choice("kind", columns.ITEM_KINDS) or ItemKind.GENERAL.value,
        departments=row.words("departments"),
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to"),
        basis_from=row.day("basis_from"),
        basis_to=row.day("basis_to"),
        given=given,
    )
