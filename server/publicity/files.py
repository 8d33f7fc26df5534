"""Bulk files of what is public: rows of JSON or CSV, with a line for whatever was corrected or withdrawn."""

import csv
import io
from collections.abc import Sequence

from server.db import Json
from server.publicity.whitelist import FIELDS

_STATES = {"public": "公示", "corrected": "已更正", "withdrawn": "已撤回"}
_AROUND = {"id": "公示编号", "state": "状态", "published_at": "公示时间", "changed_at": "变更时间"}
_AFTER = {"closed_on": "完结日期", "objection": "异议", "reason": "更正或撤回原因"}
COLUMNS = {**_AROUND, **FIELDS, **_AFTER}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Sequence[Json]) -> bytes:
    """Write rows as spreadsheets open them: UTF-8 with its mark, one heading, no cell that runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS.values())
    for row in rows:
        writer.writerow([_cell(name, row.get(name)) for name in COLUMNS])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(name: str, value: object) -> str:
    if name == "state":
        return _STATES[str(value)]
    if isinstance(value, dict):
        return str(value["zh"])
    text = " ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
