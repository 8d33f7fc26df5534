"""The functions that expressions may call: XPath 1.0 §4 and the ODK XForms specification, "XPath functions".

A function says which types it takes; the compiler hands it values of just these types.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from forms.xpath.code import (
    Code,
    Compiling,
    Run,
    as_boolean,
    as_items,
    as_nodes,
    as_number,
    as_text,
)
from forms.xpath.scope import Scope
from forms.xpath.syntax import Call, ExpressionError
from forms.xpath.values import to_boolean, to_number, to_text

_CONVERTERS: dict[str, Callable[[Code], Callable[[Scope], Any]]] = {
    "text": as_text,
    "number": as_number,
    "boolean": as_boolean,
    "nodes": as_nodes,
    "any": lambda code: code.run,
}
_ITEM_CONVERTERS: dict[str, Callable[[Any, Scope], Any]] = {
    "text": lambda value, _scope: to_text(value),
    "number": lambda value, scope: to_number(value, scope.environment.zone),
    "boolean": lambda value, _scope: to_boolean(value),
}


@dataclass(frozen=True, slots=True)
class Plain:
    """A function of nothing but its values: `compute` takes one of each kind, and the `rest` as one list.

    `of_environment`: before them it takes the environment. `least`: with fewer values it looks at the context node.
    """

    compute: Callable[..., Any]
    kinds: Sequence[str]
    rest: str | None = None
    of_environment: bool = False
    least: int = 0


@dataclass(frozen=True, slots=True)
class Function:
    """One function: how many arguments it takes (`most` None: any number) and how a call is compiled."""

    name: str
    least: int
    most: int | None
    build: Callable[[Compiling, Call, Sequence[Code]], Code]
    plain: Plain | None = None

    def compile(self, compiler: Compiling, call: Call) -> Code:
        """Compile a call; ExpressionError when it has too few arguments or too many."""
        count = len(call.arguments)
        if count < self.least or (self.most is not None and count > self.most):
            wanted = str(self.least) if self.most == self.least else f"{self.least}–{self.most or '…'}"
            raise ExpressionError(
                "xpath.arity",
                f"函数 {self.name}() 应有 {wanted} 个参数，实为 {count} 个",
                f"{self.name}() takes {wanted} arguments, not {count}",
                call.offset,
            )
        return self.build(compiler, call, [compiler.compile(each) for each in call.arguments])


FUNCTIONS: dict[str, Function] = {}

VOLATILE = frozenset({"now", "uuid", "random", "randomize"})
"""Functions whose result a second evaluation cannot find again."""


def function_named(call: Call) -> Function:
    """Return the function that is called; ExpressionError when there is none."""
    found = FUNCTIONS.get(call.name)
    if found is None:
        raise ExpressionError(
            "xpath.unknown-function",
            f"没有函数 {call.name}()",
            f"There is no function {call.name}()",
            call.offset,
        )
    return found


def special(name: str, least: int, most: int | None, plain: Plain | None = None) -> Callable[[Any], Any]:
    """Enter a function that compiles its calls itself. `plain` does the same where values are all it is given."""

    def enter(build: Callable[[Compiling, Call, Sequence[Code]], Code]) -> Any:
        FUNCTIONS[name] = Function(name, least, most, build, plain)
        return build

    return enter


def function(name: str, takes: str, gives: str) -> Callable[[Any], Any]:
    """Enter a function of values: `takes` lists types, `?` marks what may be left out.

    A last `type*` takes the rest: every node of every argument by itself, as one list. With
    `environment` first, the function is also given the environment.
    """
    wanted = takes.split()
    of_environment = bool(wanted) and wanted[0] == "environment"
    wanted = wanted[1:] if of_environment else wanted
    rest = wanted.pop().removesuffix("*") if wanted and wanted[-1].endswith("*") else None
    least = sum(not each.endswith("?") for each in wanted)
    kinds = [each.removesuffix("?") for each in wanted]

    def enter(compute: Callable[..., Any]) -> Callable[..., Any]:
        def build(_compiler: Compiling, _call: Call, codes: Sequence[Code]) -> Code:
            head = [_CONVERTERS[kind](code) for kind, code in zip(kinds, codes, strict=False)]
            if rest is not None:
                head.append(_collected(rest, codes[len(kinds) :]))
            return Code(gives, _call_of(compute, head, of_environment=of_environment))

        plain = Plain(compute, kinds, rest, of_environment)
        FUNCTIONS[name] = Function(name, least, None if rest is not None else len(kinds), build, plain)
        return compute

    return enter


def _call_of(compute: Callable[..., Any], arguments: Sequence[Run], *, of_environment: bool) -> Run:
    if of_environment:
        return lambda scope: compute(scope.environment, *[argument(scope) for argument in arguments])
    if len(arguments) == 1:
        (only,) = arguments
        return lambda scope: compute(only(scope))
    if len(arguments) == 2:
        first, second = arguments
        return lambda scope: compute(first(scope), second(scope))
    return lambda scope: compute(*[argument(scope) for argument in arguments])


def _collected(kind: str, codes: Sequence[Code]) -> Run:
    items = [as_items(code) for code in codes]
    convert = _ITEM_CONVERTERS[kind]

    def collect(scope: Scope) -> list[Any]:
        found = [convert(value, scope) for each in items for value in each(scope)]
        scope.environment.spend(len(found))
        return found

    return collect
