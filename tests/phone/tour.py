"""`make tour`: open every form of the catalogue on a phone without a network, fill it in, seal it, and see it arrive whole.

It takes minutes, so `make test` only fills in a mine (tests/phone/test_forms_returned.py). One phone does them all, one
after the other; pictures of every page go to `--pictures`, if somebody wants to look at them.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import select

from forms.catalog import catalog
from server import clock
from server.inspections.models import Record, Revision
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.conftest import sqlite_database
from tests.forms.filled import answers_to
from tests.phone.bureau import Bureau, running_bureau
from tests.phone.inspecting import begin, fill, gaps, may_leave_the_network, record_of, seal

ALL = tuple(form.form_id for form in catalog())


#: What the demo's objects are asked beyond `tests.forms.filled`.
MINE_UNDERGROUND = {
    "/data/overstep/underground_unreached": "井下由测绘单位实测。",
    "/data/overstep/actual_extent": "walked",
    "/data/overstep/extent_method": "rtk_fixed",
}
MORE: dict[str, dict[str, Any]] = {
    "mine_overstep": MINE_UNDERGROUND,
    "joint_visit": MINE_UNDERGROUND,
    "land_reclamation": {"/data/deposit/statement_on": str(clock.today() - timedelta(days=10))},
    "map_review": {"/data/map/number_asked": "GS京(2025)0101号"},
}


def typed(form: str) -> dict[str, Any]:
    """Complete answers to a form, without the task that the phone chooses by itself."""
    answers = deepcopy(answers_to(form))
    del answers["/data/task/task_ref"]
    return answers | MORE.get(form, {})


def fill_and_seal(page: Page, task: UUID, form: str, pictures: Path | None) -> None:
    """Begin the form of a visit, answer it and seal it; raises with what is missing when it can't be sealed."""
    begin(page, task)
    shots = iter(range(1, 100))

    def look() -> None:
        if pictures is not None:
            page.screenshot(path=pictures / f"{form}-{next(shots):02}.png", full_page=True)

    fill(page, typed(form), look)
    if missing := gaps(page):
        raise AssertionError(f"{form}: {missing}")
    seal(page)


def arrived(bureau: Bureau, task: UUID) -> tuple[Record, int]:
    """Wait for the record of a visit and all its files; tells how many files there are."""
    record = record_of(bureau, task, "under_review")
    with bureau.app.readers() as session:
        revision = session.scalars(select(Revision).where(Revision.task_id == task)).one()
        media = revision.media
    for entry in media:
        with bureau.app.store.open_file(entry["sha256"]) as file:
            assert len(file.read()) == entry["size"]
    return record, len(media)


def tour(bureau: Bureau, forms: Iterable[str], pictures: Path | None, report: Callable[[str], object]) -> int:
    """Fill the forms in without a network, then go online; tells how many did not arrive as they should."""
    tasks = {
        form: bureau.task(forms=(form,), item_codes=[], notice_no="阳自然资检通〔2026〕9号") for form in forms
    }
    failed = 0
    with bureau.phone("inspector1") as page:
        may_leave_the_network(page)
        page.context.set_offline(True)
        for form, task in list(tasks.items()):
            began = time.monotonic()
            try:
                fill_and_seal(page, task, form, pictures)
            except Exception as error:
                failed += 1
                del tasks[form]
                report(f"{form}: NOT sealed: {error}\n")
            else:
                report(f"{form}: sealed after {time.monotonic() - began:.0f} s\n")
        page.context.set_offline(False)
        page.evaluate("location.hash = '#/day-end'")
        if failed == 0:
            expect(page.get_by_text("本机全部已送达").first).to_be_visible(timeout=120_000)
        for form, task in tasks.items():
            record, files = arrived(bureau, task)
            failed += bool(record.flags)
            report(f"{form}: arrived with {files} files; flags: {record.flags}\n")
    return failed


def main(report: Callable[[str], object] = sys.stdout.write) -> int:
    """Tour the catalogue, or the forms that are named."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("forms", nargs="*", default=ALL)
    arguments.add_argument("--pictures", type=Path, default=None)
    given = arguments.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    if given.pictures:
        given.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with running_bureau(sqlite_database(folder).fresh_url(folder), folder / "bureau", browser) as bureau:
            failed = tour(bureau, given.forms, given.pictures, report)
        browser.close()
    return failed


if __name__ == "__main__":
    sys.exit(main())
