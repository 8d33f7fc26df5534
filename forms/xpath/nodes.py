"""The instance as expressions see it: nodes with the value that a reader finds, and lists as tables."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

NO_CHILDREN: Mapping[str, list["Node"]] = MappingProxyType({})
_NO_ROW: Mapping[str, str] = MappingProxyType({})


class Node:
    """One element of an instance, or of a list.

    `value` is what it holds, `read` what an expression finds: nothing where the node is not relevant.
    `children` are by name, in document order; a leaf has none. `index` counts from 1 among repeat instances.
    `shape` is the node of the form that it was made for; None in lists. `own` is what its own relevance
    says, `live` whether everything above it is relevant, too. `answer` is what the instance brought for it.
    """

    __slots__ = ("answer", "children", "index", "live", "name", "own", "parent", "read", "shape", "value")

    def __init__(self, name: str, parent: "Node | None", shape: Any = None, value: str = "") -> None:
        self.name = name
        self.parent = parent
        self.shape = shape
        self.answer: Any = None
        self.value = value
        self.read = value
        self.index = 1
        self.own = True
        self.live = True
        self.children: Mapping[str, list[Node]] = NO_CHILDREN

    def each_child(self) -> Iterator["Node"]:
        """Yield the children in document order."""
        for found in self.children.values():
            yield from found

    def text(self) -> str:
        """Return the node's string value: of a group, everything below it."""
        if not self.children:
            return self.read
        return "".join(child.text() for child in self.each_child())

    def write(self, value: str) -> None:
        """Give the node another value."""
        self.value = value
        self.read = value if self.live else ""

    def set_live(self, live: bool) -> None:
        """Make the node and what is relevant below it readable, or blank."""
        self.live = live
        self.read = self.value if live else ""
        for children in self.children.values():
            for child in children:
                if child.live is not (live and child.own):  # else all below it is as it should be, too
                    child.set_live(not child.live)


class ListTable:
    """A list that a form draws on: choices, or a file such as `tasks.csv`. Rows are looked up by index.

    Rows are mappings of column to text. Shared between checks: nothing in it changes.
    """

    def __init__(self, rows: Sequence[Mapping[str, str]]) -> None:
        self.rows = rows
        self._indexes: dict[str, dict[str, list[int]]] = {}
        self._items: dict[int, Node] = {}

    @classmethod
    def read_csv(cls, data: bytes) -> "ListTable":
        """Read a CSV file in UTF-8 with a header row; short rows are filled with blanks."""
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), restval="")
        return cls([{str(k): v or "" for k, v in row.items() if k is not None} for row in reader])

    def found(self, column: str, value: str) -> list[int]:
        """Return the numbers of the rows whose column holds a value."""
        index = self._indexes.get(column)
        if index is None:
            index = {}
            for number, row in enumerate(self.rows):
                if column in row:
                    index.setdefault(row[column], []).append(number)
            self._indexes[column] = index
        return index.get(value, [])

    def value(self, wanted: str, column: str, value: str) -> str:
        """Return one column of the first row whose other column holds a value; blank where there is none."""
        return self.row_where(column, value).get(wanted, "")

    def row_where(self, column: str, value: str) -> Mapping[str, str]:
        """Return the first row whose column holds a value; an empty one where there is none."""
        found = self.found(column, value)
        return self.rows[found[0]] if found else _NO_ROW

    def item(self, number: int) -> Node:
        """Return a row as the node `item`."""
        node = self._items.get(number)
        if node is None:
            node = Node("item", self._root)
            row = self.rows[number]
            node.children = {name: [Node(name, node, value=text)] for name, text in row.items()}
            node.index = number + 1
            self._items[number] = node
        return node

    @cached_property
    def document(self) -> Node:
        """Return the list as a document: `root` with all its items."""
        root = self._root
        root.children = {"item": [self.item(number) for number in range(len(self.rows))]}
        assert root.parent is not None
        return root.parent

    @cached_property
    def _root(self) -> Node:
        document = Node("instance", None)
        root = Node("root", document)
        document.children = {"root": [root]}
        return root
