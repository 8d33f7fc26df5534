"""A phone's state as JSON, as an app writes it down and another version of the app reads it again."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from uuid import UUID

from sync import Outcome, PhoneState, SealedOp, phone_state, view

_MADE_OF = {
    each.__name__: each
    for module in (phone_state, view)
    for each in vars(module).values()
    if isinstance(each, type) and is_dataclass(each)
} | {each.__name__: each for each in (Outcome, SealedOp, PhoneState)}


def write_state(state: PhoneState) -> str:
    return json.dumps(_written(state))


def read_state(text: str) -> PhoneState:
    return _read(json.loads(text))


def _written(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case UUID():
            return {"uuid": str(value)}
        case list():
            return {"list": [_written(each) for each in value]}
        case tuple():
            return {"tuple": [_written(each) for each in value]}
        case frozenset():
            return {"set": [_written(each) for each in sorted(value, key=repr)]}
        case Mapping():
            return {"map": [[_written(key), _written(each)] for key, each in value.items()]}
        case _ if type(value).__name__ in _MADE_OF:
            held = {each.name: _written(getattr(value, each.name)) for each in fields(value)}
            return {type(value).__name__: held}
    raise TypeError(f"a phone stores no {type(value).__name__}")


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    [(name, held)] = value.items()
    match name:
        case "uuid":
            return UUID(held)
        case "list":
            return [_read(each) for each in held]
        case "tuple":
            return tuple(_read(each) for each in held)
        case "set":
            return frozenset(_read(each) for each in held)
        case "map":
            return {_read(key): _read(each) for key, each in held}
    return _MADE_OF[name](**{each: _read(inner) for each, inner in held.items()})
