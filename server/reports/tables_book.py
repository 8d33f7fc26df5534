"""The tables of a snapshot as one workbook: the work report (抽查工作情况统计), coverage (覆盖面), assessment (督查考核数据).

The columns of the work report are those of a province's own (domain §2.4); its rates are formulas over the cells beside them.
Objects are counted once in each line, so a sum of lines is no sum of objects: the line below is counted by itself, and says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session
from xlsxwriter.utility import xl_col_to_name

from server import clock
from server.db import Json
from server.registry.models import ObjectKind
from server.reports.assessment import assessment
from server.reports.coverage import coverage
from server.reports.ledger import SAMPLING
from server.reports.models import ReportSnapshot
from server.reports.statistics import statistics
from server.results.codes import FollowupCode, ResultCode
from server.workbook import Formula, SheetDraft, WrittenCell

_LEFT: Final = "迁移、注销等其他情况"
_RESULTS: Final = {
    **{code.value.lower(): code.chinese for code in ResultCode},
    "left": _LEFT,
}
_FOLLOWUPS: Final = {code.value.lower(): f"处置：{code.chinese}" for code in FollowupCode}


def sheets_of(session: Session, snapshot: ReportSnapshot) -> Iterator[SheetDraft]:
    """Write the sheets; five questions to the snapshot, however many lines there are."""
    yield _work_report(snapshot, statistics(session, snapshot))
    yield _coverage(snapshot, coverage(session, snapshot))
    yield _assessment(snapshot, assessment(session, snapshot))


def _work_report(snapshot: ReportSnapshot, told: Json) -> SheetDraft:
    results, followups = list(told["total"]["results"]), list(told["total"]["followups"])
    headings = [
        *("行次", "抽查任务", "抽查内容", "抽查类型", "抽查对象", "抽查基数", "抽查比例", "抽查户数", "已检查户数", "已公示", "未公示"),
        *("抽查完成率", "问题发现率"),
        *(_RESULTS[name] for name in results),
        *(_FOLLOWUPS[name] for name in followups),
        *("完结数", "完结率"),
    ]  # fmt: skip
    letters = {heading: xl_col_to_name(place) for place, heading in enumerate(headings)}
    above = _above(
        snapshot,
        "抽查工作情况统计",
        "抽查完成率＝已公示/抽查户数；完结率＝完结数/已公示；问题发现率＝发现问题的对象/已检查户数。合计按户去重，不是各行之和。",
    )
    first = len(above) + 2

    def line(number: int, each: Json, who: Sequence[WrittenCell]) -> list[WrittenCell]:
        def rate(share: Json, part: str, whole: str) -> Formula:
            text = f'=IF({letters[whole]}{number}=0,"",{letters[part]}{number}/{letters[whole]}{number})'
            return Formula(text, share["part"] / share["whole"] if share["whole"] else "", "percent")

        unpublished = Formula(
            f"={letters['抽查户数']}{number}-{letters['已公示']}{number}", each["unpublished"]
        )
        found = each["discovery"]
        return [
            *who,
            *(each["drawn"], each["inspected"], each["published"], unpublished),
            rate(each["completion"], "已公示", "抽查户数"),
            _share(found),
            *(each["results"][name] for name in results),
            *(each["followups"][name] for name in followups),
            each["closed"],
            rate(each["closure"], "完结数", "已公示"),
        ]

    rows = [
        line(
            first + place,
            each,
            (
                place + 1,
                each["task"],
                each["item"] or each["item_code"],
                "、".join(SAMPLING.get(one, one) for one in each["sampling"]),
                each["scope"],
                each["base"],
                each["ratio"],
            ),
        )
        for place, each in enumerate(told["lines"])
    ]
    rows.append(line(first + len(rows), told["total"], ("合计", None, None, None, None, None, None)))
    widths = {1: 30.0, 2: 26.0, 4: 22.0}
    return SheetDraft("抽查工作情况统计", headings, rows, above=above, widths=widths, fixed=3)


def _coverage(snapshot: ReportSnapshot, told: Json) -> SheetDraft:
    above = _above(
        snapshot, "检查覆盖面", "覆盖率＝已检查的对象/名录库中的对象；一个对象有几个标签，各计一次。"
    )
    first = len(above) + 2
    fields = [
        *(("事项", each["name"] or each["code"], each["coverage"]) for each in told["items"]),
        *(("对象类别", _KINDS.get(each["kind"], each["kind"]), each["coverage"]) for each in told["kinds"]),
        *(("标签", each["tag"], each["coverage"]) for each in told["tags"]),
    ]
    rows = [
        [
            way,
            name,
            share["part"],
            share["whole"],
            Formula(
                f'=IF(D{number}=0,"",C{number}/D{number})',
                share["part"] / share["whole"] if share["whole"] else "",
                "percent",
            ),
        ]
        for number, (way, name, share) in enumerate(fields, first)
    ]
    headings = ("分类", "名称", "已检查户数", "名录库户数", "覆盖率")
    return SheetDraft("覆盖面", headings, rows, above=above, widths={0: 12, 1: 40})


_SHARES: Final = (
    ("discovery", "问题发现率"),
    ("entry_in_time", "按时录入率"),
    ("publication_in_time", "按时公示率"),
    ("followups_over", "后续处置完成率"),
)
_LIABILITY: Final = (
    ("not_inspected", "未按要求检查"),
    ("not_published_in_time", "未按时公示"),
    ("delayed", "逾期检查"),
    ("followups_late", "后续处置逾期"),
    ("crimes_not_transferred", "涉嫌犯罪未移送"),
)
_KINDS: Final = {
    ObjectKind.ENTERPRISE.value: "主体",
    ObjectKind.PRODUCT.value: "产品",
    ObjectKind.PROJECT.value: "项目",
    ObjectKind.ACT.value: "行为",
}


def _assessment(snapshot: ReportSnapshot, told: Json) -> SheetDraft:
    above = _above(
        snapshot,
        "督查考核数据",
        "按单位统计，不按人员；按行政区划代码排列，不作排名。后五列为失职照单问责所列情形。",
    )
    first = len(above) + 2
    headings = ["行政区划", "单位", "检查任务", "已检查户数", "已发布结果"]
    for _, name in _SHARES:
        headings += [f"{name}（分子）", f"{name}（分母）", name]
    headings += [name for _, name in _LIABILITY]
    rows = [_unit(number, unit) for number, unit in enumerate(told["units"], first)]
    return SheetDraft("督查考核", headings, rows, above=above, widths={1: 30}, fixed=2)


def _unit(number: int, unit: Mapping[str, Any]) -> list[WrittenCell]:
    cells: list[WrittenCell] = [
        *(unit["region"], unit["name"], unit["visits"], unit["objects_inspected"], unit["results_released"])
    ]
    for key, _ in _SHARES:
        share = unit[key]
        part, whole = (f"{xl_col_to_name(len(cells) + each)}{number}" for each in (0, 1))
        value = share["part"] / share["whole"] if share["whole"] else ""
        cells += [
            share["part"],
            share["whole"],
            Formula(f'=IF({whole}=0,"",{part}/{whole})', value, "percent"),
        ]
    return [*cells, *(unit["liability"][key] for key, _ in _LIABILITY)]


def _above(snapshot: ReportSnapshot, title: str, note: str) -> tuple[tuple[str], ...]:
    region = snapshot.facts["regions"].get(snapshot.region, snapshot.region)
    source = f"{region}　{snapshot.first} 至 {snapshot.last}　快照 {clock.iso(snapshot.as_of)}　{snapshot.sha256[:16]}"
    return ((title,), (source,), (note,))


def _share(share: Json) -> WrittenCell:
    """A share whose parts have no cells of their own, with both its numbers as a formula."""
    if not share["whole"]:
        return None
    return Formula(f"={share['part']}/{share['whole']}", share["part"] / share["whole"], "percent")
