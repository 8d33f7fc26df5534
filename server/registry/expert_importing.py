"""Importing experts; name and unit tell the experts of a bureau apart."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from server.access import Actor
from server.registry import columns
from server.registry.drafts import ExpertDraft
from server.registry.experts import enter_expert
from server.registry.import_report import ImportReport
from server.registry.item_list import codes_by_spelling
from server.registry.repeats import tell_repeats
from server.registry.spellings import spelling
from server.registry.states import Entered, row_as_json
from server.workbook import Row, Sheet, require_table


def ask(session: Session, _actor: Actor) -> Mapping[str, str]:
    """Ask what reading needs: the items by spelling."""
    return codes_by_spelling(session)


def read(
    sheets: Sequence[Sheet], codes: Mapping[str, str], report: ImportReport
) -> list[tuple[int, ExpertDraft]]:
    """Read the rows of experts."""
    table = require_table(sheets, columns.EXPERTS)
    report.sheet = table.sheet.name
    read: list[tuple[Row, ExpertDraft]] = []
    given = frozenset(table.places)
    for row in table.rows():
        report.rows += 1
        words = [word for word in row.words("scope") if word != "全部"]
        for word in words:
            if spelling(word) not in codes:
                row.wrong("scope", f"没有这个抽查事项：{word[:40]}", f"no such item: {word[:40]}")
        draft = ExpertDraft(
            name=row.text("name", required=True, longest=60),
            unit=row.text("unit", required=True),
            title=row.text("title"),
            phone=row.text("phone", longest=40),
            tags=row.words("tags"),
            scope=tuple(codes[spelling(word)] for word in words if spelling(word) in codes),
            qualifications=row.words("qualifications"),
            valid_from=row.day("valid_from"),
            valid_to=row.day("valid_to"),
            given=given,
        )
        read.append((row, draft))
    tell_repeats(((row, (each.name, each.unit)) for row, each in read), "name")
    for row, _ in read:
        report.errors += row.errors
    return [(row.number, each) for row, each in read if row.good]


def enter(session: Session, actor: Actor, draft: ExpertDraft, _known: object) -> Entered:
    """Enter an expert, or bring what is known of them up to date."""
    expert, before = enter_expert(session, actor, draft)
    return Entered(str(expert.id), expert.name, before, row_as_json(expert))
