"""Opening a workbook from strangers: sizes are checked before anything is inflated, DTDs are refused."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from server.problems import ImportUnreadable, Problem

MAX_MEMBERS = 500
MAX_SHEETS = 20
MAX_COLUMNS = 100
MAX_DEPTH = 100


@dataclass(frozen=True)
class Limits:
    """How much of a workbook is taken: filled rows of a sheet, inflated bytes and XML elements in all.

    Formatting alone can fill a sheet with empty rows; `walked` of them are walked over, no more.
    """

    rows: int = 5_000
    inflated: int = 64 * 1024 * 1024
    elements: int = 3_000_000
    walked: int = 200_000


SMALL = Limits()
"""While somebody waits for the answer."""
LARGE = Limits(rows=60_000, inflated=512 * 1024 * 1024, elements=12_000_000)
"""In the worker, which has time."""

Cell = str | int | float | bool | date | None


@dataclass(frozen=True)
class Sheet:
    """A sheet's filled cells: (row number as the spreadsheet shows it, its cells). Empty rows are kept as ()."""

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read_workbook(data: bytes, limits: Limits = SMALL) -> tuple[Sheet, ...]:
    """Read all visible sheets of an .xlsx; ImportUnreadable says why one can't be read."""
    from openpyxl import load_workbook

    _check_archive(data, limits)
    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parsers raise
        raise _unreadable("文件内容损坏", "its content is broken") from error
    with closing(book):
        if len(book.sheetnames) > MAX_SHEETS:
            raise _unreadable(f"工作表多于 {MAX_SHEETS} 个", f"more than {MAX_SHEETS} sheets")
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        return tuple(Sheet(sheet.title, tuple(_rows(sheet, limits))) for sheet in visible)


def _unreadable(detail: str, detail_en: str) -> Problem:
    return ImportUnreadable(f"{detail}。", f"Reason: {detail_en}.")


def _check_archive(data: bytes, limits: Limits) -> None:
    """Refuse what is no zip, what would inflate beyond the limit, and XML that declares a document type."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise _unreadable("压缩包内文件过多", "too many files inside")
            # Python never inflates a member beyond the size it declares, so the sum is a true bound.
            if sum(member.file_size for member in members) > limits.inflated:
                raise _unreadable("解压后过大", "it is too large when inflated")
            if any(member.flag_bits & 1 for member in members):
                raise _unreadable("文件已加密", "it is encrypted")
            for member in members:
                _check_member(archive, member, limits)
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        NotImplementedError,
        ValueError,
        zlib.error,
        ExpatError,
    ) as error:
        raise _unreadable("不是 .xlsx 文件，或文件不完整", "it is no .xlsx file, or it was cut") from error


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> None:
    """Check whatever might be read as XML, under any name; pictures and the like are none and stay unread."""
    try:
        _check_xml(archive, member, limits)
    except ExpatError:
        if member.filename.lower().endswith((".xml", ".rels")):
            raise


def _check_xml(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> None:
    """Go through a member's XML before anything builds a tree of it: no document type, no depth, no masses."""
    depth = count = 0

    def begin(_name: str, _attributes: object) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > MAX_DEPTH or count > limits.elements:
            raise _unreadable("文件结构过深或过大", "its structure is too deep or too large")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise _unreadable("文件含有文档类型声明", "it declares a document type")

    parser = ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.StartDoctypeDeclHandler = refuse
    with archive.open(member) as opened:
        parser.ParseFile(opened)


def _rows(sheet: Any, limits: Limits) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    filled = 0
    for number, cells in enumerate(_walk(sheet), 1):
        values = _trimmed(cells)
        filled += bool(values)
        if filled > limits.rows or number > limits.walked:
            raise _unreadable(f"数据多于 {limits.rows} 行", f"more than {limits.rows} rows")
        yield number, values


def _walk(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # What the sheet says of its own size is not to be trusted: rows beyond it would be lost.
    sheet.reset_dimensions()
    try:
        yield from sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
    except Exception as error:  # the sheet is parsed while it is walked
        raise _unreadable("工作表内容损坏", "a sheet is broken") from error


def _trimmed(cells: tuple[Any, ...]) -> tuple[Cell, ...]:
    """Make the cells of a row plain and leave out the empty ones behind the last filled one."""
    values = [_plain(cell) for cell in cells]
    while values and values[-1] is None:
        values.pop()
    return tuple(values)


def _plain(value: Any) -> Cell:
    """Make a cell's value plain: dates without time, text stripped, nothing for what is empty."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, time):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | date) else str(value)
