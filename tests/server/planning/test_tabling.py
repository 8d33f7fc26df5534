"""Plans that go out as workbooks, in the layouts they came in, and come in again as they were."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from server.demo import chengde_plan, yangcheng_internal_plan, yangcheng_joint_plan
from server.demo.plan_tables import YANGCHENG_INTERNAL
from server.demo.plan_workbooks import make_workbook
from server.planning.completing import Correction
from server.planning.entering import values_of
from server.planning.importing import read_plan
from server.planning.layouts import LAYOUTS
from server.planning.models import Plan, PlannedInspection
from server.planning.ratio_texts import parse_ratio, write_ratio
from server.planning.ratios import Ratio
from server.planning.tabling import plan_sheet
from server.workbook import fill_workbook, save_workbook
from tests.server.planning.bureau import PlanningBureau
from tests.server.planning.tables import ENTERPRISE_ITEMS
from tests.server.planning.tables import LAYOUTS as ELSEWHERE

KIND = {layout.name: layout.kind for layout in LAYOUTS}
SOURCES = {
    "internal": yangcheng_internal_plan(),
    "joint": yangcheng_joint_plan(),
    "provincial": chengde_plan(),
    **{name: make_workbook("表", "某局计划", rows) for name, rows in ELSEWHERE.items()},
}
SAID = [Correction(None, "ratio", "5%，1次/年"), Correction(None, "initiator", "县自然资源局")]


def rows_as_kept(reading):
    return [PlannedInspection(**values_of(row, {})) for row in reading.rows if row.good]


def written(rows, kind, layout=None):
    plan = Plan(name="某局2023年度抽查计划", kind=kind, year=2023)
    with save_workbook(fill_workbook([plan_sheet(plan, rows, layout)])) as book:
        return book.read()


def values(reading):
    """What a row says, without what was noticed while it was read."""
    return [values_of(row, {}) | {"notes": []} for row in reading.rows]


def again(rows, kind, layout=None):
    reading = read_plan(written(rows, kind, layout), 2023)
    assert reading.errors == []
    return reading


@pytest.mark.parametrize("name", SOURCES)
def test_a_plan_of_every_layout_goes_out_in_it_and_comes_in_the_same(name):
    corrections = SAID if name == "enterprise-items" else []
    read = read_plan(SOURCES[name], 2023, KIND[name], corrections=corrections)
    back = again(rows_as_kept(read), read.kind)

    assert back.layout == name, "the layout that suits it best is its own"
    assert back.name == "某局2023年度抽查计划"
    assert values(back) == values(read)


def test_what_a_person_said_beside_the_table_stands_in_columns_behind_it():
    read = read_plan(make_workbook("表", "计划", ENTERPRISE_ITEMS), 2023, corrections=SAID)
    plan = Plan(name="涉企事项", kind="internal", year=2023)

    assert plan_sheet(plan, rows_as_kept(read)).headings == [
        "序号", "事项名称", "检查内容", "是否属于涉企检查事项", "法定依据", "抽查比例", "发起单位",
    ]  # fmt: skip


def test_a_row_that_an_amendment_took_out_is_not_written():
    rows = rows_as_kept(read_plan(SOURCES["internal"], 2023))
    rows[1].withdrawn_at = object()

    assert len(again(rows, "internal").rows) == len(rows) - 1


HAN = some.text("甲乙丙丁戊己庚辛矿山测绘界桩年度县局", min_size=1, max_size=12)
WORDS = some.lists(HAN, min_size=1, max_size=3, unique=True)
PERCENTS = some.decimals(min_value="0.01", max_value=100, places=2)
OFTEN = some.sampled_from([(None, False, None), (1, False, "year"), (2, True, "year"), (1, False, "quarter")])
RATIOS = some.builds(
    lambda ratio, floor, often, note: replace(
        ratio, at_least=floor, times=often[0], times_at_least=often[1], period=often[2], note=note
    ),
    some.one_of(
        some.builds(lambda percent: Ratio(percent=percent), PERCENTS),
        some.builds(lambda count: Ratio(count=count), some.integers(1, 999_999)),
        some.builds(
            lambda shares: Ratio(by_class=dict(zip("ABCD", shares, strict=True))),
            some.lists(PERCENTS, min_size=4, max_size=4),
        ),
    ),
    some.booleans(),
    OFTEN,
    some.one_of(some.just(""), some.just("以下达任务为准")),
)
WINDOWS = some.sampled_from(
    ["全年", "3月—6月", "第三季度", "3月1日—3月31日", "5月至6月、9月至10月", "全年择机"]
)
ROWS = some.fixed_dictionaries(
    {
        "抽查任务名称": HAN,
        "抽查类型": some.sampled_from(["定向", "不定向", "不定向、定向"]),
        "抽查事项": WORDS.map(lambda items: "；".join(f"{item}检查" for item in items)),
        "抽查对象范围": HAN,
        "抽查比例/数量": RATIOS.map(write_ratio),
        "信用风险分类管理": some.one_of(some.none(), HAN),
        "抽查检查起止时间": WINDOWS,
        "发起主体/牵头单位": WORDS.map(lambda bodies: "、".join(f"{body}股" for body in bodies[:2])),
        "检查主体": some.one_of(some.none(), HAN),
    }
)


@given(RATIOS)
def test_every_ratio_is_written_so_that_it_reads_as_itself(ratio):
    assert parse_ratio(write_ratio(ratio)) == ratio


@settings(max_examples=40, deadline=None)
@given(
    some.lists(ROWS, min_size=1, max_size=5),
    some.sampled_from(["internal", "by-field", "item-list", "by-draw-day"]),
)
def test_rows_that_go_out_in_any_layout_come_in_as_they_were(told, layout):
    headings = ("序号", *told[0])
    rows = [headings, *((number, *(row[key] for key in headings[1:])) for number, row in enumerate(told, 1))]
    read = read_plan(make_workbook("表", "计划", rows), 2023)
    back = again(rows_as_kept(read), "internal", layout)

    # How often stands in a column of its own in some layouts, and is one text with the share again.
    assert values(back) == values(read)


def test_a_bureau_takes_its_plan_away_and_brings_it_in_again(cast):
    bureau = PlanningBureau(cast)
    plan = bureau.imports(
        make_workbook("表", "阳城县计划", [r for r in YANGCHENG_INTERNAL if r]), section="矿管局"
    )
    taken = bureau.planner.get(f"/api/v1/plans/{plan['id']}/export").data
    its_rows = bureau.planner.get(f"/api/v1/plans/{plan['id']}")["rows"]
    changed = bureau.imports(taken, name="再次导入")
    rows = bureau.planner.get(f"/api/v1/plans/{changed['id']}")["rows"]

    def said(row):
        return {key: value for key, value in row.items() if key not in {"id", "notes"}}

    assert [said(row) for row in rows] == [said(row) for row in its_rows]
    cast.stranger().get(f"/api/v1/plans/{plan['id']}/export", expect=401)
