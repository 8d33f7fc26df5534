"""What a stock ODK phone can't do with a form is told to its author."""

import pytest

from forms import compile_xlsform
from forms.authoring.collect_lint import lint_collect
from tests.forms.conftest import compiled_catalog

FORM = """
| survey | | | | | |
| | type | name | label | calculation | save_to |
| | text | {task} | 任务 | | {save_to} |
{more}
{entities}
| settings | | | | | |
| | form_title | form_id | version | client_editable | {setting} |
| | 表 | f | 1 | {editable} | {value} |
"""
FINE = {
    "task": "task_ref",
    "save_to": "",
    "more": "",
    "entities": "",
    "editable": "yes",
    "setting": "style",
    "value": "",
}


def codes(**changed):
    source = FORM.format(**FINE | changed)
    return {each.code: each.severity for each in lint_collect(compile_xlsform(source.encode(), ".md"))}


def test_a_form_for_both_kinds_of_phones_has_nothing_to_tell():
    assert codes() == {}


def test_every_form_that_ships_is_one():
    for compiled in compiled_catalog().values():
        assert lint_collect(compiled) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"editable": ""}, {"collect.not-editable": "warning"}),
        ({"editable": "no"}, {"collect.not-editable": "warning"}),
        ({"setting": "public_key", "value": "MIIB"}, {"collect.encrypted": "warning"}),
        ({"task": "remark"}, {"collect.task-unnamed": "warning"}),
        ({"setting": "instance_id", "value": "${task_ref}"}, {"collect.instance-id": "error"}),
        ({"more": "| | start-geopoint | place | | | |"}, {"collect.needs-google": "error"}),
    ],
)
def test_what_it_can_not_do_is_told(changed, told):
    assert codes(**changed) == told


def test_a_version_of_entities_that_old_apps_do_not_know_is_told():
    repeated = "| | begin_repeat | rows | 行 | | |\n| | text | said | 说 | | said |\n| | end_repeat | | | | |"
    entities = "| entities | | |\n| | list_name | label | repeat |\n| | finds | 发现 | ${rows} |"
    told = codes(more=repeated, entities=entities)
    assert told == {"collect.entities-version": "warning"}
