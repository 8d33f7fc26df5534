"""A phone in Python: what the form computes is filled in, what is not asked is left out."""

import pytest

from forms import compile_xlsform, complete_instance, compose_instance, examine, load_form, parse_instance
from tests.forms.filled import ENDED, LISTS, NOW, STARTED, TASK

FORM = """
| survey |
| | type | name | label | relevant | constraint | calculation | choice_filter |
| | text | a | 甲 | | | | |
| | text | b | 乙 | ${a} = 'x' | | | |
| | calculate | twice | | | | concat(${a}, ${a}) | |
| | calculate | later | | | | concat(${twice}, '!') | |
| | calculate | id | | | | once(uuid()) | |
| | select_one cities | city | 市 | | | | |
| | select_one counties | county | 县 | | | | city = ${city} |
| | begin_repeat | rows | 行 | | | | |
| | integer | n | 数 | | . < 10 | | |
| | calculate | double | | | | ../n * 2 | |
| | end_repeat | | | | | | |
| | calculate | total | | | | sum(${rows}/double) | |
| choices |
| | list_name | name | label | city |
| | cities | jc | 晋城 | |
| | cities | lf | 临汾 | |
| | counties | yc | 阳城 | jc |
| | counties | hz | 霍州 | lf |
| settings |
| | form_title | form_id | version | instance_name |
| | 试 | try | 1 | concat(${a}, '-', ${total}) |
"""


@pytest.fixture(scope="module")
def form():
    return load_form(compile_xlsform(FORM.encode(), ".md").xform)


def completed(form, answers, **more):
    xml = compose_instance(form, answers, "uuid:1", started_at=STARTED, ended_at=ENDED)
    return complete_instance(form, xml, now=NOW, **more)


def values(form, xml):
    return examine(form, parse_instance(xml), frozenset(), now=NOW).calculated


def test_what_is_computed_stands_in_the_instance_and_depends_on_one_another(form):
    xml = completed(form, {"/data/a": "y", "/data/rows": [{"n": 2}, {"n": 3}]})
    found = values(form, xml)
    assert {found["/data/twice"], found["/data/later"], found["/data/total"]} == {"yy", "yy!", "10"}
    assert parse_instance(xml).instance_name == "y-10"
    assert examine(form, parse_instance(xml), frozenset(), now=NOW).findings == []


def test_what_is_not_asked_is_left_out(form):
    assert b"<b>" not in completed(form, {"/data/a": "y", "/data/b": "left over"})
    assert b"<b>kept</b>" in completed(form, {"/data/a": "x", "/data/b": "kept"})


def test_a_choice_that_is_not_offered_is_left_out(form):
    assert b"<county/>" in completed(form, {"/data/city": "jc", "/data/county": "hz"})
    assert b"<county>yc</county>" in completed(form, {"/data/city": "jc", "/data/county": "yc"})


def test_completing_twice_changes_nothing(form):
    once = completed(form, {"/data/a": "x", "/data/rows": [{"n": 2}]})
    assert complete_instance(form, once, now=NOW) == once


def test_a_computed_value_that_was_tampered_with_is_told(form):
    xml = completed(form, {"/data/a": "x"}).replace(b"<twice>xx</twice>", b"<twice>zz</twice>")
    findings = examine(form, parse_instance(xml), frozenset(), now=NOW).findings
    assert [(each.path, each.kind.value) for each in findings] == [("/data/twice", "calculate")]
    assert "xx" in findings[0].message
    assert "zz" in findings[0].message


def test_a_broken_constraint_is_told_in_its_row(form):
    xml = completed(form, {"/data/rows": [{"n": 2}, {"n": 12}]})
    findings = examine(form, parse_instance(xml), frozenset(), now=NOW).findings
    assert [(each.path, each.kind.value) for each in findings] == [("/data/rows[2]/n", "constraint")]


def test_today_and_now_mean_the_moment_of_completion(mine, compose):
    xml = compose(mine)
    late = NOW.replace(year=2027)
    kinds = {
        (each.path, each.kind.value)
        for each in examine(mine, parse_instance(xml), frozenset(), now=late, lists=LISTS).findings
        if each.kind.value == "constraint"
    }
    assert ("/data/conclusions/BOUNDARY_MARKER/rectify_deadline", "constraint") in kinds
    early = NOW.replace(month=1)
    early_kinds = {
        each.path
        for each in examine(mine, parse_instance(xml), frozenset(), now=early, lists=LISTS).findings
        if each.kind.value == "constraint"
    }
    assert "/data/visit/start_at" in early_kinds


def test_what_hangs_on_a_list_that_is_not_there_is_not_judged(mine, compose):
    findings = examine(mine, parse_instance(compose(mine)), frozenset(), now=NOW).findings
    assert {each.kind.value for each in findings} == {"media_missing"}


def test_a_task_that_is_not_on_the_list_is_no_choice(mine, compose):
    xml = compose(mine).replace(TASK.encode(), b"00000000-0000-0000-0000-000000000000")
    findings = examine(mine, parse_instance(xml), frozenset(), now=NOW, lists=LISTS).findings
    assert ("/data/task/task_ref", "choice") in [(each.path, each.kind.value) for each in findings]
