"""The places at which versions of a record may differ, each with a path that rows moving about do not change.

A row of a repeat is told by its key (`forms.answers.keys`) where in every version all rows have one of their own.
Where they have not, nothing is guessed: with as many rows everywhere each row is one place, compared as a whole at
its number since the base; with rows come or gone the repeat is one place. So two who changed the same nameless row,
or one who changed rows while the other added some, are asked.

What is computed (calculations, metadata) is no place: it is computed anew. Signatures are none either, nor what
the caller leaves out: they are about the version that was signed, and are only told.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from forms.answers.keys import ROW_ID, predicate, repeat_keys
from forms.answers.tree import Answer, AnswerGroup, Answers, answers_in, text_below
from forms.structure import NO_TEXTS, Form, Group, Question, QuestionKind, Texts, preferred

_LANGUAGES = ("zh", "en")
_UNMERGED = frozenset({QuestionKind.NOTE, QuestionKind.CALCULATE, QuestionKind.SIGNATURE})


@dataclass(frozen=True)
class Filled:
    """A version of a record: its answers, and the hash of each file by name."""

    answers: Answers
    files: Mapping[str, str]


class Matching(StrEnum):
    """How the rows of a repeat were matched between versions."""

    KEY = "key"
    POSITION = "position"
    WHOLE = "whole"


class PlaceKind(StrEnum):
    """What stands at a place: one answer, a row that is more than its answers, or rows compared as a whole."""

    ANSWER = "answer"
    ROW = "row"
    ROW_AS_A_WHOLE = "row_as_a_whole"
    REPEAT_AS_A_WHOLE = "repeat_as_a_whole"


@dataclass(frozen=True)
class Place:
    """One place; `titles` name it in words, by language. `found`: what each version has there, none if blank."""

    path: str
    kind: PlaceKind
    titles: Texts
    found: Mapping[str, tuple[Answer | AnswerGroup, ...]]


@dataclass(frozen=True)
class Beside:
    """Versions beside each other: places in document order, how repeats were matched, what was left out by path.

    `form` is None where the versions are of different forms.
    """

    form: Form | None
    filled: Mapping[str, Filled]
    places: Mapping[str, Place]
    matched: Mapping[str, Matching]
    left_out: Mapping[str, Place]

    def values(self, version: str) -> dict[str, Hashable]:
        """Return what a version says at each place that is no mere row; what is blank is left out."""
        files = self.filled[version].files
        return {
            path: _value(place.found[version], files)
            for path, place in self.places.items()
            if place.kind is not PlaceKind.ROW and version in place.found
        }

    def rows(self, version: str) -> frozenset[str]:
        """Return the paths of the rows that a version has and that have a key."""
        return frozenset(
            path
            for path, place in self.places.items()
            if place.kind is PlaceKind.ROW and version in place.found
        )


def lay_beside(form: Form, filled: Mapping[str, Filled], left_out: Collection[str] = ()) -> Beside:
    """Lay versions of one form version beside each other. `left_out`: paths of groups and questions."""
    laying = _Laying(form, left_out)
    laying.lay(
        form.root, {version: each.answers.root for version, each in filled.items()}, form.root.path, {}
    )
    return Beside(form, filled, laying.places, laying.matched, _signing(filled, left_out))


def lay_apart(filled: Mapping[str, Filled], left_out: Collection[str] = ()) -> Beside:
    """Lay versions of different form versions beside each other, answer by answer at its stable path."""
    places: dict[str, Place] = {}
    for version, path, answer in _by_stable_path(filled):
        if is_merged(answer.question) and not is_under(answer.question.path, left_out):
            _enter(places, version, path, answer)
    return Beside(None, filled, places, {}, _signing(filled, left_out))


def is_merged(question: Question) -> bool:
    """Tell whether an answer is an inspector's own, so that two of them can differ in it."""
    return question.kind not in _UNMERGED and question.calculate is None and question.preload is None


def is_under(path: str, nodes: Collection[str]) -> bool:
    """Tell whether a path of the form is one of some nodes, or below one."""
    return any(path == node or path.startswith(f"{node}/") for node in nodes)


