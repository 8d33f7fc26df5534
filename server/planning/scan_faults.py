"""Faults of scanned tables, repaired one by one and told each time: nothing is read otherwise in silence."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_HAN = r"[\u3400-\u9fff]"
_SPLIT_WORD = re.compile(rf"(?<={_HAN})[ \t\u3000\n]+(?={_HAN})")
_DOUBLED_AT_BREAK = re.compile(rf"({_HAN})[ \t\u3000\n]+\1(?={_HAN})")
_SPACES = re.compile(r"\s+")
# A scanner guesses the half of a word at a page's end; joined with the next page it is no word at all.
_MISREAD = (("单元位", "单位"),)


@dataclass(frozen=True)
class Finding:
    """What was noticed or repaired in a cell: by row and heading, as written and as read.

    `kind` is stable for programs; severity is `error` (the row can't be used), `correction` (read otherwise
    than written) or `warning` (please look).
    """

    row: int
    column: str
    kind: str
    severity: str
    written: str
    read: str
    message: str
    message_en: str

    def as_json(self) -> dict[str, Any]:
        """Write the finding as the wire shows it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Repair:
    """One repair of a text: its kind, and what it says to people."""

    kind: str
    message: str
    message_en: str


_DOUBLED = Repair("doubled", "换行处重复的字已去掉", "a character doubled at a line break was removed")
_BROKEN = Repair("broken_word", "词内空格或换行已去掉", "blanks or line ends inside words were removed")
_TAKEN_FOR = Repair("misread", "按字形更正了扫描误认的字", "characters misread by the scanner were corrected")


def repair(text: str) -> tuple[str, list[Repair]]:
    """Repair a text of words: doubled characters and blanks at line breaks, known misreadings."""
    repairs: list[Repair] = []
    steps: list[tuple[Repair, Callable[[str], str]]] = [
        (_DOUBLED, lambda value: _DOUBLED_AT_BREAK.sub(r"\1", value)),
        (_BROKEN, lambda value: _SPLIT_WORD.sub("", value)),
        (_TAKEN_FOR, correct_misread),
    ]
    for what, step in steps:
        changed = step(text)
        if changed != text:
            repairs.append(what)
        text = changed
    return _SPACES.sub(" ", text).strip(), repairs


def correct_misread(text: str) -> str:
    """Correct spellings that only a scanner writes."""
    for wrong, right in _MISREAD:
        text = text.replace(wrong, right)
    return text
