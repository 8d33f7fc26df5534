"""The axes of XPath 1.0 (§2.2) over an instance; attributes and namespaces hold nothing there."""

from collections.abc import Callable, Iterable, Iterator

from forms.xpath.nodes import Node


def accepts(node: Node, test: str) -> bool:
    """Tell whether a node passes a step's test."""
    return test in ("*", "node()") or node.name == test


def _self(node: Node) -> Iterable[Node]:
    return (node,)


def _parent(node: Node) -> Iterable[Node]:
    return (node.parent,) if node.parent is not None else ()


def _ancestors(node: Node) -> Iterator[Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def _descendants(node: Node) -> Iterator[Node]:
    for child in node.each_child():
        yield child
        yield from _descendants(child)


def _following_siblings(node: Node) -> Iterable[Node]:
    siblings = _siblings(node)
    return siblings[siblings.index(node) + 1 :]


def _preceding_siblings(node: Node) -> Iterable[Node]:
    """Nearest first, so that positions count backwards."""
    siblings = _siblings(node)
    return siblings[: siblings.index(node)][::-1]


def _siblings(node: Node) -> list[Node]:
    return list(node.parent.each_child()) if node.parent is not None else [node]


def _self_and_descendants(node: Node) -> Iterator[Node]:
    yield node
    yield from _descendants(node)


def _self_and_ancestors(node: Node) -> Iterator[Node]:
    yield node
    yield from _ancestors(node)


def _nothing(_node: Node) -> Iterable[Node]:
    return ()


AXES: dict[str, Callable[[Node], Iterable[Node]]] = {
    "child": Node.each_child,
    "parent": _parent,
    "self": _self,
    "descendant": _descendants,
    "descendant-or-self": _self_and_descendants,
    "ancestor": _ancestors,
    "ancestor-or-self": _self_and_ancestors,
    "following-sibling": _following_siblings,
    "preceding-sibling": _preceding_siblings,
    "attribute": _nothing,
    "namespace": _nothing,
    "following": _nothing,
    "preceding": _nothing,
}
