"""What an XPath 1.0 expression is made of, and what is wrong with one that cannot be read."""

from collections.abc import Iterator
from dataclasses import dataclass, field


class ExpressionError(ValueError):
    """An expression that cannot be read or compiled; `code` is stable, `offset` counts characters from 0.

    `message` is Chinese, `message_en` English.
    """

    def __init__(self, code: str, message: str, message_en: str, offset: int | None = None) -> None:
        super().__init__(f"{message} / {message_en}")
        self.code = code
        self.message = message
        self.message_en = message_en
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    value: float


@dataclass(frozen=True, slots=True)
class Literal:
    """A text in quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Negation:
    """The negative of an operand."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands joined by `or and = != < <= > >= + - * div mod |`."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function by its name as it is written, with its prefix: `jr:choice-name`."""

    name: str
    arguments: tuple["Expression", ...]
    offset: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path; `test` is a name, `*`, `node()` or `text()`."""

    axis: str
    test: str
    predicates: tuple["Expression", ...] = ()


@dataclass(frozen=True, slots=True)
class Filtered:
    """An expression in parentheses (or a call) with predicates: `(path)[n]`."""

    expression: "Expression"
    predicates: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Path:
    """A location path; `start` is None where it begins at the context node.

    An absolute path begins at `ROOT`, any other at the nodes of an expression: `instance('x')/root`.
    """

    start: "Expression | Root | None"
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """The document that holds the instance."""


ROOT = Root()

Expression = Number | Literal | Negation | Binary | Call | Filtered | Path


def depth_of(expression: Expression) -> int:
    """Return how deep an expression is nested, operators in a row included; without recursion."""
    deepest, waiting = 0, [(expression, 1)]
    while waiting:
        part, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(below, depth + 1) for below in _parts(part)]
    return deepest


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and everything below it, predicates included."""
    yield expression
    for part in _parts(expression):
        yield from walk(part)


def conjuncts(expression: Expression) -> Iterator[Expression]:
    """Yield what must hold all together: the operands of `and` at the top."""
    if isinstance(expression, Binary) and expression.operator == "and":
        yield from conjuncts(expression.left)
        yield from conjuncts(expression.right)
    else:
        yield expression


def _parts(expression: Expression) -> Iterator[Expression]:
    if isinstance(expression, Negation):
        yield expression.operand
    elif isinstance(expression, Binary):
        yield expression.left
        yield expression.right
    elif isinstance(expression, Call):
        yield from expression.arguments
    elif isinstance(expression, Filtered):
        yield expression.expression
        yield from expression.predicates
    elif isinstance(expression, Path):
        if expression.start is not None and not isinstance(expression.start, Root):
            yield expression.start
        for step in expression.steps:
            yield from step.predicates
