"""What somebody enters stays what they entered: while they think, in a second window, when a row goes, when a record is sealed."""

from playwright.sync_api import Locator, Page, expect

from tests.phone.bureau import Bureau
from tests.phone.inspecting import begin, question
from tests.phone.test_forms_later import publish

#: A form of a few questions on one page, of which only the first has to be answered.
SMALL = """
| survey |
| | type | name | label | required |
| | text | place | 地点 | true() |
| | text | remark | 备注 | |
| | decimal | depth | 深度（米） | |
| | decimal | height | 高度（米） | |
| | integer | staff | 人数 | |
| | begin_repeat | rows | 样本 | |
| | text | sample | 样本号 | |
| | integer | weight | 重量 | |
| | end_repeat | | | |
| settings |
| | form_title | form_id | version |
| | 小表抽查 / Small check | small_trial | {version} |
"""


def begin_small(bureau: Bureau, page: Page) -> object:
    """Begin the small form; gives its visit."""
    publish(bureau, 1, SMALL)
    task = bureau.task(forms=("small_trial",))
    begin(page, task)
    return task


def field(page: Page, name: str) -> Locator:
    """Where an answer is typed."""
    return question(page, f"/data/{name}").locator("input")


def is_saved(page: Page) -> None:
    """Wait until all that was entered is on the disk."""
    expect(page.locator(".saved")).to_have_attribute("data-standing", "saved")


def test_a_pause_while_typing_changes_nothing_in_the_field(bureau):
    typed = {"depth": ("2", "5"), "height": ("2.", "5"), "staff": ("0", "7"), "remark": ("No. ", "3")}
    with bureau.phone("inspector1") as page:
        begin_small(bureau, page)
        for name, (first, then) in typed.items():
            field(page, name).press_sequentially(first)
            page.wait_for_timeout(1000)  # longer than the pause after which it is an answer
            field(page, name).press_sequentially(then)
            expect(field(page, name)).to_have_value(first + then)
            field(page, name).blur()
        is_saved(page)
        page.reload()
        expect(field(page, "depth")).to_have_value("25.0")
        expect(field(page, "height")).to_have_value("2.5")
        expect(field(page, "staff")).to_have_value("7")


def test_blanks_alone_are_no_answer_and_none_stand_around_one(bureau):
    with bureau.phone("inspector1") as page:
        begin_small(bureau, page)
        for blank in ("　", "  ", "\xa0"):
            field(page, "place").fill(blank)
            field(page, "place").blur()
            expect(page.locator("header .count")).to_contain_text("还差 1 项")
            expect(field(page, "place")).to_have_value("")
        field(page, "place").fill("　采场东侧 ")
        field(page, "place").blur()
        expect(page.locator("header .count")).to_contain_text("已填写完整")
        expect(field(page, "place")).to_have_value("采场东侧")
