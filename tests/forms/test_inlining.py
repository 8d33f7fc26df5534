"""What is written out as Python says what its closures say: each expression is asked both ways on the same record."""

import itertools
import math
from collections.abc import Callable
from decimal import Decimal

import pytest

from forms import ListTable, parse_instance, read_answers
from forms.checking.inflating import inflate, written_decimal
from forms.checking.rules import choice_label, rules_of
from forms.structure import Question
from forms.xpath import Environment, EvaluationError, ListMissingError, Node, Scope, Shape, parse
from forms.xpath.code import as_boolean, as_number, as_text
from forms.xpath.compiling import Compiler
from forms.xpath.constants import Constants
from forms.xpath.inlining import Inliner
from forms.xpath.values import number_to_text, text_to_number
from tests.forms.filled import LISTS, NOW

WAYS = {"text": as_text, "number": as_number, "boolean": as_boolean}
FAILURES = (EvaluationError, ListMissingError, ArithmeticError, ValueError)

OPERANDS = (
    "/data/a", "/data/b", "/data/c", "../d", ".", "current()/../b", "'7'", "''", "'2026-01-02'", "12", "0", "-1.5",
    "/data/a = 'x'", "/data/row", "/data/row[v > 1]", "/data/row/v", "count(/data/row)", "string-length(/data/a)",
    "if(/data/a = '', 3, /data/b)", "if(true(), 'x', 'y')", "once('n')", "coalesce(/data/c, 'none')",
    "pulldata('rows', 'v', 'k', /data/b)", "pulldata('none', 'v', 'k', 'x')", "selected(/data/d, 'x')", "number('')",
    "concat(/data/a, 1, true())", "translate(/data/d, 'x', 'y')", "today()", "not(/data/c)", "round(2.5)", "/data/g",
    "substring(/data/d, 1, 2)", "max(/data/row/v)", "regex(/data/a, '^x')", "1 div 0", "position(..)",
)  # fmt: skip
ROWS_AND_MOMENTS = (
    "count(/data/row[v = '1'])", "count(/data/row[v > 1][. != ''])", "count(/data/row[v = /data/a or ../a = 'x'])",
    "count(/data/row[v = current()/../b])", "count(../row[v = ../b])", "count(/data/row[2])", "count(/data/nowhere)",
    "count(/data/row[position() = 1])", "count(/data/row[string-length() > 0])", "count(/data/g[e = /data/b])",
    "count(/data/row[v <= today()][v = '2'])", "count(/data/row[count(/data/row[v = current()/../a]) = 0])",
    "count(/data/row[v = '2'][pulldata('none', 'v', 'k', v) = 'x'])", "count(/data/g)", "count(/data/row[v])",
    "sum(/data/row/v)", "sum(/data/row[v != '1']/v)", "sum(/data/row)", "sum(/data/b)", "sum(/data/g[e = '7']/e)",
    "date(/data/c)", "date-time(/data/b)", "date(/data/c) < today()", "date(/data/a) >= now()", "date(/data/b) = 7",
    "decimal-date-time(/data/c)", "decimal-date-time(today())", "decimal-date-time(/data/row)",
    "decimal-date-time(1 = 1)", "date(true()) = true()", "format-date(/data/c, '%Y')", "now()", "number(/data/d)",
    "number(/data/a = 'x')", "number()", "string(/data/b)", "string()", "string-length()", "string-length('界𠀀')",
    "normalize-space(/data/d)", "normalize-space()", "regex(/data/c, '^[0-9]{4}-')", "regex(/data/c, /data/d)",
)  # fmt: skip
OPERATORS = ("=", "!=", "<", ">=", "and", "or", "+", "*", "div", "mod")

# Every 31st of all, which meets each operand on either side and with each operator.
PAIRS = [
    f"{one} {operator} {other}"
    for one, operator, other in itertools.islice(
        itertools.product(OPERANDS, OPERATORS, OPERANDS), 0, None, 31
    )
]


def small_instance(a: str, b: str, c: str, d: str) -> tuple[Shape, Environment]:
    """A record of four answers, a group, and a repeat of two."""
    document = Shape("", None)
    data = Shape("data", document)
    leaves = [Shape(name, data, leaf=True) for name in "abcd"]
    group = Shape("g", data)
    inner = Shape("e", group, leaf=True)
    row = Shape("row", data, repeat=True)
    value = Shape("v", row, leaf=True)
    top = Node("", None, document)
    root = Node("data", top, data)
    top.children = {"data": [root]}
    held = {
        shape.name: [Node(shape.name, root, shape, text)]
        for shape, text in zip(leaves, (a, b, c, d), strict=True)
    }
    below = Node("g", root, group)
    below.children = {"e": [Node("e", below, inner, b)]}
    rows = []
    for text in ("1", "2"):
        each = Node("row", root, row)
        each.children = {"v": [Node("v", each, value, text)]}
        rows.append(each)
    root.children = {**held, "g": [below], "row": rows}
    fixed = {"": top, "/data": root, "/data/g": below, "/data/g/e": below.children["e"][0]}
    fixed |= {f"/data/{name}": nodes[0] for name, nodes in held.items()}
    lists = {"rows": ListTable([{"k": "7", "v": "found"}])}
    return document, Environment(top, fixed, lists, NOW)


