"""What an expression refers to, told from the form alone: for the order of evaluation and for the lint."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from forms.xpath.parser import parse
from forms.xpath.shapes import Shape
from forms.xpath.syntax import (
    Binary,
    Call,
    Expression,
    ExpressionError,
    Filtered,
    Literal,
    Negation,
    Path,
    Root,
    Step,
)

Shapes = frozenset[Shape]
NOWHERE: Shapes = frozenset()


@dataclass
class References:
    """The nodes of the form that an expression reads, the lists it draws on, and the paths that lead nowhere.

    `others` are nodes read only in other instances of their repeat: before, after, or by their place.
    """

    nodes: set[Shape] = field(default_factory=set)
    others: set[Shape] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    absent: list[str] = field(default_factory=list)


def references_of(expression: str, shape: Shape) -> References:
    """Collect what an expression at a node of the form refers to; nothing of one that cannot be read."""
    found = References()
    try:
        _Collector(found, shape).collect(parse(expression), frozenset({shape}))
    except ExpressionError:
        return References()
    return found


class _Collector:
    def __init__(self, found: References, current: Shape) -> None:
        self._found = found
        self._current = current

    def collect(self, expression: Expression, context: Shapes) -> Shapes:
        """Note what a part refers to; return the nodes of the form that it may give."""
        if isinstance(expression, Path):
            return self._path(expression, context)
        if isinstance(expression, Filtered):
            given = self.collect(expression.expression, context)
            self._predicates(expression.predicates, given)
            return given
        if isinstance(expression, Call):
            return self._call(expression, context)
        if isinstance(expression, Binary):
            left, right = self.collect(expression.left, context), self.collect(expression.right, context)
            return left | right if expression.operator == "|" else NOWHERE
        if isinstance(expression, Negation):
            self.collect(expression.operand, context)
        return NOWHERE

    def _call(self, call: Call, context: Shapes) -> Shapes:
        if call.name == "current":
            return frozenset({self._current})
        first = call.arguments[0] if call.arguments else None
        if call.name in ("instance", "pulldata") and isinstance(first, Literal):
            self._found.lists.add(first.text)
        if call.name == "jr:choice-name" and len(call.arguments) == 2:
            written = call.arguments[1]
            if isinstance(written, Literal):
                self.collect(parse(written.text), context)
        if call.name == "indexed-repeat":
            return self._indexed(call, context)
        given = [self.collect(each, context) for each in call.arguments]
        return frozenset().union(*given) if call.name in ("if", "randomize", "once") else NOWHERE

    def _indexed(self, call: Call, context: Shapes) -> Shapes:
        before = set(self._found.nodes)
        given = self.collect(call.arguments[0], context) if call.arguments else NOWHERE
        self._found.others |= given
        self._found.nodes = before
        for each in call.arguments[1:]:
            self.collect(each, context)
        return given

    def _path(self, path: Path, context: Shapes) -> Shapes:
        at = context
        if isinstance(path.start, Root):
            at = frozenset({self._current.document()})
        elif path.start is not None:
            at = self.collect(path.start, context)
            if not at:
                # Rows of a list: their columns are no business of the form, but predicates may be.
                for step in path.steps:
                    self._predicates(step.predicates, NOWHERE)
                return NOWHERE
        elif not at:
            return NOWHERE
        elsewhere = False
        for step in path.steps:
            elsewhere = elsewhere or step.axis.endswith("-sibling")
            reached = frozenset(shape for each in at for shape in _reach(each, step))
            if at and not reached and step.axis in ("child", "parent", "descendant"):
                self._found.absent.append(_written(path))
                return NOWHERE
            self._predicates(step.predicates, reached)
            at = reached
        (self._found.others if elsewhere else self._found.nodes).update(at)
        return at

    def _predicates(self, predicates: Iterable[Expression], context: Shapes) -> None:
        for predicate in predicates:
            self.collect(predicate, context)


def _reach(shape: Shape, step: Step) -> Iterator[Shape]:
    candidates: Iterable[Shape]
    if step.axis == "self":
        candidates = (shape,)
    elif step.axis == "parent":
        candidates = (shape.parent,) if shape.parent is not None else ()
    elif step.axis == "child":
        candidates = shape.children.values()
    elif step.axis == "descendant":
        candidates = list(shape.walk())[1:]
    elif step.axis == "descendant-or-self":
        candidates = shape.walk()
    elif step.axis.startswith("ancestor"):
        candidates = _ancestors(shape, with_self=step.axis.endswith("self"))
    elif step.axis.endswith("-sibling") and shape.parent is not None:
        candidates = shape.parent.children.values()
    else:
        candidates = ()
    test = step.test.rpartition(":")[2]
    return (each for each in candidates if test in ("*", "node()") or each.name == test)


def _ancestors(shape: Shape, *, with_self: bool) -> Iterator[Shape]:
    if with_self:
        yield shape
    while shape.parent is not None:
        shape = shape.parent
        yield shape


def _written(path: Path) -> str:
    names = [
        ".." if step.axis == "parent" else "." if step.axis == "self" else step.test for step in path.steps
    ]
    return ("/" if isinstance(path.start, Root) else "") + "/".join(names)
