"""Functions of texts and of choices."""

import base64
import binascii
import hashlib
import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import re2

from forms.xpath.code import ANY, BOOLEAN, NUMBER, TEXT, Code, Compiling, as_boolean, as_text
from forms.xpath.library import Plain, function, special
from forms.xpath.parser import parse
from forms.xpath.paths import shape_of
from forms.xpath.scope import EvaluationError, Scope
from forms.xpath.syntax import Call, ExpressionError, Literal, Path
from forms.xpath.values import words_of

MAX_PATTERN = 2_000
MAX_TEXT = 1_000_000
_LONGEST_KEPT = 60
"""Characters that are told apart by a table that is kept."""
_REGEX_OPTIONS = re2.Options()
_REGEX_OPTIONS.log_errors = False
_REGEX_OPTIONS.max_mem = 8 << 20


@special("string", 0, 1)
def _string(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    return Code(TEXT, as_text(codes[0]) if codes else _own_text)


def _normalized(text: str) -> str:
    return " ".join(words_of(text))


@special("normalize-space", 0, 1, Plain(_normalized, ["text"], least=1))
def _normalize_space(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    text = as_text(codes[0]) if codes else _own_text
    return Code(TEXT, lambda scope: _normalized(text(scope)))


def _own_text(scope: Scope) -> str:
    return scope.node.text()


@function("concat", "text*", TEXT)
def _concat(texts: list[str]) -> str:
    return _bounded("".join(texts))


@function("join", "text text*", TEXT)
def _join(glue: str, texts: list[str]) -> str:
    return _bounded(glue.join(texts))


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise EvaluationError("计算所得文字过长", "A calculated text is too long")
    return text


@function("contains", "text text", BOOLEAN)
def _contains(text: str, part: str) -> bool:
    return part in text


@function("starts-with", "text text", BOOLEAN)
def _starts_with(text: str, part: str) -> bool:
    return text.startswith(part)


@function("ends-with", "text text", BOOLEAN)
def _ends_with(text: str, part: str) -> bool:
    return text.endswith(part)


@function("substring-before", "text text", TEXT)
def _substring_before(text: str, part: str) -> str:
    return text.partition(part)[0] if part and part in text else ""


@function("substring-after", "text text", TEXT)
def _substring_after(text: str, part: str) -> str:
    if not part:
        return text
    return text.partition(part)[2]


@function("substring", "text number number?", TEXT)
def _substring(text: str, start: float, length: float = math.inf) -> str:
    """Characters count from 1; positions are rounded (XPath 1.0 §4.2)."""
    if math.isnan(start) or math.isnan(length) or math.isinf(start):
        return text if start == -math.inf and length == math.inf else ""
    first = math.floor(start + 0.5)
    last = None if math.isinf(length) else max(0, first + math.floor(length + 0.5) - 1)
    return text[max(0, first - 1) : last]


@function("substr", "text number number?", TEXT)
def _substr(text: str, start: float, end: float = math.inf) -> str:
    """Characters count from 0; a negative number counts from the end (ODK XForms)."""
    if math.isnan(start) or math.isnan(end):
        return ""
    length = len(text)
    last = length if math.isinf(end) else int(end)
    first = length if math.isinf(start) else int(start)
    return text[max(0, first + length if first < 0 else first) : max(0, last + length if last < 0 else last)]


def _length(text: str) -> float:
    """Count UTF-16 units, as the phone does."""
    return float(len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2)


@special("string-length", 0, 1, Plain(_length, ["text"], least=1))
def _string_length(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    text = as_text(codes[0]) if codes else _own_text
    return Code(NUMBER, lambda scope: _length(text(scope)))


@function("translate", "text text text", TEXT)
def _translate(text: str, wanted: str, replacements: str) -> str:
    short = len(wanted) + len(replacements) <= _LONGEST_KEPT
    return text.translate((_table if short else _table.__wrapped__)(wanted, replacements))


@lru_cache(maxsize=512)
def _table(wanted: str, replacements: str) -> Mapping[int, str]:
    table: dict[int, str] = {}
    for place, character in enumerate(wanted):
        table.setdefault(ord(character), replacements[place : place + 1])
    return table


@special("regex", 2, 2)
def _regex(_compiler: Compiling, call: Call, codes: Sequence[Code]) -> Code:
    """Tell whether a text holds a match. Linear in the text: no look-around, no back-references (RE2)."""
    text, pattern = as_text(codes[0]), as_text(codes[1])
    written = call.arguments[1]
    if not isinstance(written, Literal):
        return Code(BOOLEAN, lambda scope: _search(pattern(scope), text(scope)))
    try:
        found = pattern_search(written.text)
    except EvaluationError as error:
        raise ExpressionError("xpath.regex", error.message, error.message_en, call.offset) from error
    return Code(BOOLEAN, lambda scope: found(text(scope)))


def pattern_search(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a text holds a match of a pattern; raises EvaluationError for one that is none."""
    search = _compiled(pattern).search
    return lambda text: search(text[:MAX_TEXT]) is not None


def _search(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text[:MAX_TEXT]) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> "re2._Regexp":
    if len(pattern) > MAX_PATTERN:
        raise EvaluationError("正则表达式过长", "The regular expression is too long")
    try:
        return re2.compile(pattern, _REGEX_OPTIONS)
    except re2.error as error:
        [told] = error.args
        reason = (told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told))[:100]
        raise EvaluationError(
            f"正则表达式“{pattern[:50]}”不可用：{reason}",
            f'The regular expression "{pattern[:50]}" cannot be used: {reason}',
        ) from error


@function("coalesce", "text text", TEXT)
def _coalesce(first: str, second: str) -> str:
    return first or second


@special("if", 3, 3)
def _if(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    condition, (_, yes, no) = as_boolean(codes[0]), codes
    run_yes, run_no = yes.run, no.run
    kind = yes.kind if yes.kind == no.kind else ANY
    return Code(kind, lambda scope: run_yes(scope) if condition(scope) else run_no(scope))


@special("once", 1, 1)
def _once(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
    """Keep what the node holds already; compute only where it is blank."""
    text = as_text(codes[0])
    return Code(TEXT, lambda scope: scope.node.read or text(scope))


@function("uuid", "number?", TEXT)
def _uuid(_length: float = 0.0) -> str:
    return str(uuid.uuid4())


@function("digest", "text text text?", TEXT)
def _digest(text: str, algorithm: str, encoding: str = "base64") -> str:
    names = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
    if algorithm not in names or encoding not in ("base64", "hex"):
        raise EvaluationError(f"不支持的摘要算法“{algorithm}”", f'The digest "{algorithm}" is not known')
    digest = hashlib.new(names[algorithm], text.encode(), usedforsecurity=False).digest()
    return digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()


@function("base64-decode", "text", TEXT)
def _base64_decode(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


@function("selected", "text text", BOOLEAN)
def _selected(chosen: str, name: str) -> bool:
    return name.strip(" \t\r\n") in (words_of(chosen) or [""])


@function("selected-at", "text number", TEXT)
def _selected_at(chosen: str, place: float) -> str:
    names = words_of(chosen)
    return names[int(place)] if 0 <= place < len(names) else ""


@function("count-selected", "text", "number")
def _count_selected(chosen: str) -> float:
    return float(len(words_of(chosen)))


@special("jr:choice-name", 2, 2)
def _choice_name(compiler: Compiling, call: Call, codes: Sequence[Code]) -> Code:
    """Return the label of a choice of the question whose path is written as a text."""
    name, written = as_text(codes[0]), call.arguments[1]
    path = parse(written.text) if isinstance(written, Literal) else written
    question = shape_of(compiler, path) if isinstance(path, Path) else None
    if question is None:
        raise ExpressionError(
            "xpath.absent-path",
            "jr:choice-name() 的第二个参数不是表单中的选择题",
            "The second argument of jr:choice-name() is no question of the form",
            call.offset,
        )
    label = compiler.choice_label

    def run(scope: Scope) -> str:
        chosen = name(scope)
        if not chosen:
            return ""
        return label(question, chosen, scope.environment) or ""

    return Code(TEXT, run)


@function("jr:itext", "text", TEXT)
def _itext(_identity: str) -> str:
    raise EvaluationError("jr:itext() 只能用于标签", "jr:itext() belongs into labels only")
