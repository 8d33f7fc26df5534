"""Compiling location paths: straight to the node where the form tells there is one, else step by step."""

from collections.abc import Callable, Iterable

from forms.xpath.axes import AXES, accepts
from forms.xpath.code import LEAF, NODE, NODES, NUMBER, TEXT, Code, Compiling, as_nodes, as_text
from forms.xpath.nodes import Node
from forms.xpath.scope import Scope
from forms.xpath.shapes import Shape
from forms.xpath.syntax import (
    Binary,
    Call,
    Expression,
    Filtered,
    Literal,
    Number,
    Path,
    Root,
    Step,
    conjuncts,
    walk,
)
from forms.xpath.values import to_boolean

_PLAIN_AXES = frozenset({"child", "parent", "self"})

Nodes = list[Node]
Walker = Callable[[Nodes, Scope], Nodes]

CONTEXTUAL = frozenset(
    {"position", "last", "string", "number", "normalize-space", "string-length", "name", "local-name", "once"}
)
"""Functions that may look at the context node without being told to."""


def compile_path(compiler: Compiling, path: Path) -> Code:
    """Compile a location path."""
    return _plain_path(compiler, path) or _list_path(compiler, path) or _walked_path(compiler, path)


def compile_filtered(compiler: Compiling, filtered: Filtered) -> Code:
    """Compile `(nodes)[predicate]`: positions count over all the nodes."""
    nodes = as_nodes(compiler.compile(filtered.expression))
    shape = shape_of(compiler, filtered.expression)
    filters = [_filter(compiler.within(shape), predicate) for predicate in filtered.predicates]

    def run(scope: Scope) -> Nodes:
        found = nodes(scope)
        for each in filters:
            found = each(found, scope)
        return found

    return Code(NODES, run)


def shape_of(compiler: Compiling, expression: Expression) -> Shape | None:
    """Tell for which node of the form an expression's nodes are made; None where it cannot be told."""
    if isinstance(expression, Filtered):
        return shape_of(compiler, expression.expression)
    if isinstance(expression, Call):
        return compiler.current if expression.name == "current" else None
    if not isinstance(expression, Path):
        return None
    shape = compiler.shape
    if isinstance(expression.start, Root):
        reference = compiler.current or compiler.shape
        shape = reference.document() if reference is not None else None
    elif expression.start is not None:
        shape = shape_of(compiler, expression.start)
    for step in expression.steps:
        shape = _next_shape(shape, step)
    return shape


def _next_shape(shape: Shape | None, step: Step) -> Shape | None:
    if shape is None:
        return None
    if step.axis == "self" and step.test == "node()":
        return shape
    if step.axis == "parent" and step.test == "node()":
        return shape.parent
    if names_child(step):
        return shape.children.get(local_name(step.test))
    if step.axis in ("preceding-sibling", "following-sibling") and step.test == shape.name:
        return shape
    return None


def plain_target(compiler: Compiling, path: Path) -> Shape | None:
    """Tell where a path of `.`, `..` and names leads, if it leads to exactly one node; None for any other."""
    target = shape_of(compiler, path)
    if target is None or any(step.predicates or step.axis not in _PLAIN_AXES for step in path.steps):
        return None
    if isinstance(path.start, Root):
        return target if target.fixed else None
    shape = compiler.current if is_of_current(path) else compiler.shape
    if (path.start is not None and not is_of_current(path)) or _enters_repeat(shape, path.steps):
        return None
    return target


def is_of_current(path: Path) -> bool:
    """Tell whether a path begins at `current()`."""
    return isinstance(path.start, Call) and path.start.name == "current"


def _plain_path(compiler: Compiling, path: Path) -> Code | None:
    target = plain_target(compiler, path)
    if target is None:
        return None
    kind = LEAF if target.leaf else NODE
    if isinstance(path.start, Root):
        key = target.path
        return Code(kind, lambda scope: scope.environment.fixed[key])
    return Code(kind, _climber(path.steps, of_current=is_of_current(path)))


