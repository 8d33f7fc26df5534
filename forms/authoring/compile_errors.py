"""Telling what pyxform refuses at the row of the author's own file, in Chinese too."""

import re
from collections.abc import Iterator
from dataclasses import replace

from forms.authoring.expanding import Expanded, ExpandedRow
from forms.authoring.findings import AuthoringFinding

CODE = "pyxform"

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"On the '(\w+)' sheet|for sheet: '(\w+)'")
_COLUMN = re.compile(r"the '(\w+)' value is invalid|the '(\w+)' value '.*?' is (?:invalid|problematic)")
_NAMED = (
    # What pyxform tells without a row, found again by what it names: (message, column it stands in).
    (re.compile(r"Unknown question type '(.*?)'"), "type"),
    (re.compile(r"The survey element named '(.*?)' has no label"), "name"),
)
_CHINESE = (
    (r"Unknown question type '(.*?)'", "没有题型“{0}”，请改正 type"),
    (r"The survey element named '(.*?)' has no label", "“{0}”没有标签，请填写 label"),
    (r"must be unique within their nearest parent", "同一组内名称重复，请改用其他 name"),
    (r"Repeat names must", "重复组的名称已被使用，请改用其他 name"),
    (r"The name 'meta' is reserved", "名称 meta 已保留，请改用其他 name"),
    (r"Question or group with no name", "缺少名称，请填写 name"),
    (r"Question with no type", "缺少题型，请填写 type"),
    (r"Names must begin with a letter", "名称须以字母或下划线开头，只含字母、数字、下划线、连字符和点"),
    (r"Could not find the name '(.*?)'", "没有名为“{0}”的问题，请改正 ${{{0}}}"),
    (
        r"The name '(.*?)' appears more than once",
        "名为“{0}”的问题不止一个，不能用 ${{{0}}} 引用，请改用相对路径",
    ),
    (r"Reference variables must start with", "引用须写成 ${{名称}}"),
    (r"Choice names must be unique", "同一选项列表中名称重复，请改用其他 name"),
    (r"Choices must have a name", "选项缺少名称，请填写 name"),
    (r"List name not in choices sheet: (\S+)", "没有选项列表“{0}”，请在 choices 表中补上或改正 type"),
    (r"There should be a choices sheet", "缺少 choices 表，请补上，并写明 list_name、name、label 三列"),
    (
        r"There should be an external_choices sheet",
        "不支持 select_one_external，请改用 select_one 和 choice_filter",
    ),
    (r"No matching 'end_(\w+)'", "缺少对应的 end_{0}，请补上"),
    (r"No matching 'begin_(\w+)'", "缺少对应的 begin_{0}，请补上或删除此行"),
    (r"case-insensitive match to another name", "与另一名称只有大小写不同，请改用其他 name"),
    (r"Choices should have a label", "选项没有标签，请填写 label"),
    (r"(?:Group|Repeat) has no label", "此组没有标签，请填写 label"),
    (r"Use the max-pixels parameter", "照片未限定尺寸，请在 parameters 写 max-pixels"),
    (r"Row without name, text, or label is being skipped", "此行没有题型、名称和标签，已略过"),
    (r"valid machine-readable codes: (.*?)\.", "语言“{0}”没有代码，请写成 中文 (zh) 的样子"),
    (r"Missing calculation", "缺少计算式，请填写 calculation"),
    (r"Parameters must be in the form", "参数须写成 名称=值，以空格分隔"),
    (r"invalid parameter key\(s\): '(.*?)'", "此题型没有参数 {0}，请删除"),
    (r"different names for the same column", "两列含义相同，请删除一列"),
    (r"required column headers were not found: (.*?)\.", "缺少列 {0}，请在表头补上"),
)
_OTHERWISE = "此处无法编译，请按英文说明修改"
_TAKE_CARE = "可以发布，但请留意英文说明"


def locate(problem: Exception, expanded: Expanded) -> list[AuthoringFinding]:
    """Return what pyxform refused, each at the author's row where the row can be told."""
    lines = str(problem).split("\n")
    told = [line for line in lines if _ROW.search(line)]
    return [_locate(line, expanded) for line in told or [str(problem)]]


def locate_warning(warning: str, expanded: Expanded) -> AuthoringFinding:
    """Return a warning of pyxform, at the author's row where the row can be told."""
    return replace(_locate(warning, expanded, _TAKE_CARE), severity="warning")


def _locate(message: str, expanded: Expanded, otherwise: str = _OTHERWISE) -> AuthoringFinding:
    row = _ROW.search(message)
    sheet = _sheet_of(message)
    column = _COLUMN.search(message)
    english = _ROW.sub("", message)
    origin = _origin(sheet, int(row[1]), expanded) if row else _find_named(message, expanded)
    chinese = _chinese(message) or otherwise
    if origin and origin.block:
        chinese, english = f"区块 {origin.block}：{chinese}", f"Block {origin.block}: {english}"
    number = origin.row if origin else int(row[1]) if row else None
    return AuthoringFinding(
        sheet=origin.sheet if origin else sheet or "file",
        row=number,
        message=f"{chinese} / {english}",
        column=(column[1] or column[2]) if column else None,
        code=CODE,
    )


def _sheet_of(message: str) -> str | None:
    sheet = _SHEET.search(message)
    if sheet:
        return sheet[1] or sheet[2]
    return "survey" if _ROW.search(message) else None


def _origin(sheet: str | None, number: int, expanded: Expanded) -> ExpandedRow | None:
    """Return where an expanded row came from; None for sheets that are not expanded, and for headers."""
    rows = {"survey": expanded.rows, "choices": expanded.choice_rows}.get(sheet or "", ())
    return rows[number - 2] if 2 <= number < len(rows) + 2 else None


def _find_named(message: str, expanded: Expanded) -> ExpandedRow | None:
    return next(_named(message, expanded), None)


def _named(message: str, expanded: Expanded) -> Iterator[ExpandedRow]:
    for pattern, column in _NAMED:
        found = pattern.search(message)
        if found:
            yield from (row for row in expanded.rows if row.values.get(column) == found[1])


def _chinese(message: str) -> str | None:
    for pattern, words in _CHINESE:
        found = re.search(pattern, message)
        if found:
            return words.format(*found.groups())
    return None
