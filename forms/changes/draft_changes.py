"""What moving a draft to another form version did to its answers, as data and in words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from forms.structure import Texts, preferred


class DraftChangeKind(StrEnum):
    """What happened to an answer, or what its inspector has to do now."""

    MOVED = "moved"  # carried to another name or place
    CONVERTED = "converted"  # carried, written as the new type wants it
    LEFT_OVER = "left_over"  # has no place: shown, and no longer in the draft
    REQUIRED = "required"  # blank, and must be answered now
    REVISIT = "revisit"  # carried, but the question is asked or judged under other rules


@dataclass(frozen=True, slots=True)
class DraftChange:
    """One thing that an inspector should see after a draft moved to another version.

    `old_path` is where the answer stood and `path` where it stands or is wanted now, both indexed; None where
    there is no such place. `text` is the answer as it was, `display` the same in Chinese words, `new_text` as
    it is now. `why`: of `left_over` one of removed, type, choice, calculated, repeat, doubled, unknown; of
    `required` always or sometimes; of `revisit` relevance or constraint.
    """

    kind: DraftChangeKind
    path: str | None
    old_path: str | None
    name: str
    labels: Texts
    why: str = ""
    text: str = ""
    display: str = ""
    new_text: str = ""

    @property
    def message(self) -> str:
        """Return the Chinese sentence."""
        return self._sentence("zh", 0)

    @property
    def message_en(self) -> str:
        """Return the English sentence."""
        return self._sentence("en", 1)

    def _sentence(self, language: str, place: int) -> str:
        wordings = _SENTENCES.get((self.kind, self.why)) or _SENTENCES[self.kind, ""]
        shown = self.display if language == "zh" else self.text
        label = preferred(self.labels, language, self.name)
        return wordings[place].format(label=label, text=shown[:100], new_text=self.new_text[:100])

    def as_json(self) -> dict[str, Any]:
        """Return the change as the wire shows it."""
        return {
            "kind": self.kind.value,
            "why": self.why,
            "path": self.path,
            "old_path": self.old_path,
            "labels": dict(self.labels),
            "text": self.text,
            "display": self.display,
            "new_text": self.new_text,
            "message": self.message,
            "message_en": self.message_en,
        }


_SENTENCES: dict[tuple[DraftChangeKind, str], tuple[str, str]] = {
    (DraftChangeKind.MOVED, ""): (
        "“{label}”的答案“{text}”已移到新版表单的对应位置",
        'The answer "{text}" to "{label}" moved to its place in the new version',
    ),
    (DraftChangeKind.CONVERTED, ""): (
        "“{label}”的答案由“{text}”转换为“{new_text}”，请核对",
        'The answer to "{label}" was converted from "{text}" to "{new_text}"; please check it',
    ),
    (DraftChangeKind.LEFT_OVER, ""): (
        "新版表单没有“{label}”的位置，原答案：{text}",
        'The new version has no place for "{label}"; the answer was: {text}',
    ),
    (DraftChangeKind.LEFT_OVER, "type"): (
        "“{label}”的类型已改变，原答案“{text}”无法沿用，请重新填写",
        '"{label}" is of another type now; please answer again, the answer was: {text}',
    ),
    (DraftChangeKind.LEFT_OVER, "choice"): (
        "“{label}”已没有选项“{text}”，请重新选择",
        '"{label}" no longer offers "{text}"; please choose again',
    ),
    (DraftChangeKind.LEFT_OVER, "calculated"): (
        "“{label}”改为自动计算，原答案：{text}",
        '"{label}" is calculated now; the answer was: {text}',
    ),
    (DraftChangeKind.LEFT_OVER, "repeat"): (
        "“{label}”在新版表单中的组数不同，未能沿用的答案：{text}",
        '"{label}" is asked another number of times now; the answer that did not fit: {text}',
    ),
    (DraftChangeKind.REQUIRED, "always"): ("“{label}”现为必填，请填写", '"{label}" is required now'),
    (DraftChangeKind.REQUIRED, "sometimes"): (
        "“{label}”在符合条件时必填，请核对",
        '"{label}" is required in some cases now; please check',
    ),
    (DraftChangeKind.REVISIT, "relevance"): (
        "“{label}”的出现条件已改变，请核对是否仍需填写：{text}",
        'It changed when "{label}" is asked; please check whether the answer still belongs: {text}',
    ),
    (DraftChangeKind.REVISIT, "constraint"): (
        "“{label}”的填写限制已改变，请核对：{text}",
        'The constraint of "{label}" changed; please check the answer: {text}',
    ),
}
