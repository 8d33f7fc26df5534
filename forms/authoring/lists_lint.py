"""What a form looks things up in: lists and files that reach a phone, and columns that a list has."""

from collections.abc import Iterator
from typing import Final

from forms.authoring.expanding import ExpandedRow
from forms.authoring.expression_lint import Trouble, Written
from forms.authoring.findings import AuthoringFinding
from forms.authoring.xlsform import CompiledForm
from forms.safe_xml import parse_safely
from forms.structure import Form
from forms.xform import XFORM_LIMITS, UnreadableForm
from forms.xpath import ExpressionError, parse
from forms.xpath.syntax import Call, Expression, Literal, Path, walk

#: What comes with an inspector's tasks, and the record that a stock phone made last; nothing else comes with a form.
_SENT: Final = frozenset({"jr://file-csv/tasks.csv", "jr://file-csv/markers.csv", "jr://instance/last-saved"})
_NOT_SENT: Final = (
    "手机收不到“{name}”：随任务下发的只有 tasks.csv 和 markers.csv；请把选项写入 choices 表"
    " / {name} reaches no phone: tasks.csv and markers.csv are all that comes with tasks; write choices into the sheet choices"
)
_NO_COLUMN: Final = (
    "选项列表“{list}”没有列“{column}”；请在 choices 表中补上或改正"
    " / The list {list} has no column {column}: add it to the sheet choices or correct it"
)
_NO_MEDIA: Final = (
    "手机收不到“{name}”：文件不随表单下发，标签中的图片、声音和视频显示不出来；请删除"
    " / {name} reaches no phone: no files come with a form, pictures, sound and film of a label are not shown; remove it"
)


def lint_files(compiled: CompiledForm) -> Iterator[AuthoringFinding]:
    """Tell files that a form asks for and that are sent to no phone."""
    root = parse_safely(compiled.xform, XFORM_LIMITS, UnreadableForm)
    for instance in root.iter("{*}instance"):
        source = instance.get("src")
        if source is not None and source not in _SENT:
            name = source.rpartition("/")[2]
            message = _NOT_SENT.format(name=name)
            nowhere: list[tuple[int | None, str | None]] = [(None, None)]
            for row, column in [*_asking(compiled, instance.get("id", ""), name)] or nowhere:
                yield AuthoringFinding("survey", row, message, column, "xpath.unknown-list")
    for each in (*compiled.rows, *compiled.choice_rows):
        for column, name in each.values.items():
            if column.partition("::")[0] == "media" and name.strip(" -"):
                message = _NO_MEDIA.format(name=name)
                yield AuthoringFinding(each.sheet, each.row, message, column, "media.not-sent", "warning")


def absent_columns(written: Written, form: Form) -> Iterator[Trouble]:
    """Tell columns by which choices are looked up and which no row of their list has: none would ever be found."""
    for part in _parts(written.expression):
        list_name, predicates = _lookup(part)
        table = form.lists.get(list_name)
        if table is None or not table.rows:
            continue
        columns = {"label"} | {column for row in table.rows for column in row}
        asked = dict.fromkeys(name for each in predicates for name in _columns_of(each))
        for name in asked:
            if name not in columns:
                yield "xpath.absent-path", _NO_COLUMN.format(list=list_name, column=name)


def _asking(compiled: CompiledForm, list_id: str, name: str) -> Iterator[tuple[int | None, str | None]]:
    """Find the cells that ask for a list: by the name of its file, as a row of its own, or in an expression."""
    for row in compiled.rows:
        for column, value in row.values.items():
            if _asks(row, column, value, list_id, name):
                yield row.row, column


def _asks(row: ExpandedRow, column: str, value: str, list_id: str, name: str) -> bool:
    words = value.split()
    if column == "type":
        return name in words or (value.endswith("-external") and row.values.get("name") == list_id)
    return f"'{list_id}'" in value or f'"{list_id}"' in value


def _parts(expression: str) -> Iterator[Expression]:
    try:
        yield from walk(parse(expression))
    except ExpressionError:
        return


def _lookup(part: Expression) -> tuple[str, tuple[Expression, ...]]:
    """Return the list that a path looks something up in, and by what: `instance('x')/root/item[…]`."""
    if isinstance(part, Path) and isinstance(part.start, Call) and part.start.name == "instance":
        [name, *_] = part.start.arguments or (None,)
        if isinstance(name, Literal):
            return name.text, tuple(each for step in part.steps for each in step.predicates)
    return "", ()


def _columns_of(predicate: Expression) -> Iterator[str]:
    for part in walk(predicate):
        if isinstance(part, Path) and part.start is None and part.steps:
            first = part.steps[0]
            if first.axis == "child" and first.test not in {"*", "node()", "text()"}:
                yield first.test
