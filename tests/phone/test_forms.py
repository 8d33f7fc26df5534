"""Filling records in on a phone: every question has its widget, a clean inspection costs few taps, nothing typed is lost."""

import json
from pathlib import Path

from lxml import etree
from playwright.sync_api import Page, expect

from tests.forms.conftest import compiled_catalog
from tests.phone.bureau import SURVEYING
from tests.phone.inspecting import begin, may_leave_the_network, question, record_of, seal, sign

WIDGETS = json.loads((Path(__file__).parents[2] / "web/phone/src/forms/widgets.json").read_text())
XF = "{http://www.w3.org/2002/xforms}"
TAPS = 25

#: What an inspector types in a clean surveying inspection; everything else is tapped.
TYPED = {
    "/data/visit/place": "单位办公室",
    "/data/visit/site_person": "王某",
    "/data/visit/site_person_role": "总工程师",
    "/data/q_org/document_no": "测质〔2025〕3号",
    "/data/q_org/head": "李某",
    "/data/q_org/staff": "６",
    "/data/instruments/model": "TS-02",
    "/data/instruments/serial_no": "1332507",
    "/data/instruments/cert_number": "JD-2026-118",
    "/data/instruments/valid_until": "2027-10-01",
    "/data/statement/situation": "所查资料齐全，记录完整。",
    "/data/statement/party_opinion": "无异议。",
}


def test_every_question_of_the_catalogue_has_a_widget_on_the_phone():
    asked = {kind for form in compiled_catalog().values() for kind in kinds_of(form.xform)}

    assert asked - set(WIDGETS) == set()
    assert {"select string", "input geopoint", "input geoshape", "upload binary signature", "note"} <= asked


def kinds_of(xform: bytes) -> set[str]:
    """The kinds of a form's questions, as the phone's table of widgets names them."""
    form = etree.fromstring(xform)
    binds = {bind.get("nodeset"): bind for bind in form.iter(f"{XF}bind")}
    found = set()
    for control in form.iter(
        *(XF + tag for tag in ("input", "select", "select1", "upload", "trigger", "range", "rank"))
    ):
        bind = binds[control.get("ref")]
        tag = etree.QName(control).localname.replace("select1", "select")
        kind = "note" if tag == "input" and bind.get("readonly") == "true()" else f"{tag} {bind.get('type')}"
        found.add(kind)
        found |= {f"{kind} {word}" for word in (control.get("appearance") or "").split()}
    return found


def count_taps(page: Page) -> None:
    """From now on count what is tapped that is not a field to type into."""
    page.evaluate(
        """() => {
            window.taps = [];
            document.addEventListener('click', (event) => {
                if (!event.isTrusted || event.target.closest('input:not([type=range]), textarea, canvas')) return;
                window.taps.push(event.target.closest('button, a, label')?.innerText ?? event.target.tagName);
            }, true);
        }"""
    )


def write(page: Page, reference: str) -> None:
    """Type what a question wants, key by key, and leave it."""
    field = question(page, reference).locator("input, textarea").first
    field.fill(TYPED[reference.replace("[1]", "")])
    field.blur()


def photograph(page: Page, reference: str) -> None:
    """Take a photo with the phone's camera."""
    place = question(page, reference)
    place.get_by_role("button", name="拍照").click()
    page.locator("button.shutter").click()
    expect(place.locator(".kept img")).to_be_visible(timeout=20_000)


def test_a_clean_surveying_inspection_takes_few_taps_without_a_network_and_arrives_whole(bureau):
    items = ["QUALITY_ORG", "QUALITY_SYSTEM", "INSTRUMENTS"]
    task = bureau.task(
        forms=(SURVEYING,), item_codes=items, number="C-2026-1", notice_no="阳自然资检通〔2026〕9号"
    )
    with bureau.phone("inspector1") as page:
        expect(page.get_by_text("C-2026-1")).to_be_visible(timeout=20_000)
        may_leave_the_network(page)
        page.context.set_offline(True)
        count_taps(page)

        page.get_by_text("C-2026-1").first.click()
        page.get_by_role("button", name="开始检查").first.click()
        expect(page.locator(".question").first).to_be_visible(timeout=60_000)
        fill_cleanly(page)
        taps = page.evaluate("window.taps")
        seal(page)  # two more
        page.context.set_offline(False)
        record = record_of(bureau, task, "under_review")

    assert record.flags == []
    assert len(taps) + 2 <= TAPS, taps


