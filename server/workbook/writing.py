"""Writing a workbook that opens in WPS and Excel, and that the readers of this package take back unchanged.

Text stays text, whatever it begins with: a name that begins with `=` is no formula, and a code of eighteen digits
keeps its end. Rows are written as they come; none is held twice.
"""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from server.workbook.opening import Cell

_WIDEST = 40
_A4 = 9  # as OOXML numbers sizes of paper
_NOT_IN_XML = {code: None for code in range(32) if code not in (9, 10, 13)}


@dataclass(frozen=True)
class SheetDraft:
    """A sheet to write: its name, its headings, and its rows in the order of the headings.

    With a `title` it is for paper: the title stands above the headings, long cells are wrapped, the page is wide.
    """

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    title: str = ""


def fill_workbook(sheets: Iterable[SheetDraft]) -> Any:
    """Write sheets into a workbook that is not held in memory; `save_workbook` makes a file of it, which takes time."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)

    wrapped = Alignment(wrap_text=True, vertical="top")

    def cell(sheet: Any, value: Cell) -> Any:
        if not isinstance(value, str | date):
            return value
        written: Any = WriteOnlyCell(sheet)
        written.value = value.translate(_NOT_IN_XML) if isinstance(value, str) else value
        if isinstance(value, str):
            written.data_type = "s"
        written.number_format = "@" if isinstance(value, str) else "yyyy-mm-dd"
        if on_paper:
            written.alignment = wrapped
        return written

    for draft in sheets:
        sheet, on_paper = book.create_sheet(draft.name), bool(draft.title)
        sheet.freeze_panes = "A3" if on_paper else "A2"
        if on_paper:
            sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
            sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
            sheet.print_title_rows = "2:2"
        headings = []
        for place, heading in enumerate(draft.headings, 1):
            sheet.column_dimensions[get_column_letter(place)].width = min(_WIDEST, 2 * len(heading) + 6)
            headings.append(cell(sheet, heading))
            headings[-1].font = Font(bold=True)
        if on_paper:
            title = cell(sheet, draft.title)
            title.font, title.alignment = Font(bold=True, size=14), Alignment()
            sheet.append([title])
        sheet.append(headings)
        for row in draft.rows:
            sheet.append([None if value == "" else cell(sheet, value) for value in row])
    return book


def save_workbook(book: Any) -> IO[bytes]:
    """Save a filled workbook in a temporary file, which is gone when it is closed; it stands at its beginning."""
    written = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    book.save(written)
    written.seek(0)
    return written
