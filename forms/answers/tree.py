"""The answers of an instance: a typed tree with stable paths, in the form's own words."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from forms.answers.keys import predicate, repeat_keys
from forms.findings import Finding
from forms.structure import Form, Group, Question, QuestionKind, preferred
from forms.values import Value, value_as_json


class Answer(NamedTuple):
    """One answer; `value` is None when it is blank or when `text` is not of the question's type."""

    path: str
    question: Question
    text: str
    value: Value | None

    def display(self, language: str = "zh") -> str:
        """Return the answer in words: labels of choices, else the text as it was written."""
        if self.question.choices is None or not self.text:
            return self.text
        names = self.text.split() if self.question.kind is QuestionKind.SELECT_MULTIPLE else [self.text]
        choices = [(name, self.question.choice(name)) for name in names if name]
        return "、".join(preferred(c.labels, language, name) if c else name for name, c in choices)

    def as_json(self) -> dict[str, Any]:
        """Return the answer with its labels, its value and its value in words."""
        return {
            "path": self.path,
            "name": self.question.name,
            "kind": self.question.kind.value,
            "labels": dict(self.question.labels),
            "value": value_as_json(self.value),
            "text": self.text,
            "display": {language: self.display(language) for language in ("zh", "en")},
        }


class AnswerGroup(NamedTuple):
    """The answers of a group, or of one instance of a repeat."""

    path: str
    group: Group
    children: tuple["Answer | AnswerGroup", ...]

    def as_json(self) -> dict[str, Any]:
        """Return the group with everything below it."""
        return {
            "path": self.path,
            "name": self.group.name,
            "repeat": self.group.repeat,
            "labels": dict(self.group.labels),
            "children": [child.as_json() for child in self.children],
        }


@dataclass(frozen=True, slots=True)
class ExpectedMedia:
    """A file that an answer names; `kind` is image, audio, video, file, signature or audit."""

    path: str
    name: str
    kind: str


@dataclass(frozen=True)
class Answers:
    """All answers of one instance; paths of repeats carry 1-based indexes: `/data/markers[2]/photo`.

    The same answer has a stable path, which names instances of repeats by their key where they have one (see
    `forms.answers.keys`): `/data/markers[marker_no='J2']/photo`. A blank key leaves the index; of several instances
    with one key the second is `[marker_no='J2'][2]`. `misfits` tell what in the instance has no place in the
    form (at most 500). `given` are the answers that have a text, in the form's order, `files` those that name a
    file.
    """

    form: Form
    instance_id: str | None
    deprecated_id: str | None
    instance_name: str | None
    root: AnswerGroup
    audit_name: str | None
    given: tuple[Answer, ...]
    files: tuple[Answer, ...]
    misfits: tuple[Finding, ...] = ()

    def __iter__(self) -> Iterator[Answer]:
        return iter(self._in_order)

    @cached_property
    def _in_order(self) -> tuple[Answer, ...]:
        return tuple(answers_in(self.root))

    def flat(self) -> dict[str, Value]:
        """Return the typed value of every answer that has one, by path."""
        return {path: value for path, _, _, value in self.given if value is not None}

    def flat_as_json(self) -> dict[str, Any]:
        """Return what `flat` does as JSON can carry it."""
        return {
            path: value
            if isinstance(value, str)
            else float(text)  # as the value would give it, and sooner
            if isinstance(value, Decimal)
            else value_as_json(value)
            for path, _, text, value in self.given
            if value is not None
        }

    def media(self) -> list[ExpectedMedia]:
        """Return the files the answers name, in document order."""
        media = [
            ExpectedMedia(path, str(value), question.kind.value) for path, question, _, value in self.files
        ]
        if self.audit_name:
            media.append(ExpectedMedia(self._audit_path, self.audit_name, "audit"))
        return media

    def named_files(self) -> Iterator[tuple[str, str]]:
        """Yield where a file is named, and its name: all that a check asks of `media`."""
        for path, _, _, value in self.files:
            yield path, str(value)
        if self.audit_name:
            yield self._audit_path, self.audit_name

    @property
    def _audit_path(self) -> str:
        return f"{self.form.root.path}/meta/audit"

    def get(self, path: str) -> Answer | None:
        """Return the answer at an indexed or a stable path."""
        return self._by_path.get(path) or self.by_stable_path.get(path)

    @cached_property
    def _by_path(self) -> dict[str, Answer]:
        return {answer.path: answer for answer in self}

    @cached_property
    def by_stable_path(self) -> Mapping[str, Answer]:
        """Every answer by its stable path, in document order."""
        return {self.stable_paths[answer.path]: answer for answer in self}

    @cached_property
    def stable_paths(self) -> Mapping[str, str]:
        """The stable path of every answer, group and instance of a repeat, by indexed path."""
        paths = {self.root.path: self.root.path}
        _name_children(self.root, self.root.path, repeat_keys(self.form), paths)
        return paths

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON: what a reviewer's page needs to show the record."""
        return {
            "form_id": self.form.form_id,
            "version": self.form.version,
            "instance_id": self.instance_id,
            "deprecated_id": self.deprecated_id,
            "instance_name": self.instance_name,
            "answers": self.root.as_json(),
        }


def answers_in(group: AnswerGroup) -> list[Answer]:
    """Return all answers below a group, in document order."""
    found: list[Answer] = []
    _gather(group, found)
    return found


def _gather(group: AnswerGroup, found: list[Answer]) -> None:
    for child in group.children:
        if isinstance(child, AnswerGroup):
            _gather(child, found)
        else:
            found.append(child)


def _name_children(
    group: AnswerGroup, stable_path: str, keys: Mapping[str, str], paths: dict[str, str]
) -> None:
    """Enter the stable paths of all that is below a group."""
    seen: Counter[tuple[str, str]] = Counter()
    for child in group.children:
        if isinstance(child, Answer):
            paths[child.path] = f"{stable_path}/{child.question.name}"
            continue
        step = child.group.name
        if child.group.repeat:
            key = keys.get(child.group.path)
            text = text_below(child, key.split("/")) if key else ""
            seen[step, text] += 1
            step += _instance(child.path, key, text, seen[step, text])
        paths[child.path] = f"{stable_path}/{step}"
        _name_children(child, paths[child.path], keys, paths)


def _instance(path: str, key: str | None, text: str, number: int) -> str:
    if key is None or not text:
        return path[path.rindex("[") :]
    return predicate(key, text) + (f"[{number}]" if number > 1 else "")


def text_below(group: AnswerGroup, steps: list[str]) -> str:
    """Return the text of the answer at a path below a group; blank when there is none."""
    for child in group.children:
        if isinstance(child, Answer):
            if [child.question.name] == steps:
                return child.text
        elif child.group.name == steps[0] and len(steps) > 1:
            return text_below(child, steps[1:])
    return ""
