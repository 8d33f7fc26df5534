"""Measure what the phone costs: bytes before the form engine, and how soon it is there without a network.

`python -m tests.phone.measuring` serves the demo on a free port and prints JSON. Milliseconds at a CPU four times slower,
the middle of five starts; nothing is asserted, because a busy machine is no slow phone.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests
from playwright.sync_api import BrowserContext, sync_playwright

from server.web import PHONE
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.phone.bureau import PHONE_SIZE, PIN, is_installed, mind_the_pin, sign_in

STARTS = 5
SLOWER = 4


def transferred() -> dict[str, int]:
    """Bytes of what the first page loads, and of all that comes when it is opened (the engine, maps), as gzip and Brotli."""
    names = [path.name for path in (PHONE.built / "assets").iterdir() if path.suffix in {".js", ".css"}]
    page = (PHONE.built / "index.html").read_text()
    first = ["index.html", *(f"assets/{name}" for name in names if name in page)]
    later = [f"assets/{name}" for name in names if name not in page]
    sizes = {}
    for ending in ("gz", "br"):
        sizes[f"first_page_{ending}"] = sum(
            (PHONE.built / f"{name}.{ending}").stat().st_size for name in first
        )
        sizes[f"later_{ending}"] = sum((PHONE.built / f"{name}.{ending}").stat().st_size for name in later)
    return sizes


def started(context: BrowserContext, address: str) -> tuple[float, float]:
    """Open the phone anew without a network: milliseconds to the PIN, and from its last digit to the tasks."""
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    begun = time.perf_counter()
    page.goto(f"{address}/phone/")
    page.locator("#pin").wait_for()
    there = time.perf_counter()
    page.fill("#pin", PIN)
    page.click("#pin-form button[type=submit]")
    page.get_by_role("tablist").wait_for()
    unlocked = time.perf_counter()
    page.close()
    return 1000 * (there - begun), 1000 * (unlocked - there)


def measure(address: str) -> dict[str, float]:
    """Sign in once with a network, and start several times without."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(viewport=PHONE_SIZE, locale="zh-CN")
        page = context.new_page()
        mind_the_pin(page)
        page.goto(f"{address}/phone/")
        sign_in(page, "inspector1")
        is_installed(page)
        page.wait_for_timeout(3000)  # forms come behind the tasks
        page.close()
        context.set_offline(True)
        starts = [started(context, address) for _ in range(STARTS)]
        browser.close()
    return {
        "cold_start_ms": round(statistics.median(start[0] for start in starts)),
        "unlock_ms": round(statistics.median(start[1] for start in starts)),
    }


def main() -> None:
    """Serve the demo, measure, and print."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"MERESTONE_DATA": folder, "PORT": str(port)}
        served = subprocess.Popen(
            [Path(sys.executable).with_name("merestone"), "serve", "--demo"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}/readyz")
            print(json.dumps(transferred() | measure(address), indent=1))
        finally:
            served.terminate()
            served.wait()


def wait_for(url: str) -> None:
    """Wait until a server answers; a minute at most."""
    for _ in range(120):
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.5)
    raise TimeoutError(url)


if __name__ == "__main__":
    main()
