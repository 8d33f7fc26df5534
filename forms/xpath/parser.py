"""Reading XPath 1.0 expressions (W3C Recommendation of 1999-11-16, §2-3) into their syntax."""

from functools import lru_cache
from typing import NoReturn

from forms.xpath.lexer import Token, tokens_of
from forms.xpath.syntax import (
    ROOT,
    Binary,
    Call,
    Expression,
    ExpressionError,
    Filtered,
    Literal,
    Negation,
    Number,
    Path,
    Root,
    Step,
    depth_of,
)

MAX_LENGTH = 20_000
MAX_BRACKETS = 60
MAX_DEPTH = 200
"""Nesting that compiling and running can follow without running out of stack: brackets, and all in all."""


_NODE_TYPES = frozenset({"node", "text", "comment", "processing-instruction"})
_AXES = frozenset(
    [
        "child",
        "parent",
        "self",
        "descendant",
        "descendant-or-self",
        "ancestor",
        "ancestor-or-self",
        "following-sibling",
        "preceding-sibling",
        "attribute",
        "following",
        "preceding",
        "namespace",
    ]
)
_LEVELS = (
    ("or",),
    ("and",),
    ("=", "!="),
    ("<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "div", "mod"),
)


_TOO_DEEP = (
    "表达式嵌套过深，请拆成几个 calculate",
    "The expression is nested too deeply: split it into several calculates",
)


@lru_cache(maxsize=8192)
def parse(expression: str) -> Expression:
    """Read an expression; raises ExpressionError with the offset of what cannot be read."""
    if len(expression) > MAX_LENGTH:
        raise ExpressionError("xpath.too-long", "表达式过长", "The expression is too long")
    parser = _Parser(tokens_of(expression))
    found = parser.expression()
    parser.expect_end()
    if depth_of(found) > MAX_DEPTH:
        raise ExpressionError("xpath.too-deep", *_TOO_DEEP)
    return found


class _Parser:
    """Recursive descent, one method for each kind of expression."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def expression(self) -> Expression:
        """Read an expression with all its operators."""
        self._depth += 1
        if self._depth > MAX_BRACKETS:
            raise ExpressionError("xpath.too-deep", *_TOO_DEEP)
        found = self._binary(0)
        self._depth -= 1
        return found

    def expect_end(self) -> None:
        """Refuse whatever follows a whole expression."""
        if self._here.kind != "end":
            self._fail()

    @property
    def _here(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _is(self, text: str) -> bool:
        return self._here.kind in ("symbol", "operator") and self._here.text == text

    def _take(self, text: str) -> bool:
        if self._is(text):
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            self._fail(text)

    def _fail(self, expected: str = "") -> NoReturn:
        token = self._here
        found = token.text or "结尾"
        found_en = token.text or "the end"
        raise ExpressionError(
            "xpath.syntax",
            f"第 {token.offset + 1} 个字符处不应是“{found}”" + (f"，应为“{expected}”" if expected else ""),
            f'"{found_en}" is not expected at character {token.offset + 1}'
            + (f', "{expected}" is' if expected else ""),
            token.offset,
        )

    def _binary(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self._here.kind in ("symbol", "operator") and self._here.text in _LEVELS[level]:
            operator = self._next().text
            left = Binary(operator, left, self._binary(level + 1))
        return left

    def _unary(self) -> Expression:
        negative = 0
        while self._take("-"):
            negative += 1
        found = self._union()
        if negative == 0:
            return found
        return Negation(found) if negative % 2 else Negation(Negation(found))

    def _union(self) -> Expression:
        left = self._path()
        while self._take("|"):
            left = Binary("|", left, self._path())
        return left

    def _path(self) -> Expression:
        if self._is("/"):
            self._next()
            return Path(ROOT, tuple(self._steps()) if self._starts_step() else ())
        if self._is("//"):
            self._next()
            return Path(ROOT, (_ANYWHERE, *self._steps()))
        if self._starts_step():
            return Path(None, tuple(self._steps()))
        return self._filter()

    def _filter(self) -> Expression:
        found: Expression = self._primary()
        predicates = self._predicates()
        if predicates:
            found = Filtered(found, predicates)
        if self._take("/"):
            return self._continue(found, ())
        if self._take("//"):
            return self._continue(found, (_ANYWHERE,))
        return found

    def _continue(self, start: "Expression | Root", before: tuple[Step, ...]) -> Path:
        return Path(start, (*before, *self._steps()))

    def _primary(self) -> Expression:
        token = self._next()
        if token.kind == "number":
            return Number(float(token.text))
        if token.kind == "literal":
            return Literal(token.text[1:-1])
        if token.kind == "name" and self._is("("):
            return self._call(token)
        if token.text == "(" and token.kind == "symbol":
            inner = self.expression()
            self._expect(")")
            return inner
        self._at -= 1
        return self._fail()

    def _call(self, name: Token) -> Call:
        self._expect("(")
        arguments: list[Expression] = []
        if not self._take(")"):
            arguments.append(self.expression())
            while self._take(","):
                arguments.append(self.expression())
            self._expect(")")
        return Call(name.text, tuple(arguments), name.offset)

    def _starts_step(self) -> bool:
        token = self._here
        if token.kind == "symbol":
            return token.text in (".", "..", "@", "*")
        if token.kind != "name":
            return False
        following = self._tokens[self._at + 1]
        return token.text in _NODE_TYPES or not (following.kind == "symbol" and following.text == "(")

    def _steps(self) -> list[Step]:
        steps = [self._step()]
        while True:
            if self._take("//"):
                steps.append(_ANYWHERE)
            elif not self._take("/"):
                return steps
            steps.append(self._step())

    def _step(self) -> Step:
        if self._take("."):
            return Step("self", "node()", self._predicates())
        if self._take(".."):
            return Step("parent", "node()", self._predicates())
        axis = "child"
        if self._take("@"):
            axis = "attribute"
        elif self._here.kind == "name" and self._tokens[self._at + 1].text == "::":
            axis = self._next().text
            if axis not in _AXES:
                self._at -= 1
                self._fail()
            self._next()
        return Step(axis, self._test(), self._predicates())

    def _test(self) -> str:
        if self._take("*"):
            return "*"
        if self._here.kind != "name":
            self._fail()
        name = self._next().text
        if name in _NODE_TYPES and self._take("("):
            if self._here.kind == "literal":
                self._next()
            self._expect(")")
            return f"{name}()"
        return name

    def _predicates(self) -> tuple[Expression, ...]:
        found = []
        while self._take("["):
            found.append(self.expression())
            self._expect("]")
        return tuple(found)


_ANYWHERE = Step("descendant-or-self", "node()")
