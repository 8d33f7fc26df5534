"""A real browser, and a bureau for it to speak to."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.phone.bureau import Bureau, found_bureau, serving_bureau

DATABASE = "bureau.sqlite3"
#: The browser that every test drives: Debian's build without windows where it is there, which draws the same for less.
CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium-headless-shell")
    or shutil.which("chromium")
    or "chromium"
)
#: Milliseconds in which what a test expects comes at the latest: on a busy machine a page takes more than the usual five seconds.
PATIENCE = 20_000
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
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for the tests of a process; each phone is a context of its own."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def founded(on_sqlite, tmp_path_factory) -> Path:
    """A bureau's database and files as they are on its first day; to be copied."""
    folder = tmp_path_factory.mktemp("founded")
    shutil.copy(on_sqlite.template, folder / DATABASE)
    found_bureau(f"sqlite:///{folder / DATABASE}", folder)
    return folder


@pytest.fixture(scope="module")
def bureau(founded, tmp_path_factory, browser) -> Iterator[Bureau]:
    """The demo's bureau on a port; the tests of a module share it, so each opens its own visits."""
    folder = tmp_path_factory.mktemp("bureau") / "data"
    shutil.copytree(founded, folder)
    with serving_bureau(f"sqlite:///{folder / DATABASE}", folder, browser) as bureau:
        yield bureau
