"""Trees of a form that are used again: record after record is laid on one that is blank, and taken off it.

Most of a record is blank, and to make the nodes for that costs more than to look at them.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache

from forms.answers.tree import AnswerGroup, Answers
from forms.checking.inflating import Tree, canonical, inflate_group, inflate_meta
from forms.instance import Instance
from forms.quick_fitting import prepared
from forms.structure import Form
from forms.xpath import Node, Shape

_MOST_KEPT = 8


class Shelf:
    """Trees of one form in which nothing is answered: taken to be filled in, and put back as they were.

    What stands in repeats is made for each record. A tree belongs to who took it until it is put back.
    """

    def __init__(self, form: Form, document: Shape) -> None:
        self._document = document
        self._root = prepared(form).blank
        self._shapes = {shape.path: shape for shape in document.walk()}
        self._repeats = [shape for shape in self._shapes.values() if shape.repeat and _is_outermost(shape)]
        self._holding = {above.path for shape in self._repeats for above in _above(shape)}
        self._trees: list[Tree] = []

    def take(self, answers: Answers, instance: Instance) -> Tree:
        """Lay an instance whose root is that of the form on a blank tree."""
        try:
            tree = self._trees.pop()
        except IndexError:
            tree = self._make()
        fixed = tree.fixed
        for answer in answers.given:
            node = fixed.get(answer.path)
            if node is not None:
                node.answer = answer
                node.value = node.read = answer.text if isinstance(answer.value, str) else canonical(answer)
        for name, text in instance.meta.items():
            node = fixed.get(f"{answers.root.path}/meta/{name}")
            if node is not None:
                node.value = node.read = text
        if self._repeats:
            for row in _rows(answers.root, self._holding):
                self._add_row(tree, row)
        return tree

    def put_back(self, tree: Tree) -> None:
        """Make a tree blank again, whatever was done to it, and keep it for the next record."""
        for shape in self._repeats:
            self._above(tree, shape).children[shape.name].clear()
        tree.let_go_of_rows()
        for node, blank in tree.blanks:
            node.answer = blank
            node.value = node.read = ""
            node.own = node.live = True
        if len(self._trees) < _MOST_KEPT:
            self._trees.append(tree)

    def _make(self) -> Tree:
        tree = Tree(Node("", None, self._document))
        tree.enter(tree.document, self._document)
        shape = next(iter(self._document.children.values()))
        root = inflate_group(tree, self._root, shape, tree.document)
        tree.document.children = {root.name: [root]}
        root.children = {**root.children, "meta": [inflate_meta(tree, {}, shape.children["meta"], root)]}
        for path in self._holding:  # every repeat has its place among what stands beside it
            node = tree.fixed[path]
            node.children = {name: node.children.get(name, []) for name in self._shapes[path].children}
        tree.blanks.extend((node, node.answer) for node in tree.fixed.values())
        return tree

    def _add_row(self, tree: Tree, row: AnswerGroup) -> None:
        shape = self._shapes[row.group.path]
        above = self._above(tree, shape)
        node = inflate_group(tree, row, shape, above)
        beside = above.children[shape.name]
        beside.append(node)
        node.index = len(beside)

    @staticmethod
    def _above(tree: Tree, shape: Shape) -> Node:
        assert shape.parent is not None
        return tree.fixed[shape.parent.path]


@lru_cache(maxsize=128)
def shelf_of(form: Form, document: Shape) -> Shelf:
    """Return the shelf of a form, the same as long as the form is in use."""
    return Shelf(form, document)


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
