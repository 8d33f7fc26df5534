"""What an expression is evaluated in: a node, the moment, the lists, and a budget of steps."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from forms.xpath.nodes import ListTable, Node
from forms.xpath.values import Moment, midnight, moment_of

MAX_STEPS = 300_000
"""What one instance may cost: nodes looked at in paths and predicates."""


class BudgetSpentError(Exception):
    """An instance costs more than is allowed; the rules were not followed to their end."""


class ListMissingError(Exception):
    """An expression asks for a list that nobody gave."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class EvaluationError(Exception):
    """An expression that cannot be evaluated on what was given; `message` is Chinese, `message_en` English."""

    def __init__(self, message: str, message_en: str) -> None:
        super().__init__(message_en)
        self.message = message
        self.message_en = message_en


class Environment:
    """One instance under examination.

    `now` is when the inspector completed it, in the phone's own offset. `fixed` are the nodes outside of
    repeats, by path. While `settled` is true no value changes any more, so repeats may be indexed.
    """

    __slots__ = (
        "_indexes", "_moment", "_rows", "_today", "fixed", "language", "lists", "now", "root", "settled", "steps", "zone",
    )  # fmt: skip

    def __init__(
        self, root: Node, fixed: Mapping[str, Node], lists: Mapping[str, ListTable], now: datetime
    ) -> None:
        self.root = root
        self.fixed = fixed
        self.lists = lists
        self.now = now
        if now.tzinfo is None:
            raise ValueError("the moment of completion needs an offset")
        self.zone: tzinfo = now.tzinfo
        self.language = ""
        self.steps = MAX_STEPS
        self.settled = False
        self._moment: Moment | None = None
        self._today: Moment | None = None
        self._rows: dict[tuple[str, str, str], Mapping[str, str]] = {}
        self._indexes: dict[tuple[int, str, str], dict[str, list[Node]]] = {}

    @property
    def moment(self) -> Moment:
        """What `now()` is."""
        if self._moment is None:
            self._moment = moment_of(self.now)
        return self._moment

    @property
    def today(self) -> Moment:
        """What `today()` is: many rules ask for it."""
        if self._today is None:
            self._today = moment_of(midnight(self.now))
        return self._today

    def spend(self, steps: int) -> None:
        """Take steps from the budget."""
        self.steps -= steps
        if self.steps < 0:
            raise BudgetSpentError

    def table(self, name: str) -> ListTable:
        """Return a list by its name."""
        found = self.lists.get(name)
        if found is None:
            raise ListMissingError(name)
        return found

    def row_of(self, listed: str, column: str, value: str) -> Mapping[str, str]:
        """Return the first row of a list whose column holds a value: dozens of rules read what one row says."""
        key = (listed, column, value)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self.table(listed).row_where(column, value)
        return row

    def rows_where(self, parent: Node, repeat: str, column: str, value: str) -> list[Node]:
        """Return the instances of a repeat whose child holds a value: by an index once all is settled."""
        rows = parent.children.get(repeat, [])
        if not self.settled:
            self.spend(len(rows))
            return [row for row in rows if any(c.read == value for c in row.children.get(column, ()))]
        key = (id(parent), repeat, column)
        index = self._indexes.get(key)
        if index is None:
            self.spend(len(rows))
            index = self._indexes[key] = {}
            for row in rows:
                for each in {child.read for child in row.children.get(column, ())}:
                    index.setdefault(each, []).append(row)
        found = index.get(value, [])
        self.spend(len(found))
        return found


class Scope:
    """The context of one evaluation: `node` is `.`, `current` is `current()`, positions count from 1."""

    __slots__ = ("current", "environment", "node", "position", "size")

    def __init__(
        self,
        environment: Environment,
        node: Node,
        current: Node | None = None,
        position: int = 1,
        size: int = 1,
    ) -> None:
        self.environment = environment
        self.node = node
        self.current = current or node
        self.position = position
        self.size = size
