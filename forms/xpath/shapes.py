"""The form's tree as expressions are compiled against it: what can stand where, and what repeats."""

from collections.abc import Iterator
from typing import Any


class Shape:
    """One node of the form: a question, a group, a repeat, or the document that holds the root.

    `node` is what the form says about it (a Question or a Group); None for the document and for what stands
    under `meta`. `fixed` tells that there is exactly one such node in an instance: no repeat holds it.
    """

    __slots__ = ("children", "fixed", "leaf", "name", "node", "parent", "path", "repeat")

    def __init__(
        self, name: str, parent: "Shape | None", *, node: Any = None, leaf: bool = False, repeat: bool = False
    ) -> None:
        self.name = name
        self.parent = parent
        self.node = node
        self.leaf = leaf
        self.repeat = repeat
        self.path: str = f"{parent.path}/{name}" if parent is not None else ""
        self.fixed: bool = not repeat and (parent is None or parent.fixed)
        self.children: dict[str, Shape] = {}
        if parent is not None:
            parent.children[name] = self

    def __repr__(self) -> str:
        return f"<Shape {self.path or '/'}>"

    def walk(self) -> Iterator["Shape"]:
        """Yield the shape and everything below it in document order."""
        yield self
        for child in self.children.values():
            yield from child.walk()

    def document(self) -> "Shape":
        """Return the document at the top."""
        found = self
        while found.parent is not None:
            found = found.parent
        return found

    def find(self, path: str) -> "Shape | None":
        """Return the shape at an absolute path without indexes."""
        found: Shape | None = self.document()
        for name in path.split("/")[1:]:
            found = found.children.get(name) if found is not None else None
        return found
