"""Compiling an expression for its place in a form: once per form version, run for every instance."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from forms.xpath import paths
from forms.xpath.code import (
    BOOLEAN,
    NODES,
    NUMBER,
    TEXT,
    ChoiceLabel,
    Code,
    Run,
    as_boolean,
    as_nodes,
    as_number,
)
from forms.xpath.comparing import ORDERS, compile_equality, compile_order
from forms.xpath.library import function_named
from forms.xpath.nodes import Node
from forms.xpath.parser import parse
from forms.xpath.scope import Scope
from forms.xpath.shapes import Shape
from forms.xpath.syntax import (
    Binary,
    Call,
    Expression,
    ExpressionError,
    Filtered,
    Literal,
    Negation,
    Number,
)


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles expressions whose context node is made for `shape`; `current` is the shape of `current()`.

    Inside a predicate `shape` is what the predicate filters, or None where that is a row of a list.
    """

    shape: Shape | None
    current: Shape | None
    choice_label: ChoiceLabel = field(default=lambda _shape, _name, _environment: None)

    def compile(self, expression: Expression) -> Code:
        """Compile syntax; raises ExpressionError for unknown functions and wrong numbers of arguments."""
        if isinstance(expression, Literal | Number):
            return _constant(expression)
        if isinstance(expression, Negation):
            operand = as_number(self.compile(expression.operand))
            return Code(NUMBER, lambda scope: -operand(scope))
        if isinstance(expression, Binary):
            return self._binary(expression)
        if isinstance(expression, Call):
            return function_named(expression).compile(self, expression)
        if isinstance(expression, Filtered):
            return paths.compile_filtered(self, expression)
        return paths.compile_path(self, expression)

    def within(self, shape: Shape | None) -> "Compiler":
        """Return the compiler for a predicate on nodes of a shape."""
        return Compiler(shape, self.current, self.choice_label)

    def _binary(self, expression: Binary) -> Code:
        left, right = self.compile(expression.left), self.compile(expression.right)
        operator = expression.operator
        if operator in ("and", "or"):
            return _logic(operator, left, right)
        if operator in ("=", "!="):
            return compile_equality(left, right, negated=operator == "!=")
        if operator in ORDERS:
            return compile_order(operator, left, right)
        if operator == "|":
            return _union(left, right)
        return Code(NUMBER, _arithmetic(operator, as_number(left), as_number(right)))


def compile_expression(text: str, shape: Shape, choice_label: ChoiceLabel | None = None) -> Code:
    """Compile an expression as it is written at a node of the form; raises ExpressionError."""
    compiler = Compiler(shape, shape) if choice_label is None else Compiler(shape, shape, choice_label)
    return compiler.compile(parse(text))


def _constant(expression: Literal | Number) -> Code:
    if isinstance(expression, Literal):
        text = expression.text
        return Code(TEXT, lambda _scope: text)
    number = expression.value
    return Code(NUMBER, lambda _scope: number)


def _logic(operator: str, left: Code, right: Code) -> Code:
    first, second = as_boolean(left), as_boolean(right)
    if operator == "and":
        return Code(BOOLEAN, lambda scope: first(scope) and second(scope))
    return Code(BOOLEAN, lambda scope: first(scope) or second(scope))


def _union(left: Code, right: Code) -> Code:
    first, second = as_nodes(left), as_nodes(right)

    def union(scope: Scope) -> list[Node]:
        return list(dict.fromkeys([*first(scope), *second(scope)]))

    return Code(NODES, union)


def _arithmetic(operator: str, left: Run, right: Run) -> Run:
    compute = ARITHMETIC.get(operator)
    if compute is None:
        raise ExpressionError("xpath.syntax", f"未知运算符“{operator}”", f'Unknown operator "{operator}"')
    return lambda scope: compute(left(scope), right(scope))


def _divide(dividend: float, divisor: float) -> float:
    if divisor == 0:
        if dividend == 0 or math.isnan(dividend):
            return math.nan
        return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)
    return dividend / divisor


def _remainder(dividend: float, divisor: float) -> float:
    """Keep the sign of the dividend, as XPath 1.0 §3.5 wants it."""
    if divisor == 0 or math.isinf(dividend) or math.isnan(dividend):
        return math.nan
    return math.fmod(dividend, divisor)


def _bounded(compute: Callable[[float, float], float]) -> Callable[[float, float], float]:
    def safely(left: float, right: float) -> float:
        try:
            return compute(left, right)
        except OverflowError:
            return math.inf

    return safely


ARITHMETIC: dict[str, Callable[[Any, Any], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "div": _bounded(_divide),
    "mod": _bounded(_remainder),
}
