"""A supervisor who clears a queue with the keyboard alone."""

from pathlib import Path
from time import perf_counter

from playwright.sync_api import Page, expect

from server.rehearsal.story import PASSWORD
from tests.walk.pace import OBSERVE, PHOTOS, Pace

DESK = {"width": 1440, "height": 900}
PHOTO_PATH = "/data/markers[1]/photo_near"


class Desk:
    """The console in a browser, with a folder for pictures of what is seen."""

    def __init__(self, page: Page, url: str, pictures: Path) -> None:
        self.page, self.url, self.pictures = page, url, pictures
        self._shots = 0
        page.set_viewport_size(DESK)
        page.add_init_script(OBSERVE)

    def look(self, name: str) -> None:
        """Take a picture of what is on the screen."""
        self._shots += 1
        self.page.screenshot(path=self.pictures / f"{self._shots:02}-{name}.png")

    def signs_in(self, username: str = "supervisor1") -> None:
        """Come to the queue."""
        self.page.goto(f"{self.url}/console/review")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".queue li").first).to_be_visible(timeout=60_000)
        expect(self.page.locator(".answers .line").first).to_be_visible(timeout=60_000)

    @property
    def current(self) -> str:
        """The id of the record that is open."""
        return self.page.url.rpartition("/")[2]

    def clears(self, returned: str, pace: Pace) -> int:
        """Look through every record and decide: return one of them with a marked photo, accept the others."""
        done = 0
        while self.page.locator(".queue li").count():
            record = self.current
            self._looks_through(pace)
            if done == 0:
                self.look("a-record")
            pace.press("m")
            if record == returned:
                self._returns(pace)
            else:
                expect(self.page.locator(".record > header .el-button--primary")).to_be_enabled()
                began = perf_counter()
                pace.press("a")
            done += 1
            self.page.wait_for_function("before => !location.pathname.endsWith(before)", arg=record)
            if self.page.locator(".queue li").count():
                if record == returned:
                    began = perf_counter()
                pace.opened(self.current, began)
        return done

    def _looks_through(self, pace: Pace) -> None:
        for _ in range(min(PHOTOS, self.page.locator(".strip button:has(img)").count() - 1)):
            pace.next_photo()
        pace.press("ArrowDown")
        pace.press("z")
        pace.press("z")

    def _returns(self, pace: Pace) -> None:
        line = self.page.locator(f"[data-path='{PHOTO_PATH}']")
        # The photos came after it: up again, to the answer that names the one that can't be read.
        while line.evaluate("each => !each.classList.contains('chosen')"):
            before = self.page.locator(".line.chosen").get_attribute("data-path")
            pace.press("ArrowUp")
            assert self.page.locator(".line.chosen").get_attribute("data-path") != before, (
                "the top is reached"
            )
        pace.press("f")
        pace.press("r")
        expect(self.page.get_by_role("dialog")).to_be_visible()
        pace.press("2")
        self.look("returned")
        self.page.locator("#return-reason").press("Tab")
        while not self.page.evaluate("document.activeElement.type === 'submit'"):
            pace.press("Tab")
        pace.press("Enter")

    def sends(self) -> None:
        """What was decided is sent when the page goes away."""
        self.page.goto("about:blank")
