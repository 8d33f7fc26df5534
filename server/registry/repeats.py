"""Rows of a workbook that speak of the same: which one is meant nobody can tell, so each is told with the others.

Of rows that say the same only the later ones are wrong; of those that differ none is taken.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from server.workbook import Row

_NAMED = 5


def tell_repeats(rows: Iterable[tuple[Row, Hashable]], column: str) -> None:
    """Note each row whose key another row has; `column` is where the key stands."""
    for same in _by_key(rows):
        differ = any(row.cells != same[0].cells for row in same)
        more, more_en = ("，且内容不同", ", and says other things") if differ else ("", "")
        for row in same if differ else same[1:]:
            numbers = _others(row, same)
            row.wrong(
                column,
                f"与第 {'、'.join(numbers)} 行重复{more}",
                f"repeats row {', '.join(numbers)}{more_en}",
            )


def tell_contradictions(rows: Iterable[tuple[Row, Hashable, Any]], column: str) -> None:
    """Note rows that say different things of one key, which may have several rows."""
    rows = list(rows)
    said = {row.number: what for row, _, what in rows}
    for same in _by_key((row, key) for row, key, _ in rows):
        if any(said[row.number] != said[same[0].number] for row in same):
            for row in same:
                numbers = _others(row, same)
                row.wrong(
                    column,
                    f"与第 {'、'.join(numbers)} 行是同一对象，内容却不同",
                    f"says other things of the same object than row {', '.join(numbers)}",
                )


def _by_key(rows: Iterable[tuple[Row, Hashable]]) -> Iterable[Sequence[Row]]:
    """Group rows by their keys; rows without one or wrong already, and keys that only one row has, are left out."""
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for row, key in rows:
        if key and row.good:
            groups[key].append(row)
    return [same for same in groups.values() if len(same) > 1]


def _others(row: Row, same: Sequence[Row]) -> list[str]:
    return [str(each.number) for each in same if each is not row][:_NAMED]
