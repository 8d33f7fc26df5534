"""The layouts of plan tables, recognised by their headings.

The internal and the joint plan are those of a county bureau (2023), the provincial list is the one a city
takes part in; their columns are R35-R37 of the requirements. The others are what bureaus elsewhere publish; three
of them are item lists that name no window or no ratio: what a table does not say is taken from where the layout
says, or told as missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from server.planning.models import PlanKind
from server.planning.words import WORDS
from server.problems import ImportColumns
from server.workbook import Cell, Column, Sheet, Table, find_table, header_of, plain_heading

NAME = Column("name", ("抽查任务名称", "任务名称"), required=True)
SCOPE = Column("object_scope", ("抽查对象范围", "检查对象范围"), required=True)
ITEMS = Column("items", ("抽查事项",), required=True)
NUMBER = Column("row_no", ("序号",))
_REMARK = Column("remark", ("备注",))


@dataclass(frozen=True)
class Layout:
    """One layout: which plan it is, its columns, and from which columns others are taken (key → keys to look in)."""

    name: str
    kind: PlanKind
    columns: tuple[Column, ...]
    taken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of its columns."""
        return frozenset(column.key for column in self.columns)

    def more(self) -> tuple[Column, ...]:
        """The columns that a bureau may put beside those of the layout: what else a row can say, by its word.

        A word that is the heading of something else here has 补充 before it.
        """
        taken = {plain_heading(heading) for column in self.columns for heading in column.headings}
        return tuple(
            Column(key, (f"补充{word}" if plain_heading(word) in taken else word,))
            for key, word in WORDS.items()
            if key not in self.keys
        )

    @property
    def anchor(self) -> str:
        """The column that every row fills but for one that continues another."""
        return "name" if "name" in self.keys else "row_no"


def _column(key: str, *headings: str, required: bool = True) -> Column:
    return Column(key, headings or (WORDS[key],), required=required)


INTERNAL = Layout(
    "internal",
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
    "joint",
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
    "provincial",
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
# Huangshi 2024: by field, with a frequency of its own.
BY_FIELD = Layout(
    "by-field",
    PlanKind.JOINT,
    (
        NUMBER,
        _column("field"),
        ITEMS,
        _column("object_scope", "检查对象"),
        _column("initiator", "发起部门"),
        _column("cooperators", "配合部门"),
        _column("ratio"),
        _column("frequency"),
        _column("window", "计划任务实施时段"),
    ),
    {"name": ("items",)},
)
# Laiyang 2022: by item, with its content, category and how many objects are expected.
BY_ITEM = Layout(
    "by-item",
    PlanKind.INTERNAL,
    (
        NUMBER,
        ITEMS,
        _column("object_scope", "抽查对象"),
        _column("content", "抽查内容"),
        _column("category"),
        _column("ratio", "抽查比例及频次"),
        _column("expected", "预估抽查对象数"),
        _column("window", "检查时间"),
        _column("inspecting_body"),
    ),
    {"name": ("items",), "initiator": ("inspecting_body",)},
)
# Yibin 2023: as its platform exports it, with days of the draw and the day it ends.
BY_DRAW_DAY = Layout(
    "by-draw-day",
    PlanKind.JOINT,
    (
        NUMBER,
        NAME,
        ITEMS,
        SCOPE,
        _column("sampling", "抽取类型"),
        _column("expected", "抽查户数"),
        _column("ratio"),
        _column("mode"),
        _column("organising_level"),
        _column("carrying_level"),
        _column("draw_from"),
        _column("draw_to"),
        _column("finish_by"),
        _column("initiator", "牵头部门"),
        _column("cooperators", "参与部门"),
        _REMARK,
    ),
)
# Shanggao 2023: by section; it does not say which objects.
BY_SECTION = Layout(
    "by-section",
    PlanKind.INTERNAL,
    (
        NUMBER,
        _column("inspecting_body"),
        _column("name", "年度计划名称"),
        _column("items", "检查内容"),
        _column("window", "计划开展时间"),
        _column("section"),
        _column("ratio"),
        _column("frequency"),
        _column("expected", "抽查数量"),
    ),
    {"initiator": ("section", "inspecting_body")},
)
# Zibo 2022: the item list of a department, without a time.
POWER_LIST = Layout(
    "power-list",
    PlanKind.INTERNAL,
    (
        NUMBER,
        _column("initiator", "部门"),
        _column("power_item"),
        ITEMS,
        _column("content", "抽查内容"),
        _column("object_scope", "检查对象"),
        _column("category"),
        _column("mode"),
        _column("ratio", "抽查比例及频次"),
        _column("inspecting_body", "检查部门及实施层级"),
        _column("basis"),
    ),
    {"name": ("items",)},
)
# Qijiang: an item list with the size of the frame and a period.
ITEM_LIST = Layout(
    "item-list",
    PlanKind.INTERNAL,
    (
        NUMBER,
        ITEMS,
        _column("basis", "抽查依据"),
        _column("object_scope", "抽查对象"),
        _column("base"),
        _column("ratio"),
        _column("frequency", "抽查周期"),
        _column("mode", "抽查方式"),
        _column("inspecting_body", "抽查主体"),
        _column("window", "实施日期"),
        _REMARK,
    ),
    {"name": ("items",), "initiator": ("inspecting_body",)},
)
# Fengjie 2025: which items concern enterprises; neither objects nor ratio nor time.
ENTERPRISE_ITEMS = Layout(
    "enterprise-items",
    PlanKind.INTERNAL,
    (
        NUMBER,
        _column("items", "事项名称"),
        _column("content"),
        _column("enterprise_related"),
        _column("basis", "法定依据"),
    ),
    {"name": ("items",)},
)
LAYOUTS = (
    INTERNAL, JOINT, PROVINCIAL, BY_FIELD, BY_ITEM, BY_DRAW_DAY, BY_SECTION, POWER_LIST, ITEM_LIST,
    ENTERPRISE_ITEMS,
)  # fmt: skip


def is_heading(cells: Sequence[Cell]) -> bool:
    """Say whether a row holds the headings of a layout."""
    return any(header_of(cells, layout.columns) for layout in LAYOUTS)


def recognise(sheets: Sequence[Sheet], kind: PlanKind | None) -> tuple[Layout, Table]:
    """Find the one plan table of a workbook, of a kind where one is asked for.

    Of the layouts that a sheet fits, the one that knows most of its columns. ImportColumns when there is no such
    table, or when there are several and no kind was given.
    """
    wanted = [layout for layout in LAYOUTS if kind in (None, layout.kind)]
    found = [best for sheet in sheets if (best := _best(sheet, wanted))]
    if len(found) == 1:
        return found[0]
    if found:
        raise ImportColumns(
            "工作簿内有多张计划表，请用 kind 指明。",
            "There are several plans; say which with `kind`.",
            kinds=[layout.kind.value for layout, _ in found],
        )
    raise ImportColumns(
        layouts={layout.name: [column.headings[0] for column in layout.columns] for layout in wanted}
    )


def _best(sheet: Sheet, wanted: Sequence[Layout]) -> tuple[Layout, Table] | None:
    tables = ((layout, find_table([sheet], layout.columns)) for layout in wanted)
    fitting = [(layout, table) for layout, table in tables if table is not None]
    best = max(fitting, key=lambda each: len(each[1].places), default=None)
    if best is None:
        return None
    layout, _ = best
    whole = find_table([sheet], (*layout.columns, *layout.more()))
    assert whole is not None  # what is optional takes nothing away
    return layout, whole
