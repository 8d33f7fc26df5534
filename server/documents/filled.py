"""The answers of a record as documents read them: in words, in China's time, files beside them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Final

from forms import Answer, AnswerGroup, Answers, Geopoint
from forms.structure import MEDIA_KINDS, QuestionKind
from server.documents.fields import clean, day, moment
from server.documents.rows import Line, Section

_UNASKED: Final = frozenset({QuestionKind.NOTE, QuestionKind.CALCULATE, *MEDIA_KINDS})
_LONGEST_MARGIN: Final = 50


class Filled:
    """A filled form. Paths are below its root: `visit/start_at`."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._root = answers.root.path

    def say(self, path: str) -> str:
        """Say an answer in words; blank where there is none."""
        answer = self._answers.get(f"{self._root}/{path}")
        return in_words(answer) if answer else ""

    def day(self, path: str) -> date | None:
        """Return a day, or the day of a moment."""
        answer = self._answers.get(f"{self._root}/{path}")
        value = answer.value if answer else None
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else None

    def text(self, path: str) -> str:
        """Return an answer as it is written, such as the name of a choice."""
        answer = self._answers.get(f"{self._root}/{path}")
        return answer.text if answer else ""

    def rows(self, path: str) -> list[Mapping[str, str]]:
        """Say the rows of a repeat, each by the names of its questions."""
        return [
            {child.question.name: in_words(child) for child in each.children if isinstance(child, Answer)}
            for each in self._groups(self._answers.root)
            if each.group.path == f"{self._root}/{path}" and each.group.repeat
        ]

    def groups_below(self, path: str) -> list[AnswerGroup]:
        """Return the groups right below a group."""
        wanted = f"{self._root}/{path}"
        return [
            child
            for each in self._groups(self._answers.root)
            if each.path == wanted
            for child in each.children
            if isinstance(child, AnswerGroup)
        ]

    def media(self) -> Iterator[tuple[Answer, str]]:
        """Go through the files that answers name, each with the words of the sections it stands in."""
        yield from _media(self._answers.root, [])

    def sections(self, without: Iterable[str]) -> tuple[Section, ...]:
        """Write the parts of the form that are asked beside those of every record, in their order."""
        left_out = set(without)
        found = []
        titles: dict[str, list[Line]] = {}
        for child in self._answers.root.children:
            if not isinstance(child, AnswerGroup) or child.group.name in left_out:
                continue
            title = _label(child) or child.group.name
            lines = titles.setdefault(title, [])
            if child.group.repeat:
                lines += _one_line(child, len(lines) + 1)
            else:
                lines += _lines(child)
        for title, lines in titles.items():
            if lines:
                found.append(Section(title=title, lines=tuple(lines)))
        return tuple(found)

    def _groups(self, group: AnswerGroup) -> Iterator[AnswerGroup]:
        yield group
        for child in group.children:
            if isinstance(child, AnswerGroup):
                yield from self._groups(child)


def in_words(answer: Answer) -> str:
    """Say one answer in words: days and moments as documents write them, a position with its accuracy."""
    match answer.value:
        case None:
            return clean(answer.display())
        case datetime():
            return moment(answer.value)
        case date():
            return day(answer.value)
        case Geopoint():
            return position(answer.value.latitude, answer.value.longitude, answer.value.accuracy)
    return clean(answer.display())


def position(latitude: float, longitude: float, accuracy: float | None) -> str:
    """Write a position of a phone; beyond its accuracy nothing is known."""
    within = "精度不详" if accuracy is None else f"±{accuracy:.1f} m"
    return f"{latitude:.6f}°N {longitude:.6f}°E（{within}）"


def _label(node: Answer | AnswerGroup) -> str:
    labels = node.question.labels if isinstance(node, Answer) else node.group.labels
    return clean(labels.get("zh", ""))


def _lines(group: AnswerGroup) -> list[Line]:
    found: list[Line] = []
    for child in group.children:
        if isinstance(child, AnswerGroup):
            found += _one_line(child, len(found) + 1) if child.group.repeat else _lines(child)
        elif child.question.kind not in _UNASKED and child.text and _label(child):
            found.append(Line(label=_label(child), value=in_words(child)))
    return found


def _one_line(row: AnswerGroup, number: int) -> list[Line]:
    """A row of a repeat as one line: its first answer names it."""
    parts = _lines(row)
    if not parts:
        return []
    head, *rest = parts
    label = f"{number}. {head.value}" if len(head.value) <= _LONGEST_MARGIN else f"{number}."
    told = rest if len(head.value) <= _LONGEST_MARGIN else parts
    return [Line(label=label, value="；".join(f"{each.label}：{each.value}" for each in told) or head.label)]


def _media(group: AnswerGroup, within: list[str]) -> Iterator[tuple[Answer, str]]:
    counts: dict[str, int] = {}
    for child in group.children:
        if isinstance(child, AnswerGroup):
            title = _label(child)
            if child.group.repeat:
                counts[child.group.path] = counts.get(child.group.path, 0) + 1
                first = next((each for each in _lines(child)), None)
                title = f"{title}{first.value if first else counts[child.group.path]}"
            yield from _media(child, [*within, title] if title else within)
        elif child.value is not None and child.question.is_media:
            yield child, " · ".join([*within[-2:], _label(child)])
