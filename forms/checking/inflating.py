"""From answers to the tree that expressions run on: every question of the form has its node, asked or not.

The phone leaves out what is not relevant, but to XPath a node that is not there equals nothing, not even a
blank: `/data/x = ''` must hold where x was not asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from forms.answers.tree import Answer, AnswerGroup, Answers
from forms.instance import Instance
from forms.structure import QuestionKind
from forms.xpath import Node, Shape


@dataclass
class Tree:
    """An instance on its form: the document, and the nodes by where they stand.

    `fixed` are the nodes outside of repeats by path, `repeated` those inside by shape.
    """

    document: Node
    fixed: dict[str, Node] = field(default_factory=dict)
    repeated: dict[Shape, list[Node]] = field(default_factory=dict)

    def nodes(self, shape: Shape) -> Sequence[Node]:
        """Return the nodes made for a shape, in document order."""
        if shape.fixed:
            node = self.fixed.get(shape.path)
            return () if node is None else (node,)
        return self.repeated.get(shape, ())

    def enter(self, node: Node, shape: Shape) -> None:
        """Note where a node stands."""
        if shape.fixed:
            self.fixed[shape.path] = node
        else:
            self.repeated.setdefault(shape, []).append(node)


def inflate(answers: Answers, instance: Instance, document: Shape) -> Tree:
    """Make the tree of an instance whose root is that of the form."""
    tree = Tree(Node("", None, document))
    tree.enter(tree.document, document)
    shape = next(iter(document.children.values()))
    root = inflate_group(tree, answers.root, shape, tree.document)
    tree.document.children = {root.name: [root]}
    meta = inflate_meta(tree, instance.meta, shape.children["meta"], root)
    root.children = {**root.children, "meta": [meta]}
    return tree


def path_of(node: Node) -> str:
    """Return the path of a node, with the indexes of repeats."""
    if node.answer is not None:
        return str(node.answer.path)
    parts: list[str] = []
    at: Node | None = node
    while at is not None and at.parent is not None:
        parts.append(f"{at.name}[{at.index}]" if at.shape is not None and at.shape.repeat else at.name)
        at = at.parent
    return "/" + "/".join(reversed(parts))


def canonical(answer: Answer) -> str:
    """Return an answer as the phone's engine holds it; blank where it is not of its type."""
    value = answer.value
    if isinstance(value, str):
        return answer.text
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return written_decimal(float(answer.text))  # as `value` would give it, and sooner
    if isinstance(value, int):
        return str(value)
    if answer.question.kind is QuestionKind.SELECT_MULTIPLE:
        return " ".join(answer.text.split())
    return answer.text


def written_decimal(number: float) -> str:
    """Write a decimal as the phone's engine does: at least one digit after the point, never an exponent."""
    text = repr(number)
    if "." in text and "e" not in text:  # as most are
        return text
    text = format(Decimal(text), "f")
    return text if "." in text else f"{text}.0"


def inflate_group(tree: Tree, group: AnswerGroup, shape: Shape, parent: Node) -> Node:
    """Make the node of a group with all below it."""
    node = Node(shape.name, parent, shape)
    node.answer = group
    tree.enter(node, shape)
    children: dict[str, list[Node]] = {}
    shapes = shape.children
    fixed, repeated = tree.fixed, tree.repeated
    for child in group.children:
        if isinstance(child, Answer):
            name = child.question.name
            of = shapes[name]
            below = Node(name, node, of, canonical(child) if child.text else "")
            below.answer = child
            if of.fixed:
                fixed[of.path] = below
            else:
                repeated.setdefault(of, []).append(below)
            children[name] = [below]
            continue
        of = shapes[child.group.name]
        below = inflate_group(tree, child, of, node)
        row = children.setdefault(child.group.name, [])
        row.append(below)
        below.index = len(row)
    node.children = children
    return node


def inflate_meta(tree: Tree, given: Mapping[str, str], shape: Shape, parent: Node) -> Node:
    """Make the node of `meta` with all that the form has there; `given` are the texts by name."""
    meta = Node("meta", parent, shape)
    tree.enter(meta, shape)
    children: dict[str, list[Node]] = {}
    for name, below in shape.children.items():
        node = Node(name, meta, below, given.get(name, ""))
        tree.enter(node, below)
        children[name] = [node]
    meta.children = children
    return meta
