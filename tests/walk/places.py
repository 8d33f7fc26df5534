"""`make places`: every place of the console, as each of the demo's people sees it, at both sizes of a desk.

For each page: axe finds nothing serious, the page itself can't be scrolled sideways, no button is cut off or lies outside,
nothing of another language stands alone among the Chinese, and the browser has no error to tell. Pictures and JSON go to
bench-results/places. `--users` and `--only` look at some.
"""

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from server.rehearsal.first_days import play_first_days
from server.rehearsal.story import PASSWORD
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.phone.looking import axe_findings, pixels_too_wide
from tests.walk.running import make_run

RESULTS = Path("bench-results/places")
SIZES = ((1440, 900), (1024, 768))
USERS = ("supervisor1", "planner1", "publisher1", "policy1", "operator1", "admin1", "auditor1")
NAVIGATION = "nav[aria-label=页面] a"
# Values that somebody set are told as they are. Names and what has no Chinese: ids, addresses, hashes, file names, units.
_ENGLISH = re.compile(r"[A-Za-z]{4,}")
_HAS_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NAMES = re.compile(
    r"[\d_./:@#-]|^[A-Z]+$|^(English|Esc|Enter|Space|Ctrl|SHA|SQLite|PostgreSQL|ODK|Collect|GeoJSON|GeoPackage)\b"
)

_CUT = """() => {
	const wide = document.documentElement.clientWidth, found = new Set();
	const scrolls = (each) => { for (let above = each.parentElement; above; above = above.parentElement) {
		if (['auto', 'scroll'].includes(getComputedStyle(above).overflowX) && above.scrollWidth > above.clientWidth + 1) return true;
	} return false; };
	for (const each of document.querySelectorAll('button, a, input, select')) {
		const box = each.getBoundingClientRect(), name = (each.textContent || each.ariaLabel || '').trim().slice(0, 30);
		if (!each.checkVisibility({ visibilityProperty: true }) || box.width < 2 || each.closest('[inert], [aria-hidden=true]')) continue;
		if (!scrolls(each) && (box.right > wide + 1 || box.left < -1)) found.add(`outside: ${name}`);
		if (each.tagName === 'BUTTON' && each.scrollWidth > each.clientWidth + 2) found.add(`cut: ${name}`);
	}
	for (const each of document.querySelectorAll('nav')) if (each.scrollWidth > each.clientWidth + 1) found.add(`scrolls: ${each.ariaLabel}`);
	return [...found];
}"""
_TEXTS = """() => {
	const found = new Set(), walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const above = walk.currentNode.parentElement;
		if (above && !['SCRIPT', 'STYLE', 'CODE', 'KBD', 'PRE'].includes(above.tagName) && !above.closest('td.value') && above.checkVisibility()) found.add(walk.currentNode.textContent.trim());
	}
	return [...found];
}"""


def looked_at(page: Page) -> dict[str, list[str]]:
    """What is wrong with the page that is shown, by kind; nothing where it is as it should be."""
    wide = pixels_too_wide(page)
    texts: list[str] = page.evaluate(_TEXTS)
    found = {
        "axe": axe_findings(page),
        "cut": page.evaluate(_CUT),
        "sideways": [f"{wide} pixels"] if wide else [],
        "not Chinese": [
            text
            for text in texts
            if _ENGLISH.search(text) and not _HAS_CHINESE.search(text) and not _NAMES.search(text)
        ],
    }
    return {kind: what for kind, what in found.items() if what}


def walk(browser: Browser, url: str, user: str, size: tuple[int, int], only: str) -> dict[str, Any]:
    """Go to every place that somebody's menu shows, and to the pages within it; what is wrong with each."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    try:
        page, errors, found = context.new_page(), [], {}
        page.on(
            "console", lambda message: errors.append(message.text[:200]) if message.type == "error" else None
        )
        page.goto(f"{url}/console/")
        page.fill("#username", user)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator(NAVIGATION).first).to_be_visible(timeout=60_000)
        waiting, seen = _links(page, NAVIGATION), set[str]()
        while waiting:
            address = waiting.pop(0)
            if address in seen or only not in address:
                continue
            seen.add(address)
            errors.clear()
            page.goto(url + address)
            expect(page.locator(NAVIGATION).first).to_be_visible(timeout=60_000)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(400)  # what fades in is there
            waiting += _links(page, "nav:not([aria-label=页面]) a[href^='/console/']")
            name = address.removeprefix("/console/").replace("/", "-")
            page.screenshot(path=RESULTS / f"{user}-{name}-{size[0]}.png")
            wrong = looked_at(page) | ({"errors": list(errors)} if errors else {})
            if wrong:
                found[f"{user} {address} {size[0]}"] = wrong
        print(
            f"{user}, {size[0]}×{size[1]}: {len(seen)} pages, {len(found)} with something wrong", flush=True
        )
        return found
    finally:
        context.close()


def _links(page: Page, selector: str) -> list[str]:
    return [address for each in page.locator(selector).all() if (address := each.get_attribute("href"))]


def main() -> int:
    """Run a bureau with its first days and some records to review, and go through it."""
    parser = argparse.ArgumentParser(prog="make places", description=__doc__)
    parser.add_argument("--users", default=",".join(USERS))
    parser.add_argument("--only", default="", help="only addresses with this in them")
    given = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name, make_run(Path(name)) as url, sync_playwright() as playwright:
        play_first_days(url, lambda _: None)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for user in given.users.split(","):
            for size in SIZES:
                found |= walk(browser, url, user, size, given.only)
        browser.close()
    (RESULTS / "found.json").write_text(
        json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
