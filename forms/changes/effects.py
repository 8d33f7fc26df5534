"""What a change between two versions means for drafts that are open on phones, and for records that were handed in.

A draft stays in the version it was begun with until its inspector takes it over (`forms.changes.migrating`); a record
is read and checked for ever by the version it was made with. Nothing here changes either.
"""

from dataclasses import dataclass

from forms.changes.wording import ChangeKind


@dataclass(frozen=True, slots=True)
class ChangeEffect:
    """What one kind of change means, in Chinese and English: for open drafts, and for records handed in before."""

    drafts: str
    drafts_en: str
    records: str
    records_en: str

    def as_json(self) -> dict[str, str]:
        """Return the effect as the wire shows it."""
        return {
            "drafts": self.drafts,
            "drafts_en": self.drafts_en,
            "records": self.records,
            "records_en": self.records_en,
        }


_STANDS = ("已提交的记录不变", "Records handed in stay as they are")
_BY_OLD = (
    "已提交的记录按原版本的规则核对，不受影响",
    "Records handed in are checked by the rules of their own version",
)
_KEPT = (
    "已提交记录中的答案照原样保留，按原版本显示",
    "Answers in records handed in are kept, and shown by their own version",
)
_WORDS = ("答案保留，仅文字不同", "Answers stay, only the words differ")
_CARRIED = ("转到新版本后答案随之移动", "Its answers move along when the draft is taken over")
_LEFT = (
    "转到新版本后无处可放的答案单独列出并保留，由检查人员处理",
    "Answers without a place in the new version are listed and kept for the inspector",
)
_AGAIN = (
    "转到新版本后须重新核对答案",
    "Answers are to be looked at again when the draft is taken over",
)

_EFFECTS: dict[ChangeKind, tuple[tuple[str, str], tuple[str, str]]] = {
    ChangeKind.TITLE: (_WORDS, _STANDS),
    ChangeKind.ADDED: (
        (
            "转到新版本后为空白；必填的须补填",
            "Blank when the draft is taken over; to be filled in where required",
        ),
        ("已提交的记录没有此项", "Records handed in do not have it"),
    ),
    ChangeKind.REMOVED: (_LEFT, _KEPT),
    ChangeKind.RENAMED: (_CARRIED, _KEPT),
    ChangeKind.MOVED: (_CARRIED, _KEPT),
    ChangeKind.TYPE: (
        (
            "能换成新类型的答案随之转换，其余单独列出并保留",
            "Answers that fit the new type are converted, others listed and kept",
        ),
        _KEPT,
    ),
    ChangeKind.STRUCTURE: (_LEFT, _KEPT),
    ChangeKind.REQUIRED: (
        ("空白的须补填后才能提交", "To be filled in before the draft is handed in"),
        _BY_OLD,
    ),
    ChangeKind.REQUIRED_SOMETIMES: (
        ("按新条件可能须补填", "May have to be filled in by the new condition"),
        _BY_OLD,
    ),
    ChangeKind.OPTIONAL: (("可以留空", "May be left blank"), _BY_OLD),
    ChangeKind.CHOICES_ADDED: (
        ("答案保留，可改选新选项", "Answers stay, the new choices are there"),
        _STANDS,
    ),
    ChangeKind.CHOICES_REMOVED: (
        (
            "选了已删选项的须重选，原答案单独列出并保留",
            "To be chosen again where the choice is gone; the old answer is listed and kept",
        ),
        _KEPT,
    ),
    ChangeKind.CHOICE_LABELS: (
        _WORDS,
        ("已提交的记录按原版本的选项文字显示", "Records handed in are shown with the words of their version"),
    ),
    ChangeKind.CHOICES_SOURCE: (
        ("新来源中没有的答案须重选", "To be chosen again where the new list lacks the answer"),
        _KEPT,
    ),
    ChangeKind.CHOICE_FILTER: (
        ("按新条件不再提供的答案须重选", "To be chosen again where it is no longer offered"),
        _BY_OLD,
    ),
    ChangeKind.COUNT: (_AGAIN, _KEPT),
    ChangeKind.CONSTRAINT: (_AGAIN, _BY_OLD),
    ChangeKind.RELEVANCE: (_AGAIN, _BY_OLD),
    ChangeKind.CALCULATION: (
        ("按新方法重新计算", "Calculated anew"),
        ("已提交的计算值不变", "Values handed in stay as they are"),
    ),
    ChangeKind.LABEL: (
        _WORDS,
        ("已提交的记录按原版本的文字显示", "Records handed in are shown with the words of their version"),
    ),
    ChangeKind.HINT: (_WORDS, _STANDS),
}


def effect_of(kind: ChangeKind) -> ChangeEffect:
    """Tell what a kind of change means for drafts and for records."""
    drafts, records = _EFFECTS[kind]
    return ChangeEffect(*drafts, *records)
