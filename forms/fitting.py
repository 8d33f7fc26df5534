"""Laying an instance onto its form, once: every question finds its answer, every stray element is told."""

from collections.abc import Iterator

from lxml import etree

from forms.answers.tree import Answer, AnswerGroup, Answers, answers_in
from forms.findings import Finding, FindingKind
from forms.instance import MAX_REPEATS, Instance, UnreadableInstance, is_template, text_of
from forms.quick_fitting import META_FIELDS, Asked, Held, Odd, fit_quickly, prepared
from forms.structure import Form
from forms.values import Value

MAX_FINDINGS = 500


def read_answers(form: Form, instance: Instance) -> Answers:
    """Read an instance by its form; UnreadableInstance when a repeat has more than 200 instances.

    Answers of unknown questions are left out, answers of a wrong type have no value: `check` tells both.
    """
    try:
        return fit_quickly(form, instance)
    except Odd:
        return read_carefully(form, instance)


def read_carefully(form: Form, instance: Instance) -> Answers:
    """Read an instance of which anything may be odd, and tell what is: what `read_answers` says of each."""
    return _Fitting(form).run(instance)


class _Fitting:
    def __init__(self, form: Form) -> None:
        self._form = form
        self._findings: list[Finding] = []

    def run(self, instance: Instance) -> Answers:
        audit_name = self._read_meta(instance)
        root = self._fit_group(prepared(self._form), instance.root, self._form.root.path)
        given = tuple(answer for answer in answers_in(root) if answer.text)
        return Answers(
            form=self._form,
            instance_id=instance.instance_id,
            deprecated_id=instance.deprecated_id,
            instance_name=instance.instance_name,
            root=root,
            audit_name=audit_name,
            misfits=tuple(self._findings),
            given=given,
            files=tuple(each for each in given if each.question.is_media and each.value is not None),
        )

    def _tell(self, path: str, kind: FindingKind, message: str, message_en: str) -> None:
        if len(self._findings) < MAX_FINDINGS:
            self._findings.append(Finding(path, kind, message, message_en))

    def _read_meta(self, instance: Instance) -> str | None:
        path = f"{self._form.root.path}/meta"
        for name in instance.meta:
            if name not in META_FIELDS and name not in self._form.meta_fields:
                self._tell_unknown(f"{path}/{name}", name)
        if not instance.instance_id:
            self._tell(
                f"{path}/instanceID",
                FindingKind.STRUCTURE,
                "缺少记录标识 instanceID",
                "The record has no instanceID",
            )
        return instance.meta.get("audit") or None

    def _fit_group(self, place: Held, element: etree._Element | None, path: str) -> AnswerGroup:
        named: dict[str, etree._Element] = {}
        again: dict[str, list[etree._Element]] = {}
        if element is not None:
            stray = bool(element.text and element.text.strip())
            for child in element:
                tag = str(child.tag)
                name = tag.rpartition("}")[2] if tag[0] == "{" else tag
                first = named.setdefault(name, child)
                if first is not child:
                    again.setdefault(name, [first]).append(child)
                if child.tail and child.tail.strip():
                    stray = True
            if stray:
                self._tell_stray_text(path)
        children = tuple(self._fit_children(place, named, again, path))
        for name in named:
            if not (name == "meta" and place.group is self._form.root):
                self._tell_unknown(f"{path}/{name}", name)
        return AnswerGroup(path, place.group, children)

    def _fit_children(
        self,
        place: Held,
        named: dict[str, etree._Element],
        again: dict[str, list[etree._Element]],
        path: str,
    ) -> Iterator[Answer | AnswerGroup]:
        """Yield what a group's nodes find; takes what it finds out of `named`. `again`: what stands there repeatedly."""
        is_fixed = path == place.group.path
        for below in place.children:
            name = below.name
            first = named.pop(name, None)
            if isinstance(below, Asked):
                if first is None:
                    yield below.blank if is_fixed else below.blank._replace(path=f"{path}/{name}")
                    continue
                child_path = below.question.path if is_fixed else f"{path}/{name}"
            elif below.group.repeat:
                found = again.get(name) or [first] if first is not None else []
                yield from self._fit_repeat(below, found, f"{path}/{name}")
                continue
            else:
                child_path = f"{path}/{name}"
            if first is not None and name in again:
                self._tell_duplicate(child_path, name, len(again[name]))
            if isinstance(below, Held):
                yield self._fit_group(below, first, child_path)
            elif first is not None:
                yield self._fit_question(below, first, child_path)

    def _fit_repeat(self, place: Held, found: list[etree._Element], path: str) -> Iterator[AnswerGroup]:
        rows = [each for each in found if not is_template(each)]
        if len(rows) > MAX_REPEATS:
            name = place.name
            raise UnreadableInstance(
                "xml.too-many-repeats",
                f"“{name}”超过 {MAX_REPEATS} 组",
                f'"{name}" has more than {MAX_REPEATS} instances',
            )
        for number, element in enumerate(rows, start=1):
            yield self._fit_group(place, element, f"{path}[{number}]")

    def _fit_question(self, place: Asked, element: etree._Element, path: str) -> Answer:
        question = place.question
        if len(element):
            self._tell(
                path,
                FindingKind.STRUCTURE,
                f"“{question.name}”应为答案，却含有下级元素",
                f'"{question.name}" should be an answer but has elements inside',
            )
        text = text_of(element)
        value: Value | None = text or None
        if text and place.read is not None:
            try:
                value = place.read(text)
            except ValueError:
                value = None
        return Answer(path, question, text, value)

    def _tell_duplicate(self, path: str, name: str, count: int) -> None:
        self._tell(
            path,
            FindingKind.DUPLICATE,
            f"“{name}”出现了 {count} 次",
            f'"{name}" appears {count} times',
        )

    def _tell_stray_text(self, path: str) -> None:
        self._tell(
            path,
            FindingKind.STRUCTURE,
            "分组中含有不属于任何问题的文字",
            "A group contains text that belongs to no question",
        )

    def _tell_unknown(self, path: str, name: str) -> None:
        self._tell(
            path,
            FindingKind.UNKNOWN,
            f"表单中没有“{name[:100]}”",
            f'The form has no "{name[:100]}"',
        )
