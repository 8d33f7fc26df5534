"""Keys of repeats: what tells the instances of a repeat apart, wherever they stand.

The key of a repeat is its first question that must be unique over the repeat, or a question `row_id`. A path
that names instances by their key stays the same when rows are added, deleted or moved before them:
`/data/markers[marker_no='J1']/photo`. It is an XPath expression, so it also finds the element.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from forms.structure import Form, Group, Question, walk

ROW_ID = "row_id"

_UNIQUE = re.compile(
    r"count\((?P<repeat>[^\[\]()]+)"
    r"\[(?:\./)?(?P<key>[^\[\]()=]+)=current\(\)/(?:\.|\.\./(?P<again>[^\[\]()=]+))\]\)(?:<=1|<2|=1)"
)
_QUOTED = re.compile(r"""('[^']*'|"[^"]*")""")
_BRACKETS = {"(": 1, "[": 1, ")": -1, "]": -1}


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
    key = _below(repeat, question)
    for part in _conjuncts(question.constraint or ""):
        found = _UNIQUE.fullmatch(part)
        if found and found["repeat"].rpartition("/")[2] == repeat.name and found["key"] == key:
            return found["again"] in (None, question.name)
    return False


def _conjuncts(expression: str) -> list[str]:
    """Part an expression at the `and` outside brackets, without blanks; one with an `or` there stays whole."""
    parts, depth = [""], 0
    for word in _words(expression):
        depth += _BRACKETS.get(word, 0)
        if word == "and" and depth == 0:
            parts.append("")
        elif word == "or" and depth == 0:
            return [expression]
        else:
            parts[-1] += word
    return parts


def _words(expression: str) -> Iterator[str]:
    for piece in _QUOTED.split(expression):
        if _QUOTED.fullmatch(piece):
            yield piece
        else:
            yield from re.findall(r"[\w.\-:/]+|\S", piece)
