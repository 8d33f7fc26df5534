"""Laying an instance onto its form: every question finds its text, every stray element is told."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from forms.findings import Finding, FindingKind
from forms.instance import MAX_REPEATS, Instance, UnreadableInstance, is_template, text_of
from forms.safe_xml import local_name
from forms.structure import Form, Group, Question

MAX_FINDINGS = 500

_META_FIELDS = frozenset(
    {
        "instanceID",
        "deprecatedID",
        "instanceName",
        "timeStart",
        "timeEnd",
        "deviceID",
        "userID",
        "username",
        "email",
        "phoneNumber",
        "subscriberID",
        "simSerial",
        "geopointCurrent",
        "audit",
        "entity",
    }
)


@dataclass(frozen=True, slots=True)
class FittedQuestion:
    """A question at one place of an instance; `text` is blank where it was not answered."""

    path: str
    question: Question
    text: str
    present: bool


@dataclass(frozen=True, slots=True)
class FittedGroup:
    """A group, or one instance of a repeat; children follow the form's order."""

    path: str
    group: Group
    present: bool
    children: tuple["FittedQuestion | FittedGroup", ...]


@dataclass(slots=True)
class Fitted:
    """An instance laid onto its form, with what did not fit (at most MAX_FINDINGS)."""

    root: FittedGroup
    audit_name: str | None
    findings: list[Finding] = field(default_factory=list)

    def questions(self) -> Iterator[FittedQuestion]:
        """Yield every place of a question in document order."""
        return _questions(self.root)


def fit(form: Form, instance: Instance) -> Fitted:
    """Lay an instance onto a form; UnreadableInstance when a repeat has more than 200 instances."""
    return _Fitting(form).run(instance)


class _Fitting:
    def __init__(self, form: Form) -> None:
        self._form = form
        self._findings: list[Finding] = []

    def run(self, instance: Instance) -> Fitted:
        audit_name = self._read_meta(instance)
        root = self._fit_group(self._form.root, instance.root, self._form.root.path)
        return Fitted(root, audit_name, self._findings)

    def _tell(self, path: str, kind: FindingKind, message: str, message_en: str) -> None:
        if len(self._findings) < MAX_FINDINGS:
            self._findings.append(Finding(path, kind, message, message_en))

    def _read_meta(self, instance: Instance) -> str | None:
        path = f"{self._form.root.path}/meta"
        audit_name = None
        for meta in (child for child in instance.root if local_name(child) == "meta"):
            for child in meta:
                name = local_name(child)
                if name == "audit":
                    audit_name = text_of(child) or None
                elif name not in _META_FIELDS and name not in self._form.meta_fields:
                    self._tell_unknown(f"{path}/{name}", name)
        if not instance.instance_id:
            self._tell(
                f"{path}/instanceID",
                FindingKind.STRUCTURE,
                "缺少记录标识 instanceID",
                "The record has no instanceID",
            )
        return audit_name

    def _fit_group(self, group: Group, element: etree._Element | None, path: str) -> FittedGroup:
        named: dict[str, list[etree._Element]] = {}
        if element is not None:
            self._require_no_text(element, path)
            for child in element:
                if not is_template(child):
                    named.setdefault(local_name(child), []).append(child)
        children: list[FittedQuestion | FittedGroup] = []
        for node in group.children:
            found = named.pop(node.name, [])
            child_path = f"{path}/{node.name}"
            if isinstance(node, Group) and node.repeat:
                children.extend(self._fit_repeat(node, found, child_path))
                continue
            if len(found) > 1:
                self._tell(
                    child_path,
                    FindingKind.DUPLICATE,
                    f"“{node.name}”出现了 {len(found)} 次",
                    f'"{node.name}" appears {len(found)} times',
                )
            first = found[0] if found else None
            if isinstance(node, Group):
                children.append(self._fit_group(node, first, child_path))
            else:
                children.append(self._fit_question(node, first, child_path))
        for name in named:
            if not (name == "meta" and group is self._form.root):
                self._tell_unknown(f"{path}/{name}", name)
        return FittedGroup(path, group, element is not None, tuple(children))

    def _fit_repeat(self, group: Group, found: list[etree._Element], path: str) -> Iterator[FittedGroup]:
        if len(found) > MAX_REPEATS:
            raise UnreadableInstance(
                "xml.too-many-repeats",
                f"“{group.name}”超过 {MAX_REPEATS} 组",
                f'"{group.name}" has more than {MAX_REPEATS} instances',
            )
        for number, element in enumerate(found, start=1):
            yield self._fit_group(group, element, f"{path}[{number}]")

    def _fit_question(self, question: Question, element: etree._Element | None, path: str) -> FittedQuestion:
        if element is None:
            return FittedQuestion(path, question, "", present=False)
        if len(element):
            self._tell(
                path,
                FindingKind.STRUCTURE,
                f"“{question.name}”应为答案，却含有下级元素",
                f'"{question.name}" should be an answer but has elements inside',
            )
        return FittedQuestion(path, question, text_of(element), present=True)

    def _require_no_text(self, element: etree._Element, path: str) -> None:
        texts = [element.text, *(child.tail for child in element)]
        if any(text and text.strip() for text in texts):
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


def _questions(group: FittedGroup) -> Iterator[FittedQuestion]:
    for child in group.children:
        if isinstance(child, FittedGroup):
            yield from _questions(child)
        else:
            yield child
