"""`make walk`: a bureau's whole day from `make run` to a citizen who checks the draw; `--review` ends after the review.

Inspectors' phones leave records; a supervisor clears all of them in a browser by keyboard, returns one and sees it
corrected; results are released, published and delivered to the mock platform; a record is looked at as a draft, issued and
checked by what stands on the paper, the ledger is exported and held against the snapshot, the draw verified on the public page. Pictures and JSON go to bench-results/.
"""

import argparse
import io
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
from openpyxl import load_workbook
from playwright.sync_api import Page, expect, sync_playwright
from pypdf import PdfReader

from server import clock
from server.rehearsal.capture import draw_photo
from server.rehearsal.door import Door
from server.rehearsal.story import MINE_FORM, PASSWORD, Story
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.walk.desk import PHOTO_PATH, Desk
from tests.walk.pace import Pace
from tests.walk.running import make_run, until

RESULTS = Path("bench-results")
HOLDS = "验证通过"
GENUINE = "相符：本机关制作的现行文书。"


def said(words: str) -> None:
    """Tell how far it is."""
    print(words, file=sys.stderr)


class Day:
    """What phones left, and what comes of it."""

    def __init__(self, url: str, visits: int) -> None:
        self.url = url
        self.office = Door(url)
        self.stories: list[tuple[Story, Any, Mapping[str, Any], int]] = []
        for place in range(visits):
            story = Story(url, lambda _: None, place=place)
            story.number += f"-{place + 1}"
            self.stories.append((story, *story.field_day()))
            said(f"{2 * (place + 1)} records are left by phones")
        self.office.sign_in("supervisor1", PASSWORD)

    @property
    def drafts(self) -> list[Any]:
        """Every record."""
        return [draft for _, _, drafts, _ in self.stories for draft in drafts.values()]

    def are(self, state: str, drafts: list[Any]) -> bool:
        """Whether records stand so."""
        return all(
            self.office.ask("GET", f"/api/v1/records/{each.record}")["state"] == state for each in drafts
        )

    def corrects(self) -> None:
        """The inspector takes the photo again that was sent back."""
        story, lead, drafts, _ = self.stories[0]
        mine = drafts[MINE_FORM]
        lead.pull()
        body = lead.state.of_kind("record")[str(mine.record)].body
        assert [each["path"] for each in body["marks"]] == [PHOTO_PATH], body
        again = draw_photo("again.jpg", f"{story.number} again", 77)
        lead.correct(mine, {PHOTO_PATH: again.name}, {again.name: again})
        lead.push()
        lead.upload()

    def is_settled(self) -> int:
        """Results are confirmed, released, delivered with receipts and found by everybody; tells how many."""
        count = 0
        for story, lead, drafts, wanted in self.stories:
            results = story.results(lead.door, self.office, drafts, wanted)
            story.delivered(self.office, results)
            story.public(self.office, results)
            count += len(results)
            said(f"{count} results are public and have their receipts")
        return count

    def reconciles(self, folder: Path) -> int:
        """The ledger as a workbook holds the rows of its snapshot, task by task; tells how many."""
        today = clock.today()
        span = {
            "first": (today - timedelta(days=2)).isoformat(),
            "last": (today + timedelta(days=1)).isoformat(),
        }
        snapshot = (
            f"/api/v1/reports/snapshots/{self.office.ask('POST', '/api/v1/reports/snapshots', span)['id']}"
        )
        rows = self.office.ask("GET", f"{snapshot}/ledger", params={"limit": 200})
        answer = self.office.call("GET", f"{snapshot}/ledger.xlsx")
        answer.raise_for_status()
        (folder / "ledger.xlsx").write_bytes(answer.content)
        numbers = {f"PL-{story.number}-{place}" for story, _, _, _ in self.stories for place in (1, 2)}
        book = load_workbook(io.BytesIO(answer.content), data_only=True)
        sheets = [book[name] for name in book.sheetnames if name != "汇总"]
        cells = Counter(
            cell
            for sheet in sheets
            for row in sheet.iter_rows(values_only=True)
            for cell in row
            if cell in numbers
        )
        told = Counter(
            value for row in rows for value in {str(each) for each in row.values()} if value in numbers
        )
        assert cells == told, (cells, told)
        assert set(told) == numbers, numbers - set(told)
        return sum(told.values())


