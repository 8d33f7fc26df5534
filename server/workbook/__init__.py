"""Workbooks (.xlsx) that people send and take away, and lines of CSV.

Those that come are opened within limits, tables found by their headings, rows read typed; those that go are read
again as they were written.

Contract: bytes in, frozen values out, and back; no database. What can't be opened raises ImportUnreadable, a sheet
without the expected headings ImportColumns; a wrong cell is an error of its row, told with row and column as
the spreadsheet shows them. Not its business: what the values mean.
"""

from server.workbook.csv_lines import BYTE_ORDER_MARK, csv_lines
from server.workbook.opening import LARGE, Cell, Limits, Sheet, read_workbook
from server.workbook.receiving import WORKBOOK_BODY, XLSX, receive_workbook
from server.workbook.rows import Row, RowError
from server.workbook.tables import Column, Table, find_table, header_of, plain_heading, require_table
from server.workbook.writing import MOST_ROWS, Formula, SheetDraft, WrittenCell, fill_workbook, save_workbook

__all__ = [
    "BYTE_ORDER_MARK",
    "LARGE",
    "MOST_ROWS",
    "WORKBOOK_BODY",
    "XLSX",
    "Cell",
    "Column",
    "Formula",
    "Limits",
    "Row",
    "RowError",
    "Sheet",
    "SheetDraft",
    "Table",
    "WrittenCell",
    "csv_lines",
    "fill_workbook",
    "find_table",
    "header_of",
    "plain_heading",
    "read_workbook",
    "receive_workbook",
    "require_table",
    "save_workbook",
]
