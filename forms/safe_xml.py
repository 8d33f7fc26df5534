"""Reading XML that strangers sent: bounded while it streams, without DTD, entities or network."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import local

from lxml import etree

_CHUNK = 64 * 1024
_CONTROL = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([^"']+)["']""")


class UnreadableXmlError(ValueError):
    """XML that is refused before anybody looks at its meaning.

    `reason_code` is a stable machine code (`xml.too-deep`, `xml.doctype`, ...), `message` is Chinese and
    `message_en` English.
    """

    def __init__(self, reason_code: str, message: str, message_en: str) -> None:
        super().__init__(f"{reason_code}: {message} / {message_en}")
        self.reason_code = reason_code
        self.message = message
        self.message_en = message_en


@dataclass(frozen=True)
class XmlLimits:
    """What a document may weigh: bytes, levels of nesting, elements, attributes of one element."""

    size: int
    depth: int
    elements: int
    attributes: int


class _BoundedBuilder:
    """Parser target that builds a tree and stops at the first element beyond a limit."""

    def __init__(self, limits: XmlLimits, error: type[UnreadableXmlError]) -> None:
        self._limits = limits
        self._error = error
        self._builder = etree.TreeBuilder()
        self._depth = 0
        self._elements = 0

    def start(self, tag: str, attributes: Mapping[str, str], nsmap: Mapping[str | None, str]) -> None:
        self._depth += 1
        self._elements += 1
        limits = self._limits
        if self._depth > limits.depth:
            raise self._error(
                "xml.too-deep",
                f"XML 嵌套超过 {limits.depth} 层",
                f"XML is nested more than {limits.depth} levels deep",
            )
        if self._elements > limits.elements:
            raise self._error(
                "xml.too-many-elements",
                f"XML 元素超过 {limits.elements} 个",
                f"XML has more than {limits.elements} elements",
            )
        if len(attributes) > limits.attributes:
            raise self._error(
                "xml.too-many-attributes",
                f"一个元素的属性超过 {limits.attributes} 个",
                f"An element has more than {limits.attributes} attributes",
            )
        # The default namespace arrives with a blank prefix and is wanted with none.
        namespaces = {prefix or None: uri for prefix, uri in nsmap.items()}
        self._builder.start(tag, dict(attributes), namespaces)  # type: ignore[arg-type, call-arg]

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._builder.end(tag)

    def data(self, data: str) -> None:
        self._builder.data(data)

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise self._error("xml.doctype", "XML 不得包含 DOCTYPE", "XML must not contain a DOCTYPE")

    def close(self) -> etree._Element | None:
        # Also called after a refusal, when the tree is not whole: it must not hide the refusal.
        return self._builder.close() if self._elements and not self._depth else None


class _Parsers(local):
    """A parser for each thread: to make one for each record would cost a sixth of reading it."""

    def __init__(self) -> None:
        self.plain = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )


_parsers = _Parsers()


def parse_safely(xml: bytes, limits: XmlLimits, error: type[UnreadableXmlError]) -> etree._Element:
    """Parse UTF-8 XML into its root element, or raise `error`; comments and instructions are dropped.

    Limits are judged while the document streams through, so a bomb costs no more than its first part.
    """
    _require_plain_text(xml, limits, error)
    quick = _parse_plain(xml, limits)
    return _parse_bounded(xml, limits, error) if quick is None else quick


def _parse_plain(xml: bytes, limits: XmlLimits) -> etree._Element | None:
    """Parse what cannot be a bomb, at the parser's own speed; None where the careful way has to decide.

    Without `<!` there is no DTD, so no entity of the document's own; an element takes four bytes or more, and there are no
    more than `<`; and libxml2 stops at 256 levels by itself. Depth is then asked of the tree, and so are attributes
    unless there are too few `=` for any element to have too many.
    """
    # Few records have a `!` at all, and to look for one is the cheapest of what there is to ask.
    if (b"!" in xml and b"<!" in xml) or (
        len(xml) > 4 * limits.elements and xml.count(b"<") > limits.elements
    ):
        return None
    try:
        root = etree.fromstring(xml, _parsers.plain)
    except (etree.LxmlError, ValueError):
        return None
    too_deep, too_wide = _beyond(limits.depth, limits.attributes)
    if too_deep(root) or (xml.count(b"=") > limits.attributes and too_wide(root)):
        return None
    return root


@lru_cache(maxsize=16)
def _beyond(depth: int, attributes: int) -> tuple[etree.XPath, etree.XPath]:
    """Compile the two questions; each looks at an element once."""
    return etree.XPath(f"boolean({'/*' * (depth + 1)})"), etree.XPath(f"boolean(//*[@*[{attributes + 1}]])")


def _parse_bounded(xml: bytes, limits: XmlLimits, error: type[UnreadableXmlError]) -> etree._Element:
    builder = _BoundedBuilder(limits, error)
    parser = etree.XMLParser(
        target=builder,  # type: ignore[arg-type]
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        for offset in range(0, len(xml), _CHUNK):
            parser.feed(xml[offset : offset + _CHUNK])
        root = parser.close()
    except UnreadableXmlError:
        raise
    except (etree.LxmlError, ValueError) as problem:
        reason = str(problem)[:200]
        raise error(
            "xml.malformed", f"XML 格式错误：{reason}", f"XML is not well-formed: {reason}"
        ) from problem
    if not etree.iselement(root):
        raise error("xml.malformed", "XML 不完整", "XML is incomplete")
    return root


def _require_plain_text(xml: bytes, limits: XmlLimits, error: type[UnreadableXmlError]) -> None:
    if len(xml) > limits.size:
        raise error(
            "xml.too-large",
            f"XML 超过 {limits.size} 字节",
            f"XML is larger than {limits.size} bytes",
        )
    declared = _DECLARED_ENCODING.match(xml.removeprefix(b"\xef\xbb\xbf"))
    try:
        xml.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise error("xml.not-utf8", "XML 不是 UTF-8 编码", "XML is not encoded in UTF-8") from problem
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise error("xml.not-utf8", "XML 声明的编码不是 UTF-8", "XML declares an encoding other than UTF-8")
    if len(xml.translate(None, _CONTROL)) < len(xml):
        # UTF-16 of plain ASCII text is valid UTF-8 full of NUL bytes.
        if b"\x00" in xml:
            raise error("xml.not-utf8", "XML 不是 UTF-8 编码", "XML is not encoded in UTF-8")
        raise error("xml.control-characters", "XML 含有控制字符", "XML contains control characters")


def local_name(element: etree._Element) -> str:
    """Return an element's name without its namespace; clients differ in the namespaces they write."""
    tag = str(element.tag)
    return tag.rpartition("}")[2]
