"""Writing the instance that a merge comes to."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import PurePosixPath

from lxml import etree

from forms.answers.differences import diff_answers
from forms.answers.keys import predicate, repeat_keys
from forms.answers.tree import Answer, AnswerGroup, Answers
from forms.instance import Instance, children_named
from forms.merging.places import (
    Beside,
    Inside,
    Matching,
    is_merged,
    rows_by_key,
)
from forms.structure import Form, Group, Question, QuestionKind


@dataclass(frozen=True)
class MergedInstance:
    """An instance with the files that its answers name: for each name the version it is from, and its name there.

    `unwritten`: paths of given texts that have no place in it, because their row is not.
    """

    xml: bytes
    files: Mapping[str, tuple[str, str]]
    unwritten: frozenset[str] = frozenset()


def write_merged(
    beside: Beside,
    heads: Sequence[str],
    instance: Instance,
    sources: Mapping[str, str],
    texts: Mapping[str, str] | None = None,
) -> MergedInstance:
    """Write the instance in which each place has what the version in `sources` has there.

    Where none is named, `heads` agree. `texts` are answers that no version has, by path of their place. What is no
    place is as in the first head, and so is what stands under the `meta` of its `instance`; signatures and what was
    left out are blank. Nothing is computed: `complete_instance` comes after. Two files of one name both stay, one of
    them under another name. Raises ValueError for versions of different forms.
    """
    if beside.form is None:
        raise ValueError("versions of different forms have no instance in common")
    return _Writing(beside.form, beside, sources, texts or {}).run(heads, instance)


def lost_answers(merged: Answers, completed: Answers) -> list[Answer]:
    """Return the answers of a merge that its completed instance lacks: taken together they are not asked any more."""
    return [
        each.old
        for each in diff_answers(merged, completed)
        if each.old is not None and is_merged(each.old.question)
    ]


class _Writing:
    """Goes down the form with all heads at once, as they were laid beside each other.

    Whoever stands first in `at` speaks where no source is named.
    """

    def __init__(
        self, form: Form, beside: Beside, sources: Mapping[str, str], texts: Mapping[str, str]
    ) -> None:
        self._form, self._beside = form, beside
        self._sources, self._texts = sources, texts
        self._unwritten = set(texts)
        self._keys = repeat_keys(form)
        self._files: dict[str, tuple[str, str]] = {}

    def run(self, heads: Sequence[str], instance: Instance) -> MergedInstance:
        root = etree.Element(self._form.root_name, id=self._form.form_id, version=self._form.version)
        at = {head: self._beside.filled[head].answers.root for head in heads}
        self._write(root, self._form.root, at, self._form.root.path)
        for meta in children_named(instance.root, "meta"):
            copy = deepcopy(meta)
            for field in list(children_named(copy, "audit")):
                copy.remove(field)  # it logs how that one version was filled in
            root.append(copy)
        xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        return MergedInstance(xml, self._files, frozenset(self._unwritten))

    def _write(self, parent: etree._Element, group: Group, at: Mapping[str, AnswerGroup], path: str) -> None:
        inside = {head: Inside(each) for head, each in at.items()}
        for child in group.children:
            child_path = f"{path}/{child.name}"
            if isinstance(child, Question):
                etree.SubElement(parent, child.name).text = self._text(child, inside, child_path) or None
            elif child.repeat:
                rows = {head: each.groups(child) for head, each in inside.items()}
                self._write_rows(parent, child, rows, child_path)
            else:
                inner = {head: each.groups(child)[0] for head, each in inside.items()}
                self._write(etree.SubElement(parent, child.name), child, inner, child_path)

    def _text(self, question: Question, inside: Mapping[str, Inside], path: str) -> str:
        if path in self._texts:
            self._unwritten.discard(path)
            return self._texts[path]
        if path in self._beside.left_out:
            return ""
        source = self._source(path, inside)
        return "".join(self._kept(answer, source) for answer in inside[source].answers(question))

    def _write_rows(
        self, parent: etree._Element, repeat: Group, rows: Mapping[str, Sequence[AnswerGroup]], path: str
    ) -> None:
        match self._beside.matched.get(path):
            case Matching.KEY:
                self._write_keyed(parent, repeat, rows, path)
            case Matching.POSITION:
                for index in range(len(next(iter(rows.values())))):
                    source = self._source(f"{path}[{index + 1}]", rows)
                    self._copy(parent, rows[source][index], source)
            case Matching.WHOLE:
                source = self._source(path, rows)
                for row in rows[source]:
                    self._copy(parent, row, source)

    def _write_keyed(
        self, parent: etree._Element, repeat: Group, rows: Mapping[str, Sequence[AnswerGroup]], path: str
    ) -> None:
        key = self._keys[repeat.path]
        keyed = {head: rows_by_key(found, key) for head, found in rows.items()}
        for text in dict.fromkeys(text for found in keyed.values() for text in found):
            row_path = path + predicate(key, text)
            source = self._source(row_path, keyed)
            if text in keyed[source]:
                having = {head: found[text] for head, found in keyed.items() if text in found}
                having = {source: having[source], **having}
                self._write(etree.SubElement(parent, repeat.name), repeat, having, row_path)

    def _source(self, path: str, at: Mapping[str, object]) -> str:
        return self._sources.get(path, next(iter(at)))

    def _copy(self, parent: etree._Element, group: AnswerGroup, source: str) -> None:
        """Copy a row as it is in one version, all but its signatures."""
        element = etree.SubElement(parent, group.group.name)
        for child in group.children:
            if isinstance(child, AnswerGroup):
                self._copy(element, child, source)
            elif child.question.kind is not QuestionKind.SIGNATURE:
                etree.SubElement(element, child.question.name).text = self._kept(child, source) or None

    def _kept(self, answer: Answer, source: str) -> str:
        """Return an answer's text; the name of a file becomes another where it stands for other bytes already."""
        name = answer.text
        if not answer.question.is_media or not name:
            return name
        sha256 = self._sha256(source, name)
        if name in self._files and self._sha256(*self._files[name]) != sha256:
            given = PurePosixPath(name)
            name = f"{given.stem[:150]}-{sha256[:8]}{given.suffix[:20]}"
        self._files[name] = (source, answer.text)
        return name

    def _sha256(self, head: str, name: str) -> str:
        return self._beside.filled[head].files.get(name, "")
