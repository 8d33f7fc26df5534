"""The five figures that leaders ask for, by county and by matter: how far, how timely, how public, how much was found.

抽查完成率 = 已公示 / 抽取 and 公示率 = 已公示 / 已检查, 问题发现率 = 发现问题 / 已检查, each in objects (户); 按时录入率 = entries
in time / entries that are due, in lines; 回访率 = revisits that are over / revisits ordered. In the order of codes and
never of numbers: nothing here ranks anybody (国办函〔2026〕12号), and nothing is counted by a person.
"""

from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from server import clock
from server.db import Json
from server.reports.figures import INSPECTED, Share, count_where, objects_where
from server.reports.ledger import Ledger
from server.reports.models import ReportRow, ReportSnapshot

FIGURES = {
    "completion": "抽查完成率",
    "entry_in_time": "按时录入率",
    "publication": "公示率",
    "discovery": "问题发现率",
    "revisits": "回访率",
}
"""The figures in their order, with what they are called."""


def rates(session: Session, snapshot: ReportSnapshot) -> Json:
    """Count the figures by county, by item and in all: three questions, however many rows there are."""
    ledger = Ledger(snapshot)
    mine = ReportRow.snapshot_id == snapshot.id
    counts = _counts(snapshot)

    def by(column: Any) -> Any:
        return session.execute(
            select(column.label("code"), *counts).where(mine).group_by(column).order_by(column)
        )

    return {
        "regions": [_told(row, row.code, ledger.region_name(row.code)) for row in by(ReportRow.region)],
        "items": [_told(row, row.code, ledger.item_name(row.code)) for row in by(ReportRow.item_code)],
        "total": _told(session.execute(select(*counts).where(mine)).one(), snapshot.region, "合计"),
    }


def _counts(snapshot: ReportSnapshot) -> list[Any]:
    today = clock.day_of(snapshot.as_of)
    entry_due = and_(
        ReportRow.entry_due.is_not(None), or_(ReportRow.entry_met.is_not(None), ReportRow.entry_due < today)
    )
    return [
        objects_where(ReportRow.object_id.is_not(None)).label("drawn"),
        objects_where(INSPECTED).label("inspected"),
        objects_where(ReportRow.public).label("published"),
        objects_where(and_(INSPECTED, ReportRow.public)).label("inspected_published"),
        objects_where(and_(INSPECTED, ReportRow.problem)).label("with_problems"),
        count_where(entry_due).label("entries"),
        count_where(ReportRow.entry_met <= ReportRow.entry_due).label("entries_in_time"),
        func.coalesce(func.sum(ReportRow.revisits), 0).label("revisits"),
        func.coalesce(func.sum(ReportRow.revisits_over), 0).label("revisits_over"),
    ]


def _told(row: Any, code: str, name: str) -> Json:
    return {
        "code": code,
        "name": name,
        "drawn": row.drawn,
        "inspected": row.inspected,
        "completion": Share(row.published, row.drawn).as_json(),
        "entry_in_time": Share(row.entries_in_time, row.entries).as_json(),
        "publication": Share(row.inspected_published, row.inspected).as_json(),
        "discovery": Share(row.with_problems, row.inspected).as_json(),
        "revisits": Share(row.revisits_over, row.revisits).as_json(),
    }