def issues_the_record(page: Page, url: str, desk: Desk, number: str) -> int:
    """The record of the first visit, from the drawer of its task: looked at as a draft, issued, printed, checked by whoever holds it.

    Tells its pages.
    """
    page.goto(f"{url}/console/tasks?number={number}")
    page.get_by_role("button", name=number, exact=True).click()
    record = (
        page.get_by_role("region", name="执法文书").locator("article").filter(has_text="现场检查笔录").first
    )
    with page.expect_download() as draft:
        record.get_by_role("button", name="PDF 草稿").click()
    draft.value.save_as(desk.pictures / "record-draft.pdf")
    assert all("草稿" in each.extract_text() for each in PdfReader(desk.pictures / "record-draft.pdf").pages)
    record.get_by_role("button", name="制作", exact=True).click()
    with page.expect_download() as printed:
        record.get_by_role("button", name="PDF（打印）").click()
    printed.value.save_as(desk.pictures / "record.pdf")
    desk.look("the-record-is-issued")
    pages = [each.extract_text() for each in PdfReader(desk.pictures / "record.pdf").pages]
    assert not any("草稿" in each for each in pages)
    stated = re.sub(r"\s", "", pages[0])
    number_of_it, content = re.search(r"(阳自然资检录〔\d{4}〕\d+号).*SHA-256([0-9a-f]{64})", stated).groups()
    page.goto(f"{url}/public/zh/documents?{urlencode({'number': number_of_it, 'sha256': content})}")
    expect(page.get_by_role("status")).to_have_text(GENUINE)
    desk.look("the-record-is-checked")
    return len(pages)


def citizen_checks(page: Page, url: str, desk: Desk) -> None:
    """Somebody without an account verifies the draw on the public page."""
    (drawn, *_) = requests.get(f"{url}/public/draws", timeout=30).json()
    page.goto(f"{url}/public/zh/draws/{drawn['id']}")
    page.get_by_role("button", name="在本页验证").press("Enter")
    expect(page.get_by_role("status")).to_contain_text(HOLDS)
    desk.look("the-draw-is-verified")


def walk(url: str, page: Page, given: argparse.Namespace, pictures: Path) -> dict[str, Any]:
    """Go through the day."""
    day = Day(url, given.visits)
    until(lambda: day.are("under_review", day.drafts), "every record waits for a review")
    returned = day.stories[0][2][MINE_FORM]
    desk, pace = Desk(page, url, pictures), Pace(page)
    desk.signs_in()
    desk.look("the-queue")
    reviewed = desk.clears(str(returned.record), pace)
    told: dict[str, Any] = {"reviewed": reviewed, "pace": pace.told(), "load": os.getloadavg()[0]}
    desk.sends()
    others = [each for each in day.drafts if each is not returned]
    until(lambda: day.are("final", others) and day.are("returned", [returned]), "what was decided is so")
    said(f"{reviewed} records are reviewed by keyboard, one of them is returned")
    if given.review:
        return told
    day.corrects()
    page.goto(f"{url}/console/review/{returned.record}")
    expect(page.locator(".compare tr").filter(has_text="界桩近照").locator("img")).to_have_count(2)
    desk.look("before-and-after")
    page.keyboard.press("a")
    desk.sends()
    until(lambda: day.are("final", [returned]), "the correction is accepted")
    told["results"] = day.is_settled()
    told["pages"] = issues_the_record(page, url, desk, f"PL-{day.stories[0][0].number}-1")
    said("a record is issued, and checked by what stands on the paper")
    told["ledger_rows"] = day.reconciles(pictures)
    page.goto(f"{url}/console/publications")
    expect(page.locator(".el-table__row").first).to_be_visible()
    desk.look("publications")
    citizen_checks(page, url, desk)
    return told


def main() -> int:
    """Open a bureau and go through its day."""
    parser = argparse.ArgumentParser(prog="make walk", description=__doc__)
    parser.add_argument("--visits", type=int, default=10, help="days of an inspector: two records each")
    parser.add_argument("--review", action="store_true", help="only the review, with its waits")
    given = parser.parse_args()
    pictures = RESULTS / ("review-pace" if given.review else "walk")
    pictures.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=60_000)  # a busy machine breaks no walk; how long it waited is told
    with tempfile.TemporaryDirectory() as name, make_run(Path(name)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai").new_page()
        try:
            told = walk(url, page, given, pictures)
        except BaseException:
            page.screenshot(path=pictures / "broken.png")
            raise
        finally:
            browser.close()
    file = pictures.with_suffix(".json")
    file.write_text(json.dumps(told, ensure_ascii=False, indent=2) + os.linesep)
    print(json.dumps(told, ensure_ascii=False, indent=2))
    blocked = told["pace"]["blocked_over_200_ms"]
    return 1 if given.review and blocked else 0


if __name__ == "__main__":
    sys.exit(main())
