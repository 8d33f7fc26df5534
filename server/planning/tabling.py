"""A plan as a workbook in the layout of a bureau's own: what it is read from is what it is written as."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.planning.completing import complete
from server.planning.layouts import LAYOUTS, Layout
from server.planning.models import Plan, PlanKind, PlannedInspection
from server.planning.pages import TaskRow
from server.planning.wording import ratio_apart, said_by, texts_of
from server.problems import PlanIncomplete
from server.workbook import Cell, Column, Row, SheetDraft

_SHEETS = {PlanKind.INTERNAL: "内部计划", PlanKind.JOINT: "部门联合计划", PlanKind.PROVINCIAL: "任务清单"}


def plan_sheet(plan: Plan, rows: Sequence[PlannedInspection], layout_name: str | None = None) -> SheetDraft:
    """Write the rows of a plan that stand as a sheet in a layout, by default in the one that suits them best.

    What rows say beside the layout's columns stands in columns behind them, so that nothing is lost.
    PlanIncomplete for a plan without rows.
    """
    said = [said_by(row) for row in rows if row.withdrawn_at is None]
    if not said:
        raise PlanIncomplete("计划没有任务", "a plan without rows")
    layout = _named(layout_name) if layout_name else _suiting(PlanKind(plan.kind), said)
    columns = (*layout.columns, *_beside(layout, said))
    return SheetDraft(
        _SHEETS[PlanKind(plan.kind)],
        [column.headings[0] for column in columns],
        [_cells(layout, columns, each) for each in said],
        plan.name,
    )


def _named(name: str) -> Layout:
    return next(layout for layout in LAYOUTS if layout.name == name)


def _suiting(kind: PlanKind, said: Sequence[Mapping[str, Any]]) -> Layout:
    """Choose among the layouts of a kind: as few columns beside it as can be, then as few that stay empty.

    One that has a column for the objects must not be left without them.
    """
    unsaid = any(not each["object_scope"] for each in said)

    def ill(layout: Layout) -> tuple[bool, int, int]:
        filled = {key for each in said for key in _texts(layout, each)}
        return (
            unsaid and "object_scope" in layout.keys,
            len(_beside(layout, said)),
            len(layout.keys - filled),
        )

    return min((layout for layout in LAYOUTS if layout.kind is kind), key=ill)


def _beside(layout: Layout, said: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Name the columns that rows need beside those of a layout: for what would not be read from these."""
    needed = {key for each in said for key in _lost(layout, _texts(layout, each))}
    return [column for column in layout.more() if column.key in needed]


def _lost(layout: Layout, texts: Mapping[str, str]) -> set[str]:
    kept = {key: text for key, text in texts.items() if key in layout.keys}
    task = TaskRow(Row(0, kept, {}), 0, kept)
    complete([task], layout)
    numbered = {"row_no"}  # in their order
    return {key for key, text in texts.items() if task.texts.get(key, "") != text} - numbered


def _texts(layout: Layout, said: Mapping[str, Any]) -> dict[str, str]:
    apart = "frequency" in layout.keys
    ratio, frequency = ratio_apart(said, apart=apart)
    texts = {**texts_of(said), "row_no": str(said["row_no"]), "ratio": ratio, "frequency": frequency}
    return {key: text for key, text in texts.items() if text}


def _cells(layout: Layout, columns: Sequence[Column], said: Mapping[str, Any]) -> list[Cell]:
    texts = _texts(layout, said)
    return [said["row_no"] if column.key == "row_no" else texts.get(column.key) for column in columns]
