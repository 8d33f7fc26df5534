"""Laying an instance onto its form the way programs write it: nothing but what the form has, in the form's order.

It goes by what is there and takes the rest from what was prepared, so it costs what was answered. Whatever stands out
- a stray element, one that comes twice or in another order - is left to `forms.fitting`, which says the same of all
others and tells what is odd.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial

from lxml import etree

from forms.answers.tree import Answer, AnswerGroup, Answers
from forms.instance import MAX_REPEATS, Instance, is_template
from forms.structure import Form, Group, Question
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


# What `Answer(*parts)` does, without its call: there are hundreds in a record.
_answer: Callable[[tuple[str, Question, str, Value | None]], Answer] = partial(tuple.__new__, Answer)


class Odd(Exception):
    """Something in an instance is not where programs put it; it has to be read with care."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question with what its answers have in common. `read` makes the value of a text; None where that is the text."""

    name: str
    question: Question
    place: int
    path: str
    blank: Answer
    read: Callable[[str], Value] | None

    def blank_at(self, path: str) -> Answer:
        """Make a blank answer, where it stands in an instance of a repeat."""
        return self.blank if path == self.path else _answer((path, self.question, "", None))


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A group or repeat with what it holds, in order and by name; `blank` is one in which nothing is answered."""

    name: str
    group: Group
    place: int
    path: str
    children: tuple["Asked | Held", ...]
    named: Mapping[str, "Asked | Held"] = field(repr=False)
    blank: AnswerGroup = field(repr=False)


@lru_cache(maxsize=128)
def prepared(form: Form) -> Held:
    """Prepare a form's groups, once as long as it is in use."""
    return _prepare(form.root, 0)


def _prepare(group: Group, place: int) -> Held:
    children = tuple(
        Asked(child.name, child, number, child.path, Answer(child.path, child, "", None), reader_of(child))
        if isinstance(child, Question)
        else _prepare(child, number)
        for number, child in enumerate(group.children)
    )
    asked = (each.blank for each in children if isinstance(each, Asked) or not each.group.repeat)
    named = {child.name: child for child in children}
    return Held(
        group.name, group, place, group.path, children, named, AnswerGroup(group.path, group, tuple(asked))
    )


def fit_quickly(form: Form, instance: Instance) -> Answers:
    """Read an instance as programs write it. Raises Odd for any other."""
    known = META_FIELDS.union(form.meta_fields)
    if not instance.instance_id or not known.issuperset(instance.meta):
        raise Odd
    fitting = _QuickFitting()
    root = fitting.fit(prepared(form), instance.root, form.root.path, beside="meta")
    return Answers(
        form=form,
        instance_id=instance.instance_id,
        deprecated_id=instance.deprecated_id,
        instance_name=instance.instance_name,
        root=root,
        audit_name=instance.meta.get("audit") or None,
        given=tuple(fitting.given),
    )


class _QuickFitting:
    def __init__(self) -> None:
        self.given: list[Answer] = []

    # One piece, because hundreds of elements pass through it: a call for each would cost what it is to save.
    def fit(  # noqa: C901, PLR0912
        self, held: Held, element: etree._Element, path: str, beside: str = ""
    ) -> AnswerGroup:
        """Read one instance of a group. `beside` names what may stand in it and is none of its answers."""
        text = element.text
        if text and text.strip():
            raise Odd
        named, is_fixed = held.named, path == held.group.path
        found: list[Answer | AnswerGroup] = []
        add, given = found.append, self.given
        # The place after the last that was read, and how many instances of a repeat stand there.
        reached = rows = 0
        for child in element:
            tail = child.tail
            if tail and tail.strip():
                raise Odd
            tag = child.tag
            below = named.get(tag) or named.get(name := tag.rpartition("}")[2])
            if below is None:
                if name == beside:
                    continue
                raise Odd
            place = below.place
            if place >= reached:
                if place > reached:
                    _skip(held, reached, place, path, found)
                reached, rows = place + 1, 0
            elif place != reached - 1 or not rows:
                raise Odd
            below_path = below.path if is_fixed else f"{path}/{below.name}"
            if isinstance(below, Asked):
                if len(child):
                    raise Odd
                text = child.text
                if not text or not (text := text.strip()):
                    add(below.blank if is_fixed else below.blank_at(below_path))
                    continue
                read = below.read
                answer = _answer((below_path, below.question, text, _value(read, text) if read else text))
                add(answer)
                given.append(answer)
                continue
            if below.group.repeat:
                rows += 1
                below_path = f"{below_path}[{rows}]"
                if rows > MAX_REPEATS or is_template(child):
                    raise Odd
            add(self.fit(below, child, below_path))
        if reached < len(held.children):
            _skip(held, reached, len(held.children), path, found)
        return AnswerGroup(path, held.group, tuple(found))


def _value(read: Callable[[str], Value], text: str) -> Value | None:
    try:
        return read(text)
    except ValueError:
        return None


def _skip(held: Held, reached: int, place: int, path: str, found: list[Answer | AnswerGroup]) -> None:
    """Put in what is not there between two places: repeats have no instance, all else is blank."""
    is_fixed = path == held.group.path
    for below in held.children[reached:place]:
        if isinstance(below, Asked):
            found.append(below.blank if is_fixed else below.blank_at(f"{path}/{below.name}"))
        elif not below.group.repeat:
            found.append(below.blank if is_fixed else _blank_at(below, f"{path}/{below.name}"))


def _blank_at(held: Held, path: str) -> AnswerGroup:
    """Make a group in which nothing is answered, within an instance of a repeat."""
    found: list[Answer | AnswerGroup] = []
    _skip(held, 0, len(held.children), path, found)
    return AnswerGroup(path, held.group, tuple(found))
