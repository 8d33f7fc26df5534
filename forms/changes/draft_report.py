"""Noting, while a draft moves to another form version, all that its inspector should see."""

from forms.answers.tree import Answer
from forms.changes.correspondence import Correspondence, is_optional, requirement_grew
from forms.changes.draft_changes import DraftChange, DraftChangeKind
from forms.structure import Node, Question


class DraftReport:
    """The changes of one draft in the order in which they were noted."""

    def __init__(self, match: Correspondence) -> None:
        self.changes: list[DraftChange] = []
        self._match = match

    def carried(
        self, was: Question, node: Question, old_path: str, path: str, text: str, new_text: str
    ) -> None:
        """Note what is not as it was about an answer that was carried."""
        kinds: list[tuple[DraftChangeKind, str]] = []
        if text != new_text:
            kinds.append((DraftChangeKind.CONVERTED, ""))
        elif self._match.move_of(was, node):
            kinds.append((DraftChangeKind.MOVED, ""))
        if not self._match.same_circumstances(was, node):
            kinds.append((DraftChangeKind.REVISIT, "relevance"))
        if not self._match.same_expression(was, was.constraint, node, node.constraint):
            kinds.append((DraftChangeKind.REVISIT, "constraint"))
        words = _in_words(was, text) if kinds else ""
        self.changes += [
            DraftChange(kind, path, old_path, node.name, node.labels, why, text, words, new_text)
            for kind, why in kinds
        ]

    def left_over(
        self, was: Node | None, name: str, old_path: str, path: str | None, text: str, why: str
    ) -> None:
        """Note an answer that has no place any more; `was` is None where the old form does not know it."""
        labels = was.labels if was is not None else {}
        words = _in_words(was, text) if isinstance(was, Question) else text
        self.changes.append(
            DraftChange(DraftChangeKind.LEFT_OVER, path, old_path, name, labels, why, text, words)
        )

    def blank(self, was: Question | None, node: Question, path: str, *, lost: bool) -> None:
        """Note a blank answer where it must be given now and need not before, or where it could not be carried."""
        grew = was is None or lost or requirement_grew(was.required, node.required)
        if not grew or is_optional(node.required) or node.calculate:
            return
        always = node.required.constant is True and not self._match.is_conditional(node)
        why = "always" if always else "sometimes"
        self.changes.append(DraftChange(DraftChangeKind.REQUIRED, path, None, node.name, node.labels, why))


def _in_words(question: Question, text: str) -> str:
    return Answer(question.path, question, text, None).display()
