"""What a question begins with: a default that is no answer to it stands in every record, and nobody has chosen it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

from forms.authoring.expanding import ExpandedRow
from forms.authoring.findings import AuthoringFinding
from forms.authoring.xlsform import CompiledForm

_READ: Final[dict[str, Callable[[str], object]]] = {
    "integer": int,
    "decimal": float,
    "date": date.fromisoformat,
}
_SELECTS: Final = frozenset({"select_one", "select_multiple"})
_MESSAGE: Final = "“{name}”：默认值“{value}”不是此题的答案；请改正 default / {value} is no answer to this question: correct default"


def lint_defaults(compiled: CompiledForm) -> Iterator[AuthoringFinding]:
    """Tell defaults, written as they are and not worked out, that are no answers to their questions."""
    from pyxform.utils import default_is_dynamic

    for row in compiled.rows:
        value = row.values.get("default", "").strip()
        [kind, *more] = row.values.get("type", "").split() or [""]
        if not value or default_is_dynamic(value, kind) or _fits(kind, more, value, compiled.choice_rows):
            continue
        message = _MESSAGE.format(name=row.values.get("name", ""), value=value)
        yield AuthoringFinding(row.sheet, row.row, message, "default", "default.unfit")


def _fits(kind: str, more: Sequence[str], value: str, choices: Sequence[ExpandedRow]) -> bool:
    if kind in _SELECTS and len(more) == 1:
        offered = {each.values.get("name") for each in choices if each.values.get("list_name") == more[0]}
        return offered >= ({value} if kind == "select_one" else set(value.split()))
    try:
        _READ.get(kind, str)(value)
    except ValueError:
        return False
    return True
