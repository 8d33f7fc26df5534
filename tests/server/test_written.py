"""What was written before goes into an answer as it is, wherever it stands."""

from flask import Flask

from server.db import canonical_json
from server.written import WritingProvider, Written


def as_written(value):
    return Written(canonical_json(value).decode())


def test_an_answer_is_the_same_to_the_byte_as_if_all_of_it_were_written_now():
    provider = WritingProvider(Flask("test"))
    rows = [{"z": "界石", "a": ['"', "\\", None]}, {"b": 1.5}, {}]
    items = [{"n": 1, "b": row, "z": row} for row in rows]
    written = [{"n": 1, "b": as_written(row), "z": as_written(row)} for row in rows]

    told = provider.dumps({"items": written, "a": as_written(rows[0])}, separators=(",", ":"))

    assert told == provider.dumps({"items": items, "a": rows[0]}, separators=(",", ":"))
    assert told.encode() == canonical_json({"items": items, "a": rows[0]})
    assert as_written(rows[0]).value == rows[0]
