"""Hostile forms and instances end soon, with a finding or a refusal, and never with anything else."""

import json
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms import (
    AuthoringError,
    UnreadableInstance,
    compile_xlsform,
    compose_instance,
    examine,
    load_form,
    parse_instance,
)
from forms.xpath import FUNCTIONS, ExpressionError, parse
from forms.xpath.scope import MAX_STEPS
from tests.bench.forms import HOSTILE
from tests.forms.conftest import SHIPPED, compiled_catalog
from tests.forms.filled import ENDED, LISTS, NOW, STARTED, answers_to

SECONDS, MEGABYTES = 1.0, 300.0


@pytest.mark.parametrize("name", HOSTILE)
def test_an_attack_ends_within_a_second_and_300_megabytes(name):
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.forms", "--hostile", name],
        capture_output=True, check=True, text=True, timeout=60,
    )  # fmt: skip
    result = json.loads(told.stdout)
    assert result["cpu_s"] < SECONDS
    assert result["peak_mb"] < MEGABYTES
    assert result["outcome"]


def test_a_record_that_costs_too_much_is_told_instead_of_followed_to_its_end():
    rows = [
        "| survey |",
        "| | type | name | label | calculation | constraint |",
        "| | begin_repeat | r | 行 | | |",
        "| | integer | a | 甲 | | count(../../r[a >= current()/.]) <= 1000 |",
        *[f"| | calculate | c{n} | | count(../../r[a < current()/../a]) + {n} | |" for n in range(20)],
        "| | end_repeat | | | | |",
        "| settings |",
        "| | form_title | form_id | version |",
        "| | 大 | big | 1 |",
    ]
    form = load_form(compile_xlsform("\n".join(rows).encode(), ".md").xform)
    xml = compose_instance(
        form, {"/data/r": [{"a": n} for n in range(200)]}, "uuid:1", started_at=STARTED, ended_at=ENDED
    )
    assert MAX_STEPS < 200 * 200 * 20
    findings = examine(form, parse_instance(xml), frozenset(), now=NOW).findings
    assert [(each.path, each.kind.value) for each in findings] == [("/data", "expression")]


def test_rules_that_depend_on_each_other_without_an_end_are_told():
    source = """
| survey |
| | type | name | label | calculation |
| | calculate | a | | ${b} + 1 |
| | calculate | b | | ${a} + 1 |
| | text | t | 文 | |
| settings |
| | form_title | form_id | version |
| | 环 | ring | 1 |
"""
    form = load_form(compile_xlsform(source.encode(), ".md").xform)
    xml = compose_instance(form, {"/data/a": "1"}, "uuid:1", started_at=STARTED, ended_at=ENDED)
    kinds = {each.kind.value for each in examine(form, parse_instance(xml), frozenset(), now=NOW).findings}
    assert kinds <= {"expression", "calculate"}


TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "", " ", "0", "-0", "1e999", "NaN", "Infinity", "0x10", "9" * 400, "2026-02-30", "2026-09-14",
            "9999-12-31T23:59:59.999+14:00", "0001-01-01", "35.4 112.4 0 0", "91 181", "35 112;35 113",
            "(a+)+$", "yes", "no", "conform", "not_conform", "'", '"', "\u3000", "界桩", "a.jpg",
        ]
    ),
)  # fmt: skip


def paths_of(form):
    return [question.path for question in form.questions() if "/markers/" not in question.path]


@pytest.mark.parametrize("form_id", SHIPPED)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_a_phone_sends_is_examined_without_a_crash(form_id, data):
    form = load_form(compiled_catalog()[form_id].xform)
    xml = compose_instance(form, answers_to(form_id), "uuid:1", started_at=STARTED, ended_at=ENDED).decode()
    for _ in range(data.draw(st.integers(1, 12))):
        question = data.draw(st.sampled_from(list(form.questions())))
        text = data.draw(TEXTS).translate({ord("<"): None, ord("&"): None, **dict.fromkeys(range(32))})
        name = question.name
        xml = xml.replace(f"<{name}/>", f"<{name}>{text}</{name}>", 1)
    now = data.draw(st.datetimes(datetime(1970, 1, 3), datetime(2999, 1, 1))).replace(tzinfo=UTC)
    lists = data.draw(st.sampled_from([None, LISTS]))
    try:
        instance = parse_instance(xml.encode())
    except UnreadableInstance:
        return
    examined = examine(form, instance, frozenset(), now=now, lists=lists)
    json.dumps([finding.as_json() for finding in examined.findings])


PIECES = st.sampled_from(
    [
        *sorted(FUNCTIONS),
        *"()[],./*=<>|+-$@",
        "and",
        "or",
        "div",
        "mod",
        "'a'",
        "1",
        "..",
        "::",
        "//",
        "/data/a",
        " ",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_expression_is_read_or_refused(expression):
    with suppress(ExpressionError):
        parse(expression)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(PIECES, min_size=1, max_size=12).map("".join),
    st.sampled_from(["relevant", "constraint", "calculation"]),
)
def test_a_form_with_any_expression_checks_any_record(expression, column):
    columns = ["relevant", "constraint", "calculation"]
    cells = [expression.replace("|", r"\|") if each == column else "" for each in columns]
    kind, label = ("calculate", "") if column == "calculation" else ("text", "甲")
    source = "\n".join(
        [
            "| survey |",
            "| | type | name | label | relevant | constraint | calculation |",
            f"| | {kind} | a | {label} | {' | '.join(cells)} |",
            "| | text | b | 乙 | | | |",
            "| settings |",
            "| | form_title | form_id | version |",
            "| | 试 | try | 1 |",
        ]
    )
    try:
        form = load_form(compile_xlsform(source.encode(), ".md").xform)
    except AuthoringError:
        return
    xml = b'<data id="try" version="1"><a>x</a><b>1</b><meta><instanceID>1</instanceID></meta></data>'
    examine(form, parse_instance(xml), frozenset(), now=NOW)
