"""Numbers that a table leaves out: somebody lost a row, or a page."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from server.planning.pages import TaskRow
from server.planning.scan_faults import Finding

_DIGITS = re.compile(r"\d{1,12}")
_KEYS = ("row_no", "plan_no", "task_no")
_MOST_NAMED = 10


def missing_numbers(tasks: Sequence[TaskRow]) -> Iterator[Finding]:
    """Tell for each numbered column which numbers are missing between one row and the next."""
    for key in _KEYS:
        numbered = [(task, found) for task in tasks if (found := _DIGITS.search(task.texts.get(key, "")))]
        for (_, before), (task, after) in pairwise(numbered):
            gap = range(int(before[0]) + 1, int(after[0]))
            if gap:
                yield _tell(task, key, before, after, gap)


def _tell(task: TaskRow, key: str, before: re.Match[str], after: re.Match[str], gap: range) -> Finding:
    width = len(after[0])
    named = "、".join(after.string.replace(after[0], f"{number:0{width}d}") for number in gap[:_MOST_NAMED])
    return Finding(
        task.row.number,
        task.row.headings[key],
        "number_missing",
        "warning",
        f"{before.string} → {after.string}",
        "",
        f"编号不连续，缺 {named}",
        f"Numbers are missing: {named}",
    )
