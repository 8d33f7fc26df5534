"""The board: how much stands in each column, and the most urgent of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from server import clock
from server.access import Actor, Permission, require
from server.board.cards import write_cards
from server.board.choosing import choices
from server.board.columns import NEEDS, Column, Sought, Walk, walks_of
from server.board.covering import Covered, coverage
from server.db import Json

__all__ = ["Column", "Covered", "Sought", "choices", "coverage", "show_board"]

MOST = 1000
"""Where counting ends: what is more is told as that."""


def show_board(
    session: Session, actor: Actor, sought: Sought, cards: int, only: Column | None = None
) -> Json:
    """Count each column that the actor may see (or `only` one), and write its `cards` most urgent things."""
    require(actor, Permission.BOARD_READ)
    columns = [column for column in Column if only in {None, column} and actor.sees_region(NEEDS[column])]
    walks = {column: walks_of(actor, column, sought) for column in columns}
    written = write_cards(session, {column: _first(session, walks[column], cards) for column in columns})
    counts = {column: sum(_count(session, walk) for walk in walks[column]) for column in columns}
    return {
        "as_of": clock.now(),
        "since": sought.first or sought.since,
        "columns": [
            {
                "column": column.value,
                "count": min(counts[column], MOST),
                "more": counts[column] > MOST,
                "cards": written[column],
            }
            for column in columns
        ],
    }


def _first(session: Session, walks: Sequence[Walk], most: int) -> list[Any]:
    found: list[Any] = []
    for walk in walks:
        if len(found) < most:
            found += session.scalars(walk.query.order_by(*walk.order).limit(most - len(found)))
    return found


def _count(session: Session, walk: Walk) -> int:
    some = walk.query.with_only_columns(literal(1).label("one")).limit(MOST + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0
