"""JSON from strangers: one object, bounded, with one meaning for every reader."""

import json
from typing import Any, NoReturn

MAX_DEPTH = 32
"""Levels of arrays and objects: far above the protocol's own five, far below Python's recursion limit."""

_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class NotJson(ValueError):
    """The bytes are no JSON object that every reader would understand alike."""


def read_object(data: bytes) -> dict[str, Any]:
    """Read UTF-8 bytes as one JSON object. Raises NotJson.

    Refused besides broken syntax: NaN and Infinity, a name given twice in one object (readers differ in
    which one wins), lone surrogates and NUL (no database stores them), nesting deeper than `MAX_DEPTH`.
    """
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique_names, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        raise NotJson("嵌套过深。 Nested too deeply.") from error
    except ValueError as error:
        raise NotJson(f"不是有效的 JSON。 Not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise NotJson("应为 JSON 对象。 A JSON object is expected.")
    # Only an escape brings in what UTF-8 and the grammar of JSON keep out: lone surrogates and NUL.
    check_storable(value, texts=b"\\u" in data)
    return value


def write_object(value: dict[str, Any]) -> bytes:
    """Write an object as compact UTF-8 JSON. Raises ValueError on NaN and on lone surrogates."""
    return _write(value).encode("utf-8")


def check_storable(value: Any, *, texts: bool = True) -> None:
    """Raise NotJson if a parsed JSON value is nested too deeply or, with `texts`, holds one that no database stores."""
    pending: list[tuple[Any, int]] = [(value, 1)]
    while pending:
        item, depth = pending.pop()
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, dict | list):
            if depth > MAX_DEPTH:
                raise NotJson("嵌套过深。 Nested too deeply.")
            looked_at = (dict, list, str) if texts else (dict, list)
            if isinstance(item, dict):
                pending.extend((name, depth + 1) for name in (item if texts else ()))
                item = item.values()
            pending.extend((child, depth + 1) for child in item if isinstance(child, looked_at))


def _check_text(text: str) -> None:
    if "\0" in text:
        raise NotJson("文本含有 NUL 字符。 Text holds a NUL character.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotJson("文本含有不完整的代理字符。 Text holds a lone surrogate.") from error


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
