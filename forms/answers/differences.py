"""What differs between the answers of two revisions, answer by answer, whatever moved in between."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from forms.answers.tree import Answer, Answers
from forms.structure import MEDIA_KINDS, Texts

NO_FILES: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AnswerDifference:
    """One answer that differs, at its stable path `key`; `old` or `new` is None where there is no answer."""

    key: str
    old: Answer | None
    new: Answer | None

    @property
    def how(self) -> str:
        """Return `added`, `removed` or `changed`."""
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"

    @property
    def path(self) -> str:
        """Return the indexed path: that of the new revision, or of the old one where it is gone."""
        return self._shown.path

    @property
    def labels(self) -> Texts:
        """Return the labels of the question, as the newer side has them."""
        return self._shown.question.labels

    @property
    def _shown(self) -> Answer:
        shown = self.new or self.old
        if shown is None:
            raise ValueError("a difference has two sides, and one of them is an answer")
        return shown

    def as_json(self) -> dict[str, Any]:
        """Return both sides with values and words in both languages."""
        return {
            "key": self.key,
            "path": self.path,
            "how": self.how,
            "labels": dict(self.labels),
            "old": self.old.as_json() if self.old else None,
            "new": self.new.as_json() if self.new else None,
        }


@dataclass(frozen=True, slots=True)
class AnswerDifferences:
    """All answers that differ, in the order of the new revision, those that are gone last; `same` counts the others."""

    differences: tuple[AnswerDifference, ...]
    same: int

    def __iter__(self) -> Iterator[AnswerDifference]:
        return iter(self.differences)

    def as_json(self) -> dict[str, Any]:
        """Return the differences with how many answers are equal."""
        return {"same": self.same, "differences": [each.as_json() for each in self.differences]}


def diff_answers(
    old: Answers,
    new: Answers,
    old_files: Mapping[str, Any] = NO_FILES,
    new_files: Mapping[str, Any] = NO_FILES,
) -> AnswerDifferences:
    """Return what differs between two revisions of a record, by stable path; a blank answer is none.

    Values are compared, not their spelling: `12.0` is `12`. An instance of a repeat that only moved differs
    in nothing; one without a key is known by its place. `old_files` and `new_files` tell what each file name
    stands for (a hash, say): another file under the same name is a change.
    """
    before, after = _written(old), _written(new)
    differences = []
    for key in dict.fromkeys([*after, *before]):
        mine, theirs = before.get(key), after.get(key)
        if mine is None or theirs is None or not _agree(mine, theirs, old_files, new_files):
            differences.append(AnswerDifference(key, mine, theirs))
    return AnswerDifferences(tuple(differences), len(before.keys() | after.keys()) - len(differences))


def _written(answers: Answers) -> dict[str, Answer]:
    return {key: answer for key, answer in answers.by_stable_path.items() if answer.text}


def _agree(old: Answer, new: Answer, old_files: Mapping[str, Any], new_files: Mapping[str, Any]) -> bool:
    if old.question.kind is not new.question.kind:
        return False
    if new.question.kind in MEDIA_KINDS:
        return old.text == new.text and old_files.get(old.text) == new_files.get(new.text)
    return old.text == new.text or (old.value is not None and old.value == new.value)
