"""Writing an expression as Python: what its closures do, without a call for each part of it.

The closures (`forms.xpath.compiling`) say what an expression means. Here what forms use most - answers, texts,
numbers, comparisons, `and`, `or`, `if`, functions of plain values, the rows of a repeat - is written out as one Python
expression of the same meaning, and whatever else stands in it stays the call of its closure. The text runs where `e` is the environment
and the variables that `fixed` names hold the nodes outside of repeats.
"""

from collections.abc import Callable, Mapping
from typing import Any

from forms.xpath.code import (
    ANY,
    BOOLEAN,
    LEAF,
    NODE,
    NODES,
    NUMBER,
    TEXT,
    Code,
    as_boolean,
    as_number,
    as_text,
)
from forms.xpath.comparing import ORDERS
from forms.xpath.compiling import ARITHMETIC, Compiler
from forms.xpath.constants import Constants
from forms.xpath.library import FUNCTIONS
from forms.xpath.paths import climb_of, is_of_current, plain_target
from forms.xpath.rows import written_count, written_sum
from forms.xpath.scope import Scope
from forms.xpath.shapes import Shape
from forms.xpath.syntax import Binary, Call, Expression, Literal, Negation, Number, Path, depth_of
from forms.xpath.text_functions import pattern_search
from forms.xpath.values import number_to_text

DEEPEST = 24
"""Levels of an expression that are written out; Python reads about a hundred brackets within each other."""

_PLAIN = frozenset({TEXT, LEAF, NUMBER, BOOLEAN})
_OWN = {TEXT: "text", LEAF: "text", NUMBER: "number", BOOLEAN: "boolean"}
_VALUE = "value"


