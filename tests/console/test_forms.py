"""The forms desk: a broken form is mended, tried out in the phone's own pages, published, and reaches a phone; and the
phones themselves, of which one is blocked."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from server import clock
from server.accounts.models import Device
from server.checklists.models import FormDraft, FormVersion
from server.openrosa.models import PhoneKey, Submission
from tests.console.desk import desk, field_work, pick
from tests.phone.looking import axe_findings

MARKDOWN = "text/markdown"
SOURCE = """
| survey |
| | type | name | label::中文 (zh) | label::English (en) | hint::中文 (zh) | hint::English (en) | relevant | constraint | constraint_message::中文 (zh) | constraint_message::English (en) | calculation | parameters |
| | hidden | task_ref | | | | | | | | | | |
| | integer | depth | 井深（米） | Depth (m) | | | | . <= 100 | 不超过 100 米 | At most 100 m | | |
| | text | why | 超过 50 米的原因 | Why deeper than 50 m | | | ${{depth}} > 50 | | | | | |
| | calculate | double | | | | | | | | | ${{depth}} * 2 | |
| | note | told | 两倍为 ${{double}} | Twice that is ${{double}} | | | | | | | | |
| | image | photo | 照片 | Photo | {hint} | {hint} | | | | | | max-pixels=3072 |
| settings |
| | form_title | form_id | version | default_language | client_editable |
| | 水井检查 / Well check | well_check | {version} | 中文 (zh) | yes |
"""
WHY = "证明井口现状 shows the well"


def file_of(source: str) -> dict[str, object]:
    return {"name": "well.md", "mimeType": MARKDOWN, "buffer": source.encode()}


def hand_in(page: Page, source: str) -> None:
    page.locator("input[type=file]").set_input_files(file_of(source))  # type: ignore[arg-type]


def looked_at(page: Page) -> list[str]:
    """What axe finds once nothing is fading in any more: what is half there has half its contrast."""
    expect(page.locator("[class*='-enter-active'], [class*='-leave-active']")).to_have_count(0)
    return axe_findings(page)


@pytest.fixture(scope="module")
def page(bureau):
    with desk(bureau, "admin1") as page:
        yield page


def versions(bureau) -> list[str]:
    with bureau.app.sessions() as session:
        return [row.version for row in session.query(FormVersion).filter_by(form_id="well_check")]


def test_a_broken_form_is_mended_tried_out_published_and_reaches_a_phone(bureau, page):
    inspector = field_work(bureau).phone
    page.goto(f"{bureau.address}/console/forms")
    expect(page.get_by_role("button", name="矿山超层越界与界桩检查")).to_be_visible()
    hand_in(page, SOURCE.format(hint="", version="1"))

    # What was found stands at its row and column, and it can't be published.
    page.wait_for_url("**/forms/drafts/*")
    row = page.locator("tr[data-row='7']")
    expect(row.locator("td.here")).to_have_count(2)
    expect(row.locator("+ tr")).to_contain_text("取证问题须在提示中写明用途")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    expect(page.get_by_role("button", name="发布…")).to_be_disabled()
    assert looked_at(page) == []

    hand_in(page, SOURCE.format(hint=WHY, version="1"))
    expect(page.get_by_text("未发现问题")).to_be_visible()
    assert versions(bureau) == []

    # Rules work in the phone's own engine, and nothing is kept.
    page.get_by_role("button", name="试填").click()
    phone = page.frame_locator("iframe")
    depth = phone.get_by_label("井深（米）")
    depth.fill("120")
    depth.press("Tab")
    expect(phone.get_by_text("不超过 100 米")).to_be_visible()
    expect(phone.get_by_text("超过 50 米的原因")).to_be_visible()
    expect(phone.get_by_text("两倍为 240")).to_be_visible()
    depth.fill("20")
    expect(phone.get_by_text("两倍为 40")).to_be_visible()
    expect(phone.get_by_text("超过 50 米的原因")).to_have_count(0)
    phone.get_by_role("button", name="签署并提交").click()
    phone.locator(".van-dialog").get_by_role("button", name="签署并提交").click()
    expect(phone.get_by_text("未保存，也未提交")).to_be_visible()
    assert page.evaluate("indexedDB.databases()") == []
    assert looked_at(page) == []

    page.get_by_role("button", name="发布…").click()
    asked = page.get_by_role("dialog", name="发布表单")
    expect(asked.get_by_text("此表单尚无使用中的版本")).to_be_visible()
    asked.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url("**/console/forms")
    expect(page.get_by_role("button", name="水井检查")).to_be_visible()
    inspector.pull()
    assert inspector.state.of_kind("form")["well_check"].body["version"] == "1"


def test_versions_are_compared_with_what_that_means_and_one_goes_out_of_use(bureau, page):
    hand_in(page, SOURCE.format(hint=WHY, version="2").replace(". <= 100", ". <= 80"))
    page.wait_for_url("**/forms/drafts/*")
    page.get_by_role("tab", name="与版本 1 的差异（1）").click()
    line = page.locator("tr[data-kind='constraint']")
    expect(line).to_contain_text(". <= 80")
    expect(line).to_contain_text("转到新版本后须重新核对答案")
    page.get_by_role("button", name="发布…").click()
    page.get_by_role("dialog", name="发布表单").get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url("**/console/forms")

    page.get_by_role("button", name="水井检查").click()
    drawer = page.get_by_role("dialog", name="水井检查")
    drawer.get_by_role("button", name="比较版本").click()
    compared = page.get_by_role("dialog", name="版本 1 与 2")
    expect(compared.get_by_text(". <= 80")).to_be_visible()
    assert looked_at(page) == []
    page.keyboard.press("Escape")
    drawer.get_by_role("button", name="停用").first.click()
    page.get_by_role("button", name="确定").click()

    expect(page.locator(".el-table__row", has_text="水井检查").locator("td").nth(1)).to_have_text("1")
    with bureau.app.sessions() as session:
        assert session.get_one(FormVersion, ("well_check", "2")).retired_at is not None
        assert session.query(FormDraft).filter_by(published_at=None).count() == 0


def test_a_lost_phone_is_found_with_what_it_said_last_and_blocked_with_a_reason(bureau, page):
    phone = field_work(bureau).phone
    said = {"version": "index-1", "drafts": 1, "records": 2, "files": 3}
    phone.door.ask("PUT", "/api/v1/phones/standing", said)
    page.goto(f"{bureau.address}/console/devices")

    row = page.locator(".el-table__row", has_text="草稿 1、记录 2、文件 3")
    expect(row).to_contain_text("有效")
    assert looked_at(page) == []
    row.get_by_role("button").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("用它签署的记录视为已签名。")).to_be_visible()
    assert looked_at(page) == []
    drawer.get_by_role("button", name="停用设备…").click()
    asked = page.get_by_role("dialog", name="停用设备")
    asked.get_by_placeholder("原因").fill("遗失")
    asked.get_by_role("button", name="停用", exact=True).click()

    expect(page.locator(".el-table__row", has_text="草稿 1、记录 2、文件 3")).to_contain_text("已停用设备")
    with bureau.app.sessions() as session:
        blocked = session.query(Device).filter(Device.blocked_at.is_not(None)).one()
        assert blocked.blocked_because == "遗失"
    page.get_by_role("link", name="ODK 应用密钥").click()
    expect(page.get_by_text("尚无密钥")).to_be_visible()
    assert looked_at(page) == []


def test_a_key_for_a_stock_phone_is_made_its_code_shown_and_what_it_sent_in_part_is_seen(bureau, page):
    page.goto(f"{bureau.address}/console/devices/odk")
    page.get_by_role("button", name="新建密钥…").click()
    asked = page.get_by_role("dialog", name="新建密钥")
    pick(page, asked.get_by_label("人员").first, re.compile("inspector2"))
    asked.get_by_label("设备名称").fill("备用手机")
    assert looked_at(page) == []
    asked.get_by_role("button", name="新建", exact=True).click()

    page.locator(".el-table__row", has_text="备用手机").get_by_role("button").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name="显示设置码").click()
    expect(drawer.get_by_alt_text("手机设置二维码")).to_be_visible()
    with bureau.app.sessions() as session:
        key = session.query(PhoneKey).filter_by(name="备用手机").one()
        told = {
            "person_id": key.person_id,
            "key_id": key.id,
            "instance_id": "uuid:half",
            "xml_sha256": "0" * 64,
            "xml": b"<data/>",
            "form_id": "well_check",
            "form_version": "1",
            "expected": ["a.jpg", "b.jpg"],
            "waits": False,
            "state": "arriving",
            "first_at": clock.now(),
            "last_at": clock.now(),
        }
        session.add(Submission(id=uuid4(), **told))
        session.commit()

    with desk(bureau, "supervisor1", at="devices/odk") as other:
        other.get_by_role("link", name="正在接收的 ODK 记录").click()
        row = other.locator(".el-table__row", has_text="well_check 1")
        expect(row).to_contain_text("0 / 2")
        expect(row).to_contain_text("a.jpg、b.jpg")
        assert looked_at(other) == []
