"""JSON that was written before, to be hashed: it goes into an answer as it is, and is not written again."""

import json
from dataclasses import dataclass
from typing import Any, Final

import orjson
from flask import Response
from flask.json.provider import DefaultJSONProvider

from server.db import Json


@dataclass(frozen=True)
class Written:
    """A part of an answer as its text, which is as `canonical_json` writes it."""

    text: str

    @property
    def value(self) -> Json:
        """What the text says, for those who look into it."""
        value: Json = json.loads(self.text)
        return value


_AS_FLASK_DOES: Final = (
    orjson.OPT_APPEND_NEWLINE
    | orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
)


def _read_again(value: Any) -> Any:
    return value.value if isinstance(value, Written) else DefaultJSONProvider.default(value)


def _as_it_is(value: Any) -> Any:
    return orjson.Fragment(value.text) if isinstance(value, Written) else DefaultJSONProvider.default(value)


class WritingProvider(DefaultJSONProvider):
    """Writes answers as Flask does, but in UTF-8, with what is `Written` as it is, and several times as fast."""

    ensure_ascii = False
    default = staticmethod(_read_again)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Make an answer of a value."""
        value = self._prepare_response_obj(args, kwargs)
        return Response(self._write(value), mimetype=self.mimetype)

    def _write(self, value: Any) -> bytes | str:
        try:
            return orjson.dumps(value, _as_it_is, _AS_FLASK_DOES)
        except TypeError:  # what is seldom, as integers of more than 64 bits
            return self.dumps(value, separators=(",", ":")) + "\n"