def _enters_repeat(shape: Shape | None, steps: Iterable[Step]) -> bool:
    for step in steps:
        shape = _next_shape(shape, step)
        if shape is not None and step.axis == "child" and shape.repeat:
            return True
    return False


def climb_of(steps: Iterable[Step]) -> list[str]:
    """Return the moves of a path of `.`, `..` and names, one after the other."""
    return [local_name(s.test) if s.axis == "child" else ".." for s in steps if s.axis != "self"]


def _climber(steps: tuple[Step, ...], *, of_current: bool) -> Callable[[Scope], Node]:
    moves = climb_of(steps)
    if not moves:
        return (lambda scope: scope.current) if of_current else (lambda scope: scope.node)
    if len(moves) == 2 and moves[0] == ".." and moves[1] != ".." and not of_current:
        name = moves[1]
        return lambda scope: scope.node.parent.children[name][0]  # type: ignore[union-attr]

    def climb(scope: Scope) -> Node:
        node = scope.current if of_current else scope.node
        for move in moves:
            if move == "..":
                assert node.parent is not None
                node = node.parent
            else:
                node = node.children[move][0]
        return node

    return climb


def _list_path(compiler: Compiling, path: Path) -> Code | None:
    """Compile `instance('x')/root/item[column = value]/...`: by the list's index where one helps."""
    start, steps = path.start, path.steps
    is_list = isinstance(start, Call) and start.name == "instance" and len(start.arguments) == 1
    if not is_list or len(steps) < 2 or [s.test for s in steps[:2]] != ["root", "item"]:
        return None
    assert isinstance(start, Call)
    identity = start.arguments[0]
    if not isinstance(identity, Literal) or steps[0].predicates:
        return None
    wanted = [c for predicate in steps[1].predicates for c in conjuncts(predicate)]
    keys = [(index, found) for index, each in enumerate(wanted) if (found := _column_key(compiler, each))]
    if not keys or any(isinstance(each, Number) for each in wanted):
        return None
    place, (column, value) = keys[0]
    filters = [_filter(compiler.within(None), each) for index, each in enumerate(wanted) if index != place]
    walkers = [_walker(compiler, None, step) for step in steps[2:]]
    name = identity.text

    def run(scope: Scope) -> Nodes:
        table = scope.environment.table(name)
        numbers = table.found(column, value(scope))
        scope.environment.spend(len(numbers))
        nodes = [table.item(number) for number in numbers]
        for each in filters:
            nodes = each(nodes, scope)
        for walker in walkers:
            nodes = walker(nodes, scope)
        return nodes

    return Code(NODES, run)


def _walked_path(compiler: Compiling, path: Path) -> Code:
    shape = compiler.shape
    if isinstance(path.start, Root):
        reference = compiler.current or compiler.shape
        shape = reference.document() if reference is not None else None
        begin: Callable[[Scope], Nodes] = _begin_at_root
    elif path.start is None:
        begin = _begin_here
    else:
        begin = as_nodes(compiler.compile(path.start))
        shape = shape_of(compiler, path.start)
    walkers = []
    for step in path.steps:
        walkers.append(_walker(compiler, shape, step))
        shape = _next_shape(shape, step)

    def run(scope: Scope) -> Nodes:
        nodes = begin(scope)
        for walker in walkers:
            nodes = walker(nodes, scope)
        return nodes

    return Code(NODES, run)


def _begin_at_root(scope: Scope) -> Nodes:
    return [scope.environment.root]


def _begin_here(scope: Scope) -> Nodes:
    return [scope.node]


