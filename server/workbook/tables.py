"""Finding a table in a sheet by the Chinese names of its columns."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.problems import ImportColumns
from server.workbook.opening import Cell, Sheet
from server.workbook.rows import Row

# A title and a note may stand above the headings.
_SEARCHED = 15
_LEFT_OUT = re.compile(r"[\s*:]+|\([^()]*\)")


@dataclass(frozen=True)
class Column:
    """A column: its key for us, the headings it goes by, and whether a table without it is another one."""

    key: str
    headings: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True)
class Table:
    """A table found in a sheet. `title` is what stands above it; `places` the position of each column."""

    sheet: Sheet
    title: str
    header_row: int
    places: dict[str, int]
    headings: dict[str, str]

    def rows(self) -> Iterator[Row]:
        """Go through the filled rows below the headings."""
        for number, cells in self.sheet.rows:
            if number <= self.header_row:
                continue
            row = Row(number, self.cells_of(cells), self.headings, self.sheet.name)
            if any(value is not None for value in row.cells.values()):
                yield row

    def cells_of(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        """Name the cells of a row by their columns."""
        return {key: cells[place] if place < len(cells) else None for key, place in self.places.items()}


def plain_heading(value: Cell) -> str:
    """Bring a heading to the one spelling it is compared in: half-width, no blanks, nothing in brackets."""
    return _LEFT_OUT.sub("", unicodedata.normalize("NFKC", str(value or "")))


def header_of(cells: Sequence[Cell], columns: Sequence[Column]) -> dict[str, int] | None:
    """Return where each column stands if a row holds all required headings, else None."""
    written = [plain_heading(cell) for cell in cells]
    places: dict[str, int] = {}
    for column in columns:
        names = {plain_heading(name) for name in column.headings}
        found = next((place for place, name in enumerate(written) if name in names), None)
        if found is not None:
            places[column.key] = found
        elif column.required:
            return None
    return places


def find_table(sheets: Sequence[Sheet], columns: Sequence[Column]) -> Table | None:
    """Return the first table that has all required columns, or None."""
    for sheet in sheets:
        title = ""
        for number, cells in sheet.rows[:_SEARCHED]:
            places = header_of(cells, columns)
            if places is not None and len(places) > 0:
                headings = {key: str(cells[place]) for key, place in places.items()}
                return Table(sheet, title, number, places, headings)
            filled = [str(cell) for cell in cells if cell is not None]
            title = filled[0] if len(filled) == 1 else title
    return None


def require_table(sheets: Sequence[Sheet], columns: Sequence[Column]) -> Table:
    """Return the first table that has all required columns; ImportColumns lists what was expected."""
    table = find_table(sheets, columns)
    if table is None:
        raise ImportColumns(
            required=[column.headings[0] for column in columns if column.required],
            optional=[column.headings[0] for column in columns if not column.required],
        )
    return table
