"""Figures: a share is told with both its numbers, so that everybody can count again."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import case, func
from sqlalchemy.sql.elements import ColumnElement

from server.db import Json
from server.reports.models import ReportRow

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> str | None:
        """Per cent with two decimals, half up; None of nothing."""
        if not self.whole:
            return None
        return str((Decimal(100 * self.part) / self.whole).quantize(_CENT, ROUND_HALF_UP))

    def as_json(self) -> Json:
        """Write it with both numbers."""
        return {"part": self.part, "whole": self.whole, "percent": self.percent}


def count_where(condition: Any) -> ColumnElement[int]:
    """Count the rows of which something is true."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def objects_where(condition: Any) -> ColumnElement[int]:
    """Count the objects (户) of which something is true in any row."""
    return func.count(case((condition, ReportRow.object_id)).distinct())


def says(column: Any, code: str) -> ColumnElement[bool]:
    """Say whether the text of a list of codes has one."""
    found: ColumnElement[bool] = column.contains(f'"{code}"')
    return found


INSPECTED = ReportRow.inspected_on.is_not(None)
