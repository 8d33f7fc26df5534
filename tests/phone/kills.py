"""Kill a phone's browser while somebody fills a record in, and look whether all that was called saved is there.

`make kills` does it 50 times; tests/phone/test_forms_kills.py a few times. The processes of the browser are killed with
SIGKILL at a random moment, which is what a phone that dies or throws an application out does to it.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright
from playwright.sync_api import Error as BrowserGone

from tests.chromium import ARGUMENTS, CHROMIUM
from tests.conftest import sqlite_database
from tests.phone.bureau import (
    AT_THE_MINE,
    EVERYTHING,
    PHONE_SIZE,
    SURVEYING,
    Bureau,
    mind_the_pin,
    running_bureau,
    sign_in,
)
from tests.phone.inspecting import begin, picture, question

HEAD, STAFF, PHOTO = "/data/q_org/head", "/data/q_org/staff", "/data/q_system/system_photo"

#: What the page shows and says of it in one moment: nothing can happen between the two.
LOOK = """
() => {
    const field = (path) => document.querySelector(`.question[data-reference="${path}"]`);
    return {
        saved: document.querySelector('.saved').dataset.standing === 'saved',
        head: field('/data/q_org/head').querySelector('input').value,
        staff: field('/data/q_org/staff').querySelector('input').value,
        photo: field('/data/q_system/system_photo').querySelector('.kept') !== null,
    };
}
"""


@dataclass(frozen=True)
class Seen:
    """What stood on the page when it said that all is saved."""

    head: str = ""
    staff: str = ""
    photo: bool = False


class Phone:
    """A browser with a profile of its own, which can be killed and opened again."""

    def __init__(self, playwright: Playwright, bureau: Bureau, folder: Path) -> None:
        self.playwright = playwright
        self.bureau = bureau
        self.folder = folder
        self.record = ""

    def open(self) -> tuple[BrowserContext, Page]:
        """Start the browser on what it left on the disk."""
        context = self.playwright.chromium.launch_persistent_context(
            str(self.folder),
            executable_path=CHROMIUM,
            args=ARGUMENTS,
            viewport=PHONE_SIZE,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            geolocation=AT_THE_MINE,
            permissions=list(EVERYTHING),
        )
        page = context.pages[0]
        mind_the_pin(page)
        page.goto(f"{self.bureau.address}/phone/{self.record}")
        return context, page

    def begins(self) -> None:
        """Sign in, begin a record, and go to the page that is filled in later."""
        task = self.bureau.task(forms=(SURVEYING,))
        context, page = self.open()
        sign_in(page, "inspector1")
        begin(page, task)
        page.locator("footer.bar").get_by_role("button", name="下一节").click()
        expect(question(page, HEAD)).to_be_visible()
        self.record = page.url.partition("/phone/")[2]
        context.close()

    def dies(self) -> None:
        """End every process of this browser at once."""
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while self.processes():
            time.sleep(0.02)

    def processes(self) -> list[int]:
        """The ids of the processes that work on this phone's profile, those that ended left out."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and str(self.folder).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
        return found


def work_until(page: Page, ends: float, chance: random.Random) -> Seen:
    """Type and photograph until a moment; tell what was last called saved."""
    seen = Seen()
    while time.monotonic() < ends:
        what = chance.random()
        if what < 0.7:
            write(page, HEAD, chance.choice("甲乙丙丁abc"))
        elif what < 0.9:
            write(page, STAFF, chance.choice("123"))
        elif what < 0.95:
            page.locator(f'[data-reference="{PHOTO}"] input[type=file]').set_input_files(picture())
        else:
            page.wait_for_timeout(chance.uniform(0, 600))
        look = page.evaluate(LOOK)
        if look.pop("saved"):
            seen = Seen(**look)
    return seen


def write(page: Page, reference: str, letter: str) -> None:
    """Type a letter behind what stands in a field."""
    field = question(page, reference).locator("input")
    field.press("End")
    field.press_sequentially(letter)


def one_kill(phone: Phone, chance: random.Random) -> Seen:
    """Work, die at a random moment, open again; raises when something that was called saved is not there."""
    context, page = phone.open()
    expect(question(page, HEAD)).to_be_visible(timeout=30_000)
    seen = work_until(page, time.monotonic() + chance.uniform(0.5, 4), chance)
    phone.dies()
    with suppress(BrowserGone):
        context.close()
    context, page = phone.open()
    expect(question(page, HEAD)).to_be_visible(timeout=30_000)
    if seen.photo:
        expect(question(page, PHOTO).locator(".kept img")).to_be_visible(timeout=20_000)
    there = page.evaluate(LOOK)
    context.close()
    lost = [name for name in ("head", "staff") if not there[name].startswith(getattr(seen, name))]
    if lost:
        raise AssertionError(f"{lost}: {seen} was called saved, {there} is there")
    return seen


def main(report: Callable[[str], object] = sys.stdout.write) -> int:
    """Kill a browser many times."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=None)
    given = arguments.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)
    report(f"seed {seed}\n")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with running_bureau(sqlite_database(folder).fresh_url(folder), folder / "bureau", browser) as bureau:
            phone = Phone(playwright, bureau, folder / "profile")
            phone.begins()
            for number in range(1, given.kills + 1):
                report(f"{number}: {one_kill(phone, chance)}\n")
        browser.close()
    report(f"{given.kills} kills, nothing lost that was called saved\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