class _Laying:
    """Goes down the form with all versions at once."""

    def __init__(self, form: Form, left_out: Collection[str]) -> None:
        self._keys = repeat_keys(form)
        self._left_out = left_out
        self.places: dict[str, Place] = {}
        self.matched: dict[str, Matching] = {}

    def lay(self, group: Group, at: Mapping[str, AnswerGroup], path: str, titles: Texts) -> None:
        """Enter the places in a group, or in a row, of the versions that have it."""
        inside = {version: Inside(each) for version, each in at.items()}
        for child in group.children:
            child_path = f"{path}/{child.name}"
            if is_under(child.path, self._left_out):
                continue
            inner = _titles(titles, child.labels, child.name)
            if isinstance(child, Question):
                if is_merged(child):
                    found = {version: each.answers(child) for version, each in inside.items()}
                    self._enter(child_path, PlaceKind.ANSWER, inner, found)
            elif child.repeat:
                rows = {version: each.groups(child) for version, each in inside.items()}
                self._lay_repeat(child, rows, child_path, inner)
            else:
                groups = {version: each.groups(child)[0] for version, each in inside.items()}
                self.lay(child, groups, child_path, inner)

    def _lay_repeat(
        self, repeat: Group, rows: Mapping[str, tuple[AnswerGroup, ...]], path: str, titles: Texts
    ) -> None:
        key = self._keys.get(repeat.path)
        keyed = {version: rows_by_key(found, key) for version, found in rows.items()} if key else {}
        if key and all(len(keyed[version]) == len(found) for version, found in rows.items()):
            self.matched[path] = Matching.KEY
            self._lay_keyed(repeat, key, keyed, path, titles)
        elif len({len(found) for found in rows.values()}) == 1:
            self.matched[path] = Matching.POSITION
            for index in range(len(next(iter(rows.values())))):
                found = {version: (each[index],) for version, each in rows.items()}
                self._enter(
                    f"{path}[{index + 1}]", PlaceKind.ROW_AS_A_WHOLE, _numbered(titles, index + 1), found
                )
        else:
            self.matched[path] = Matching.WHOLE
            self._enter(path, PlaceKind.REPEAT_AS_A_WHOLE, titles, rows)

    def _lay_keyed(
        self,
        repeat: Group,
        key: str,
        keyed: Mapping[str, Mapping[str, AnswerGroup]],
        path: str,
        titles: Texts,
    ) -> None:
        texts = dict.fromkeys(text for found in keyed.values() for text in found)
        for number, text in enumerate(texts, start=1):
            having = {version: found[text] for version, found in keyed.items() if text in found}
            named = _numbered(titles, number) if key == ROW_ID else _titles(titles, NO_TEXTS, text, " ")
            row_path = path + predicate(key, text)
            self._enter(row_path, PlaceKind.ROW, named, {version: (row,) for version, row in having.items()})
            self.lay(repeat, having, row_path, named)

    def _enter(
        self, path: str, kind: PlaceKind, titles: Texts, found: Mapping[str, tuple[Answer | AnswerGroup, ...]]
    ) -> None:
        self.places[path] = Place(
            path, kind, titles, {version: each for version, each in found.items() if each}
        )


class Inside:
    """What is in a group of answers, by the question or group of the form that it belongs to."""

    def __init__(self, group: AnswerGroup) -> None:
        self._answers: dict[str, Answer] = {}
        self._groups: dict[str, list[AnswerGroup]] = {}
        for child in group.children:
            if isinstance(child, AnswerGroup):
                self._groups.setdefault(child.group.name, []).append(child)
            elif child.text:
                self._answers[child.question.name] = child

    def answers(self, question: Question) -> tuple[Answer, ...]:
        """Return the answer to a question; none if it is blank."""
        answer = self._answers.get(question.name)
        return () if answer is None else (answer,)

    def groups(self, group: Group) -> tuple[AnswerGroup, ...]:
        """Return a group, or the rows of a repeat."""
        return tuple(self._groups.get(group.name, ()))


def rows_by_key(rows: Iterable[AnswerGroup], key: str) -> dict[str, AnswerGroup]:
    """Return rows by the text of their key; a blank key tells nothing."""
    texts = ((text_below(row, key.split("/")), row) for row in rows)
    return {text: row for text, row in texts if text}


def _value(found: tuple[Answer | AnswerGroup, ...], files: Mapping[str, str]) -> Hashable:
    """Return what stands at a place as one value; a row is all its answers with where they are in it."""
    return tuple(
        _value_of(each, files)
        if isinstance(each, Answer)
        else tuple(
            (answer.path.removeprefix(each.path), _value_of(answer, files))
            for answer in answers_in(each)
            if is_merged(answer.question) and answer.text
        )
        for each in found
    )


def _value_of(answer: Answer, files: Mapping[str, str]) -> Hashable:
    """Return an answer's value, not its spelling; a file is its name and its bytes."""
    if answer.question.is_media:
        return answer.text, files.get(answer.text)
    return answer.text if answer.value is None else answer.value


def _signing(filled: Mapping[str, Filled], left_out: Collection[str]) -> dict[str, Place]:
    """Return the answers that belong to the version they are in: signatures, and what the caller leaves out."""
    places: dict[str, Place] = {}
    for version, path, answer in _by_stable_path(filled):
        question = answer.question
        if question.kind is QuestionKind.SIGNATURE or is_under(question.path, left_out):
            _enter(places, version, path, answer)
    return places


def _by_stable_path(filled: Mapping[str, Filled]) -> Iterator[tuple[str, str, Answer]]:
    for version, each in filled.items():
        for path, answer in each.answers.by_stable_path.items():
            if answer.text:
                yield version, path, answer


def _enter(places: dict[str, Place], version: str, path: str, answer: Answer) -> None:
    known = places.get(path)
    titles = known.titles if known else _titles({}, answer.question.labels, answer.question.name)
    found = {**(known.found if known else {}), version: (answer,)}
    places[path] = Place(path, PlaceKind.ANSWER, titles, found)


def _titles(above: Texts, labels: Texts, name: str, joint: str = " › ") -> Texts:
    """Add a step to titles: `界桩 › 照片`."""
    return {
        language: joint.join(
            part for part in (above.get(language), preferred(labels, language, name)) if part
        )
        for language in _LANGUAGES
    }


def _numbered(titles: Texts, number: int) -> Texts:
    return {"zh": f"{titles['zh']} 第{number}组", "en": f"{titles['en']} no. {number}"}
