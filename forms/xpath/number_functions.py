"""Functions of numbers, of truth, and of sets of nodes."""

import math
import random
from collections.abc import Callable, Sequence

from forms.xpath.code import (
    BOOLEAN,
    NODE,
    NODES,
    NUMBER,
    TEXT,
    Code,
    Compiling,
    as_nodes,
    as_number,
    as_text,
)
from forms.xpath.library import function, special
from forms.xpath.nodes import Node
from forms.xpath.scope import Scope
from forms.xpath.syntax import Call, Literal
from forms.xpath.values import to_number

NAN = math.nan


@function("true", "", BOOLEAN)
def _true() -> bool:
    return True


@function("false", "", BOOLEAN)
def _false() -> bool:
    return False


@function("not", "boolean", BOOLEAN)
def _not(value: bool) -> bool:
    return not value


@function("boolean", "boolean", BOOLEAN)
def _boolean(value: bool) -> bool:
    return value


@function("boolean-from-string", "text", BOOLEAN)
def _boolean_from_string(text: str) -> bool:
    return text in ("1", "true")


@special("number", 0, 1)
def _number(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    if codes:
        return Code(NUMBER, as_number(codes[0]))
    return Code(NUMBER, lambda scope: to_number(scope.node, scope.environment.zone))


@function("int", "number", NUMBER)
def _int(number: float) -> float:
    return float(math.trunc(number)) if math.isfinite(number) else number


@function("round", "number number?", NUMBER)
def _round(number: float, decimals: float = 0.0) -> float:
    """Round half away from zero, to some decimals (ODK XForms)."""
    if not math.isfinite(number) or not math.isfinite(decimals):
        return NAN if math.isnan(decimals) else number
    scale = 10.0 ** max(-300.0, min(300.0, decimals))
    shifted = abs(number) * scale
    return math.copysign(math.floor(shifted + 0.5) / scale, number) if math.isfinite(shifted) else number


@function("floor", "number", NUMBER)
def _floor(number: float) -> float:
    return float(math.floor(number)) if math.isfinite(number) else number


@function("ceiling", "number", NUMBER)
def _ceiling(number: float) -> float:
    return float(math.ceil(number)) if math.isfinite(number) else number


def _plain(name: str, compute: Callable[[float], float]) -> None:
    def safely(number: float) -> float:
        try:
            return compute(number)
        except (ValueError, OverflowError):
            return NAN

    function(name, "number", NUMBER)(safely)


for _name, _compute in (
    ("abs", abs),
    ("sin", math.sin),
    ("cos", math.cos),
    ("tan", math.tan),
    ("asin", math.asin),
    ("acos", math.acos),
    ("atan", math.atan),
    ("sqrt", math.sqrt),
    ("exp", math.exp),
    ("exp10", lambda number: 10.0**number),
    ("log", math.log),
    ("log10", math.log10),
):
    _plain(_name, _compute)


@function("atan2", "number number", NUMBER)
def _atan2(y: float, x: float) -> float:
    return math.atan2(y, x)


@function("pow", "number number", NUMBER)
def _pow(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except (ValueError, OverflowError):
        return NAN if base < 0 else math.inf


@function("pi", "", NUMBER)
def _pi() -> float:
    return math.pi


@function("random", "", NUMBER)
def _random() -> float:
    return random.random()  # noqa: S311 - a form's own dice, not a secret


@special("sum", 1, 1)
def _sum(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    """Add the numbers of all nodes; one that is blank or no number makes the sum NaN."""
    nodes = as_nodes(codes[0])

    def run(scope: Scope) -> float:
        return added([to_number(node, scope.environment.zone) for node in nodes(scope)])

    return Code(NUMBER, run)


def added(numbers: list[float]) -> float:
    """Add from left to right, as the phone does, so that both round alike."""
    if not numbers:
        return NAN
    total = numbers[0]
    for number in numbers[1:]:
        total += number
    return total


@function("max", "number*", NUMBER)
def _max(numbers: list[float]) -> float:
    return NAN if not numbers or any(map(math.isnan, numbers)) else max(numbers)


@function("min", "number*", NUMBER)
def _min(numbers: list[float]) -> float:
    return NAN if not numbers or any(map(math.isnan, numbers)) else min(numbers)


@special("count", 1, 1)
def _count(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    nodes = as_nodes(codes[0])
    return Code(NUMBER, lambda scope: float(len(nodes(scope))))


@special("count-non-empty", 1, 1)
def _count_non_empty(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    nodes = as_nodes(codes[0])
    return Code(NUMBER, lambda scope: float(sum(node.text() != "" for node in nodes(scope))))


@function("checklist", "number number boolean*", BOOLEAN)
def _checklist(least: float, most: float, answers: list[bool]) -> bool:
    return least <= sum(answers) <= (math.inf if most == -1 else most)


@special("weighted-checklist", 2, None)
def _weighted_checklist(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    numbers = [as_number(code) for code in codes]

    def run(scope: Scope) -> bool:
        least, most, *rest = (number(scope) for number in numbers)
        total = sum(weight for answer, weight in zip(rest[::2], rest[1::2], strict=False) if answer)
        return least <= total <= (math.inf if most == -1 else most)

    return Code(BOOLEAN, run)


@special("position", 0, 1)
def _position(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    """Without an argument the place within a predicate; else the place of a repeat's instance."""
    if not codes:
        return Code(NUMBER, lambda scope: float(scope.position))
    nodes = as_nodes(codes[0])

    def run(scope: Scope) -> float:
        found = nodes(scope)
        return float(found[0].index) if found else NAN

    return Code(NUMBER, run)


@special("last", 0, 0)
def _last(_compiler: Compiling, _call: Call, _codes: Sequence[Code]) -> Code:
    return Code(NUMBER, lambda scope: float(scope.size))


@special("current", 0, 0)
def _current(_compiler: Compiling, _call: Call, _codes: Sequence[Code]) -> Code:
    return Code(NODE, lambda scope: scope.current)


@special("name", 0, 1)
@special("local-name", 0, 1)
def _name_of(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    if not codes:
        return Code(TEXT, lambda scope: scope.node.name)
    nodes = as_nodes(codes[0])

    def run(scope: Scope) -> str:
        found = nodes(scope)
        return found[0].name if found else ""

    return Code(TEXT, run)


@special("instance", 1, 1)
def _instance(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    name = as_text(codes[0])
    return Code(NODES, lambda scope: [scope.environment.table(name(scope)).document])


@special("pulldata", 4, 4)
def _pulldata(_compiler: Compiling, call: Call, codes: Sequence[Code]) -> Code:
    """Look a value up in a list: pulldata(list, wanted column, key column, key)."""
    name, wanted, column, key = (as_text(code) for code in codes)
    written = [each.text for each in call.arguments[:3] if isinstance(each, Literal)]
    if len(written) == 3:
        listed, looked_for, keyed_by = written
        return Code(
            TEXT, lambda scope: scope.environment.table(listed).value(looked_for, keyed_by, key(scope))
        )
    return Code(
        TEXT,
        lambda scope: scope.environment.table(name(scope)).value(wanted(scope), column(scope), key(scope)),
    )


@special("indexed-repeat", 3, None)
def _indexed_repeat(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    """Return a node of the instance of a repeat at a place: indexed-repeat(node, repeat, place, ...)."""
    target = as_nodes(codes[0])
    pairs = [
        (as_nodes(repeat), as_number(place)) for repeat, place in zip(codes[1::2], codes[2::2], strict=False)
    ]

    def run(scope: Scope) -> list[Node]:
        found = target(scope)
        for repeat, place in pairs:
            number = place(scope)
            within = [row for row in repeat(scope) if row.index == number]
            scope.environment.spend(len(within) * len(found))
            found = [node for node in found if any(_is_below(node, row) for row in within)]
        return found

    return Code(NODES, run)


def _is_below(node: Node | None, row: Node) -> bool:
    while node is not None:
        if node is row:
            return True
        node = node.parent
    return False


@special("randomize", 1, 2)
def _randomize(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    """Give the nodes in any order: which one does not matter to what is offered."""
    return Code(NODES, as_nodes(codes[0]))


@special("id", 1, 1)
def _id(_compiler: Compiling, _call: Call, _codes: Sequence[Code]) -> Code:
    return Code(NODES, lambda _scope: [])
