"""Putting the rows of a scanned table together again: repeated headings, page ends, text that runs on.

A row without a task name (without a number, where tables have no names) continues another: a cell that was cut at
a page's end goes on in a row of its own, on the page that follows. It belongs to the last row of the page before,
unless its brackets say otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from server.planning.layouts import Layout
from server.planning.scan_faults import Finding
from server.workbook import Row, Table, header_of

_TEXTS = ("items", "object_scope", "name", "plan_name", "risk_rule", "content", "basis", "remark")
_PAIRS = (("《", "》"), ("（", "）"), ("(", ")"), ("〔", "〕"), ("“", "”"))
_SHOWN = 12


@dataclass
class TaskRow:
    """One planned inspection as it stands in the table, its cells as text, put together."""

    row: Row
    page: int
    texts: dict[str, str]
    findings: list[Finding] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What the row is called, to people."""
        return self.texts.get("name") or self.texts.get("items", "")


def assemble(table: Table, layout: Layout) -> tuple[list[TaskRow], list[Finding]]:
    """Return the rows of a table, and what could not be given to any row."""
    tasks: list[TaskRow] = []
    loose: list[Finding] = []
    for page, row in _paged_rows(table, layout):
        texts = {key: row.text(key, longest=10_000) for key in row.cells}
        filled = {key for key, text in texts.items() if text}
        if filled == {"row_no"}:
            loose.append(_left_out(row, "row_no", texts["row_no"]))
        elif texts.get(layout.anchor):
            tasks.append(TaskRow(row, page, texts))
        elif filled and filled <= set(_TEXTS):
            loose += _continue(tasks, page, row, {key: texts[key] for key in sorted(filled)})
        else:
            tasks.append(TaskRow(row, page, texts))
    return tasks, loose


def _paged_rows(table: Table, layout: Layout) -> Iterator[tuple[int, Row]]:
    """Go through filled rows with their page; a page ends at an empty row or at repeated headings."""
    page, has_rows, places, headings = 0, False, table.places, table.headings
    for number, cells in table.sheet.rows:
        if number <= table.header_row:
            continue
        repeated = header_of(cells, (*layout.columns, *layout.more())) if cells else None
        if repeated:
            # A repeated heading may be worded or placed otherwise than the first.
            places, headings = repeated, {key: str(cells[place]) for key, place in repeated.items()}
        if repeated or not cells:
            page, has_rows = page + has_rows, False
            continue
        has_rows = True
        values = {key: cells[place] if place < len(cells) else None for key, place in places.items()}
        yield page, Row(number, values, headings, table.sheet.name)


def _continue(tasks: list[TaskRow], page: int, row: Row, texts: dict[str, str]) -> list[Finding]:
    if not tasks:
        return [_left_out(row, key, text) for key, text in texts.items()]
    owner = _owner(tasks, page, texts)
    for key, text in texts.items():
        before = owner.texts.get(key, "")
        owner.texts[key] = before + text
        owner.findings.append(
            Finding(
                row.number,
                row.headings[key],
                "continued",
                "warning",
                text,
                f"{before[-_SHOWN:]}|{text[:_SHOWN]}",
                f"本行文字接在第 {owner.row.number} 行“{owner.title[:40]}”之后，请核对",
                f"This text was put behind row {owner.row.number}; please check",
            )
        )
    return []


def _owner(tasks: list[TaskRow], page: int, texts: dict[str, str]) -> TaskRow:
    """Find the row that a text continues."""
    before = [task for task in tasks if task.page < page] or tasks
    for key, text in texts.items():
        for opening, closing in _PAIRS:
            if text.count(closing) > text.count(opening):
                for task in (*reversed(before), *reversed(tasks)):
                    written = task.texts.get(key, "")
                    if written.count(opening) > written.count(closing):
                        return task
    return before[-1]


def _left_out(row: Row, key: str, text: str) -> Finding:
    return Finding(
        row.number,
        row.headings[key],
        "left_out",
        "warning",
        text,
        "",
        "本行不是抽查任务，未读入",
        "This row is no planned inspection and was left out",
    )
