"""What changes between two versions of a form, for whoever publishes it and whoever holds a draft."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from forms.changes.correspondence import Correspondence, correspond, is_optional, requirement_grew
from forms.changes.effects import effect_of
from forms.changes.wording import ChangeKind, sort_of, word_change
from forms.structure import Choice, Form, Group, Node, Question, Rule, Texts, walk

_LOSING = frozenset(
    {
        ChangeKind.REMOVED,
        ChangeKind.TYPE,
        ChangeKind.STRUCTURE,
        ChangeKind.CHOICES_REMOVED,
        ChangeKind.CHOICES_SOURCE,
    }
)


@dataclass(frozen=True, slots=True)
class FormChange:
    """One change of one node; `message` is Chinese, `message_en` English.

    `path` is the new path, or the old one of what was removed; `old_path` is None for what was added. `old`
    and `new` are JSON: expressions, texts by language, kinds, or lists of choices.
    """

    kind: ChangeKind
    path: str
    old_path: str | None
    labels: Texts
    old: Any
    new: Any
    message: str
    message_en: str

    def as_json(self) -> dict[str, Any]:
        """Return the change as the wire shows it."""
        return {
            "kind": self.kind.value,
            "path": self.path,
            "old_path": self.old_path,
            "labels": dict(self.labels),
            "old": self.old,
            "new": self.new,
            "message": self.message,
            "message_en": self.message_en,
        }


@dataclass(frozen=True, slots=True)
class FormChanges:
    """All changes from one version to another, in the order of the new form, what was removed last."""

    form_id: str
    old_version: str
    new_version: str
    changes: tuple[FormChange, ...]

    def __iter__(self) -> Iterator[FormChange]:
        return iter(self.changes)

    @property
    def keeps_every_answer(self) -> bool:
        """Tell whether every answer of a draft is sure to have a place in the new version."""
        return not any(change.kind in _LOSING for change in self.changes)

    def as_json(self) -> dict[str, Any]:
        """Return the changes, with how many there are of each kind and what that kind means."""
        return {
            "form_id": self.form_id,
            "old": self.old_version,
            "new": self.new_version,
            "keeps_every_answer": self.keeps_every_answer,
            "counts": dict(Counter(change.kind.value for change in self.changes)),
            "effects": {
                kind.value: effect_of(kind).as_json()
                for kind in dict.fromkeys(change.kind for change in self.changes)
            },
            "changes": [change.as_json() for change in self.changes],
        }


def compare_forms(old: Form, new: Form) -> FormChanges:
    """Return what changes from one version of a form to another.

    A question that got another name or place is told from one that was removed and one that was added by the
    former name it declares, see `forms.changes.correspondence.correspond`.
    """
    match = correspond(old, new)
    return FormChanges(new.form_id, old.version, new.version, tuple(_changes(match)))


def _changes(match: Correspondence) -> Iterator[FormChange]:
    if match.old.title != match.new.title:
        yield _change(ChangeKind.TITLE, match.old.root, match.new.root, match.old.title, match.new.title)
    for node in walk(match.new.root):
        was = match.former.get(node.path)
        if was is None:
            yield _change(ChangeKind.ADDED, None, node)
            continue
        yield from _node_changes(match, was, node)
        if isinstance(node, Question) and isinstance(was, Question):
            yield from _question_changes(match, was, node)
    for was in walk(match.old.root):
        if was.path not in match.later:
            yield _change(ChangeKind.REMOVED, was, None)


def _node_changes(match: Correspondence, was: Node, node: Node) -> Iterator[FormChange]:
    """What can change of a question and of a group alike."""
    move = match.move_of(was, node)
    if move == "moved":
        yield _change(ChangeKind.MOVED, was, node, was.path, node.path)
    elif move == "renamed":
        yield _change(ChangeKind.RENAMED, was, node, was.name, node.name)
    if isinstance(was, Group) and isinstance(node, Group):
        if was.repeat != node.repeat:
            yield _change(ChangeKind.STRUCTURE, was, node, sort_of(was), sort_of(node))
        if not match.same_expression(was, was.count, node, node.count):
            yield _change(ChangeKind.COUNT, was, node, was.count, node.count)
    if dict(was.labels) != dict(node.labels):
        yield _change(ChangeKind.LABEL, was, node, dict(was.labels), dict(node.labels))
    before, after = was.relevant.expression, node.relevant.expression
    if not match.same_expression(was, before, node, after):
        yield _change(ChangeKind.RELEVANCE, was, node, before, after)


def _question_changes(match: Correspondence, was: Question, node: Question) -> Iterator[FormChange]:
    if (was.kind, was.data_type) != (node.kind, node.data_type):
        yield _change(ChangeKind.TYPE, was, node, was.kind.value, node.kind.value)
    yield from _requirement_change(match, was, node)
    yield from _choice_changes(was, node)
    for kind, before, after in (
        (ChangeKind.CHOICE_FILTER, _filter(was), _filter(node)),
        (ChangeKind.CONSTRAINT, was.constraint, node.constraint),
        (ChangeKind.CALCULATION, was.calculate, node.calculate),
    ):
        if not match.same_expression(was, before, node, after):
            yield _change(kind, was, node, before, after)
    if dict(was.hints) != dict(node.hints):
        yield _change(ChangeKind.HINT, was, node, dict(was.hints), dict(node.hints))


def _requirement_change(match: Correspondence, was: Question, node: Question) -> Iterator[FormChange]:
    before, after = was.required, node.required
    if requirement_grew(before, after):
        kind = ChangeKind.REQUIRED if after.constant else ChangeKind.REQUIRED_SOMETIMES
    elif requirement_grew(after, before):
        kind = ChangeKind.OPTIONAL if is_optional(after) else ChangeKind.REQUIRED_SOMETIMES
    elif not match.same_expression(was, before.expression, node, after.expression):
        kind = ChangeKind.REQUIRED_SOMETIMES
    else:
        return
    yield _change(kind, was, node, _expression(before), _expression(after))


def _choice_changes(was: Question, node: Question) -> Iterator[FormChange]:
    if was.choices is None or node.choices is None:
        if (was.choices is None) != (node.choices is None) and was.kind is node.kind:
            yield _change(ChangeKind.CHOICES_SOURCE, was, node, _listed(was.choices), _listed(node.choices))
        return
    before = {choice.name: choice for choice in was.choices}
    after = {choice.name: choice for choice in node.choices}
    added = [choice for name, choice in after.items() if name not in before]
    removed = [choice for name, choice in before.items() if name not in after]
    worded = [
        name for name in after if name in before and dict(before[name].labels) != dict(after[name].labels)
    ]
    if added:
        yield _change(ChangeKind.CHOICES_ADDED, was, node, None, _listed(added))
    if removed:
        yield _change(ChangeKind.CHOICES_REMOVED, was, node, _listed(removed), None)
    if worded:
        sides = ([side[name] for name in worded] for side in (before, after))
        yield _change(ChangeKind.CHOICE_LABELS, was, node, *map(_listed, sides))


def _filter(question: Question) -> str | None:
    """Return the condition under which a choice is offered; the name of the list does not matter."""
    if question.choices is None or question.itemset is None:
        return None
    return question.itemset.partition("[")[2].rpartition("]")[0] or None


def _listed(choices: Iterable[Choice] | None) -> Any:
    if choices is None:
        return None
    return [{"name": choice.name, "labels": dict(choice.labels)} for choice in choices]


def _expression(rule: Rule) -> bool | str:
    return rule.expression if rule.constant is None else rule.constant


def _change(
    kind: ChangeKind, was: Node | None, node: Node | None, old: Any = None, new: Any = None
) -> FormChange:
    shown = node or was
    if shown is None:
        raise ValueError("a change is one of a node")
    message, message_en = word_change(kind, shown, old, new)
    return FormChange(
        kind=kind,
        path=shown.path,
        old_path=was.path if was is not None else None,
        labels=shown.labels,
        old=old,
        new=new,
        message=message,
        message_en=message_en,
    )
