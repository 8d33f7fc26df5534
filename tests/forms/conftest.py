"""The forms that ship, read once, and a small form for single rules."""

from functools import cache

import pytest

from forms import CompiledForm, Form, compile_xlsform, complete_instance, compose_instance, load_form
from forms.catalog import catalog
from tests.forms.filled import ENDED, LISTS, NOW, STARTED, answers_to

SHIPPED = [form.form_id for form in catalog()]

SMALL = """
| survey |
| | type | name | label::中文 (zh) | label::English (en) | required | required_message::中文 (zh) | required_message::English (en) | relevant | calculation |
| | start | start | | | | | | | |
| | text | name | 名称 | Name | yes | 请写名称 | Write the name | | |
| | integer | count | 数量 | Count | yes | | | | |
| | decimal | depth | 深度 | Depth | | | | | |
| | date | day | 日期 | Day | | | | | |
| | dateTime | moment | 时刻 | Moment | | | | | |
| | time | hour | 时间 | Hour | | | | | |
| | geopoint | here | 位置 | Here | | | | | |
| | geotrace | line | 线 | Line | | | | | |
| | geoshape | area | 范围 | Area | | | | | |
| | select_one yn | yes_no | 是否 | Yes or no | | | | | |
| | select_multiple yn | several | 多选 | Several | | | | | |
| | acknowledge | seen | 已阅 | Seen | | | | | |
| | file | paper | 文件 | Paper | | | | | |
| | audio | sound | 录音 | Sound | | | | | |
| | begin_group | hidden | 条件 | Hidden | | | | ${yes_no} = 'yes' | |
| | text | why | 原因 | Why | yes | | | | |
| | end_group | | | | | | | | |
| | begin_repeat | rows | 行 | Rows | | | | | |
| | text | note | 备注 | Note | yes | | | | |
| | image | photo | 照片 | Photo | | | | | |
| | end_repeat | | | | | | | | |
| choices |
| | list_name | name | label::中文 (zh) | label::English (en) |
| | yn | yes | 是 | Yes |
| | yn | no | 否 | No |
| settings |
| | form_title | form_id | version | default_language |
| | 小表 / Small form | small | 7 | 中文 (zh) |
"""


@cache
def compiled_catalog() -> dict[str, CompiledForm]:
    return {form.form_id: compile_xlsform(form.source, ".md") for form in catalog()}


@cache
def _loaded(form_id: str) -> Form:
    return load_form(compiled_catalog()[form_id].xform)


@cache
def _small() -> Form:
    return load_form(compile_xlsform(SMALL.encode(), ".md").xform)


@pytest.fixture
def small() -> Form:
    return _small()


@pytest.fixture(params=SHIPPED)
def shipped(request) -> Form:
    return _loaded(request.param)


@pytest.fixture
def mine() -> Form:
    return _loaded("mine_overstep")


@pytest.fixture
def compose():
    """Compose an instance of a form; without answers, the complete ones of a form that ships."""

    def compose_one(form: Form, answers=None, **more) -> bytes:
        arguments = {"started_at": STARTED, "ended_at": ENDED} | more
        if answers is not None:
            return compose_instance(form, answers, "uuid:5f0c", **arguments)
        xml = compose_instance(form, answers_to(form.form_id), "uuid:5f0c", **arguments)
        return complete_instance(form, xml, now=NOW, lists=LISTS)

    return compose_one
