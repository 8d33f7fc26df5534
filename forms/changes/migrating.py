"""Moving an open draft to another version of its form, so that nothing in it is lost without a word."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from lxml import etree

from forms.changes.conversion import carry
from forms.changes.correspondence import Correspondence, correspond
from forms.changes.draft_changes import DraftChange, DraftChangeKind
from forms.changes.draft_elements import DraftElements, holds_text
from forms.changes.draft_report import DraftReport
from forms.instance import parse_instance, text_of
from forms.safe_xml import local_name
from forms.structure import Form, Group, Question


@dataclass(frozen=True, slots=True)
class _Instance:
    """The instance of an old repeat that is being carried, and how many of them are carried."""

    element: etree._Element
    count: int


_Frame = Mapping[str, _Instance]
"""The instances of old repeats around a place of the new tree, by path of the repeat."""


class MigrationError(ValueError):
    """An instance that was not made with the version it should be moved from."""


@dataclass(frozen=True, slots=True)
class MigratedInstance:
    """A draft in the new version with all that its inspector should see; the old bytes stay with the caller."""

    xml: bytes
    changes: tuple[DraftChange, ...]

    @property
    def left_over(self) -> tuple[DraftChange, ...]:
        """The answers that have no place any more: they are kept here, and only here."""
        return tuple(change for change in self.changes if change.kind is DraftChangeKind.LEFT_OVER)

    def as_json(self) -> dict[str, Any]:
        """Return what changed, as a list for a page."""
        return {"changes": [change.as_json() for change in self.changes]}


def migrate_instance(xml: bytes, old: Form, new: Form) -> MigratedInstance:
    """Write an instance of one form version as one of another, and tell all that changed.

    Answers go to the same path or to the question that declares it (`forms.changes.correspondence`), in another type
    where the text can be read as one; whatever else holds a text is `left_over`. What the new version adds
    stands at its default. `meta` stays as it is: it is the same record. Raises UnreadableInstance, and
    MigrationError when the instance names another form or version than `old`.
    """
    instance = parse_instance(xml)
    if (instance.form_id, instance.version) != (old.form_id, old.version):
        raise MigrationError(f"the draft is one of {instance.form_id} {instance.version}")
    if instance.root_name != old.root_name:
        raise MigrationError(f"the root element of the draft is {instance.root_name}")
    return _Migration(correspond(old, new), instance.root).run()


class _Migration:
    """One migration: the new tree grows beside the old one, whose elements are crossed off."""

    def __init__(self, match: Correspondence, root: etree._Element) -> None:
        self._match = match
        self._old = DraftElements(match.old, root)
        self._report = DraftReport(match)
        self._namespace = str(root.tag).rpartition("}")[0]

    def run(self) -> MigratedInstance:
        new, was = self._match.new, self._old.root
        attributes = {str(name): str(value) for name, value in was.attrib.items()}
        root = etree.Element(self._tag(new.root_name), attributes, nsmap=was.nsmap)  # type: ignore[arg-type]
        root.set("id", new.form_id)
        root.set("version", new.version)
        self._fill(new.root, root, new.root.path, {})
        for meta in self._old.children(was, "meta"):
            self._old.cross_off_below(meta)
            root.append(deepcopy(meta))
        for element, text in self._old.remaining():
            self._leave(element, text, None, self._reason(element))
        xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        return MigratedInstance(xml, tuple(self._report.changes))

    def _tag(self, name: str) -> str:
        return f"{self._namespace}}}{name}" if self._namespace else name

    def _fill(self, group: Group, element: etree._Element, path: str, frame: _Frame) -> None:
        """Write what is inside a group or an instance of a repeat."""
        for child in group.children:
            child_path = f"{path}/{child.name}"
            if isinstance(child, Question):
                leaf = etree.SubElement(element, self._tag(child.name))
                self._fill_question(child, leaf, child_path, frame)
                continue
            for number, inner in enumerate(self._instances(child, frame), start=1):
                place = f"{child_path}[{number}]" if child.repeat else child_path
                self._fill(child, etree.SubElement(element, self._tag(child.name)), place, inner)

    def _instances(self, group: Group, frame: _Frame) -> Iterator[_Frame]:
        """Yield for each instance that a group gets (one, unless it is a repeat) what it draws from."""
        was = self._match.former.get(group.path)
        found = self._found(was.path, frame) if isinstance(was, Group) else []
        if isinstance(was, Group) and was.repeat and found:
            carried = found if group.repeat else found[:1]
            for each in carried:
                yield {**frame, was.path: _Instance(each, len(carried))}
        elif not group.repeat or any(holds_text(each) for each in found):
            yield frame

    def _found(self, path: str, frame: _Frame) -> list[etree._Element]:
        return self._old.at(path, {repeat: instance.element for repeat, instance in frame.items()})

    def _fill_question(self, question: Question, leaf: etree._Element, path: str, frame: _Frame) -> None:
        was = self._match.former.get(question.path)
        if not isinstance(was, Question):
            leaf.text = question.default or None
            if not question.default:
                self._report.blank(None, question, path, lost=False)
            return
        source = self._source(was, frame)
        carried = carry(was, question, text_of(source) if source is not None else "")
        if source is not None:
            text = text_of(source)
            self._old.cross_off(source)
            leaf.attrib.update(source.attrib)
            leaf.text = source.text if carried.text == text else carried.text or None
            if carried.left:
                self._leave(source, carried.left, path, carried.why)
            else:
                self._report.carried(was, question, self._old.path(source), path, text, carried.text)
        if not carried.text:
            self._report.blank(was, question, path, lost=bool(carried.left))

    def _source(self, was: Question, frame: _Frame) -> etree._Element | None:
        """Return the element with an answer; None where it could be one of several, or belong to several."""
        if any(one.count > 1 and not was.path.startswith(f"{path}/") for path, one in frame.items()):
            return None
        written = [each for each in self._found(was.path, frame) if text_of(each)]
        return written[0] if len(written) == 1 else None

    def _leave(self, element: etree._Element, text: str, path: str | None, why: str) -> None:
        old_path = self._old.path(element)
        node = self._match.old.node(old_path)
        self._report.left_over(node, local_name(element), old_path, path, text, why)

    def _reason(self, element: etree._Element) -> str:
        """Say why a text was not carried: nobody asked for it, or not here."""
        node = self._match.old.node(self._old.path(element))
        if not isinstance(node, Question):
            return "unknown"
        if node.path not in self._match.later:
            return "removed"
        return "doubled" if self._old.is_doubled(element) else "repeat"
