"""Writing as Python what is asked of the rows of a repeat: how many there are of which something holds, and their sum.

The budget is spent as the closures spend it (`forms.xpath.paths`): for each step of the way, and for what is looked at.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from forms.xpath.code import ANY, NUMBER
from forms.xpath.compiling import Compiler
from forms.xpath.nodes import Node
from forms.xpath.number_functions import added
from forms.xpath.paths import column_and_value, local_name, names_child, plain_target, shape_of
from forms.xpath.scope import Environment
from forms.xpath.shapes import Shape
from forms.xpath.syntax import Call, Expression, Path, Step, walk

_PLACED = frozenset({"position", "last"})


class Writing(Protocol):
    """What is asked here of who writes expressions at a node (`forms.xpath.inlining`)."""

    compiler: Compiler
    node: str

    def text(self, expression: Expression) -> str:
        """Write what gives its text."""

    def boolean(self, expression: Expression) -> str:
        """Write what gives its truth."""

    def place(self, path: Path, target: Shape) -> str:
        """Write the one node that a path of names leads to."""

    def within(self, shape: Shape) -> "Writing":
        """Return what writes a predicate on nodes of a shape."""


def written_count(writing: Writing, call: Call) -> str | None:
    """Write `count(rows)`; None for other nodes."""
    path = call.arguments[0]
    rows = _written_rows(writing, path, path.steps) if isinstance(path, Path) else None
    return None if rows is None else f"float(len({rows}))"


def written_sum(writing: Writing, call: Call) -> str | None:
    """Write `sum(rows/answer)`; None for other nodes."""
    path = call.arguments[0]
    if not isinstance(path, Path) or not path.steps:
        return None
    *steps, last = path.steps
    answer, rows = shape_of(writing.compiler, path), _written_rows(writing, path, steps)
    if rows is None or answer is None or not answer.leaf or not names_child(last) or last.predicates:
        return None
    name = local_name(last.test)
    return f"added([text_to_number(m.children[{name!a}][0].read, e.zone) for m in counted(e, {rows})])"


def _written_rows(writing: Writing, path: Path, steps: Sequence[Step]) -> str | None:
    """Write the rows of the repeat that a path leads to; None where another repeat is on its way."""
    if not steps:
        return None
    *way, last = steps
    above = Path(path.start, tuple(way))
    holder, repeat = (
        plain_target(writing.compiler, above),
        shape_of(writing.compiler, Path(path.start, tuple(steps))),
    )
    if holder is None or repeat is None or not names_child(last):
        return None
    inner, predicates = writing.within(repeat), list(last.predicates)
    if not (repeat.repeat or predicates) or not all(_is_condition(inner, each) for each in predicates):
        return None
    where = f"e, {2 * len(way)}, {writing.place(above, holder)}, {local_name(last.test)!a}"
    keyed = column_and_value(inner.compiler, predicates[0]) if predicates else None
    if keyed is not None:
        column, value = keyed
        rows = f"rows_where({where}, {column!a}, {writing.text(value)})"
        predicates.pop(0)
    else:
        rows = f"rows_at({where})"
    for each in predicates:
        rows = f"[{inner.node} for {inner.node} in spent(e, {rows}) if {inner.boolean(each)}]"
    return rows if keyed is not None else f"counted(e, {rows})"


def _is_condition(inner: Writing, predicate: Expression) -> bool:
    """Tell whether a predicate is no position, and asks for none."""
    placed = any(isinstance(part, Call) and part.name in _PLACED for part in walk(predicate))
    return not placed and inner.compiler.compile(predicate).kind not in (NUMBER, ANY)


def spent(environment: Environment, values: Sequence[Any]) -> Sequence[Any]:
    """Take from the budget what looking at some values costs."""
    environment.spend(len(values))
    return values


def _rows_at(environment: Environment, way: int, above: Node, repeat: str) -> Sequence[Node]:
    environment.spend(way)
    return above.children.get(repeat, ())


def _rows_where(
    environment: Environment, way: int, above: Node, repeat: str, column: str, value: str
) -> Sequence[Node]:
    environment.spend(way)
    return environment.rows_where(above, repeat, column, value)


def _counted(environment: Environment, rows: Sequence[Node]) -> Sequence[Node]:
    environment.spend(len(rows) + 1)
    return rows


ROW_HELPERS: dict[str, Any] = {
    "added": added,
    "counted": _counted,
    "rows_at": _rows_at,
    "rows_where": _rows_where,
}
"""What the written text calls."""
