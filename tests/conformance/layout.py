"""Instances of cases, laid out as the phone saves them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from lxml import etree

from forms import compose_instance, examine, parse_instance, read_answers
from tests.conformance.cases import Case, base_answers, form_of, lists_of
from tests.forms import filled

INSTANCE_ID = "uuid:0c5e6a4e-64a1-4c8e-9d57-0e6f6c1b8f10"


@cache
def instance_of(case: Case) -> bytes:
    """The instance of a case, with everything filled in that its form calculates."""
    root = etree.fromstring(_base_of(case))
    changes = case.told.get("set", {})
    for path in case.told.get("remove", []):
        element = _reach(root, path)
        element.getparent().remove(element)
    for name, value in case.told.get("attributes", {}).items():
        root.set(name, value)
    for path, value in changes.items():
        _fill(_reach(root, path), value)
    for path, value in _calculated(case, etree.tostring(root)).items():
        if path not in changes:
            _reach(root, path).text = value or None
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _base_of(case: Case) -> bytes:
    return compose_instance(
        form_of(case.form),
        base_answers(case),
        INSTANCE_ID,
        started_at=filled.STARTED,
        ended_at=filled.ENDED,
        device_id="phone-1",
    )


def media_of(case: Case) -> set[str]:
    """The files that come with a case's instance: all that it names, unless the case says otherwise."""
    answers = read_answers(form_of(case.form), parse_instance(instance_of(case)))
    named = {media.name for media in answers.media()}
    return named - set(case.told.get("missing_media", [])) | set(case.told.get("extra_media", []))


def _calculated(case: Case, xml: bytes) -> Mapping[str, str]:
    form = form_of(case.form)
    return examine(form, parse_instance(xml), set(), now=case.now, lists=lists_of(case)).calculated


def _fill(element: etree._Element, value: str | Mapping[str, Any]) -> None:
    if isinstance(value, str):
        element.text = value or None
        return
    for name, inner in value.items():
        _fill(_child(element, name, 1), inner)


def _reach(root: etree._Element, path: str) -> etree._Element:
    """The element at an indexed path below the root; what is missing is added."""
    element = root
    for step in path.split("/")[2:]:
        name, _, index = step.removesuffix("]").partition("[")
        element = _child(element, name, int(index or 1))
    return element


def _child(parent: etree._Element, name: str, index: int) -> etree._Element:
    found = parent.findall(name)
    if index <= len(found):
        return found[index - 1]
    if index > len(found) + 1:
        raise AssertionError(f"{parent.tag} has only {len(found)} of {name}")
    added = etree.Element(name)
    if found:
        found[-1].addnext(added)
    else:
        parent.append(added)
    return added
