"""What a phone makes of answers: everything the form computes is filled in, what is not asked is left out."""

from collections.abc import Mapping
from datetime import datetime

from lxml import etree

from forms.checking.inflating import inflate
from forms.checking.rules import rules_of
from forms.checking.settling import settle
from forms.fitting import read_answers
from forms.instance import children_named, parse_instance
from forms.structure import Form
from forms.xpath import ListTable, Node


def complete_instance(
    form: Form, xml: bytes, *, now: datetime, lists: Mapping[str, ListTable] | None = None
) -> bytes:
    """Return an instance as the phone's engine would write it when it is completed at `now`.

    Computed values take the place of what stands there; a choice that is not offered and whatever is not
    relevant are left out, as the phone leaves them out. Elements the form does not know are not kept: this
    is for instances of one's own making. Raises UnreadableInstance.
    """
    instance = parse_instance(xml)
    rules = rules_of(form)
    tree = inflate(read_answers(form, instance), instance, rules.document)
    settle(rules, tree, lists or {}, now)
    root = next(tree.document.each_child())
    element = etree.Element(root.name, id=form.form_id, version=form.version)
    for child in root.each_child():
        if child.name == "meta":
            _write_meta(element, child, instance.root)
        else:
            _write(element, child)
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")


def _write(parent: etree._Element, node: Node) -> None:
    if not node.live:
        return
    element = etree.SubElement(parent, node.name)
    if node.shape.leaf:
        submitted = node.answer.text if node.answer is not None else ""
        element.text = (node.value if node.shape.node.calculate else submitted if node.read else "") or None
    for child in node.each_child():
        _write(element, child)


def _write_meta(parent: etree._Element, node: Node, submitted: etree._Element) -> None:
    """Keep what stands under meta, with the computed name of the instance."""
    computed = {child.name: child.value for child in node.each_child() if child.value}
    meta = etree.SubElement(parent, "meta")
    for given in children_named(submitted, "meta"):
        for field in given:
            name = str(field.tag).rpartition("}")[2]
            computed.setdefault(name, field.text or "")
    for name, text in computed.items():
        etree.SubElement(meta, name).text = text
