"""Changes between form versions in words, Chinese and English."""

from enum import StrEnum
from typing import Any

from forms.structure import Node, Question, QuestionKind, preferred


class ChangeKind(StrEnum):
    """What changed of a question, a group or a repeat."""

    TITLE = "title"
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    MOVED = "moved"
    TYPE = "type"
    STRUCTURE = "structure"
    REQUIRED = "required"
    REQUIRED_SOMETIMES = "required_sometimes"
    OPTIONAL = "optional"
    CHOICES_ADDED = "choices_added"
    CHOICES_REMOVED = "choices_removed"
    CHOICE_LABELS = "choice_labels"
    CHOICES_SOURCE = "choices_source"
    CHOICE_FILTER = "choice_filter"
    COUNT = "count"
    CONSTRAINT = "constraint"
    RELEVANCE = "relevance"
    CALCULATION = "calculation"
    LABEL = "label"
    HINT = "hint"


_SENTENCES: dict[ChangeKind, tuple[str, str]] = {
    ChangeKind.TITLE: ("表单名称由“{old}”改为“{new}”", 'The title "{old}" became "{new}"'),
    ChangeKind.ADDED: ("新增{sort}“{label}”", 'The {sort} "{label}" was added'),
    ChangeKind.REMOVED: ("删除{sort}“{label}”", 'The {sort} "{label}" was removed'),
    ChangeKind.RENAMED: (
        "{sort}“{label}”的名称由 {old} 改为 {new}",
        'The name of the {sort} "{label}" changed from {old} to {new}',
    ),
    ChangeKind.MOVED: (
        "{sort}“{label}”由 {old} 移至 {new}",
        'The {sort} "{label}" moved from {old} to {new}',
    ),
    ChangeKind.TYPE: (
        "“{label}”的类型由{old}改为{new}",
        'The type of "{label}" changed from {old} to {new}',
    ),
    ChangeKind.STRUCTURE: (
        "“{label}”由{old}改为{new}",
        '"{label}" was a {old} and is a {new} now',
    ),
    ChangeKind.REQUIRED: ("“{label}”改为必填", '"{label}" is required now'),
    ChangeKind.REQUIRED_SOMETIMES: (
        "“{label}”的必填条件已改变",
        'It changed when "{label}" is required',
    ),
    ChangeKind.OPTIONAL: ("“{label}”不再必填", '"{label}" is no longer required'),
    ChangeKind.CHOICES_ADDED: ("“{label}”新增选项：{new}", 'New choices of "{label}": {new}'),
    ChangeKind.CHOICES_REMOVED: ("“{label}”删除选项：{old}", 'Choices gone from "{label}": {old}'),
    ChangeKind.CHOICE_LABELS: (
        "“{label}”的选项文字改为：{new}",
        'Choices of "{label}" are worded anew: {new}',
    ),
    ChangeKind.CHOICES_SOURCE: ("“{label}”的选项来源已改变", 'The choices of "{label}" come from elsewhere'),
    ChangeKind.CHOICE_FILTER: (
        "“{label}”的选项筛选条件已改变",
        'It changed which choices of "{label}" are offered when',
    ),
    ChangeKind.COUNT: ("“{label}”的组数规定已改变", 'It changed how often "{label}" is asked'),
    ChangeKind.CONSTRAINT: ("“{label}”的填写限制已改变", 'The constraint of "{label}" changed'),
    ChangeKind.RELEVANCE: (
        "{sort}“{label}”的出现条件已改变",
        'It changed when the {sort} "{label}" is asked',
    ),
    ChangeKind.CALCULATION: ("“{label}”的计算方法已改变", 'The calculation of "{label}" changed'),
    ChangeKind.LABEL: ("{sort}“{old}”的文字改为“{new}”", 'The {sort} "{old}" is worded "{new}" now'),
    ChangeKind.HINT: ("“{label}”的提示已改变", 'The hint of "{label}" changed'),
}

_SORTS = {"question": ("问题", "question"), "group": ("分组", "group"), "repeat": ("重复组", "repeat")}

KIND_NAMES: dict[QuestionKind, tuple[str, str]] = {
    QuestionKind.STRING: ("文本", "text"),
    QuestionKind.INTEGER: ("整数", "whole number"),
    QuestionKind.DECIMAL: ("数字", "number"),
    QuestionKind.DATE: ("日期", "date"),
    QuestionKind.DATETIME: ("日期时间", "date and time"),
    QuestionKind.TIME: ("时间", "time"),
    QuestionKind.GEOPOINT: ("坐标点", "position"),
    QuestionKind.GEOTRACE: ("坐标线", "line of positions"),
    QuestionKind.GEOSHAPE: ("闭合范围", "closed shape"),
    QuestionKind.SELECT_ONE: ("单选", "single choice"),
    QuestionKind.SELECT_MULTIPLE: ("多选", "multiple choice"),
    QuestionKind.IMAGE: ("照片", "photo"),
    QuestionKind.AUDIO: ("录音", "audio"),
    QuestionKind.VIDEO: ("视频", "video"),
    QuestionKind.FILE: ("文件", "file"),
    QuestionKind.SIGNATURE: ("签名", "signature"),
    QuestionKind.TRIGGER: ("确认", "acknowledgement"),
    QuestionKind.CALCULATE: ("计算值", "calculated value"),
    QuestionKind.NOTE: ("说明", "note"),
}


def sort_of(node: Node) -> str:
    """Return `question`, `group` or `repeat`."""
    if isinstance(node, Question):
        return "question"
    return "repeat" if node.repeat else "group"


def label_of(node: Node, language: str) -> str:
    """Return what a node is called: its label, else its name."""
    return preferred(node.labels, language, node.name)


def word_change(kind: ChangeKind, node: Node, old: Any, new: Any) -> tuple[str, str]:
    """Return the Chinese and the English sentence of a change."""
    sentences = []
    for place, language in enumerate(("zh", "en")):
        words = {
            "sort": _SORTS[sort_of(node)][place],
            "label": label_of(node, language),
            "old": _word(kind, old, place, node.name),
            "new": _word(kind, new, place, node.name),
        }
        sentences.append(_SENTENCES[kind][place].format_map(words))
    return sentences[0], sentences[1]


def _word(kind: ChangeKind, value: Any, place: int, name: str) -> str:
    """Write one side of a change: a list of choices, a label, a kind of question, a sort, or a text as it is."""
    language, separator = (("zh", "、"), ("en", ", "))[place]
    if isinstance(value, list):
        return separator.join(preferred(choice["labels"], language, choice["name"]) for choice in value)
    if isinstance(value, dict):
        return preferred(value, language, name)
    if kind is ChangeKind.TYPE:
        return KIND_NAMES[QuestionKind(value)][place]
    if kind is ChangeKind.STRUCTURE:
        return _SORTS[value][place]
    return str(value)