class Inliner:
    """Writes the expressions at one node of the form; `node` is the variable that holds it.

    Within a predicate `current` is the variable of `current()`, and `level` counts the predicates around. `may_fail`
    tells whether what was written so far can raise.
    """

    def __init__(
        self,
        compiler: Compiler,
        node: str,
        fixed: Callable[[Shape], str],
        constants: Constants,
        current: str | None = None,
        level: int = 0,
    ) -> None:
        self.compiler = compiler
        self.node = node
        self.fixed = fixed
        self.current = current or node
        self.level = level
        self.may_fail = False
        self._constants = constants

    def within(self, shape: Shape) -> "Inliner":
        """Return what writes a predicate on nodes of a shape."""
        inner = self.compiler.within(shape)
        return Inliner(inner, f"m{self.level}", self.fixed, self._constants, self.current, self.level + 1)

    def text(self, expression: Expression) -> str:
        """Write what gives its text."""
        return self._written(expression, self._text, as_text)

    def number(self, expression: Expression) -> str:
        """Write what gives its number."""
        return self._written(expression, self._number, as_number)

    def boolean(self, expression: Expression) -> str:
        """Write what gives its truth."""
        return self._written(expression, self._boolean, as_boolean)

    def _written(
        self,
        expression: Expression,
        write: Callable[[Expression, Code], str | None],
        convert: Callable[[Code], Callable[[Scope], Any]],
    ) -> str:
        code = self.compiler.compile(expression)
        written = write(expression, code) if depth_of(expression) <= DEEPEST else None
        if written is not None:
            return written
        self.may_fail = True
        scope = f"e, {self.node}" if self.current == self.node else f"e, {self.node}, {self.current}"
        return f"{self._constants.name(convert(code))}(Scope({scope}))"

    def _text(self, expression: Expression, code: Code) -> str | None:
        if isinstance(expression, Literal):
            return ascii(expression.text)
        if isinstance(expression, Path):
            return self._leaf(expression)
        if isinstance(expression, Call):
            return self._choice(expression, self.text) or self._text_call(expression, code)
        if code.kind == NUMBER:
            return self._digits(expression)
        return self._word(expression) if code.kind == BOOLEAN else None

    def _text_call(self, call: Call, code: Code) -> str | None:
        arguments = call.arguments
        if call.name == "once":
            return f"({self.node}.read or {self.text(arguments[0])})"
        if call.name == "pulldata" and all(isinstance(each, Literal) for each in arguments[:3]):
            return self._looked_up(call)
        if call.name == "string" and arguments:
            return self.text(arguments[0])
        if code.kind == NUMBER:
            return self._digits(call)
        called = self._call(call)
        if called is None or code.kind == TEXT:
            return called
        return f"('true' if {called} else 'false')" if code.kind == BOOLEAN else None

    def _looked_up(self, call: Call) -> str:
        """Write `pulldata('list', 'wanted', 'column', key)`."""
        *texts, key = call.arguments
        listed, wanted, column = (ascii(each.text) for each in texts if isinstance(each, Literal))
        self.may_fail = True
        answer = self._leaf(key) if isinstance(key, Path) else None
        if answer is not None:
            return f"e.row_of({listed}, {column}, {answer}).get({wanted}, '')"
        # A list that is missing is told before a key that cannot be evaluated.
        return f"e.table({listed}).value({wanted}, {column}, {self.text(key)})"

    def _digits(self, expression: Expression) -> str:
        if isinstance(expression, Number):
            return ascii(number_to_text(expression.value))
        return f"number_to_text({self.number(expression)})"

    def _word(self, expression: Expression) -> str:
        return f"('true' if {self.boolean(expression)} else 'false')"

    def _number(self, expression: Expression, code: Code) -> str | None:
        if isinstance(expression, Number):
            return self._constants.name(expression.value)
        if isinstance(expression, Negation | Binary) and code.kind == NUMBER:
            return self._arithmetic(expression)
        if isinstance(expression, Call) and (called := self._number_call(expression, code)):
            return called
        if code.kind == BOOLEAN:
            return f"(1.0 if {self.boolean(expression)} else 0.0)"
        return self._number_of_text(expression, code)

    def _number_call(self, call: Call, code: Code) -> str | None:
        if call.name in ("if", "number"):
            return self._choice(call, self.number) or (
                self.number(call.arguments[0]) if call.arguments else None
            )
        if call.name in ("count", "sum"):
            self.may_fail = True
            return written_count(self, call) if call.name == "count" else written_sum(self, call)
        called = self._call(call) if code.kind in (NUMBER, ANY) else None
        return f"to_number({called}, e.zone)" if called and code.kind == ANY else called

    def _number_of_text(self, expression: Expression, code: Code) -> str | None:
        text = self._text(expression, code) if code.kind in (TEXT, LEAF) else None
        if text is None:
            return None
        self.may_fail = True
        return f"text_to_number({text}, e.zone)"

    def _arithmetic(self, expression: Negation | Binary) -> str:
        if isinstance(expression, Negation):
            return f"(-{self.number(expression.operand)})"
        left, right = self.number(expression.left), self.number(expression.right)
        if expression.operator in ("+", "-", "*"):
            return f"({left} {expression.operator} {right})"
        self.may_fail = True
        return f"{self._constants.name(ARITHMETIC[expression.operator])}({left}, {right})"

    def _boolean(self, expression: Expression, code: Code) -> str | None:
        if isinstance(expression, Binary) and code.kind == BOOLEAN:
            return self._operation(expression)
        if isinstance(expression, Call):
            if chosen := self._choice(expression, self.boolean):
                return chosen
            if expression.name == "not":
                return f"(not {self.boolean(expression.arguments[0])})"
            if code.kind == BOOLEAN:
                return self._search(expression) or self._call(expression)
        if code.kind == NUMBER:
            return f"to_boolean({self.number(expression)})"
        return f"({self.text(expression)} != '')" if code.kind == TEXT else None

    def _operation(self, expression: Binary) -> str | None:
        operator = expression.operator
        if operator in ("and", "or"):
            return f"({self.boolean(expression.left)} {operator} {self.boolean(expression.right)})"
        kinds = {self._kind(each) for each in (expression.left, expression.right)}
        if operator in ORDERS:
            return None if kinds & {NODES, ANY, NODE} else self._compared(expression, self.number, operator)
        sign = "==" if operator == "=" else "!="
        if BOOLEAN in kinds and not kinds & {ANY, _VALUE}:
            return self._compared(expression, self.boolean, sign)
        if kinds <= {TEXT, LEAF}:
            return self._compared(expression, self.text, sign)
        if NUMBER in kinds and kinds <= {NUMBER, TEXT, LEAF}:
            return self._compared(expression, self.number, sign)
        return None

    def _kind(self, expression: Expression) -> str:
        """Tell the kind of an operand; the value of a function of plain values is one value, if of any type."""
        kind = self.compiler.compile(expression).kind
        is_value = (
            kind == ANY and isinstance(expression, Call) and FUNCTIONS[expression.name].plain is not None
        )
        return _VALUE if is_value else kind

    def _compared(self, expression: Binary, write: Callable[[Expression], str], sign: str) -> str:
        return f"({write(expression.left)} {sign} {write(expression.right)})"

    def _choice(self, call: Call, write: Callable[[Expression], str]) -> str | None:
        """Write `if(condition, one, other)`: what is wanted of it is wanted of either."""
        if call.name != "if":
            return None
        condition, one, other = call.arguments
        return f"({write(one)} if {self.boolean(condition)} else {write(other)})"

    def _search(self, call: Call) -> str | None:
        """Write `regex(text, 'pattern')`."""
        pattern = call.arguments[1] if call.name == "regex" else None
        if not isinstance(pattern, Literal):
            return None
        self.may_fail = True
        return f"{self._constants.name(pattern_search(pattern.text))}({self.text(call.arguments[0])})"

    def _call(self, call: Call) -> str | None:
        """Write the call of a function of plain values; None for any other."""
        plain = FUNCTIONS[call.name].plain
        if plain is None or len(call.arguments) < plain.least:
            return None
        rest = call.arguments[len(plain.kinds) :]
        if any(self.compiler.compile(each).kind not in _PLAIN for each in rest):
            return None
        writers: Mapping[str, Callable[[Expression], str]] = {
            "text": self.text,
            "number": self.number,
            "boolean": self.boolean,
        }
        given = ["e"] if plain.of_environment else []
        for kind, each in zip(plain.kinds, call.arguments, strict=False):
            write = writers.get(_OWN.get(self.compiler.compile(each).kind, "") if kind == "any" else kind)
            if write is None:
                return None
            given.append(write(each))
        if plain.rest is not None:
            given.append(f"spent(e, [{', '.join(writers[plain.rest](each) for each in rest)}])")
        self.may_fail = True
        return f"{self._constants.name(plain.compute)}({', '.join(given)})"

    def _leaf(self, path: Path) -> str | None:
        """Write the answer that a path of names leads to; None for any other path."""
        target = plain_target(self.compiler, path)
        if target is None or not target.leaf:
            return None
        return f"{self.place(path, target)}.read"

    def place(self, path: Path, target: Shape) -> str:
        """Write the one node that a path of names leads to."""
        if target.fixed:
            return self.fixed(target)
        start = self.current if is_of_current(path) else self.node
        return start + "".join(
            ".parent" if m == ".." else f".children[{m!r}][0]" for m in climb_of(path.steps)
        )
