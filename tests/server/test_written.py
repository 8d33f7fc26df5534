"""What was written before goes into an answer as it is, wherever it stands."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest
from flask import Flask

from server.db import canonical_json
from server.written import WritingProvider, Written


class State(StrEnum):
    DONE = "done"


@dataclass
class Pair:
    one: int
    two: str


def as_written(value):
    return Written(canonical_json(value).decode())


@pytest.fixture
def app():
    app = Flask("test")
    app.json = WritingProvider(app)
    return app


@pytest.mark.parametrize(
    "more", [{}, {"count": 2**70}], ids=["as usual", "with a number that is larger than most"]
)
def test_an_answer_is_the_same_to_the_byte_as_if_all_of_it_were_written_now(app, more):
    rows = [{"z": "界石", "a": ['"', "\\", None, "\u2028"], "\U0001f5ff": 1, "\uffff": 2}, {"b": 1.5}, {}]
    items = [{"n": 1, "b": row, "z": row} for row in rows]
    written = [{"n": 1, "b": as_written(row), "z": as_written(row)} for row in rows]

    told = app.json.response({"items": written, "a": as_written(rows[0]), **more}).data

    assert (
        told.decode()
        == app.json.dumps({"items": written, "a": as_written(rows[0]), **more}, separators=(",", ":")) + "\n"
    )
    assert told == app.json.response({"items": items, "a": rows[0], **more}).data
    assert told == canonical_json({"items": items, "a": rows[0], **more}) + b"\n"
    assert as_written(rows[0]).value == rows[0]


def test_what_flask_knows_how_to_write_is_written_as_flask_does(app):
    values = {
        "day": date(2026, 2, 28),
        "moment": datetime(2026, 2, 28, 1, 2, 3, 456, UTC),
        "id": UUID(int=7),
        "amount": Decimal("1.20"),
        "state": State.DONE,
        "pair": Pair(1, "二"),
        "several": (1, 2),
    }
    assert app.json.loads(app.json.response(values).data) == app.json.loads(app.json.dumps(values))


def test_what_is_no_number_is_told_as_nothing_and_not_as_what_no_phone_can_read(app):
    assert app.json.response([float("nan"), float("inf")]).data == b"[null,null]\n"


def test_what_nobody_can_write_is_an_error(app):
    with pytest.raises(TypeError):
        app.json.response({"it": object()})
