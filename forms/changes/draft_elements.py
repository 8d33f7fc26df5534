"""The elements of a draft that is being moved: found by path, crossed off when carried, the rest told."""

from collections.abc import Iterator, Mapping

from lxml import etree

from forms.instance import is_template, text_of
from forms.safe_xml import local_name
from forms.structure import Form, Group


class DraftElements:
    """An instance laid onto the form it was made with; every element has one indexed path."""

    def __init__(self, form: Form, root: etree._Element) -> None:
        self.root = root
        self._form = form
        # As long as they are held here, elements are the same objects and can be keys.
        self._paths: dict[etree._Element, str] = {}
        self._children: dict[etree._Element, dict[str, list[etree._Element]]] = {}
        self._crossed_off: set[etree._Element] = set()
        self._enter(root, form.root.path, form.root.path)

    def path(self, element: etree._Element) -> str:
        """Return the indexed path of an element."""
        return self._paths[element]

    def children(self, element: etree._Element, name: str) -> list[etree._Element]:
        """Return the children of a name, without templates of repeats."""
        return self._children[element].get(name, [])

    def at(self, path: str, instances: Mapping[str, etree._Element]) -> list[etree._Element]:
        """Return the elements at a path of the form.

        `instances` are those of the repeats that are being carried, by path: the search begins at the
        innermost one around the path. Of other repeats all instances are searched; of anything else that is
        there more than once the first is meant.
        """
        steps = path.split("/")
        start = next((n for n in range(len(steps), 2, -1) if "/".join(steps[:n]) in instances), 2)
        found = [instances.get("/".join(steps[:start]), self.root)]
        for end in range(start + 1, len(steps) + 1):
            node = self._form.node("/".join(steps[:end]))
            is_repeat = isinstance(node, Group) and node.repeat
            below = (self.children(each, steps[end - 1]) for each in found)
            found = [each for children in below for each in (children if is_repeat else children[:1])]
        return found

    def cross_off(self, element: etree._Element) -> None:
        """Note that an element's text was carried, or told."""
        self._crossed_off.add(element)

    def cross_off_below(self, element: etree._Element) -> None:
        """Note that an element was carried as a whole."""
        self._crossed_off.update(element.iter())

    def remaining(self) -> Iterator[tuple[etree._Element, str]]:
        """Yield every text that was not carried, with the element it stands in, in document order."""
        for element in self._paths:
            if element not in self._crossed_off and text_of(element):
                yield element, text_of(element)
            for child in element:
                if child.tail and child.tail.strip():
                    yield element, child.tail.strip()

    def is_doubled(self, element: etree._Element) -> bool:
        """Tell whether an element stands behind another of its name that is no instance of a repeat."""
        parent = element.getparent()
        return parent is not None and self.children(parent, local_name(element))[0] is not element

    def _enter(self, element: etree._Element, path: str, node_path: str) -> None:
        self._paths[element] = path
        named: dict[str, list[etree._Element]] = {}
        self._children[element] = named
        for child in element:
            if is_template(child):
                continue
            name = local_name(child)
            node = self._form.node(f"{node_path}/{name}")
            same = named.setdefault(name, [])
            same.append(child)
            is_repeat = isinstance(node, Group) and node.repeat
            index = f"[{len(same)}]" if is_repeat or len(same) > 1 else ""
            self._enter(child, f"{path}/{name}{index}", f"{node_path}/{name}")


def holds_text(element: etree._Element) -> bool:
    """Tell whether there is an answer in an element or below it."""
    return any(text_of(each) for each in element.iter())
