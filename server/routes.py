"""Addresses that cost little to know: what writes one of them is made when somebody first asks for it."""

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import ImmutableDict
from werkzeug.routing import IntegerConverter, Map, Rule

Builder = Callable[..., tuple[str, str]]


class Route(Rule):
    """The address of a view.

    Werkzeug compiles two functions for each address as soon as it is known, to write it with (`url_for`). Of hundreds
    a handful are ever written, and the others were most of what it took to begin.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        compile_now = super()._compile_builder
        made: list[Builder] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(compile_now(append_unknown))
            return made[0](rule, **values)

        return build


class Number(IntegerConverter):
    """A number in an address that a column of so many bits can hold; nothing lies at a larger one."""

    regex = r"\d{1,18}"

    def __init__(self, addresses: Map, bits: int = 32, **more: Any) -> None:
        super().__init__(addresses, **{"max": 2 ** (bits - 1) - 1} | more)


class Addresses(Map):
    """The addresses of the application."""

    default_converters = ImmutableDict(Map.default_converters | {"int": Number})
