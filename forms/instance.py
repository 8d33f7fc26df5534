"""Reading an instance that a phone sent: bounded, without DTD or entities, before its form is known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from forms.safe_xml import UnreadableXmlError, XmlLimits, local_name, parse_safely

INSTANCE_LIMITS = XmlLimits(size=2_000_000, depth=40, elements=50_000, attributes=64)
MAX_REPEATS = 200


class UnreadableInstance(UnreadableXmlError):
    """An instance that cannot be read; it is kept byte for byte, but nothing can be said about it."""


@dataclass(frozen=True, eq=False)
class Instance:
    """A parsed instance with what it says about itself; `form_id` and `version` may be blank.

    `meta` are the texts that stand under its `meta`, by name.
    """

    root: etree._Element
    root_name: str
    form_id: str
    version: str
    meta: Mapping[str, str]

    @property
    def instance_id(self) -> str | None:
        """Return what tells this instance from all others."""
        return self.meta.get("instanceID") or None

    @property
    def deprecated_id(self) -> str | None:
        """Return which instance this one replaces."""
        return self.meta.get("deprecatedID") or None

    @property
    def instance_name(self) -> str | None:
        """Return what a person calls it."""
        return self.meta.get("instanceName") or None


def parse_instance(xml: bytes) -> Instance:
    """Parse instance XML (UTF-8, at most 2 MB, 40 levels, 50,000 elements); raises UnreadableInstance."""
    root = parse_safely(xml, INSTANCE_LIMITS, UnreadableInstance)
    return Instance(
        root=root,
        root_name=local_name(root),
        form_id=root.get("id", ""),
        version=root.get("version", ""),
        meta=_read_meta(root),
    )


def children_named(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the children of a name in any namespace, without templates of repeats."""
    for child in parent.iterchildren(f"{{*}}{name}"):
        if not is_template(child):
            yield child


def is_template(element: etree._Element) -> bool:
    """Tell whether an element is the pattern of a repeat that some clients leave in an instance."""
    return "{http://openrosa.org/javarosa}template" in element.attrib


def text_of(element: etree._Element) -> str:
    """Return an answer's text without surrounding blanks."""
    return (element.text or "").strip()


def _read_meta(root: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in children_named(root, "meta"):
        for field in meta:
            found.setdefault(local_name(field), text_of(field))
    return found
