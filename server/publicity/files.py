"""Bulk files of what is public: rows of JSON or CSV, with a line for whatever was corrected or withdrawn."""

from collections.abc import Sequence
from itertools import chain

from server.db import Json
from server.publicity.whitelist import FIELDS
from server.workbook import BYTE_ORDER_MARK, csv_lines

_STATES = {"public": "公示", "corrected": "已更正", "withdrawn": "已撤回"}
_AROUND = {"id": "公示编号", "state": "状态", "published_at": "公示时间", "changed_at": "变更时间"}
_AFTER = {"closed_on": "完结日期", "objection": "异议", "reason": "更正或撤回原因"}
COLUMNS = {**_AROUND, **FIELDS, **_AFTER}


def as_csv(rows: Sequence[Json]) -> bytes:
    """Write rows as spreadsheets open them: one heading, no cell that runs as a formula."""
    lines = ([_cell(name, row.get(name)) for name in COLUMNS] for row in rows)
    return BYTE_ORDER_MARK + csv_lines(chain([COLUMNS.values()], lines))


def _cell(name: str, value: object) -> str:
    if name == "state":
        return _STATES[str(value)]
    if isinstance(value, dict):
        return str(value["zh"])
    return " ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
