"""`make measure-forms`: how long a form takes to open, and a marker to be added, on a phone four times slower than this machine.

Times are from the tap to the page that can be used, in Chromium with `Emulation.setCPUThrottlingRate`. Nothing is judged
here: figures of a busy machine say nothing.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.conftest import sqlite_database
from tests.phone.bureau import MINE, SURVEYING, running_bureau
from tests.phone.conftest import ARGUMENTS, CHROMIUM
from tests.phone.inspecting import begin

SLOWER = 4
MARKERS = 30

#: Taps a button and tells after how many milliseconds the page shows what was asked for.
TAP = """
async ([button, wanted]) => {
    const begun = performance.now();
    const had = document.querySelectorAll(wanted).length;
    document.querySelector(button).click();
    while (document.querySelectorAll(wanted).length <= had) await new Promise((done) => requestAnimationFrame(done));
    return performance.now() - begun;
}
"""


def open_again(page: Page) -> float:
    """Leave a record and open it again: milliseconds until its first question is there."""
    record = page.url.partition("#")[2]
    page.evaluate("location.hash = '#/me'")
    expect(page.locator(".question")).to_have_count(0)
    page.evaluate(
        """(record) => { const link = document.createElement('button'); link.id = 'open';
        link.onclick = () => { location.hash = record; }; document.body.append(link); }""",
        record,
    )
    took: float = page.evaluate(TAP, ["#open", ".question"])
    page.evaluate("document.querySelector('#open').remove()")
    return took


def measure(page: Page, report: Callable[[str], object]) -> None:
    """Open the form of the page a few times."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    times = [open_again(page) for _ in range(5)]
    report(f"  open: {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms\n")


def add_markers(page: Page, report: Callable[[str], object]) -> None:
    """Add markers one by one; tells the first, and the last of them."""
    onward = page.locator("footer.bar").get_by_role("button", name="下一节")
    while page.locator('.repeat[data-reference="/data/markers"]').count() == 0:
        onward.click()
    button = '.repeat[data-reference="/data/markers"] > .add'
    times = []
    for number in range(2, MARKERS + 1):
        times.append(page.evaluate(TAP, [button, '.repeat[data-reference="/data/markers"] > .card']))
        page.locator('[data-reference$="/marker_no"] input').fill(f"J{number}")
    report(
        f"  add a marker: the 2nd {times[0]:.0f} ms, the {MARKERS}th {times[-1]:.0f} ms, slowest {max(times):.0f} ms\n"
    )


def main(report: Callable[[str], object] = sys.stdout.write) -> int:
    """Measure both main forms."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", CHROMIUM), args=ARGUMENTS
        )
        with running_bureau(sqlite_database(folder).fresh_url(folder), folder / "bureau", browser) as bureau:
            for form in (SURVEYING, MINE):
                task = bureau.task(forms=(form,), item_codes=[])
                with bureau.phone("inspector1") as page:
                    begin(page, task)
                    report(f"{form} at 1/{SLOWER} of this machine's speed\n")
                    measure(page, report)
                    if form == MINE:
                        add_markers(page, report)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
