"""Keys of repeats: what tells the instances of a repeat apart, wherever they stand.

The key of a repeat is its first question that must be unique over the repeat, or a question `row_id`. A path
that names instances by their key stays the same when rows are added, deleted or moved before them:
`/data/markers[marker_no='J1']/photo`. It is an XPath expression, so it also finds the element.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from forms.structure import Form, Group, Question, walk
from forms.xpath import ExpressionError, parse
from forms.xpath.syntax import Binary, Call, Expression, Number, Path, conjuncts

ROW_ID = "row_id"

_AT_MOST_ONE = (("<=", Number(1.0)), ("<", Number(2.0)), ("=", Number(1.0)))


@lru_cache(maxsize=128)
def repeat_keys(form: Form) -> Mapping[str, str]:
    """Return for each repeat that has a key, by path, where the key stands below an instance: `marker_no`."""
    keys = (
        (group.path, _key(group)) for group in walk(form.root) if isinstance(group, Group) and group.repeat
    )
    return {path: key for path, key in keys if key is not None}


def predicate(key: str, text: str) -> str:
    """Return the predicate that tells an instance by its key: `[marker_no='J1']`."""
    return f"[{key}={quoted(text)}]"


def quoted(text: str) -> str:
    """Return a text as an XPath 1.0 expression; there is no escaping in XPath, so both quotes need concat()."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    parts = [f"'{part}'" for part in text.split("'")]
    return f"""concat({''', "'", '''.join(parts)})"""


def _key(repeat: Group) -> str | None:
    own = list(_own_questions(repeat))
    for question in own:
        if _is_unique_over(repeat, question):
            return _below(repeat, question)
    return next((_below(repeat, question) for question in own if question.name == ROW_ID), None)


def _own_questions(group: Group) -> Iterator[Question]:
    """Yield the questions that an instance has once: those of inner repeats are left out."""
    for child in group.children:
        if isinstance(child, Question):
            yield child
        elif not child.repeat:
            yield from _own_questions(child)


def _below(repeat: Group, question: Question) -> str:
    return question.path.removeprefix(f"{repeat.path}/")


def _is_unique_over(repeat: Group, question: Question) -> bool:
    """Tell whether a part of the constraint that must hold in itself says `count(R[x = current()/.]) <= 1`."""
    try:
        parts = list(conjuncts(parse(question.constraint or "''")))
    except ExpressionError:
        return False
    return any(_counts_the_same(part, repeat.name, _below(repeat, question)) for part in parts)


def _counts_the_same(part: Expression, repeat: str, key: str) -> bool:
    """Read `count(../../R[key = current()/.]) <= 1`; `< 2` and `= 1` say the same, `current()/../key` too."""
    if not isinstance(part, Binary) or (part.operator, part.right) not in _AT_MOST_ONE:
        return False
    counted = part.left.arguments[0] if isinstance(part.left, Call) and part.left.name == "count" else None
    if not isinstance(counted, Path) or not counted.steps or counted.steps[-1].test != repeat:
        return False
    predicates = counted.steps[-1].predicates
    compared = predicates[0] if len(predicates) == 1 else None
    if not isinstance(compared, Binary) or compared.operator != "=":
        return False
    return _names(compared.left) == key.split("/") and _is_own(
        compared.right, key.rsplit("/", maxsplit=1)[-1]
    )


def _names(expression: Expression) -> list[str] | None:
    """Return the names of a plain path below the row; None for anything else."""
    if not isinstance(expression, Path) or expression.start is not None:
        return None
    steps = [step for step in expression.steps if step.axis != "self"]
    plain = all(step.axis == "child" and not step.predicates for step in steps)
    return [step.test for step in steps] if plain else None


def _is_own(expression: Expression, name: str) -> bool:
    """Tell whether an expression is the question's own answer: `current()/.` or `current()/../name`."""
    if not isinstance(expression, Path) or not isinstance(expression.start, Call):
        return False
    steps = [".." if s.axis == "parent" else "." if s.axis == "self" else s.test for s in expression.steps]
    return expression.start.name == "current" and steps in (["."], ["..", name])
