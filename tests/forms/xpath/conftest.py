"""A small instance that expressions are evaluated in: two groups, a repeat, a list."""

from datetime import datetime

import pytest

from forms.xpath import (
    Environment,
    ListTable,
    Node,
    Scope,
    Shape,
    compile_expression,
)
from forms.xpath.values import to_text

NOW = datetime.fromisoformat("2026-09-14T11:40:05.250+08:00")
COUNTIES = ListTable(
    [
        {"name": "yc", "label": "阳城县", "city": "jc", "population": "38"},
        {"name": "qs", "label": "沁水县", "city": "jc", "population": "21"},
        {"name": "hz", "label": "霍州市", "city": "lf", "population": "9"},
    ]
)
LEAVES = {
    "name": "青龙坪石灰岩矿",
    "count": "5",
    "blank": "",
    "day": "2026-09-10",
    "moment": "2026-09-14T09:05:00.000+08:00",
    "several": "plan section survey",
    "here": "35.4866 112.4147 712 4.5",
    "county": "yc",
}
ROWS = [("J1", "3.5"), ("J2", ""), ("J3", "0.25"), ("J1", "12")]


class Instance:
    """The instance, and what an expression gives in it."""

    def __init__(self) -> None:
        document = Shape("", None)
        data = Shape("data", document)
        self.shapes = {name: Shape(name, data, leaf=True) for name in LEAVES}
        rows = Shape("rows", data, repeat=True)
        self.row_shapes = {name: Shape(name, rows, leaf=True) for name in ("no", "metres")}
        root = Node("", None, document)
        node = Node("data", root, data)
        root.children = {"data": [node]}
        leaves = {name: [Node(name, node, self.shapes[name], text)] for name, text in LEAVES.items()}
        node.children = {**leaves, "rows": [self._row(node, rows, i, row) for i, row in enumerate(ROWS, 1)]}
        self.leaves = {name: found[0] for name, found in leaves.items()}
        self.rows = node.children["rows"]
        fixed = {"/data": node} | {f"/data/{name}": leaf for name, leaf in self.leaves.items()}
        self.environment = Environment(root, fixed, {"counties": COUNTIES}, NOW)

    def _row(self, parent, shape, index, row):
        node = Node("rows", parent, shape)
        node.index = index
        node.children = {
            name: [Node(name, node, self.row_shapes[name], text)]
            for name, text in zip(("no", "metres"), row, strict=True)
        }
        return node

    def value(self, expression: str, at: str = "count"):
        """What an expression gives at a leaf, or at `rows[2]/no`."""
        if at.startswith("rows["):
            number, name = int(at[5]), at.rpartition("/")[2]
            shape, node = self.row_shapes[name], self.rows[number - 1].children[name][0]
        else:
            shape, node = self.shapes[at], self.leaves[at]
        return compile_expression(expression, shape).run(Scope(self.environment, node))

    def text(self, expression: str, at: str = "count") -> str:
        return to_text(self.value(expression, at))


@pytest.fixture
def instance() -> Instance:
    return Instance()