def both(
    expression: str, way: str, shape: Shape, environment: Environment, within: Node | None = None
) -> tuple[object, object]:
    """Ask an expression at a node of the form in both ways; what it fails with counts as an answer, as does its cost."""
    compiler, constants = Compiler(shape, shape, choice_label), Constants()
    names: dict[str, str] = {}

    def fixed(target: Shape) -> str:
        return names.setdefault(target.path, f"n{len(names)}")

    def spending(ask: Callable[[], object]) -> tuple[object, object]:
        environment._indexes.clear()  # an index is paid for once
        before = environment.steps
        return outcome(ask), before - environment.steps

    node = "n" if within else fixed(shape)
    parsed = parse(expression)
    written = getattr(Inliner(compiler, node, fixed, constants), way)(parsed)
    run = WAYS[way](compiler.compile(parsed))
    at = within or environment.fixed[shape.path]
    held = {"n": at} | {name: environment.fixed[path] for path, name in names.items()}
    return (
        spending(lambda: run(Scope(environment, at))),
        spending(lambda: eval(written, constants.names | held | {"e": environment})),
    )


def outcome(ask) -> object:
    try:
        found = ask()
    except FAILURES as error:
        return type(error)
    is_nan = isinstance(found, float) and math.isnan(found)
    return "NaN" if is_nan else (type(found), found)


@pytest.mark.parametrize(
    "answers", [("x", "7", "", "x y"), ("", "3.5", "2026-01-02", "7"), ("界", "", "-0", "")]
)
def test_parts_of_all_types_in_all_places_say_the_same_in_both_ways(answers):
    document, environment = small_instance(*answers)
    at = document.find("/data/d")
    asked = [*OPERANDS, *ROWS_AND_MOMENTS, *PAIRS]
    every_way = len(OPERANDS) + len(ROWS_AND_MOMENTS)
    different = [
        (expression, way, told)
        for number, expression in enumerate(asked)
        for way in (WAYS if number < every_way else [list(WAYS)[number % 3]])
        if (told := both(expression, way, at, environment))[0] != told[1]
    ]
    assert not different


@pytest.mark.parametrize("settled", [False, True])
def test_what_is_asked_of_rows_is_written_out_and_costs_the_same(settled):
    document, environment = small_instance("x", "2", "", "")
    environment.settled = settled
    at = document.find("/data/d")
    for expression in (
        "count(/data/row[v > 1])",
        "count(/data/row[v = /data/b])",
        "sum(/data/row[v != '']/v)",
    ):
        closed, written = both(expression, "number", at, environment)
        assert closed == written
        assert closed[1] > 0
        compiler = Compiler(at, at, choice_label)
        text = Inliner(compiler, "n", lambda _shape: "n", Constants()).number(parse(expression))
        assert "Scope(" not in text


def test_every_rule_of_the_forms_that_ship_says_the_same_in_both_ways(shipped, compose):
    rules = rules_of(shipped)
    instance = parse_instance(compose(shipped))
    tree = inflate(read_answers(shipped, instance), instance, rules.document)
    environment = Environment(tree.document, tree.fixed, {**LISTS, **shipped.lists}, NOW)
    asked = 0
    for shape in rules.document.walk():
        question = shape.node
        if not isinstance(question, Question):
            continue
        places = [None] if shape.fixed else tree.nodes(shape)[:2]
        expressions = {
            "boolean": [question.relevant.expression, question.required.expression, question.constraint],
            "text": [question.calculate],
        }
        for way, each in expressions.items():
            for expression, place in itertools.product(filter(None, each), places):
                closed, written = both(expression, way, shape, environment, place)
                assert written == closed, (shape.path, expression)
                asked += 1
    assert asked > len(rules.judgements)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-0",
        "7",
        "-12.50",
        ".5",
        "5.",
        "0.1",
        "1e5",
        "1e-5",
        "1.5e-7",
        "123456789.125",
        "1e15",
        "1e16",
        "1e21",
        "1.5e22",
        "-1e99",
        "0.000001",
        "0.30000000000000004",
    ],
)
def test_a_decimal_is_written_without_exponent_as_its_digits_are(text):
    exact = float(Decimal(text))
    assert repr(exact) == repr(float(text))
    digits = format(Decimal(repr(exact)), "f")
    assert written_decimal(exact) == (digits if "." in digits else f"{digits}.0")
    if not exact.is_integer() and 1e-6 <= abs(exact) < 1e21:
        assert number_to_text(exact) == digits


def test_what_has_a_hyphen_where_a_date_has_one_is_still_a_number():
    assert text_to_number("123e-12345", NOW.tzinfo) == 0.0
    assert text_to_number("1234-56-78", NOW.tzinfo) != text_to_number("1234-56-78", NOW.tzinfo)
    assert text_to_number("2026-11-26", NOW.tzinfo) == text_to_number("2026-11-26T00:00", NOW.tzinfo)
