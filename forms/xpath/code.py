"""Compiled expressions: closures over a scope that say what type they give, and how to ask for another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from forms.xpath.nodes import Node
from forms.xpath.scope import Environment, Scope
from forms.xpath.shapes import Shape
from forms.xpath.syntax import Expression
from forms.xpath.values import to_boolean, to_number, to_text

Run = Callable[[Scope], Any]

BOOLEAN, NUMBER, TEXT = "boolean", "number", "text"
LEAF, NODE, NODES, ANY = "leaf", "node", "nodes", "any"
"""`leaf` and `node` are exactly one node, a leaf has nothing below it; `any` is known only when it is run."""


@dataclass(frozen=True, slots=True)
class Code:
    """A compiled expression: `run(scope)` gives a value of `kind`."""

    kind: str
    run: Run


ChoiceLabel = Callable[[Shape, str, Environment], str | None]


class Compiling(Protocol):
    """What paths and functions ask of the compiler that compiles them."""

    @property
    def shape(self) -> Shape | None:
        """The form's node that the context node is made for; None for a row of a list."""

    @property
    def current(self) -> Shape | None:
        """The form's node that `current()` is made for."""

    @property
    def choice_label(self) -> "ChoiceLabel":
        """The label of a choice of a question, in the language and with the lists of the environment."""

    def compile(self, expression: Expression) -> Code:
        """Compile a part of the expression."""

    def within(self, shape: Shape | None) -> "Compiling":
        """Return the compiler for a predicate on nodes of a shape."""


def as_text(code: Code) -> Callable[[Scope], str]:
    """Return the code's text."""
    run = code.run
    if code.kind == TEXT:
        return run
    if code.kind == LEAF:
        return lambda scope: run(scope).read
    return lambda scope: to_text(run(scope))


def as_number(code: Code) -> Callable[[Scope], float]:
    """Return the code's number."""
    run = code.run
    if code.kind == NUMBER:
        return run
    return lambda scope: to_number(run(scope), scope.environment.zone)


def as_boolean(code: Code) -> Callable[[Scope], bool]:
    """Return the code's truth."""
    run = code.run
    if code.kind == BOOLEAN:
        return run
    return lambda scope: to_boolean(run(scope))


def as_nodes(code: Code) -> Callable[[Scope], list[Node]]:
    """Return the code's nodes; of what is no set of nodes, none."""
    run = code.run
    if code.kind == NODES:
        return run
    if code.kind in (LEAF, NODE):
        return lambda scope: [run(scope)]

    def nodes(scope: Scope) -> list[Node]:
        value = run(scope)
        if isinstance(value, Node):
            return [value]
        return value if isinstance(value, list) else []

    return nodes


def as_items(code: Code) -> Callable[[Scope], list[Any]]:
    """Return every node of a set by itself, or the one value."""
    run = code.run

    def items(scope: Scope) -> list[Any]:
        value = run(scope)
        return value if isinstance(value, list) else [value]

    return items
