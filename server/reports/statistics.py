"""抽查工作情况统计: the columns and formulas of a province's work report, a line for each planned inspection and item.

抽查完成率 = 已公示 / 抽查户数; 完结率 = 完结数 / 已公示; 问题发现率 = 发现问题的对象 / 检查的对象. Objects are counted once
in each line; the results by code are those that are public, of which one object may have several.
"""

from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from server.db import Json
from server.reports.figures import INSPECTED, Share, count_where, objects_where, says
from server.reports.models import ReportRow, ReportSnapshot
from server.results.codes import FollowupCode, ResultCode

_LEFT = (ResultCode.MOVED_AWAY, ResultCode.DEREGISTERED, ResultCode.REVOKED, ResultCode.ANNULLED)
_RESULTS = {code.value.lower(): (code,) for code in ResultCode if code not in _LEFT} | {"left": _LEFT}
"""Columns of results; 迁移、注销等其他情况 are one, `left`."""


def statistics(session: Session, snapshot: ReportSnapshot) -> Json:
    """Count the lines and their sum: two questions to the snapshot, however many lines there are."""
    by = (ReportRow.planned_id, ReportRow.item_code)
    mine = ReportRow.snapshot_id == snapshot.id
    lines = (
        select(*by, *_counts()).where(mine).group_by(*by).order_by(ReportRow.item_code, ReportRow.planned_id)
    )
    total = select(*_counts()).where(mine)
    return {
        "lines": [
            {**_named(snapshot, row.planned_id, row.item_code), **_line(row)}
            for row in session.execute(lines)
        ],
        "total": _line(session.execute(total).one()),
    }


def _counts() -> list[Any]:
    return [
        objects_where(ReportRow.object_id.is_not(None)).label("drawn"),
        objects_where(INSPECTED).label("inspected"),
        objects_where(and_(INSPECTED, ReportRow.problem)).label("with_problems"),
        objects_where(ReportRow.public).label("published"),
        objects_where(and_(ReportRow.public, ReportRow.closed)).label("closed"),
        *(
            count_where(
                and_(ReportRow.public, or_(*(says(ReportRow.codes, code.value) for code in codes)))
            ).label(f"result_{name}")
            for name, codes in _RESULTS.items()
        ),
        *(
            count_where(and_(ReportRow.public, says(ReportRow.followup_codes, code.value))).label(
                f"followup_{code.value.lower()}"
            )
            for code in FollowupCode
        ),
    ]


def _line(row: Any) -> Json:
    return {
        "drawn": row.drawn,
        "inspected": row.inspected,
        "published": row.published,
        "unpublished": row.drawn - row.published,
        "completion": Share(row.published, row.drawn).as_json(),
        "results": {name: getattr(row, f"result_{name}") for name in _RESULTS},
        "followups": {
            code.value.lower(): getattr(row, f"followup_{code.value.lower()}") for code in FollowupCode
        },
        "closed": row.closed,
        "closure": Share(row.closed, row.published).as_json(),
        "discovery": Share(row.with_problems, row.inspected).as_json(),
    }


def _named(snapshot: ReportSnapshot, planned_id: Any, item_code: str) -> Json:
    planned = snapshot.facts["planned"].get(str(planned_id), {})
    return {
        "planned_id": str(planned_id) if planned_id else None,
        "task": planned.get("name"),
        "sampling": planned.get("sampling", []),
        "scope": planned.get("scope"),
        "ratio": planned.get("ratio"),
        "base": planned.get("base"),
        "item_code": item_code,
        "item": snapshot.facts["items"].get(item_code),
    }
