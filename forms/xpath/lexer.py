"""The tokens of XPath 1.0 (§3.7), with what a name or a `*` means by what stands before it."""

import re
from typing import NamedTuple

from forms.xpath.syntax import ExpressionError

_NAME = r"[^\W\d][\w.\-]*"
_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<number>\d+(?:\.\d*)?|\.\d+)
    |(?P<literal>"[^"]*"|'[^']*')
    |(?P<name>{_NAME}(?::(?!:)(?:{_NAME}|\*))?)
    |(?P<symbol>\.\.|::|//|!=|<=|>=|[()\[\].@,/|+\-=<>*$])
    )""",
    re.VERBOSE,
)
_OPERATOR_NAMES = frozenset({"and", "or", "mod", "div"})
_BEFORE_OPERAND = frozenset(
    [
        "@",
        "::",
        "(",
        "[",
        ",",
        "/",
        "//",
        "|",
        "+",
        "-",
        "=",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "and",
        "or",
        "mod",
        "div",
        "*",
    ]
)


class Token(NamedTuple):
    """One token: `kind` is number, literal, name, operator, symbol or end."""

    kind: str
    text: str
    offset: int


def tokens_of(expression: str) -> list[Token]:
    """Part an expression; the last token is its end. Raises ExpressionError at what is no token."""
    tokens: list[Token] = []
    end = len(expression.rstrip())
    offset = 0
    while offset < end:
        match = _TOKEN.match(expression, offset)
        if match is None:
            at = expression[offset:].lstrip()[:10]
            raise ExpressionError("xpath.syntax", f"无法识别“{at}”", f'"{at}" cannot be read', offset)
        kind, text = str(match.lastgroup), match[str(match.lastgroup)]
        # §3.7: after what ends an operand, `*` and these names are operators.
        follows_operand = bool(tokens) and (
            tokens[-1].kind in ("number", "literal", "name") or tokens[-1].text not in _BEFORE_OPERAND
        )
        if follows_operand and (text in _OPERATOR_NAMES or text == "*"):
            kind = "operator"
        tokens.append(Token(kind, text, match.start(str(match.lastgroup))))
        offset = match.end()
    tokens.append(Token("end", "", end))
    return tokens
