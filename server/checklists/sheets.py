"""An author's file as rows and cells, so that what was found can be shown where it stands."""

from typing import cast

from forms import AuthoringError
from forms.authoring.sheets import Sheet, read_workbook
from forms.authoring.xlsform import FileType
from server.db import Json, JsonList

FIRST_ROW = 2
"""The row behind the header, as a spreadsheet counts."""


def sheets_of(source: bytes, source_type: str) -> JsonList:
    """Write the sheets of a source: `[{"name", "header": [column], "rows": [{"row", "cells": {column: text}}]}]`.

    Empty where it cannot be read. It takes up to seconds: hold no transaction over it.
    """
    try:
        book = read_workbook(source, cast("FileType", source_type))
    except AuthoringError:
        return []
    settings = Sheet(tuple(book.settings), (book.settings,)) if book.settings else Sheet()
    named = {"survey": book.survey, "choices": book.choices, "settings": settings}
    return [_written(name, sheet) for name, sheet in named.items() if sheet.rows]


def _written(name: str, sheet: Sheet) -> Json:
    rows = [{"row": number, "cells": dict(cells)} for number, cells in enumerate(sheet.rows, start=FIRST_ROW)]
    return {"name": name, "header": list(sheet.header), "rows": rows}
