"""Workbooks (.xlsx) that people send: opened within limits, tables found by their headings, rows read typed.

Contract: bytes in, frozen values out; no database. What can't be opened raises ImportUnreadable, a sheet
without the expected headings ImportColumns; a wrong cell is an error of its row, told with row and column as
the spreadsheet shows them. Not its business: what the values mean, and writing workbooks.
"""

from server.workbook.opening import Cell, Sheet, read_workbook
from server.workbook.receiving import WORKBOOK_BODY, receive_workbook
from server.workbook.rows import Row, RowError
from server.workbook.tables import Column, Table, find_table, header_of, plain_heading, require_table

__all__ = [
    "WORKBOOK_BODY",
    "Cell",
    "Column",
    "Row",
    "RowError",
    "Sheet",
    "Table",
    "find_table",
    "header_of",
    "plain_heading",
    "read_workbook",
    "receive_workbook",
    "require_table",
]