def _walker(compiler: Compiling, shape: Shape | None, step: Step) -> Walker:
    """Compile one step: from nodes to the nodes it leads to."""
    inner = compiler.within(_next_shape(shape, step))
    name = local_name(step.test)
    keyed = _column_key(inner, step.predicates[0]) if step.axis == "child" and step.predicates else None
    if keyed is not None:
        return _keyed_walker(inner, name, keyed, step.predicates[1:])
    filters = [_filter(inner, predicate) for predicate in step.predicates]
    axis = AXES[step.axis]

    def walk_on(nodes: Nodes, scope: Scope) -> Nodes:
        found: Nodes = []
        for node in nodes:
            reached = [each for each in axis(node) if accepts(each, name)]
            scope.environment.spend(len(reached) + 1)
            for each in filters:
                reached = each(reached, scope)
            found += reached
        return found if len(nodes) < 2 else list(dict.fromkeys(found))

    def walk_to_children(nodes: Nodes, scope: Scope) -> Nodes:
        found: Nodes = []
        for node in nodes:
            reached = node.children.get(name, [])
            for each in filters:
                reached = each(reached, scope)
            found += reached
        scope.environment.spend(len(found) + 1)
        return found

    return walk_to_children if names_child(step) else walk_on


def _keyed_walker(
    inner: Compiling, name: str, keyed: tuple[str, Callable[[Scope], str]], more: Iterable[Expression]
) -> Walker:
    column, value = keyed
    filters = [_filter(inner, predicate) for predicate in more]

    def walk_to_rows(nodes: Nodes, scope: Scope) -> Nodes:
        wanted = value(scope)
        found: Nodes = []
        for node in nodes:
            reached = scope.environment.rows_where(node, name, column, wanted)
            for each in filters:
                reached = each(reached, scope)
            found += reached
        return found

    return walk_to_rows


def _filter(compiler: Compiling, predicate: Expression) -> Walker:
    """Compile a predicate: a number is a position, anything else is asked of every node."""
    code = compiler.compile(predicate)
    run, kind = code.run, code.kind

    def keep(nodes: Nodes, scope: Scope) -> Nodes:
        environment, current, size = scope.environment, scope.current, len(nodes)
        environment.spend(size)
        kept = []
        for position, node in enumerate(nodes, start=1):
            value = run(Scope(environment, node, current, position, size))
            is_position = kind == NUMBER or (isinstance(value, float) and not isinstance(value, bool))
            if value == position if is_position else to_boolean(value):
                kept.append(node)
        return kept

    return keep


def _column_key(inner: Compiling, predicate: Expression) -> tuple[str, Callable[[Scope], str]] | None:
    found = column_and_value(inner, predicate)
    return (found[0], as_text(inner.compile(found[1]))) if found is not None else None


def column_and_value(inner: Compiling, predicate: Expression) -> tuple[str, Expression] | None:
    """Read a predicate `column = value` whose value does not depend on the row; compared as texts."""
    if not (isinstance(predicate, Binary) and predicate.operator == "="):
        return None
    for side, other in ((predicate.left, predicate.right), (predicate.right, predicate.left)):
        column = _column(side)
        if column is None or not _independent(other):
            continue
        if inner.shape is not None:
            child = inner.shape.children.get(column)
            if child is None or child.repeat or not child.leaf:
                continue
        if inner.compile(other).kind in (TEXT, LEAF):
            return column, other
    return None


def _column(expression: Expression) -> str | None:
    if not isinstance(expression, Path) or expression.start is not None or len(expression.steps) != 1:
        return None
    step = expression.steps[0]
    return local_name(step.test) if names_child(step) and not step.predicates else None


def _independent(expression: Expression) -> bool:
    return not any(
        (isinstance(part, Path) and part.start is None)
        or (isinstance(part, Call) and part.name in CONTEXTUAL)
        for part in walk(expression)
    )


def names_child(step: Step) -> bool:
    """Tell whether a step goes to the children of one name."""
    return step.axis == "child" and step.test not in ("*", "node()", "text()")


def local_name(name: str) -> str:
    """Return a name without its prefix."""
    return name.rpartition(":")[2]
