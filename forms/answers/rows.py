"""Answers as flat rows, for ledgers: a table with one row for the record, and one for each repeat."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forms.answers.tree import Answer, AnswerGroup, Answers
from forms.structure import Group, Question, QuestionKind, Texts, walk
from forms.values import Value, value_as_json

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Column:
    """One question of a table; `name` is its path below the table's row: `reached`, `owner/name`."""

    name: str
    question: Question

    def as_json(self) -> dict[str, Any]:
        """Return the column with its labels and those of its choices."""
        choices = self.question.choices
        return {
            "name": self.name,
            "path": self.question.path,
            "kind": self.question.kind.value,
            "labels": dict(self.question.labels),
            "choices": None if choices is None else {each.name: dict(each.labels) for each in choices},
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One record, or one instance of a repeat.

    `key` is its stable path, `parent` that of the row it belongs to (None for the record), `number` its place
    among its siblings, from 1. `answers` are by the names of the columns.
    """

    key: str
    parent: str | None
    number: int
    answers: Mapping[str, Answer]

    def values(self) -> dict[str, Value | None]:
        """Return the typed values by column; None where there is no answer, or none of the right type."""
        return {name: answer.value for name, answer in self.answers.items()}

    def display(self, language: str = "zh") -> dict[str, str]:
        """Return the answers in words by column: labels of choices, else the text as it was written."""
        return {name: answer.display(language) for name, answer in self.answers.items()}

    def as_json(self) -> dict[str, Any]:
        """Return the row with values, texts as they were written, and words in both languages."""
        return {
            "key": self.key,
            "parent": self.parent,
            "number": self.number,
            "values": {name: value_as_json(value) for name, value in self.values().items()},
            "texts": {name: answer.text for name, answer in self.answers.items()},
            "display": {language: self.display(language) for language in LANGUAGES},
        }


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of the record itself (`path` is the root's) or of one repeat, with the columns they all have."""

    path: str
    name: str
    labels: Texts
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the table with its columns and rows."""
        return {
            "path": self.path,
            "name": self.name,
            "labels": dict(self.labels),
            "columns": [column.as_json() for column in self.columns],
            "rows": [row.as_json() for row in self.rows],
        }


def answer_rows(answers: Answers) -> list[Table]:
    """Return the main table, with one row, and then a table for each repeat in the form's order.

    A table is there even if no row is, and every row has every column, so that records of one form version
    can be laid below each other. Notes, which hold no answer, are left out.
    """
    rows: dict[str, list[Row]] = {}
    _collect(answers.root, answers.stable_paths, None, 1, rows)
    root = answers.form.root
    repeats = [node for node in walk(root) if isinstance(node, Group) and node.repeat]
    return [
        Table(
            path=head.path,
            name=head.name,
            labels=answers.form.titles if head is root else head.labels,
            columns=tuple(_columns(head, f"{head.path}/")),
            rows=tuple(rows.get(head.path, ())),
        )
        for head in [root, *repeats]
    ]


def _columns(group: Group, above: str) -> Iterator[Column]:
    for child in group.children:
        if isinstance(child, Group):
            if not child.repeat:
                yield from _columns(child, above)
        elif child.kind is not QuestionKind.NOTE:
            yield Column(child.path.removeprefix(above), child)


def _collect(
    instance: AnswerGroup,
    stable_paths: Mapping[str, str],
    parent: str | None,
    number: int,
    rows: dict[str, list[Row]],
) -> None:
    """Enter the row of an instance and those of the repeats inside it."""
    cells: dict[str, Answer] = {}
    inner: list[AnswerGroup] = []
    _gather(instance, f"{instance.group.path}/", cells, inner)
    key = stable_paths[instance.path]
    rows.setdefault(instance.group.path, []).append(Row(key, parent, number, cells))
    for each in inner:
        _collect(each, stable_paths, key, int(each.path[each.path.rindex("[") + 1 : -1]), rows)


def _gather(group: AnswerGroup, above: str, cells: dict[str, Answer], inner: list[AnswerGroup]) -> None:
    for child in group.children:
        if isinstance(child, Answer):
            if child.question.kind is not QuestionKind.NOTE:
                cells[child.question.path.removeprefix(above)] = child
        elif child.group.repeat:
            inner.append(child)
        else:
            _gather(child, above, cells, inner)
