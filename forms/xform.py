"""Reading an XForm into a `Form`: the tree of questions with labels, types, rules and choices."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from lxml import etree

from forms.safe_xml import UnreadableXmlError, XmlLimits, local_name, parse_safely
from forms.structure import (
    ALWAYS,
    NEVER,
    NO_TEXTS,
    Choice,
    Choices,
    Form,
    Group,
    Node,
    Question,
    QuestionKind,
    Rule,
    Texts,
    walk,
)
from forms.xpath import ListTable

XFORM_LIMITS = XmlLimits(size=10_000_000, depth=60, elements=500_000, attributes=64)

_XF = "{http://www.w3.org/2002/xforms}"
_H = "{http://www.w3.org/1999/xhtml}"
_JR = "{http://openrosa.org/javarosa}"
_ORX = "{http://openrosa.org/xforms}"
ALIAS = "alias"
"""The attribute of a bind that names what its question was called in earlier versions."""

_LANGUAGE_CODE = re.compile(r"\(([^()]+)\)\s*$")
_ITEXT = re.compile(r"""jr:itext\(\s*['"](.+?)['"]\s*\)""")
_SECONDARY = re.compile(r"""^\s*(?:randomize\(\s*)?instance\(\s*['"](.+?)['"]\s*\)""")
_CONTROLS = {"input", "select1", "select", "upload", "trigger", "range", "rank", "secret"}


class UnreadableForm(UnreadableXmlError):
    """An XForm that cannot be read."""


def load_form(xform: bytes) -> Form:
    """Read an XForm; raises UnreadableForm when it is no XForm or lacks an id or a version."""
    return _Reader(parse_safely(xform, XFORM_LIMITS, UnreadableForm)).read()


class _Reader:
    """One reading of one XForm: its texts, binds, controls and choices indexed by path."""

    def __init__(self, root: etree._Element) -> None:
        model = root.find(f"{_H}head/{_XF}model")
        primary = model.find(f"{_XF}instance") if model is not None else None
        if model is None or primary is None or len(primary) != 1:
            raise UnreadableForm("form.no-model", "不是 XForm 表单", "This is not an XForm")
        self._model = model
        self._primary = primary[0]
        self._title = (root.findtext(f"{_H}head/{_H}title") or "").strip()
        self._texts: dict[str, dict[str, str]] = {}
        self._outputs: dict[str, dict[str, str]] = {}
        self._languages = tuple(self._read_texts())
        self._binds = {_clean(bind.get("nodeset")): bind for bind in model.iterfind(f"{_XF}bind")}
        self._controls: dict[str, etree._Element] = {}
        self._group_labels: dict[str, Texts] = {}
        self._repeats: set[str] = set()
        self._counts: dict[str, str] = {}
        body = root.find(f"{_H}body")
        self._style = body.get("class", "") if body is not None else ""
        self._read_body(body if body is not None else root)
        instances = {each.get("id", ""): each for each in model.iterfind(f"{_XF}instance[@id]")}
        inside = {name: each for name, each in instances.items() if each.get("src") is None}
        self._external_lists = frozenset(instances) - frozenset(inside)
        self._choices = {name: Choices(self._read_items(each)) for name, each in inside.items()}
        self._lists = {name: ListTable(list(_rows(each))) for name, each in inside.items()}

    def read(self) -> Form:
        form_id, version = self._primary.get("id"), self._primary.get("version")
        if not form_id or not version:
            raise UnreadableForm("form.unnamed", "表单缺少编号或版本", "The form has no id or no version")
        root = self._read_group(self._primary, f"/{local_name(self._primary)}")
        return Form(
            form_id=form_id,
            version=version,
            title=self._title,
            titles=_split_title(self._title, self._languages),
            languages=self._languages,
            root=root,
            meta_fields=tuple(
                local_name(field) for child in self._primary if local_name(child) == "meta" for field in child
            ),
            meta_calculates=MappingProxyType(self._read_meta_calculates(root.path)),
            lists=MappingProxyType(self._lists),
            external_lists=self._external_lists,
            restricted="restricted" in self._style.split(),
            _nodes=MappingProxyType({node.path: node for node in walk(root)}),
        )

    def _read_meta_calculates(self, root_path: str) -> dict[str, str]:
        prefix = f"{root_path}/meta/"
        return {
            path.removeprefix(prefix): calculate
            for path, bind in self._binds.items()
            if path.startswith(prefix) and (calculate := bind.get("calculate"))
        }

    def _read_texts(self) -> Iterator[str]:
        for translation in self._model.iterfind(f"{_XF}itext/{_XF}translation"):
            language = translation.get("lang", "")
            code = _LANGUAGE_CODE.search(language)
            language = code[1] if code else language
            yield language
            for text in translation.iterfind(f"{_XF}text"):
                value = text.find(f"{_XF}value")
                if value is not None:
                    self._texts.setdefault(text.get("id", ""), {})[language] = _flatten(value)
                    self._outputs.setdefault(text.get("id", ""), {}).update(_outputs(value))

    def _read_body(self, element: etree._Element) -> None:
        for child in element:
            name = local_name(child)
            path = _clean(child.get("ref") or child.get("nodeset"))
            if name in _CONTROLS:
                self._controls[path] = child
            elif name in ("group", "repeat"):
                if name == "repeat":
                    self._repeats.add(path)
                    if count := child.get(f"{_JR}count"):
                        self._counts[path] = count.strip()
                elif path:
                    self._group_labels[path] = self._texts_of(child.find(f"{_XF}label"))
                self._read_body(child)

    def _read_items(self, instance: etree._Element) -> Iterator[Choice]:
        for item in instance.iterfind(f"{_XF}root/{_XF}item"):
            reference = item.findtext(f"{_XF}itextId")
            label = item.findtext(f"{_XF}label")
            labels = self._texts.get(reference, {}) if reference else {"": label} if label else {}
            yield Choice(name=item.findtext(f"{_XF}name") or "", labels=MappingProxyType(labels))

    def _read_group(self, element: etree._Element, path: str) -> Group:
        children: dict[str, Node] = {}
        for child in element:
            name = local_name(child)
            child_path = f"{path}/{name}"
            # A repeat stands twice in the instance (template and first row); the root's meta is read apart.
            if name in children or (name == "meta" and element is self._primary):
                continue
            is_group = len(child) > 0 or child_path in self._repeats
            read = self._read_group if is_group else self._read_question
            children[name] = read(child, child_path)
        return Group(
            path=path,
            name=local_name(element),
            repeat=path in self._repeats,
            labels=self._group_labels.get(path, NO_TEXTS),
            relevant=_rule(self._binds.get(path), "relevant", ALWAYS),
            children=tuple(children.values()),
            count=self._counts.get(path),
            aliases=_aliases(self._binds.get(path)),
        )

    def _read_question(self, element: etree._Element, path: str) -> Question:
        bind = self._binds.get(path)
        control = self._controls.get(path)
        attributes = _attributes(bind)
        preload = attributes.get(f"{_JR}preload")
        pixels = attributes.get(f"{_ORX}max-pixels", "")
        return Question(
            path=path,
            name=local_name(element),
            kind=_kind(control, attributes),
            data_type=attributes.get("type", "string").removeprefix("xsd:"),
            labels=self._texts_of(control.find(f"{_XF}label") if control is not None else None),
            hints=self._texts_of(control.find(f"{_XF}hint") if control is not None else None),
            required=_rule(bind, "required", NEVER),
            required_messages=self._messages(attributes.get(f"{_JR}requiredMsg")),
            relevant=_rule(bind, "relevant", ALWAYS),
            readonly=_rule(bind, "readonly", NEVER),
            constraint=attributes.get("constraint"),
            constraint_messages=self._messages(attributes.get(f"{_JR}constraintMsg")),
            calculate=attributes.get("calculate"),
            preload=f"{preload}:{attributes.get(f'{_JR}preloadParams', '')}" if preload else None,
            choices=self._choices_of(control),
            itemset=self._itemset_of(control),
            appearance=control.get("appearance", "") if control is not None else "",
            default=(element.text or "").strip(),
            max_pixels=int(pixels) if pixels.isdigit() else None,
            bounds=_bounds(control),
            outputs=MappingProxyType(self._outputs_of(attributes)),
            aliases=_aliases(bind),
        )

    def _outputs_of(self, attributes: dict[str, str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in ("requiredMsg", "constraintMsg"):
            reference = _ITEXT.search(attributes.get(f"{_JR}{name}", ""))
            found |= self._outputs.get(reference[1], {}) if reference else {}
        return found

    def _itemset_of(self, control: etree._Element | None) -> str | None:
        itemset = control.find(f"{_XF}itemset") if control is not None else None
        return (itemset.get("nodeset") or "").strip() or None if itemset is not None else None

    def _choices_of(self, control: etree._Element | None) -> Choices | None:
        source = secondary_list(self._itemset_of(control) or "")
        return self._choices.get(source) if source else None

    def _texts_of(self, element: etree._Element | None) -> Texts:
        if element is None:
            return NO_TEXTS
        reference = element.get("ref")
        return self._messages(reference or _flatten(element))

    def _messages(self, text: str | None) -> Texts:
        """Resolve `jr:itext('id')`; any other text is the text itself, in no language."""
        if not text:
            return NO_TEXTS
        reference = _ITEXT.search(text)
        return MappingProxyType(self._texts.get(reference[1], {}) if reference else {"": text})


def secondary_list(itemset: str) -> str | None:
    """Return the name of the list that the expression of an itemset draws on."""
    source = _SECONDARY.match(itemset)
    return source[1] if source else None


def _attributes(bind: etree._Element | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in bind.attrib.items()} if bind is not None else {}


def _kind(control: etree._Element | None, attributes: dict[str, str]) -> QuestionKind:
    data_type = attributes.get("type", "string").removeprefix("xsd:")
    if control is None:
        if data_type == "binary":  # A recording in the background is the only file without a control.
            return QuestionKind.AUDIO
        return QuestionKind.CALCULATE if attributes.get("calculate") else _plain_kind(data_type)
    name = local_name(control)
    if name == "upload":
        return _upload_kind(control)
    if name in _KINDS_BY_CONTROL:
        return _KINDS_BY_CONTROL[name]
    is_shown_only = Rule(attributes.get("readonly", "false()")).constant is True
    if is_shown_only and data_type == "string" and not attributes.get("calculate"):
        return QuestionKind.NOTE
    return _plain_kind(data_type)


_KINDS_BY_CONTROL = {
    "select1": QuestionKind.SELECT_ONE,
    "select": QuestionKind.SELECT_MULTIPLE,
    "rank": QuestionKind.SELECT_MULTIPLE,
    "trigger": QuestionKind.TRIGGER,
}


def _bounds(control: etree._Element | None) -> tuple[Decimal, Decimal] | None:
    """Return what a range question may be answered with: from its start to its end."""
    if control is None or local_name(control) != "range":
        return None
    try:
        ends = sorted(Decimal(control.get(name, "")) for name in ("start", "end"))
    except InvalidOperation:
        return None
    return ends[0], ends[1]


def _upload_kind(control: etree._Element) -> QuestionKind:
    mediatype = control.get("mediatype", "").partition("/")[0]
    if mediatype == "image" and "signature" in control.get("appearance", ""):
        return QuestionKind.SIGNATURE
    return QuestionKind(mediatype) if mediatype in ("image", "audio", "video") else QuestionKind.FILE


def _plain_kind(data_type: str) -> QuestionKind:
    try:
        return QuestionKind(data_type)
    except ValueError:
        return QuestionKind.STRING


def _rule(bind: etree._Element | None, name: str, otherwise: Rule) -> Rule:
    expression = bind.get(name) if bind is not None else None
    return Rule(expression.strip()) if expression else otherwise


def _clean(path: str | None) -> str:
    return (path or "").replace(" ", "")


def _flatten(element: etree._Element) -> str:
    """Return a label's text; an embedded value is shown as the name of its question in braces."""
    parts = [element.text or ""]
    for child in element:
        if local_name(child) == "output":
            parts.append("{" + _clean(child.get("value")).rpartition("/")[2] + "}")
        parts.append(child.tail or "")
    return "".join(parts).strip()


def _outputs(element: etree._Element) -> dict[str, str]:
    """Return for each `{name}` that `_flatten` leaves in a text the expression that stands there."""
    values = [child.get("value") or "" for child in element if local_name(child) == "output"]
    return {"{" + _clean(value).rpartition("/")[2] + "}": value.strip() for value in values}


def _rows(instance: etree._Element) -> Iterator[dict[str, str]]:
    for item in instance.iterfind(f"{_XF}root/{_XF}item"):
        yield {local_name(column): column.text or "" for column in item}


def _aliases(bind: etree._Element | None) -> tuple[str, ...]:
    return tuple((bind.get(ALIAS) or "").split()) if bind is not None else ()


def _split_title(title: str, languages: tuple[str, ...]) -> Texts:
    parts = title.split(" / ")
    if len(parts) == len(languages) > 1:
        return MappingProxyType(dict(zip(languages, parts, strict=True)))
    return MappingProxyType(dict.fromkeys(languages or ("",), title))
