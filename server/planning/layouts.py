"""The layouts of plan tables, recognised by their headings.

The internal and the joint plan are those of a county bureau (2023), the provincial list is the one a city
takes part in; their columns are R35-R37 of the requirements.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from server.planning.models import PlanKind
from server.problems import ImportColumns
from server.workbook import Column, Sheet, Table, find_table

NAME = Column("name", ("抽查任务名称", "任务名称"), required=True)
SCOPE = Column("object_scope", ("抽查对象范围", "检查对象范围"), required=True)
ITEMS = Column("items", ("抽查事项",), required=True)
NUMBER = Column("row_no", ("序号",))


@dataclass(frozen=True)
class Layout:
    """One layout: which plan it is, and its columns."""

    kind: PlanKind
    columns: tuple[Column, ...]


INTERNAL = Layout(
    PlanKind.INTERNAL,
    (
        NUMBER,
        NAME,
        Column("sampling", ("抽查类型",), required=True),
        ITEMS,
        SCOPE,
        Column("ratio", ("抽查比例/数量", "抽查比例"), required=True),
        Column("risk_rule", ("信用风险分类管理",)),
        Column("window", ("抽查检查起止时间", "抽查起止时间", "起止时间"), required=True),
        Column("initiator", ("发起主体/牵头单位", "发起主体"), required=True),
        Column("inspecting_body", ("检查主体",)),
    ),
)
JOINT = Layout(
    PlanKind.JOINT,
    (
        NUMBER,
        NAME,
        ITEMS,
        SCOPE,
        Column("ratio", ("抽查比例及频次", "抽查比例"), required=True),
        Column("risk_rule", ("智慧监管(信用风险分类)要求", "信用风险分类管理")),
        Column("window", ("抽查起止时间", "抽查检查起止时间", "起止时间"), required=True),
        Column("initiator", ("发起部门",), required=True),
        Column("cooperators", ("配合部门",), required=True),
    ),
)
PROVINCIAL = Layout(
    PlanKind.PROVINCIAL,
    (
        Column("plan_no", ("抽查计划编号", "计划编号"), required=True),
        Column("plan_name", ("抽查计划名称", "计划名称"), required=True),
        Column("task_no", ("抽查任务编号", "任务编号"), required=True),
        NAME,
        Column("sampling", ("抽查类型",), required=True),
        Column("ratio", ("抽查比例",), required=True),
        ITEMS,
        SCOPE,
        Column("initiator", ("省厅牵头处室",), required=True),
        Column("cooperators", ("市局配合科室",), required=True),
        Column("window", ("省厅抽查时间",), required=True),
    ),
)
LAYOUTS = (INTERNAL, JOINT, PROVINCIAL)


def recognise(sheets: Sequence[Sheet], kind: PlanKind | None) -> tuple[Layout, Table]:
    """Find the one plan table of a workbook, of a kind where one is asked for.

    ImportColumns when there is none, or when there are several and no kind was given.
    """
    wanted = [layout for layout in LAYOUTS if kind in (None, layout.kind)]
    tables = ((layout, find_table([sheet], layout.columns)) for sheet in sheets for layout in wanted)
    found = [(layout, table) for layout, table in tables if table is not None]
    if len(found) == 1:
        return found[0]
    if found:
        raise ImportColumns(
            "工作簿内有多张计划表，请用 kind 指明。",
            "There are several plans; say which with `kind`.",
            kinds=[layout.kind.value for layout, _ in found],
        )
    raise ImportColumns(
        layouts={layout.kind.value: [column.headings[0] for column in layout.columns] for layout in wanted}
    )
