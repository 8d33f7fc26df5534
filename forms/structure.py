"""What a form is made of: questions, groups and repeats with their labels and rules, as frozen values."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from forms.xpath import ListTable

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


class Choices(tuple[Choice, ...]):
    """The choices of one list, in their order, found by name at once however many there are."""

    __slots__ = ()

    def named(self, name: str) -> Choice | None:
        """Return the choice of that name."""
        return _by_name(self).get(name)

    # A list is as good as another of the same content only where it is the same: comparing 5,000 is dear.
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


@lru_cache(maxsize=4096)
def _by_name(choices: Choices) -> Mapping[str, Choice]:
    return {choice.name: choice for choice in reversed(choices)}


@dataclass(frozen=True, slots=True)
class Question:
    """A leaf of the form; `choices` is None where there are none or where they come from another file.

    `itemset` is the expression that gives the choices offered, such as
    `instance('county')/root/item[province = /data/province]`. `outputs` tells for each `{name}` in its
    messages the expression that stands there. `bounds` are the ends of a range. `aliases` are names the question had in earlier versions.
    """

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
    choices: Choices | None = None
    itemset: str | None = None
    appearance: str = ""
    default: str = ""
    max_pixels: int | None = None
    bounds: tuple[Decimal, Decimal] | None = None
    outputs: Mapping[str, str] = field(default_factory=no_texts)
    aliases: tuple[str, ...] = ()

    @property
    def is_media(self) -> bool:
        """Tell whether an answer names a file."""
        return self.data_type == "binary"

    def choice(self, name: str) -> Choice | None:
        """Return the choice of that name, offered or not."""
        return self.choices.named(name) if self.choices is not None else None


@dataclass(frozen=True, slots=True)
class Group:
    """A group of questions, or the pattern of a repeat; `count` is how many instances the repeat must have."""

    path: str
    name: str
    repeat: bool
    labels: Texts = field(default_factory=no_texts)
    relevant: Rule = ALWAYS
    children: tuple["Question | Group", ...] = ()
    count: str | None = None
    aliases: tuple[str, ...] = ()


Node = Question | Group


@dataclass(frozen=True, eq=False)
class Form:
    """A published form as read from its XForm; compared by identity, so it can key a cache.

    `titles` splits a bilingual title written as "中文 / English". `meta_fields` are the names the form
    expects under `meta`, `meta_calculates` the expressions of those that are computed. `lists` are the
    choices that come with the form, row by row; `external_lists` the names of those that come beside it,
    such as `tasks`. `restricted` forms (涉密) are for secret places: no copies of their media are kept anywhere
    but in the store.
    """

    form_id: str
    version: str
    title: str
    titles: Texts
    languages: tuple[str, ...]
    root: Group
    meta_fields: tuple[str, ...]
    meta_calculates: Mapping[str, str] = field(default_factory=no_texts)
    lists: Mapping[str, ListTable] = field(default_factory=dict, repr=False)
    external_lists: frozenset[str] = frozenset()
    restricted: bool = False
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
