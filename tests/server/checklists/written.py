"""Sources of small forms, as an author writes them."""

from tests.actors.phone import SPOT_CHECK

FORM = """
| survey | | | | | | | |
| | type | name | label::中文 (zh) | label::English (en) | hint::中文 (zh) | hint::English (en) | required | required_message::中文 (zh) | required_message::English (en) | parameters |
| | text | note | {label} | Record | | | {required} | {wanted_zh} | {wanted_en} | |
| | image | photo | 照片 | Photo | {hint} | {hint} | | | | max-pixels=3072 |
| | hidden | task_ref | | | | | | | | |
| settings | | | | | |
| | form_title | form_id | version | default_language | client_editable |
| | 道路检查 / Road check | {form_id} | {version} | 中文 (zh) | yes |
"""
REASON = "证明道路现状 shows the road"


def a_form(label="记录", form_id="road_check", version="1", hint=REASON, required=""):
    wanted_zh, wanted_en = (f"请填写：{label}", "Fill in: Record") if required else ("", "")
    return FORM.format(**locals())


def spot_check(version):
    """Another version of the form that the cast's tasks ask for."""
    return SPOT_CHECK.replace("| spot_check | 1 |", f"| spot_check | {version} |")
