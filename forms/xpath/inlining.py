"""Writing an expression as Python: what its closures do, without a call for each part of it.

The closures (`forms.xpath.compiling`) say what an expression means. Here what forms use most - answers, texts,
numbers, comparisons, `and`, `or`, `if`, functions of plain values - is written out as one Python expression of the
same meaning, and whatever else stands in it stays the call of its closure. The text runs where `e` is the environment
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
from forms.xpath.library import FUNCTIONS
from forms.xpath.paths import climb_of, plain_target
from forms.xpath.scope import Environment, Scope
from forms.xpath.shapes import Shape
from forms.xpath.syntax import Binary, Call, Expression, Literal, Negation, Number, Path, depth_of
from forms.xpath.values import number_to_text, text_to_number, to_boolean

DEEPEST = 24
"""Levels of an expression that are written out; Python reads about a hundred brackets within each other."""

_PLAIN = frozenset({TEXT, LEAF, NUMBER, BOOLEAN})


class Constants:
    """What the written text names besides its variables: closures, functions, units."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {
            "Scope": Scope,
            "number_to_text": number_to_text,
            "text_to_number": text_to_number,
            "to_boolean": to_boolean,
            "spent": spent,
        }
        self._known: dict[int, str] = {}

    def name(self, value: Any) -> str:
        """Give a value a name, the same one each time; it is kept, so that no other takes its identity."""
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = f"c{len(self._known)}"
            self.names[known] = value
        return known


class Inliner:
    """Writes the expressions at one node of the form; `node` is the variable that holds it.

    `may_fail` tells whether what was written so far can raise.
    """

    def __init__(
        self, compiler: Compiler, node: str, fixed: Callable[[Shape], str], constants: Constants
    ) -> None:
        self._compiler = compiler
        self._node = node
        self._fixed = fixed
        self._constants = constants
        self.may_fail = False

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
        code = self._compiler.compile(expression)
        written = write(expression, code) if depth_of(expression) <= DEEPEST else None
        if written is not None:
            return written
        self.may_fail = True
        return f"{self._constants.name(convert(code))}(Scope(e, {self._node}))"

    def _text(self, expression: Expression, code: Code) -> str | None:
        if isinstance(expression, Literal):
            return ascii(expression.text)
        if isinstance(expression, Path):
            return self._leaf(expression)
        if isinstance(expression, Call):
            return self._choice(expression, self.text) or self._text_call(expression, code)
        if code.kind == NUMBER:
            return f"number_to_text({self.number(expression)})"
        return self._word(expression) if code.kind == BOOLEAN else None

    def _text_call(self, call: Call, code: Code) -> str | None:
        arguments = call.arguments
        if call.name == "once":
            return f"({self._node}.read or {self.text(arguments[0])})"
        if call.name == "pulldata" and all(isinstance(each, Literal) for each in arguments[:3]):
            listed, wanted, column = (ascii(each.text) for each in arguments[:3] if isinstance(each, Literal))
            self.may_fail = True
            return f"e.table({listed}).value({wanted}, {column}, {self.text(arguments[3])})"
        called = self._call(call)
        if called is None or code.kind == TEXT:
            return called
        return f"number_to_text({called})" if code.kind == NUMBER else f"('true' if {called} else 'false')"

    def _word(self, expression: Expression) -> str:
        return f"('true' if {self.boolean(expression)} else 'false')"

    def _number(self, expression: Expression, code: Code) -> str | None:
        if isinstance(expression, Number):
            return self._constants.name(expression.value)
        if isinstance(expression, Negation | Binary) and code.kind == NUMBER:
            return self._arithmetic(expression)
        if isinstance(expression, Call) and (chosen := self._choice(expression, self.number)):
            return chosen
        if isinstance(expression, Call) and code.kind == NUMBER:
            return self._call(expression)
        if code.kind == BOOLEAN:
            return f"(1.0 if {self.boolean(expression)} else 0.0)"
        return self._number_of_text(expression, code)

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
                return self._call(expression)
        if code.kind == NUMBER:
            return f"to_boolean({self.number(expression)})"
        return f"({self.text(expression)} != '')" if code.kind == TEXT else None

    def _operation(self, expression: Binary) -> str | None:
        operator = expression.operator
        if operator in ("and", "or"):
            return f"({self.boolean(expression.left)} {operator} {self.boolean(expression.right)})"
        kinds = {self._compiler.compile(each).kind for each in (expression.left, expression.right)}
        if operator in ORDERS:
            return None if kinds & {NODES, ANY, NODE} else self._compared(expression, self.number, operator)
        sign = "==" if operator == "=" else "!="
        if BOOLEAN in kinds and ANY not in kinds:
            return self._compared(expression, self.boolean, sign)
        if kinds <= {TEXT, LEAF}:
            return self._compared(expression, self.text, sign)
        if NUMBER in kinds and kinds <= {NUMBER, TEXT, LEAF}:
            return self._compared(expression, self.number, sign)
        return None

    def _compared(self, expression: Binary, write: Callable[[Expression], str], sign: str) -> str:
        return f"({write(expression.left)} {sign} {write(expression.right)})"

    def _choice(self, call: Call, write: Callable[[Expression], str]) -> str | None:
        """Write `if(condition, one, other)`: what is wanted of it is wanted of either."""
        if call.name != "if":
            return None
        condition, one, other = call.arguments
        return f"({write(one)} if {self.boolean(condition)} else {write(other)})"

    def _call(self, call: Call) -> str | None:
        """Write the call of a function of plain values; None for any other."""
        plain = FUNCTIONS[call.name].plain
        if plain is None:
            return None
        rest = call.arguments[len(plain.kinds) :]
        if any(self._compiler.compile(each).kind not in _PLAIN for each in rest):
            return None
        writers: Mapping[str, Callable[[Expression], str]] = {
            "text": self.text,
            "number": self.number,
            "boolean": self.boolean,
        }
        if any(kind not in writers for kind in plain.kinds):
            return None
        given = [writers[kind](each) for kind, each in zip(plain.kinds, call.arguments, strict=False)]
        if plain.rest is not None:
            given.append(f"spent(e, [{', '.join(writers[plain.rest](each) for each in rest)}])")
        self.may_fail = True
        return f"{self._constants.name(plain.compute)}({', '.join(given)})"

    def _leaf(self, path: Path) -> str | None:
        """Write the answer that a path of names leads to; None for any other path."""
        target = plain_target(self._compiler, path)
        if target is None or not target.leaf:
            return None
        if target.fixed:
            return f"{self._fixed(target)}.read"
        moves = climb_of(path.steps)
        return (
            self._node + "".join(".parent" if m == ".." else f".children[{m!r}][0]" for m in moves) + ".read"
        )


def spent(environment: Environment, values: list[Any]) -> list[Any]:
    """Take from the budget what looking at some values costs."""
    environment.spend(len(values))
    return values
