"""Laying an instance onto its form the way programs write it: nothing but what the form has, in the form's order.

Where the elements of a group belong is told by their names alone, so it is found out once and kept (`Layout`): of the
next record that has the same, only the texts are read. Whatever stands out - a stray element, one that comes twice or
in another order - is left to `forms.fitting`, which says the same of all others and tells what is odd.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from forms.answers.tree import Answer, AnswerGroup, Answers
from forms.instance import MAX_REPEATS, Instance, is_template
from forms.structure import Form, Group, Question, QuestionKind
from forms.values import Value, reader_of

META_FIELDS = frozenset(
    {
        "instanceID",
        "deprecatedID",
        "instanceName",
        "timeStart",
        "timeEnd",
        "deviceID",
        "userID",
        "username",
        "email",
        "phoneNumber",
        "subscriberID",
        "simSerial",
        "geopointCurrent",
        "audit",
        "entity",
    }
)


_LONGEST_KEPT = 256
"""Elements of a group whose layout is kept for the next record that has the same; phones write few others."""
_MOST_READY = 32
"""Choices of a question whose answers are made beforehand."""

_new = tuple.__new__
"""`_new(Answer, parts)` is `Answer(*parts)` without its call: there are hundreds in a record."""


class Odd(Exception):
    """Something in an instance is not where programs put it; it has to be read with care."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question with what its answers have in common. `read` makes the value of a text; None where that is the text.

    `ready` are its answers by their text where there are few to choose from. `names_file` tells of a question whose
    answers do.
    """

    name: str
    question: Question
    path: str
    blank: Answer
    read: Callable[[str], Value] | None
    ready: Mapping[str, Answer] = field(repr=False)
    names_file: bool


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A group or an instance of a repeat with what it holds, in order; `blank` is one in which nothing is answered.

    A repeat stands in its group as a pattern, without an index. `beside` names what may stand in a group and is none
    of its answers.
    """

    name: str
    group: Group
    path: str
    children: tuple["Asked | Held", ...]
    blank: AnswerGroup = field(repr=False)
    beside: str = ""


class Layout(NamedTuple):
    """Where the elements of a group belong: `steps` tell of each the place in the group's `found`, and whose it is."""

    found: list[Answer | AnswerGroup]
    steps: list[tuple[int, Asked | None, Held | None]]


@lru_cache(maxsize=128)
def prepared(form: Form) -> Held:
    """Prepare a form's groups, once as long as it is in use."""
    return _prepare(form.root, form.root.path, beside="meta")


def _prepare(group: Group, path: str, beside: str = "") -> Held:
    children = tuple(_child(child, f"{path}/{child.name}") for child in group.children)
    blanks = (each.blank for each in children if isinstance(each, Asked) or not each.group.repeat)
    return Held(group.name, group, path, children, AnswerGroup(path, group, tuple(blanks)), beside)


def _child(node: Question | Group, path: str) -> Asked | Held:
    if isinstance(node, Group):
        return _prepare(node, path)
    choices = node.choices if node.kind is QuestionKind.SELECT_ONE and node.choices is not None else ()
    read, few = reader_of(node), choices if len(choices) <= _MOST_READY else ()
    names = (each.name for each in few)
    ready = {name: Answer(path, node, name, _value(read, name) if read else name) for name in names}
    return Asked(node.name, node, path, Answer(path, node, "", None), read, ready, node.is_media)


@lru_cache(maxsize=1024)
def row_of(repeat: Held, number: int) -> Held:
    """Prepare an instance of a repeat; its number is part of all paths below."""
    return _prepare(repeat.group, f"{repeat.path}[{number}]")


@lru_cache(maxsize=4096)
def _laid_out(held: Held, tags: tuple[str, ...]) -> Layout:
    """Tell where elements belong that have these names, in this order. Raises Odd where programs write none such."""
    places = {child.name: place for place, child in enumerate(held.children)}
    layout = Layout([], [])
    # The place after the last that was read, and how many instances of a repeat stand there.
    reached = rows = 0
    for tag in tags:
        name = tag.rpartition("}")[2]
        place = places.get(name)
        if place is None:
            if name != held.beside:
                raise Odd
            layout.steps.append((0, None, None))
            continue
        if place >= reached:
            layout.found.extend(_blanks(held, reached, place))
            reached, rows = place + 1, 0
        elif place != reached - 1 or not rows:
            raise Odd
        below = held.children[place]
        if isinstance(below, Asked):
            layout.steps.append((len(layout.found), below, None))
        else:
            if below.group.repeat:
                rows += 1
                if rows > MAX_REPEATS:
                    raise Odd
                below = row_of(below, rows)
            layout.steps.append((len(layout.found), None, below))
        layout.found.append(below.blank)
    layout.found.extend(_blanks(held, reached, len(held.children)))
    return layout


def _blanks(held: Held, reached: int, place: int) -> Iterator[Answer | AnswerGroup]:
    """Yield what is not there between two places: repeats have no instance, all else is blank."""
    for below in held.children[reached:place]:
        if isinstance(below, Asked) or not below.group.repeat:
            yield below.blank


def fit_quickly(form: Form, instance: Instance) -> Answers:
    """Read an instance as programs write it. Raises Odd for any other."""
    known = META_FIELDS.union(form.meta_fields)
    if not instance.instance_id or not known.issuperset(instance.meta):
        raise Odd
    given: list[Answer] = []
    files: list[Answer] = []
    root = _fit(prepared(form), instance.root, given, files)
    return Answers(
        form=form,
        instance_id=instance.instance_id,
        deprecated_id=instance.deprecated_id,
        instance_name=instance.instance_name,
        root=root,
        audit_name=instance.meta.get("audit") or None,
        given=tuple(given),
        files=tuple(files),
    )


# One piece, because hundreds of elements pass through it: a call for each would cost what it is to save.
def _fit(held: Held, element: etree._Element, given: list[Answer], files: list[Answer]) -> AnswerGroup:  # noqa: C901
    """Read one instance of a group, and add to `given` what is answered in it, to `files` what names a file."""
    text = element.text
    if text and text.strip():
        raise Odd
    elements = element[:]  # type: ignore[index]
    lay = _laid_out if len(elements) <= _LONGEST_KEPT else _laid_out.__wrapped__
    layout = lay(held, tuple([child.tag for child in elements]))
    found = layout.found.copy()
    for child, (at, asked, below) in zip(elements, layout.steps, strict=True):
        tail = child.tail
        if tail and tail.strip():
            raise Odd
        if asked is not None:
            if len(child):
                raise Odd
            text = child.text
            if text and (text := text.strip()):
                answer = asked.ready.get(text)
                if answer is None:
                    read = asked.read
                    value = _value(read, text) if read is not None else text
                    answer = _new(Answer, (asked.path, asked.question, text, value))
                    if asked.names_file and value is not None:
                        files.append(answer)
                found[at] = answer
                given.append(answer)
        elif below is not None:
            if below.group.repeat and is_template(child):
                raise Odd
            found[at] = _fit(below, child, given, files)
    return _new(AnswerGroup, (held.path, held.group, tuple(found)))


def _value(read: Callable[[str], Value], text: str) -> Value | None:
    try:
        return read(text)
    except ValueError:
        return None
