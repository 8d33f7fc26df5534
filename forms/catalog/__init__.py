"""The forms that ship, as Markdown XLSForm: what an inspector is asked, in Chinese with English beside it.

A form draws on `tasks.csv`, the list of the inspector's own tasks, whose column `name` identifies a task and
whose other columns are named as the calculated questions of the form (`task_no`, `obj_name`, ...). The
conclusions of a record stand in `/data/conclusions/<ITEM_CODE>` as `answer`, `problem` and `disposal`; the
signatures in `/data/sign`.
"""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["CatalogForm", "catalog"]


@dataclass(frozen=True, slots=True)
class CatalogForm:
    """One form that ships: its id, where it stands, and its Markdown source."""

    form_id: str
    path: Path
    source: bytes


def catalog() -> list[CatalogForm]:
    """Return the forms that ship, ordered by id; a file is named after its form."""
    return [
        CatalogForm(form_id=path.stem, path=path, source=path.read_bytes())
        for path in sorted(Path(__file__).parent.glob("*.md"))
    ]
