"""A real browser, and a bureau for it to speak to."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.phone.bureau import Bureau, running_bureau

CHROMIUM = "/usr/bin/chromium"
# A camera that shows a moving picture and a microphone that beeps; nothing that asks the network for anything.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers; there can be one of it in a process."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for the tests of a process; each phone is a context of its own."""
    browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", CHROMIUM), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def bureau(on_sqlite, tmp_path_factory, browser) -> Iterator[Bureau]:
    """The demo's bureau on a port; the tests of a module share it, so each opens its own visits."""
    folder = tmp_path_factory.mktemp("bureau")
    with running_bureau(on_sqlite.fresh_url(folder), folder, browser) as bureau:
        yield bureau
