"""Carrying one answer from a question of a former version to the question it became."""

from dataclasses import dataclass

from forms.answers.tree import Answer
from forms.structure import MEDIA_KINDS, Question, QuestionKind
from forms.values import read_value

_SELECTS = frozenset({QuestionKind.SELECT_ONE, QuestionKind.SELECT_MULTIPLE})
_UNANSWERED = frozenset({QuestionKind.CALCULATE, QuestionKind.NOTE})
_PICTURES = frozenset({QuestionKind.IMAGE, QuestionKind.SIGNATURE})


@dataclass(frozen=True, slots=True)
class Carried:
    """What becomes of an answer: the text to write, and the text that has no place, with the reason why."""

    text: str
    left: str = ""
    why: str = ""


def carry(was: Question, node: Question, text: str) -> Carried:
    """Carry an answer's text to another version of its question; nothing of it is lost.

    Reasons: `calculated` (nobody answers the question any more), `type`, `choice`.
    """
    if not text:
        return Carried("")
    if node.kind in _UNANSWERED:
        return Carried(text) if was.kind is node.kind else Carried("", text, "calculated")
    if node.kind in _SELECTS:
        return _carry_choices(was, node, text)
    if node.kind in MEDIA_KINDS or was.kind in MEDIA_KINDS:
        fits = _holds_file(was.kind, node.kind)
    elif (was.kind, was.data_type) == (node.kind, node.data_type):
        fits = True
    else:
        converted = _convert(was, node, text)
        return Carried(converted) if _is_readable(node, converted) else Carried("", text, "type")
    return Carried(text) if fits else Carried("", text, "type")


def _is_readable(node: Question, text: str) -> bool:
    if node.kind is QuestionKind.TRIGGER:
        return text == "OK"
    try:
        read_value(node, text)
    except ValueError:
        return False
    return True


def _holds_file(was: QuestionKind, now: QuestionKind) -> bool:
    """A file question takes any file; a photo and a signature are both pictures."""
    if was not in MEDIA_KINDS or now not in MEDIA_KINDS:
        return False
    return was is now or now is QuestionKind.FILE or {was, now} <= _PICTURES


def _carry_choices(was: Question, node: Question, text: str) -> Carried:
    if was.kind in MEDIA_KINDS:
        return Carried("", text, "type")
    names = text.split() if was.kind is QuestionKind.SELECT_MULTIPLE else [text]
    if was.kind not in _SELECTS:
        names = [_named(node, text)]
    if node.choices is None:
        offered = {name for name in names if " " not in name}
    else:
        offered = {choice.name for choice in node.choices}
    kept = [name for name in names if name in offered]
    gone = [name for name in names if name not in offered]
    if node.kind is QuestionKind.SELECT_ONE and len(names) > 1:
        return Carried("", text, "type")
    if was.kind is node.kind and not gone:
        return Carried(text)
    return Carried(" ".join(kept), " ".join(gone), "choice" if gone else "")


def _named(node: Question, text: str) -> str:
    """Return the name of the choice that a text writes out, else the text."""
    return next((choice.name for choice in node.choices or () if text in choice.labels.values()), text)


def _convert(was: Question, node: Question, text: str) -> str:
    """Write an answer as the new type would have it, where that is beyond doubt; else the text as it is."""
    if node.kind is QuestionKind.STRING and was.kind in _SELECTS:
        return Answer(was.path, was, text, None).display()
    if node.kind is QuestionKind.DATE and was.kind is QuestionKind.DATETIME:
        return text.partition("T")[0]
    if node.kind is QuestionKind.INTEGER and was.kind is QuestionKind.DECIMAL:
        whole, _, fraction = text.partition(".")
        return whole if not fraction.strip("0") else text
    return text
