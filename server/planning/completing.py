"""What a table does not say in a row: taken from another column, given by a person, or told as missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.planning.layouts import Layout
from server.planning.pages import TaskRow
from server.planning.scan_faults import Finding
from server.planning.words import WORDS
from server.problems import RequestInvalid

_LONGEST_NAME = 60


@dataclass(frozen=True)
class Correction:
    """A cell as a person says it reads; without a row, for every row whose cell is empty."""

    row: int | None
    column: str
    text: str


def correct(tasks: Sequence[TaskRow], corrections: Iterable[Correction]) -> None:
    """Put corrections in the place of what is written, and tell each; RequestInvalid for a row that is none."""
    by_row = {task.row.number: task for task in tasks}
    for each in corrections:
        if each.row is not None and each.row not in by_row:
            raise RequestInvalid(f"第 {each.row} 行不是抽查任务", f"row {each.row} is no planned inspection")
        chosen = tasks if each.row is None else [by_row[each.row]]
        for task in chosen:
            if each.row is None and task.texts.get(each.column):
                continue
            _put(task, each)


def complete(tasks: Iterable[TaskRow], layout: Layout) -> None:
    """Take what rows lack from the columns that the layout names, and tell what no column says."""
    for task in tasks:
        for key, sources in layout.taken.items():
            text = next((found for source in sources if (found := task.texts.get(source))), "")
            if text and not task.texts.get(key):
                task.texts[key] = text.splitlines()[0][:_LONGEST_NAME] if key == "name" else text
        _read_days(task)
        _assume(task, layout, "window", "全年", "表中没有时间，按全年读入", "no time is said: the whole year")
        _assume(
            task,
            layout,
            "object_scope",
            "",
            "表中没有抽查对象，抽取前须补充",
            "no objects are said: say them before a draw",
        )


def _read_days(task: TaskRow) -> None:
    """Make a window of the day from which objects are drawn and the day that all is done by."""
    texts = task.texts
    first, last = texts.get("draw_from"), texts.get("finish_by") or texts.get("draw_to")
    if first and last and not texts.get("window"):
        texts["window"] = f"{first}至{last}"


def _assume(task: TaskRow, layout: Layout, key: str, text: str, message: str, message_en: str) -> None:
    if task.texts.get(key) or key in layout.keys:
        return
    # A column that a bureau added may stay empty.
    task.row.headings = {each: heading for each, heading in task.row.headings.items() if each != key}
    task.texts[key] = text
    task.findings.append(
        Finding(task.row.number, WORDS[key], "not_said", "warning", "", text, message, message_en)
    )


def _put(task: TaskRow, correction: Correction) -> None:
    key = correction.column
    heading = task.row.headings.get(key, WORDS[key])
    written = task.texts.get(key, "")
    task.texts[key] = correction.text
    task.row.errors = [error for error in task.row.errors if error.column != heading]
    message = "由人工更正", "corrected by a person"
    task.findings.append(
        Finding(task.row.number, heading, "by_hand", "correction", written, correction.text, *message)
    )
