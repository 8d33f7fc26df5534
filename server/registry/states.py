"""What stands in a row, as plain JSON, and back: an import remembers it, and an undo writes it again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import inspect

from server.db import Base, Json

#: What says that something ended: left out of a state where it did not, as states had it before there was an end.
ENDING: Final = ("ended_on", "ended_because")


@dataclass(frozen=True)
class Entered:
    """An entry of a library that was just entered: who it is, and what stood there `before` (empty: nothing).

    The entry itself stands in a state's `object` or `person`, with what belongs to it beside, or is the state.
    """

    subject: str
    name: str
    before: Json
    after: Json

    @property
    def is_new(self) -> bool:
        """Whether it was not in the library before, or not any more."""
        itself = self.before.get("object") or self.before.get("person") or self.before
        return not self.before or itself.get("active") is False

    @property
    def is_changed(self) -> bool:
        """Whether anything is different now."""
        return self.before != self.after


def row_as_json(row: Base, leave_out: Collection[str] = ()) -> Json:
    """Write the columns of a row as plain JSON, all but some."""
    names = [each.key for each in inspect(type(row)).column_attrs if each.key not in leave_out]
    return {name: _plain(getattr(row, name)) for name in names}


def row_with_its_end(row: Base) -> Json:
    """Write the columns of a row that can end, without its end where it has none."""
    state = row_as_json(row)
    return state if state["ended_on"] else {name: state[name] for name in state if name not in ENDING}


def fill_row(row: Base, state: Json) -> None:
    """Write what `row_as_json` gave into a row again."""
    columns = inspect(type(row)).columns
    for name, value in state.items():
        setattr(row, name, _typed(value, columns[name].type.python_type))


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def _typed(value: Any, kind: type) -> Any:
    if value is None or not isinstance(value, str):
        return value
    if kind is UUID:
        return UUID(value)
    return kind.fromisoformat(value) if issubclass(kind, date | datetime) else value
