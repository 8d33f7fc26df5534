"""Writing instances: filling a form's template with answers, and correcting answers by path."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lxml import etree

from forms.instance import INSTANCE_LIMITS, UnreadableInstance, children_named
from forms.safe_xml import local_name, parse_safely
from forms.structure import Form, Group, Question
from forms.values import write_value

_STEP = re.compile(r"([^\[\]/]+)(?:\[(\d+)\])?")


class ComposingError(ValueError):
    """Answers that do not fit the form: an unknown path, or a value where rows are wanted."""


def compose_instance(
    form: Form,
    answers: Mapping[str, Any],
    instance_id: str,
    *,
    started_at: datetime,
    ended_at: datetime,
    device_id: str = "",
    username: str = "",
    instance_name: str = "",
    deprecated_id: str | None = None,
) -> bytes:
    """Return the instance XML of a form filled with answers.

    `answers` maps absolute paths to typed values (`"/data/status": "producing"`), paths of groups to
    mappings, paths of repeats to lists of mappings; inside a mapping, paths are relative
    (`{"photos/near": "a.jpg"}`). What is not answered stays blank or at its default; expressions are not
    evaluated. Times must be aware. Raises ComposingError for what the form does not know.
    """
    preloads = {
        "timestamp:start": started_at,
        "timestamp:end": ended_at,
        "date:today": started_at.date(),
        "property:deviceid": device_id,
        "property:username": username,
    }
    prefix = f"{form.root.path}/"
    unknown = [path for path in answers if not path.startswith(prefix)]
    if unknown:
        raise ComposingError(f"the form has no {', '.join(unknown)}")
    relative = {path.removeprefix(prefix): value for path, value in answers.items()}
    root = etree.Element(form.root.name, id=form.form_id, version=form.version)
    _fill_group(root, form.root, relative, preloads)
    meta = etree.SubElement(root, "meta")
    etree.SubElement(meta, "instanceID").text = instance_id
    if deprecated_id:
        etree.SubElement(meta, "deprecatedID").text = deprecated_id
    if "instanceName" in form.meta_fields:
        etree.SubElement(meta, "instanceName").text = instance_name
    return _write(root)


def amend_instance(xml: bytes, changes: Mapping[str, Any], instance_id: str | None = None) -> bytes:
    """Return an instance with answers changed by indexed path (`/data/markers[2]/photo`).

    An element the instance lacks is added; a repeat grows by one when the index is the next one. With a new
    `instance_id` the old one becomes `deprecatedID`. Raises UnreadableInstance, ComposingError.
    """
    root = parse_safely(xml, INSTANCE_LIMITS, UnreadableInstance)
    for path, value in changes.items():
        _reach(root, path).text = write_value(value)
    if instance_id is not None:
        identity = _reach(root, f"/{local_name(root)}/meta/instanceID")
        _reach(root, f"/{local_name(root)}/meta/deprecatedID").text = identity.text
        identity.text = instance_id
    return _write(root)


def _fill_group(
    parent: etree._Element, group: Group, answers: Mapping[str, Any], preloads: Mapping[str, Any]
) -> None:
    by_child, nested = _split_by_child(answers)
    unknown = (by_child.keys() | nested.keys()) - {child.name for child in group.children}
    if unknown:
        raise ComposingError(f"{group.path} has no {', '.join(sorted(unknown))}")
    for child in group.children:
        if isinstance(child, Question):
            if child.name in nested:
                raise ComposingError(f"{child.path} is a question, not a group")
            text = by_child.get(child.name, preloads.get(child.preload or "", child.default))
            etree.SubElement(parent, child.name).text = write_value(text) or None
        elif child.repeat:
            for row in _rows(child, by_child, nested):
                _fill_group(etree.SubElement(parent, child.name), child, row, preloads)
        elif child.name in by_child:
            raise ComposingError(f"{child.path} is a group, not a question")
        else:
            _fill_group(etree.SubElement(parent, child.name), child, nested.get(child.name, {}), preloads)


def _split_by_child(answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Part answers by the first step of their paths: values of children, and answers below children."""
    by_child: dict[str, Any] = {}
    nested: dict[str, dict[str, Any]] = {}
    for path, value in answers.items():
        name, _, rest = path.partition("/")
        if rest:
            nested.setdefault(name, {})[rest] = value
        elif isinstance(value, Mapping):
            nested.setdefault(name, {}).update(value)
        else:
            by_child[name] = value
    return by_child, nested


def _rows(
    repeat: Group, by_child: Mapping[str, Any], nested: Mapping[str, dict[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    rows = by_child.get(repeat.name, ())
    is_list = isinstance(rows, list | tuple) and all(isinstance(row, Mapping) for row in rows)
    if repeat.name in nested or not is_list:
        raise ComposingError(f"{repeat.path} is a repeat: it wants a list of mappings")
    return list(rows)


def _reach(root: etree._Element, path: str) -> etree._Element:
    """Return the element at an indexed path, adding what is missing."""
    steps = [step for step in path.split("/") if step]
    if not path.startswith("/") or not steps or steps[0] != local_name(root):
        raise ComposingError(f"{path} does not start at /{local_name(root)}")
    element = root
    for step in steps[1:]:
        parsed = _STEP.fullmatch(step)
        if parsed is None:
            raise ComposingError(f"{path} is not a path")
        element = _reach_child(element, parsed[1], int(parsed[2] or 1), path)
    return element


def _reach_child(parent: etree._Element, name: str, index: int, path: str) -> etree._Element:
    found = list(children_named(parent, name))
    if 1 <= index <= len(found):
        return found[index - 1]
    if index != len(found) + 1:
        raise ComposingError(f"{path}: there are only {len(found)} of {name}")
    namespace = str(parent.tag).rpartition("}")[0]
    added = etree.Element(f"{namespace}}}{name}" if namespace else name)
    if found:
        found[-1].addnext(added)
    else:
        parent.append(added)
    return added


def _write(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
