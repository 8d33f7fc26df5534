"""What a form is made of: questions, groups and repeats with their labels and rules, as frozen values."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

Texts = Mapping[str, str]
"""A text per language code, such as `{"zh": "界桩", "en": "Boundary marker"}`."""

NO_TEXTS: Texts = MappingProxyType({})


def no_texts() -> Texts:
    """Return no text in any language."""
    return NO_TEXTS


_INDEX = re.compile(r"\[\d+\]")


class QuestionKind(StrEnum):
    """What a person sees a question as; how its value is written is its `data_type`."""

    STRING = "string"
    INTEGER = "int"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "dateTime"
    TIME = "time"
    GEOPOINT = "geopoint"
    GEOTRACE = "geotrace"
    GEOSHAPE = "geoshape"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    FILE = "file"
    SIGNATURE = "signature"
    TRIGGER = "trigger"
    CALCULATE = "calculate"
    NOTE = "note"


MEDIA_KINDS = frozenset(
    {
        QuestionKind.IMAGE,
        QuestionKind.AUDIO,
        QuestionKind.VIDEO,
        QuestionKind.FILE,
        QuestionKind.SIGNATURE,
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """An XPath expression of a bind; `constant` is its value where it is literally true() or false()."""

    expression: str

    @property
    def constant(self) -> bool | None:
        """True or False where no evaluation is needed, else None."""
        return _constant(self.expression)


@lru_cache(maxsize=4096)
def _constant(expression: str) -> bool | None:
    return {"true()": True, "false()": False}.get(expression.replace(" ", ""))


ALWAYS = Rule("true()")
NEVER = Rule("false()")


@dataclass(frozen=True, slots=True)
class Choice:
    """One offered answer."""

    name: str
    labels: Texts


@dataclass(frozen=True, slots=True)
class Question:
    """A leaf of the form; `choices` is None where there are none or where they come from another file."""

    path: str
    name: str
    kind: QuestionKind
    data_type: str
    labels: Texts = field(default_factory=no_texts)
    hints: Texts = field(default_factory=no_texts)
    required: Rule = NEVER
    required_messages: Texts = field(default_factory=no_texts)
    relevant: Rule = ALWAYS
    readonly: Rule = NEVER
    constraint: str | None = None
    constraint_messages: Texts = field(default_factory=no_texts)
    calculate: str | None = None
    preload: str | None = None
    choices: tuple[Choice, ...] | None = None
    appearance: str = ""
    default: str = ""
    max_pixels: int | None = None

    def choice(self, name: str) -> Choice | None:
        """Return the offered choice of that name."""
        return next((choice for choice in self.choices or () if choice.name == name), None)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of questions, or the pattern of a repeat."""

    path: str
    name: str
    repeat: bool
    labels: Texts = field(default_factory=no_texts)
    relevant: Rule = ALWAYS
    children: tuple["Question | Group", ...] = ()


Node = Question | Group


@dataclass(frozen=True, eq=False)
class Form:
    """A published form as read from its XForm; compared by identity, so it can key a cache.

    `titles` splits a bilingual title written as "中文 / English". `meta_fields` are the names the form
    expects under `meta`.
    """

    form_id: str
    version: str
    title: str
    titles: Texts
    languages: tuple[str, ...]
    root: Group
    meta_fields: tuple[str, ...]
    _nodes: Mapping[str, Node] = field(default_factory=dict, repr=False)

    @property
    def root_name(self) -> str:
        """Return the name of the instance's root element."""
        return self.root.name

    def node(self, path: str) -> Node | None:
        """Return the question or group at a path; indexes such as `[2]` are ignored."""
        return self._nodes.get(_INDEX.sub("", path))

    def question(self, path: str) -> Question:
        """Return the question at a path; KeyError when there is none."""
        found = self.node(path)
        if not isinstance(found, Question):
            raise KeyError(path)
        return found

    def questions(self) -> Iterator[Question]:
        """Yield every question in document order."""
        return (node for node in self._nodes.values() if isinstance(node, Question))


def walk(group: Group) -> Iterator[Node]:
    """Yield the group and everything below it in document order."""
    yield group
    for child in group.children:
        if isinstance(child, Group):
            yield from walk(child)
        else:
            yield child


def preferred(texts: Texts, language: str, fallback: str = "") -> str:
    """Return the text in a language, else in any language there is, else the fallback."""
    return texts.get(language) or next((text for text in texts.values() if text), fallback)
