"""Tables in plain text: cells parted by tabs or bars, as scanners and web pages give them.

A line is a row, numbered as the text's lines are; what stands between tables is prose, its last line a title.
"""

from collections.abc import Callable, Sequence

from server.problems import ImportUnreadable
from server.workbook import Cell, Sheet

MAX_LINES = 20_000
_BREAKS = (("</p> <p>", "\n"), ("</p><p>", "\n"), ("<p>", ""), ("</p>", ""), ("<br>", "\n"), ("<br/>", "\n"))
_ENCODINGS = ("utf-8-sig", "gb18030")
_ROW = tuple[int, tuple[Cell, ...]]


def read_text_tables(data: bytes, is_heading: Callable[[Sequence[Cell]], bool]) -> tuple[Sheet, ...]:
    """Read the tables of a text as sheets; a table begins at headings with prose before them.

    Blank lines inside a table are kept as empty rows: a page's end. ImportUnreadable for what is no text.
    """
    lines = _decode(data).splitlines()
    if len(lines) > MAX_LINES:
        raise ImportUnreadable(f"文本多于 {MAX_LINES} 行。", f"There are more than {MAX_LINES} lines.")
    tables: list[list[_ROW]] = []
    title: _ROW | None = None
    for number, line in enumerate(lines, 1):
        cells = _cells(line)
        if len(cells) > 1:
            if not tables or (title and is_heading(cells)):
                tables.append([title] if title else [])
            tables[-1].append((number, cells))
            title = None
        elif cells:
            title = (number, cells)
        elif tables:
            tables[-1].append((number, ()))
    if not tables:
        raise ImportUnreadable(
            "既不是 .xlsx 工作簿，也不是含表格的文本。",
            "It is neither an .xlsx workbook nor a text with a table.",
        )
    return tuple(Sheet(f"表{place}", tuple(rows)) for place, rows in enumerate(tables, 1))


def _decode(data: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ImportUnreadable("不是文本。", "It is no text.")


def _cells(line: str) -> tuple[Cell, ...]:
    if "\t" in line:
        parts = line.split("\t")
    elif line.strip().startswith("|"):
        parts = line.strip().strip("|").split("|")
        if all(set(part.strip()) <= set("-:") for part in parts):
            return ()  # the line below the headings of a Markdown table
    else:
        parts = [line.lstrip("# ")]
    cells = [_plain(part) for part in parts]
    return tuple(cells) if any(cells) else ()


def _plain(text: str) -> str | None:
    for written, meant in _BREAKS:
        text = text.replace(written, meant)
    return text.strip() or None
