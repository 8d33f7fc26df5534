"""Writing a workbook that opens in WPS and Excel, and that the readers of this package take back unchanged.

Text stays text, whatever it begins with: a name that begins with `=` is no formula, and a code of eighteen digits
keeps its end. A formula carries what it comes to, for readers that don't calculate. Rows are written as they come; none
is held twice. The same sheets give the same bytes.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Any

from server.workbook.opening import Cell

MOST_ROWS = 1_048_576
"""Of a sheet, its headings included: what Excel and WPS open."""
_WIDEST = 40
_A4 = 9  # as OOXML numbers sizes of paper
_LONGEST = 32_767  # characters of a cell
_NOT_IN_XML = {code: None for code in range(32) if code not in (9, 10, 13)}
_WRAPPED = {"text_wrap": True, "valign": "top"}
_FORMATS: Mapping[str, dict[str, Any]] = {
    "heading": {"bold": True, "num_format": "@"},
    "text": {"num_format": "@"},
    "day": {"num_format": "yyyy-mm-dd"},
    "number": {},
    "percent": {"num_format": "0.00%"},
    "title": {"bold": True, "font_size": 14},
}


@dataclass(frozen=True)
class Formula:
    """A formula as Excel writes it, what it comes to (its cached value), and how it looks: a key of the formats."""

    text: str
    value: str | float | date
    look: str = "number"


WrittenCell = Cell | Formula


@dataclass(frozen=True)
class SheetDraft:
    """A sheet to write: its name, its headings, and its rows in the order of the headings.

    With a `title` it is for paper: the title stands above the headings, long cells are wrapped, the page is wide.
    `above` stands over the headings, too, its first line like a title. `widths` by place, in characters. `fixed` columns stay
    in sight; with `filtered` the headings filter so many rows below them.
    """

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[WrittenCell]]
    title: str = ""
    above: Sequence[Sequence[WrittenCell]] = ()
    widths: Mapping[int, float] = field(default_factory=dict)
    fixed: int = 0
    filtered: int = 0


@dataclass(frozen=True)
class _Filled:
    """A workbook that is written into `file`, with its parts in `folder` until it is saved."""

    book: Any
    file: IO[bytes]
    folder: "tempfile.TemporaryDirectory[str]"


def fill_workbook(sheets: Iterable[SheetDraft], made_at: datetime | None = None) -> Any:
    """Write sheets into a workbook that is not held in memory; `save_workbook` makes a file of it, which takes time.

    `made_at` is what its properties say; without it they say the beginning of 2000.
    """
    from xlsxwriter import Workbook

    folder = tempfile.TemporaryDirectory(prefix="workbook")
    written = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    book = Workbook(written, {"constant_memory": True, "tmpdir": folder.name})
    moment = (made_at or datetime(2000, 1, 1)).replace(tzinfo=None)  # noqa: DTZ001 - a workbook knows no zones
    book.set_properties({"created": moment})
    book.set_calc_mode("auto")
    screen = {name: book.add_format(look) for name, look in _FORMATS.items()}
    paper = {name: book.add_format(look | _WRAPPED) for name, look in _FORMATS.items()} | {
        "title": screen["title"]
    }
    try:
        for draft in sheets:
            _write_sheet(book.add_worksheet(draft.name), draft, paper if draft.title else screen)
    except BaseException:
        _abandon(book)
        written.close()
        folder.cleanup()
        raise
    return _Filled(book, written, folder)


def save_workbook(filled: Any) -> IO[bytes]:
    """Save a filled workbook in a temporary file, which is gone when it is closed; it stands at its beginning."""
    with filled.folder:
        filled.book.close()
    filled.file.seek(0)
    written: IO[bytes] = filled.file
    return written


def _abandon(book: Any) -> None:
    """Close the parts of a workbook that nobody will have."""
    for sheet in book.worksheets():
        sheet._opt_close()  # noqa: SLF001 - the library closes them only by writing the whole book


def _write_sheet(sheet: Any, draft: SheetDraft, formats: Mapping[str, Any]) -> None:
    above = [[draft.title], *draft.above] if draft.title else draft.above
    head = len(above)
    for place, heading in enumerate(draft.headings):
        sheet.set_column(place, place, draft.widths.get(place, min(_WIDEST, 2 * len(heading) + 6)))
    sheet.freeze_panes(head + 1, draft.fixed)
    if draft.filtered:
        sheet.autofilter(head, 0, head + draft.filtered, len(draft.headings) - 1)
    if draft.title:
        _lay_out_for_paper(sheet, head)
    for number, line in enumerate(above):
        _write_row(sheet, number, line, formats, "text" if number else "title")
    _write_row(sheet, head, draft.headings, formats, "heading")
    for number, row in enumerate(draft.rows, head + 1):
        _write_row(sheet, number, row, formats, "text")


def _lay_out_for_paper(sheet: Any, headings: int) -> None:
    """As wide as a page lying on its side, the headings on every page."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(headings)


def _write_row(
    sheet: Any, number: int, row: Sequence[WrittenCell], formats: Mapping[str, Any], text: str
) -> None:
    for place, value in enumerate(row):
        if value is None or value == "":
            continue
        if isinstance(value, Formula):
            sheet.write_formula(number, place, value.text, formats[value.look], _cached(value.value))
        elif isinstance(value, bool):
            sheet.write_boolean(number, place, value)
        elif isinstance(value, str):
            sheet.write_string(number, place, _printable(value), formats[text])
        elif isinstance(value, date):
            sheet.write_datetime(number, place, value, formats["day"])
        else:
            sheet.write_number(number, place, value)


def _printable(text: str) -> str:
    """What XML can't hold is left out; text that no cell can hold ends in a mark that says so."""
    written = text.translate(_NOT_IN_XML)
    return written if len(written) <= _LONGEST else f"{written[: _LONGEST - 1]}…"


def _cached(value: str | float | date) -> str | float:
    """What a reader that does not calculate finds: days as the number of days since the end of 1899."""
    return (value - date(1899, 12, 30)).days if isinstance(value, date) else value
