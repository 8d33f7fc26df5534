"""The published plans as workbooks, the way a bureau would send them."""

from collections.abc import Iterable
from io import BytesIO

from server.demo.plan_tables import (
    CHENGDE,
    CHENGDE_TITLE,
    YANGCHENG_INTERNAL,
    YANGCHENG_INTERNAL_TITLE,
    YANGCHENG_JOINT,
    YANGCHENG_JOINT_TITLE,
    Cells,
)


def yangcheng_internal_plan() -> bytes:
    """Return Yangcheng's own plan for 2023: eight rows (.xlsx)."""
    return make_workbook("内部计划", YANGCHENG_INTERNAL_TITLE, YANGCHENG_INTERNAL)


def yangcheng_joint_plan() -> bytes:
    """Return Yangcheng's joint plan for 2023: one row (.xlsx)."""
    return make_workbook("部门联合计划", YANGCHENG_JOINT_TITLE, YANGCHENG_JOINT)


def chengde_plan() -> bytes:
    """Return the province's list for 2023 that Chengde takes part in: nine rows (.xlsx)."""
    return make_workbook("省厅清单", CHENGDE_TITLE, CHENGDE)


def make_workbook(sheet: str, title: str, rows: Iterable[Cells]) -> bytes:
    """Write one sheet with a title above its table; an empty row stays empty."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    page.append([title])
    for row in rows:
        page.append(list(row))
    written = BytesIO()
    book.save(written)
    return written.getvalue()
