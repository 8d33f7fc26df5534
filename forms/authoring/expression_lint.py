"""What can be wrong with an expression that can be read: it leads nowhere, the phone cannot run it, it is slow."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from forms.xpath import ExpressionError, Shape, parse
from forms.xpath.references import references_of
from forms.xpath.syntax import Binary, Call, Expression, Filtered, Number, Path, conjuncts, walk

MAX_UNIQUE_ROWS = 100
"""Most instances of a repeat whose answers may be compared with one another.

The phone compares every one with every other at each edit: about 0.1 s for 100 of them.
"""

_BLANK_DISTANCE = (
    "手机端遇到空坐标的 distance() 会中断整张表单；请写成 if(${点} != '', distance(...), '')"
    " / distance() of a blank ends the form on phones: put if(${p} != '', distance(...), '') around it"
)

Trouble = tuple[str, str]
"""A code and what to do, "中文 / English"."""


@dataclass(frozen=True, slots=True)
class Written:
    """An expression, the node it is evaluated at, and the attribute it is written in."""

    shape: Shape
    attribute: str
    expression: str


def absent_things(written: Written, lists: AbstractSet[str]) -> Iterator[Trouble]:
    """Tell paths to nodes that the form does not have, and lists that do not come with it."""
    found = references_of(written.expression, written.shape)
    for path in found.absent:
        yield (
            "xpath.absent-path",
            f"表单中没有“{path}”；请改正引用 / The form has no {path}: correct the reference",
        )
    for name in sorted(found.lists - lists):
        yield (
            "xpath.unknown-list",
            f"没有列表“{name}”；请附上 {name}.csv 或改正名称 / There is no list {name}: add {name}.csv or correct it",
        )


def phone_troubles(written: Written) -> Iterator[Trouble]:
    """Tell what XPath allows and the phone's engine cannot run."""
    if _is_unguarded(written):
        yield (
            "phone.blank-distance",
            _BLANK_DISTANCE,
        )
    for part in _parts(written):
        if isinstance(part, Binary) and part.operator == "|":
            yield (
                "phone.union",
                "手机端不支持“|”并集；请拆成两个表达式 / Phones cannot run unions (|): write two expressions",
            )
        if isinstance(part, Filtered) and isinstance(part.expression, Path):
            yield (
                "phone.filtered-path",
                "手机端不支持“(路径)[n]”；请改用 indexed-repeat() / Phones cannot run (path)[n]: use indexed-repeat()",
            )


def quadratic_troubles(written: Written) -> Iterator[Trouble]:
    """Tell comparisons of every instance of a repeat with every other that have no cap on how many there are.

    A cap is a condition beside it that must hold as well: `count(../../markers) <= 60 and count(...) <= 1`.
    """
    inside = _repeats_above(written.shape)
    if not inside:
        return
    for part in _parts(written):
        repeat = _scanned_repeat(part, written.shape)
        if repeat in inside and not _is_capped(written, repeat):
            cap = f"count({_upward(written.shape, repeat)}) <= 60 and"
            yield (
                "repeat.uncapped",
                f"每一组都与所有“{repeat.name}”比较，组数须有上限；请在前面加上 {cap} / Put a cap before it: {cap}",
            )


def _parts(written: Written) -> Iterator[Expression]:
    try:
        yield from walk(parse(written.expression))
    except ExpressionError:
        return


def _is_unguarded(written: Written) -> bool:
    """Tell whether a distance is measured where no `if()` has asked for its positions."""
    calls = [part for part in _parts(written) if isinstance(part, Call)]
    guarded = {
        id(part)
        for call in calls
        if call.name == "if"
        for branch in call.arguments[1:]
        for part in walk(branch)
    }
    return any(call.name == "distance" and id(call) not in guarded for call in calls)


def _repeats_above(shape: Shape) -> set[Shape]:
    found, at = set(), shape.parent
    while at is not None:
        if at.repeat:
            found.add(at)
        at = at.parent
    return found


def _scanned_repeat(part: Expression, shape: Shape) -> Shape | None:
    """Return the repeat whose instances a path filters by a predicate that is more than a place."""
    if not isinstance(part, Path):
        return None
    for place, step in enumerate(part.steps):
        if step.predicates and not all(isinstance(each, Number) for each in step.predicates):
            reached = references_of(_head(part, place), shape).nodes
            repeats = [each for each in reached if each.repeat]
            if repeats:
                return repeats[0]
    return None


def _head(path: Path, place: int) -> str:
    names = [
        ".." if s.axis == "parent" else "." if s.axis == "self" else s.test for s in path.steps[: place + 1]
    ]
    return ("/" if path.start is not None else "") + "/".join(names)


def _is_capped(written: Written, repeat: Shape) -> bool:
    return any(
        isinstance(each, Binary)
        and each.operator in ("<", "<=")
        and isinstance(each.right, Number)
        and each.right.value <= MAX_UNIQUE_ROWS
        and _counts(each.left, repeat, written.shape)
        for each in conjuncts(parse(written.expression))
    )


def _counts(expression: Expression, repeat: Shape, shape: Shape) -> bool:
    if not (isinstance(expression, Call) and expression.name == "count" and len(expression.arguments) == 1):
        return False
    path = expression.arguments[0]
    if not isinstance(path, Path) or any(step.predicates for step in path.steps):
        return False
    return references_of(_head(path, len(path.steps)), shape).nodes == {repeat}


def _upward(shape: Shape, repeat: Shape) -> str:
    steps, at = [], shape
    while at is not repeat.parent and at.parent is not None:
        steps.append("..")
        at = at.parent
    return "/".join([*steps, repeat.name])
