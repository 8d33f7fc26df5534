"""`make measure-forms`: how long a form takes to open, and a marker to be added, on a phone four times slower than this machine.

Times are from the tap to the page that can be used, in Chromium with `Emulation.setCPUThrottlingRate`, without a network:
the first form after the application was started, and the same again. `--against` names another build of the phone
(a folder like web/phone/dist), which is measured in turn with this one. Nothing is judged here: figures of a busy
machine say nothing.
"""

import argparse
import logging
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from server import web
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.conftest import sqlite_database
from tests.phone.bureau import MINE, PHONE_SIZE, SURVEYING, Bureau, mind_the_pin, running_bureau, sign_in
from tests.phone.inspecting import begin, may_leave_the_network

SLOWER = 4
ROUNDS = 5
READING = 6000  # milliseconds on the page of a visit
MARKERS = 30

Report = Callable[[str], object]

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


def ready(bureau: Bureau, task: UUID) -> BrowserContext:
    """A phone that left the network with a record begun."""
    context = bureau.browser.new_context(viewport=PHONE_SIZE, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    mind_the_pin(page)
    page.goto(f"{bureau.address}/phone/")
    sign_in(page, "inspector1")
    may_leave_the_network(page)
    begin(page, task)
    page.close()
    context.set_offline(True)
    return context


def started(bureau: Bureau, context: BrowserContext, task: UUID) -> Page:
    """Start the application on the page of a visit, and read there."""
    page = context.new_page()
    mind_the_pin(page)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(f"{bureau.address}/phone/#/tasks/{task}")
    page.get_by_text("继续填写").wait_for(timeout=60_000)
    page.wait_for_timeout(READING)
    return page


def opened(page: Page) -> float:
    """Tap what opens the record: milliseconds until its first question is there."""
    page.evaluate(
        "[...document.querySelectorAll('button')].find(each => each.innerText.includes('继续填写')).id = 'open'"
    )
    took: float = page.evaluate(TAP, ["#open", ".question"])
    return took


def measure(bureau: Bureau, context: BrowserContext, task: UUID) -> tuple[float, float]:
    """Milliseconds that the first form after a start takes, and the same form once more."""
    page = started(bureau, context, task)
    first = opened(page)
    page.evaluate(f"location.hash = '#/tasks/{task}'")
    page.get_by_text("继续填写").wait_for()
    page.wait_for_timeout(READING)
    again = opened(page)
    page.close()
    return first, again


@contextmanager
def serving(folder: Path, browser: Browser, build: web.Application) -> Iterator[Bureau]:
    """A bureau of its own for a build: workers look for newer versions past the emulation of no network."""
    folder.mkdir()
    with running_bureau(sqlite_database(folder).fresh_url(folder), folder / "bureau", browser) as bureau:
        bureau.app.before_request(lambda: setattr(web, "PHONE", build))
        yield bureau


def compare(bureaus: Mapping[str, Bureau], form: str, report: Report) -> None:
    """Measure the phones of some bureaus in turn."""
    tasks = {name: bureau.task(forms=(form,), item_codes=[]) for name, bureau in bureaus.items()}
    phones = {name: ready(bureau, tasks[name]) for name, bureau in bureaus.items()}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in bureaus}
    for _ in range(ROUNDS):
        for name, context in phones.items():
            times[name].append(measure(bureaus[name], context, tasks[name]))
    report(f"{form} at 1/{SLOWER} of this machine's speed\n")
    for name, taken in times.items():
        first, again = (statistics.median(each) for each in zip(*taken, strict=True))
        report(f"  {name}: the first form after a start {first:.0f} ms, again {again:.0f} ms\n")
    if form == MINE:
        name = next(iter(bureaus))
        page = started(bureaus[name], phones[name], tasks[name])
        opened(page)
        add_markers(page, report)
    for context in phones.values():
        context.close()


def add_markers(page: Page, report: Report) -> None:
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


def main(report: Report = sys.stdout.write) -> int:
    """Measure both main forms."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--against", type=Path, default=None)
    given = arguments.parse_args()
    builds = {"this build": web.PHONE}
    if given.against:
        builds["the other"] = replace(web.PHONE, built=given.against)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = stack.enter_context(chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS))
        bureaus = {
            name: stack.enter_context(serving(folder / name, browser, build))
            for name, build in builds.items()
        }
        for form in (SURVEYING, MINE):
            compare(bureaus, form, report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
