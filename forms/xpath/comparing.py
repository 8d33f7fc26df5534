"""`=`, `!=`, `<` and their like: sets of nodes are compared node by node (XPath 1.0 §3.4)."""

import operator
from collections.abc import Callable
from typing import Any

from forms.xpath.code import (
    ANY,
    BOOLEAN,
    LEAF,
    NODES,
    NUMBER,
    TEXT,
    Code,
    Run,
    as_boolean,
    as_number,
    as_text,
)
from forms.xpath.scope import Scope
from forms.xpath.values import text_to_number, to_boolean, to_number, to_text

ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_equality(left: Code, right: Code, *, negated: bool) -> Code:
    """Compile `=` or, negated, `!=`."""
    return Code(BOOLEAN, _equality(left, right, negated=negated))


def compile_order(symbol: str, left: Code, right: Code) -> Code:
    """Compile `<`, `<=`, `>` or `>=`: always by numbers."""
    order = ORDERS[symbol]
    if NODES not in (left.kind, right.kind) and ANY not in (left.kind, right.kind):
        lesser, greater = as_number(left), as_number(right)
        return Code(BOOLEAN, lambda scope: order(lesser(scope), greater(scope)))
    run_left, run_right = left.run, right.run

    def compare(scope: Scope) -> bool:
        zone = scope.environment.zone
        rights = [to_number(each, zone) for each in _each(run_right(scope))]
        return any(
            order(to_number(each, zone), number) for each in _each(run_left(scope)) for number in rights
        )

    return Code(BOOLEAN, compare)


def _equality(left: Code, right: Code, *, negated: bool) -> Run:
    kinds = {left.kind, right.kind}
    if BOOLEAN in kinds and not kinds & {ANY}:
        one, other = as_boolean(left), as_boolean(right)
        return lambda scope: (one(scope) is other(scope)) is not negated
    if kinds <= {TEXT, LEAF}:
        this, that = as_text(left), as_text(right)
        return lambda scope: (this(scope) == that(scope)) is not negated
    if NUMBER in kinds and kinds <= {NUMBER, TEXT, LEAF}:
        first, second = as_number(left), as_number(right)
        return lambda scope: (first(scope) == second(scope)) is not negated
    run_left, run_right = left.run, right.run
    return lambda scope: _compare_any(run_left(scope), run_right(scope), scope, negated=negated)


def _compare_any(left: Any, right: Any, scope: Scope, *, negated: bool) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return (to_boolean(left) is to_boolean(right)) is not negated
    rights = _each(right)
    return any(_equal(one, other, scope) is not negated for one in _each(left) for other in rights)


def _equal(left: Any, right: Any, scope: Scope) -> bool:
    if isinstance(left, float) or isinstance(right, float):
        zone = scope.environment.zone
        return _number(left, zone) == _number(right, zone)
    return to_text(left) == to_text(right)


def _number(value: Any, zone: Any) -> float:
    return value if isinstance(value, float) else text_to_number(to_text(value), zone)


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
