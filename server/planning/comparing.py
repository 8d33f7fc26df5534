"""What an amendment changes in the words of the plan: what stands there, or stood, and what is to stand there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from server.db import Json
from server.planning.models import AmendmentState, PlanAmendment
from server.planning.versions import find_version
from server.planning.wording import texts_of
from server.planning.words import WORDS


@dataclass(frozen=True)
class Cell:
    """One cell: its column by key and by name, the text before and after."""

    key: str
    column: str
    before: str
    after: str


@dataclass(frozen=True)
class ComparedChange:
    """One change of an amendment; `row_no` and `name` as they were before, those of a new row are empty."""

    action: str
    row_no: int | None
    name: str
    cells: tuple[Cell, ...]


def compare_changes(session: Session, amendment: PlanAmendment) -> list[ComparedChange]:
    """Lay each change beside what stood there before: in the version that it replaced, or stands now."""
    published = amendment.state == AmendmentState.PUBLISHED and amendment.published_version
    version = find_version(session, amendment.plan_id, published - 1 if published else None)
    rows = {row["id"]: row for row in version.document["rows"]}
    return [_compared(change, rows) for change in amendment.changes]


def _compared(change: Mapping[str, Any], rows: Mapping[str, Json]) -> ComparedChange:
    row = rows.get(str(change.get("planned") or ""))
    before = texts_of(row) if row else {}
    cells = tuple(Cell(key, WORDS[key], before.get(key, ""), text) for key, text in change["set"].items())
    name = before.get("name", "") or change["set"].get("name", "")
    return ComparedChange(change["action"], row["row_no"] if row else None, name, cells)
