"""Lists that don't slow down as they grow: keyset paging, never an offset.

A view takes `PagingSchema` (or a schema that inherits from it) as its query and returns
`rows, 200, next_page(after)`.
"""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from marshmallow import fields, validate
from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.problems import RequestInvalid
from server.schema import Schema

Row = TypeVar("Row")
MOST_AFTER = 4096
"""Characters of a place to read on from: a name of 200 Chinese characters, as it is sorted, takes half of them."""


class PagingSchema(Schema):
    """Which page: at most `limit` rows behind the place that the last page's `Link` named."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    after = fields.String(load_default=None, validate=validate.Length(max=MOST_AFTER))


def page(
    session: Session,
    query: Select[Row],
    keys: Sequence[InstrumentedAttribute[Any]],
    after: str | None,
    limit: int,
    *,
    descending: bool = False,
    place_of: Callable[[Row], Sequence[Any]] | None = None,
) -> tuple[list[Row], str | None]:
    """Read one page of a query of entities, and the place to read on from (None on the last page).

    `keys` are attributes of the entity, never null, that together tell rows apart and that an index serves.
    `place_of` gives their values of a row, where some are of a table that the query joins.
    Raises RequestInvalid for a place this function did not make.
    """
    if after is not None:
        place = tuple_(
            *(literal(value, key.type) for key, value in zip(keys, _read_place(after, keys), strict=True))
        )
        query = query.where(tuple_(*keys) < place if descending else tuple_(*keys) > place)
    ordered = query.order_by(*(key.desc() if descending else key for key in keys)).limit(limit + 1)
    rows = list(session.scalars(ordered))
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], write_place(place_of(last) if place_of else _place(last, keys))


def merged_page(
    session: Session,
    queries: Sequence[Select[Row]],
    keys: Sequence[InstrumentedAttribute[Any]],
    after: str | None,
    limit: int,
) -> tuple[list[Row], str | None]:
    """Read one page of several queries of the same entity together, each of which an index serves in the order of `keys`.

    What one query with `or` would have to find whole before it could be put into order.
    """
    pages = [page(session, query, keys, after, limit) for query in queries]
    places = sorted(((_place(row, keys), row) for rows, _ in pages for row in rows), key=lambda each: each[0])
    if len(places) <= limit and not any(more for _, more in pages):
        return [row for _, row in places], None
    return [row for _, row in places[:limit]], write_place(places[limit - 1][0])


def _place(row: Any, keys: Sequence[InstrumentedAttribute[Any]]) -> list[Any]:
    return [getattr(row, key.key) for key in keys]


def next_page(after: str | None) -> dict[str, str]:
    """Write the `Link` header of a page: the address of the next one, with the same filters."""
    if after is None:
        return {}
    arguments = [(name, value) for name, value in request.args.items(multi=True) if name != "after"]
    return {"Link": f'<{request.path}?{urlencode([*arguments, ("after", after)])}>; rel="next"'}


def write_place(values: Sequence[Any]) -> str:
    """Write the place behind a row, given the values of its keys, as a `Link` names it."""
    texts = [value.isoformat() if isinstance(value, date) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps(texts, ensure_ascii=False).encode()).decode()


def _read_place(after: str, keys: Sequence[InstrumentedAttribute[Any]]) -> list[Any]:
    try:
        texts = json.loads(base64.b64decode(after.encode("ascii"), altchars=b"-_", validate=True))
        return [_READERS[key.type.python_type](text) for key, text in zip(keys, texts, strict=True)]
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise RequestInvalid("after 无法识别", "this `after` did not come from a Link") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)  # as the database will: there is none before the year 1


def _text(text: str) -> str:
    if "\0" in text or text != text.encode("utf-8").decode("utf-8"):
        raise ValueError(text)
    return text


def _integer(text: str) -> int:
    number = int(text)
    if abs(number) >= 1 << 63:
        raise ValueError(text)
    return number


_READERS: dict[type, Any] = {
    str: _text,
    int: _integer,
    UUID: UUID,
    date: date.fromisoformat,
    datetime: _moment,
}
