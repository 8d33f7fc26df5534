"""Trees of a form that are used again: record after record is laid on one that is blank, and taken off it.

Most of a record is blank, and to make the nodes for that costs more than to look at them.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache

from forms.answers.tree import Answer, AnswerGroup, Answers
from forms.checking.inflating import Tree, canonical, inflate_group, inflate_meta
from forms.instance import Instance
from forms.quick_fitting import Held, prepared, row_of
from forms.structure import Form
from forms.xpath import Node, Shape

_MOST_KEPT = 8
MOST_ROWS = 16
"""Instances of a repeat that a tree keeps for the next record; few have more."""

Blanks = list[tuple[Node, Answer | AnswerGroup | None]]
"""Nodes with what each brings when nothing is answered."""


@dataclass(slots=True)
class Row:
    """An instance of a repeat: its node, and all nodes of it by shape. `blanks` is None of one that is not kept."""

    node: Node
    nodes: list[tuple[Shape, Node]]
    blanks: Blanks | None = None

    def leave(self) -> None:
        """Become blank again; what is not kept is let go: nodes that know their parents would wait for the collector."""
        if self.blanks is not None:
            _make_blank(self.blanks)
            return
        for _, node in self.nodes:
            node.parent = None


@dataclass(slots=True)
class Shelved(Tree):
    """A tree that is used again.

    `places` are the nodes that can be answered, by path, `rows` the instances of repeats that are kept, by path, and
    `used` those that the record has, in its order.
    """

    blanks: Blanks = field(default_factory=list)
    places: dict[str, Node] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    used: list[Row] = field(default_factory=list)


class Shelf:
    """Trees of one form in which nothing is answered: taken to be filled in, and put back as they were.

    A tree belongs to who took it until it is put back.
    """

    def __init__(self, form: Form, document: Shape) -> None:
        self._document = document
        self._root = prepared(form)
        self._shapes = {shape.path: shape for shape in document.walk()}
        self._repeats = [shape for shape in self._shapes.values() if shape.repeat and _is_outermost(shape)]
        self._holding = {above.path for shape in self._repeats for above in _above(shape)}
        # Of a repeat that holds others, no two instances need to look alike.
        alike = {shape.path for shape in self._repeats if sum(below.repeat for below in shape.walk()) == 1}
        self._kept = {held.path: held for held in _repeats_in(self._root) if held.path in alike}
        self._trees: list[Shelved] = []

    def take(self, answers: Answers, instance: Instance) -> Shelved:
        """Lay an instance whose root is that of the form on a blank tree."""
        try:
            tree = self._trees.pop()
        except IndexError:
            tree = self._make()
        if self._repeats:
            for row in _rows(answers.root, self._holding):
                self._add_row(tree, row)
        places = tree.places
        for answer in answers.given:
            path, _, text, value = answer
            node = places.get(path)
            if node is not None:  # else it is in a row that is not kept, and there already
                node.answer = answer
                node.value = node.read = text if isinstance(value, str) else canonical(answer)
        for name, text in instance.meta.items():
            node = tree.fixed.get(f"{answers.root.path}/meta/{name}")
            if node is not None:
                node.value = node.read = text
        return tree

    def put_back(self, tree: Shelved) -> None:
        """Make a tree blank again, whatever was done to it, and keep it for the next record."""
        for shape in self._repeats:
            self._above(tree, shape).children[shape.name].clear()
        for row in tree.used:
            row.leave()
        tree.used.clear()
        tree.repeated.clear()
        _make_blank(tree.blanks)
        if len(self._trees) < _MOST_KEPT:
            self._trees.append(tree)

    def _make(self) -> Shelved:
        tree = Shelved(Node("", None, self._document))
        tree.enter(tree.document, self._document)
        shape = next(iter(self._document.children.values()))
        root = inflate_group(tree, self._root.blank, shape, tree.document)
        tree.document.children = {root.name: [root]}
        root.children = {**root.children, "meta": [inflate_meta(tree, {}, shape.children["meta"], root)]}
        for path in self._holding:  # every repeat has its place among what stands beside it
            node = tree.fixed[path]
            node.children = {name: node.children.get(name, []) for name in self._shapes[path].children}
        tree.blanks.extend(_with_blanks(tree.fixed.values()))
        tree.places.update(_places(tree.blanks))
        return tree

    def _add_row(self, tree: Shelved, row: AnswerGroup) -> None:
        shape = self._shapes[row.group.path]
        beside = self._above(tree, shape).children[shape.name]
        its = tree.rows.get(row.path) or self._make_row(tree, row, shape, len(beside) + 1)
        beside.append(its.node)
        its.node.index = len(beside)
        tree.used.append(its)
        repeated = tree.repeated
        for of, node in its.nodes:
            if of in repeated:
                repeated[of].append(node)
            else:
                repeated[of] = [node]

    def _make_row(self, tree: Shelved, row: AnswerGroup, shape: Shape, number: int) -> Row:
        """Make the instance that a record has; one of those that are kept is made blank."""
        held = self._kept.get(shape.path) if number <= MOST_ROWS else None
        apart = Tree(tree.document)
        blank = row if held is None else row_of(held, number).blank
        node = inflate_group(apart, blank, shape, self._above(tree, shape))
        made = Row(node, [(of, each) for of, nodes in apart.repeated.items() for each in nodes])
        if held is not None:
            made.blanks = list(_with_blanks(each for _, each in made.nodes))
            tree.places.update(_places(made.blanks))
            tree.rows[row.path] = made
        return made

    @staticmethod
    def _above(tree: Tree, shape: Shape) -> Node:
        assert shape.parent is not None
        return tree.fixed[shape.parent.path]


@lru_cache(maxsize=128)
def shelf_of(form: Form, document: Shape) -> Shelf:
    """Return the shelf of a form, the same as long as the form is in use."""
    return Shelf(form, document)


def _with_blanks(nodes: Iterable[Node]) -> Iterator[tuple[Node, Answer | AnswerGroup | None]]:
    return ((node, node.answer) for node in nodes)


def _places(blanks: Blanks) -> Iterator[tuple[str, Node]]:
    return ((blank.path, node) for node, blank in blanks if isinstance(blank, Answer))


def _make_blank(blanks: Blanks) -> None:
    for node, blank in blanks:
        node.answer = blank
        node.value = node.read = ""
        node.own = node.live = True


def _repeats_in(held: Held) -> Iterator[Held]:
    """Yield the outermost repeats below a group."""
    for below in held.children:
        if isinstance(below, Held):
            if below.group.repeat:
                yield below
            else:
                yield from _repeats_in(below)


def _above(shape: Shape) -> Iterator[Shape]:
    while shape.parent is not None:
        shape = shape.parent
        yield shape


def _is_outermost(shape: Shape) -> bool:
    return shape.parent is not None and shape.parent.fixed


def _rows(group: AnswerGroup, holding: AbstractSet[str]) -> Iterator[AnswerGroup]:
    """Yield the instances of outermost repeats, in document order; only groups that hold some are looked into."""
    for child in group.children:
        if isinstance(child, AnswerGroup):
            if child.group.repeat:
                yield child
            elif child.path in holding:
                yield from _rows(child, holding)