def fill_cleanly(page: Page) -> None:
    usual, onward = page.locator(".usual"), page.locator("footer.bar").get_by_role("button", name="下一节")
    for reference in ("place", "site_person", "site_person_role"):
        write(page, f"/data/visit/{reference}")
    question(page, "/data/visit/place_position").get_by_role("button", name="定位").click()
    question(page, "/data/visit/place_position").get_by_role("button", name="完成").click()
    expect(question(page, "/data/visit/place_position").get_by_text("±").first).to_be_visible()
    expect(page.get_by_text("已保存在本机")).to_be_visible()
    usual.click()  # nothing is missing on this page, and it turns
    write(page, "/data/q_org/head")
    write(page, "/data/q_org/staff")
    photograph(page, "/data/q_system/system_photo")
    question(page, "/data/q_system/iso").locator('[data-value="no"]').click()
    usual.click()
    write(page, "/data/q_org/document_no")
    photograph(page, "/data/q_org/document_photo")
    onward.click()
    question(page, "/data/instruments[1]/kind").locator('[data-value="total_station"]').click()
    question(page, "/data/instruments[1]/in_use").locator('[data-value="yes"]').click()
    for name in ("model", "serial_no", "cert_number", "valid_until"):
        write(page, f"/data/instruments[1]/{name}")
    photograph(page, "/data/instruments[1]/photo")
    write(page, "/data/statement/situation")
    write(page, "/data/statement/party_opinion")
    usual.click()
    for who in ("inspector1", "inspector2", "company"):
        sign(page, question(page, f"/data/sign/{who}"))


def test_what_is_typed_with_an_input_method_or_in_full_width_is_kept_as_it_is_meant(bureau):
    task = bureau.task(forms=(SURVEYING,))
    with bureau.phone("inspector1") as page:
        begin(page, task)
        keyboard = page.context.new_cdp_session(page)
        place = question(page, "/data/visit/place").locator("input")
        missing = page.locator("header .count").inner_text()
        place.focus()
        for composed in ("d", "dan", "单w", "单位"):
            keyboard.send(
                "Input.imeSetComposition", {"text": composed, "selectionStart": 2, "selectionEnd": 2}
            )
            expect(place).to_have_value(composed)  # nothing is rewritten under the fingers
            expect(question(page, "/data/visit/place").locator(".error")).to_have_count(0)
        expect(page.locator("header .count")).to_have_text(missing)  # and it is no answer yet
        keyboard.send("Input.insertText", {"text": "单位办公室"})
        place.blur()
        expect(page.locator("header .count")).not_to_have_text(missing)
        expect(place).to_have_value("单位办公室")

        telephone = question(page, "/data/visit/site_person_tel").locator("input")
        assert telephone.get_attribute("inputmode") == "tel"
        telephone.fill("１３９　０３５６－１２３４")
        telephone.blur()
        expect(telephone).to_have_value("139 0356-1234")

        page.locator("footer.bar").get_by_role("button", name="下一节").click()
        staff = question(page, "/data/q_org/staff")
        assert staff.locator("input").get_attribute("inputmode") == "numeric"
        staff.locator("input").fill("１２．５")
        staff.locator("input").blur()
        expect(staff.get_by_text("应为整数")).to_be_visible()
        expect(staff.locator("input")).to_have_value(
            "１２．５"
        )  # what can't be an answer stays where it was typed
        staff.locator("input").fill("１２")
        staff.locator("input").blur()
        expect(staff.locator("input")).to_have_value("12")

        page.locator("footer.bar").get_by_role("button", name="下一节").click()
        situation = question(page, "/data/statement/situation")
        situation.get_by_role("button", name="常用语").click()
        page.get_by_role("button", name="现场情况与登记信息一致。").click()
        expect(situation.locator("textarea")).to_have_value("现场情况与登记信息一致。")
        situation.locator("textarea").fill("一切如常。")
        situation.get_by_role("button", name="常用语").click()
        page.get_by_role("button", name="把已写内容存为常用语").click()
        expect(page.get_by_role("button", name="一切如常。")).to_be_visible()
