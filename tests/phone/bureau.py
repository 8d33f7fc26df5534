"""A bureau on a real port, whose inspectors hold real browsers as phones."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from forms.catalog import catalog
from server import audit, clock
from server.access import SYSTEM
from server.accounts.models import Person
from server.app import create_app
from server.checklists.service import publish_catalogue, read_catalogue
from server.demo import DEMO_PASSWORD, load_demo_registry
from server.http import App
from server.inspections import service as inspections
from server.installation import guard_epoch
from server.registry.models import InspectedObject
from server.settings import Settings

PHONE_SIZE = {"width": 390, "height": 844}
MINE, SURVEYING = "mine_overstep", "survey_quality"
#: Where the first marker of the demo's first mine stands, with the accuracy of a good phone in metres.
AT_THE_MINE = {"latitude": 35.4801, "longitude": 112.4102, "accuracy": 5}
EVERYTHING = ("geolocation", "camera", "microphone")
PIN = "270418"


@dataclass
class Bureau:
    """The demo's bureau, served on a port of this machine."""

    app: App
    address: str
    browser: Browser

    def task(self, *usernames: str, forms: Iterable[str] = (MINE,), days: int = 3, **planned: Any) -> UUID:
        """Open a visit of the first object that a form is for; the first of the inspectors leads."""
        forms = tuple(forms)
        with audit.transaction(self.app.sessions) as session:
            ids = {person.username: person.id for person in session.scalars(select(Person))}
            kind, name = ("测绘", "测绘质量抽查") if forms == (SURVEYING,) else ("矿", "生产矿山抽查")
            of_that_kind = select(InspectedObject).where(InspectedObject.name.contains(kind))
            found = session.scalars(of_that_kind.order_by(InspectedObject.name)).all()[0]
            people = [ids[username] for username in usernames or ("inspector1", "inspector2")]
            visit: dict[str, Any] = {
                "number": f"T-{uuid4().hex[:8]}",
                "name": name,
                "region": found.region,
                "organisation_id": found.organisation_id,
                "object_id": found.id,
                "forms": list(forms),
                "item_codes": ["MINE_OVERSTEP"],
                "lead_id": people[0],
                "assisting_ids": people[1:],
                "opens_on": clock.today(),
                "due_on": clock.today() + timedelta(days=days),
                "approval_no": "阳自然资检审〔2026〕9号",
            }
            planned_visit = inspections.PlannedVisit(**(visit | planned))
            return inspections.open_visits(session, SYSTEM, [planned_visit])[0].id

    @contextmanager
    def phone(self, username: str | None = None, **options: Any) -> Iterator[Page]:
        """A phone of its own; with a user name, somebody has signed in on it and it has synced."""
        settings: dict[str, Any] = {
            "viewport": PHONE_SIZE,
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "geolocation": AT_THE_MINE,
            "permissions": list(EVERYTHING),
        }
        context: BrowserContext = self.browser.new_context(**(settings | options))
        try:
            page = context.new_page()
            mind_the_pin(page)
            page.goto(f"{self.address}/phone/")
            if username is not None:
                sign_in(page, username)
            yield page
        finally:
            context.close()


def sign_in(page: Page, username: str, password: str = DEMO_PASSWORD) -> None:
    """Sign in on the first page, and wait until the tasks are there."""
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("button[type=submit]")
    expect(page.get_by_role("tablist")).to_be_visible(timeout=30_000)


def mind_the_pin(page: Page) -> None:
    """From now on set or enter the PIN whenever the page asks for one, also after it was opened anew."""
    page.add_locator_handler(page.locator("#pin-form"), give_pin)


def give_pin(form: Locator) -> None:
    """Set the PIN, or enter it."""
    form.locator("#pin").fill(PIN)
    if form.locator("#pin-again").count():
        form.locator("#pin-again").fill(PIN)
    form.locator("button[type=submit]").click()


def is_installed(page: Page) -> None:
    """Wait until the application lies on the phone and starts without a network."""
    # A function: an expression is evaluated at every look, which the pages allow once.
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def open_bureau(url: str, folder: Path) -> App:
    """The application of a bureau whose database and files are here."""
    environment = {
        "MERESTONE_DATA": str(folder),
        "MERESTONE_DATABASE_URL": url,
        "MERESTONE_RESERVE_BYTES": "0",
    }
    app = create_app(Settings.from_environment(environment))
    with app.readers() as session:
        guard_epoch(app.installation, session)
    return app


def found_bureau(url: str, folder: Path) -> None:
    """Load the demo's forms, people and objects into a migrated, empty database."""
    app = open_bureau(url, folder)
    written = read_catalogue(catalog())
    with audit.transaction(app.sessions) as session:
        publish_catalogue(session, written)
        load_demo_registry(session)
    app.close()


@contextmanager
def serving_bureau(url: str, folder: Path, browser: Browser) -> Iterator[Bureau]:
    """Serve a bureau that was founded."""
    app = open_bureau(url, folder)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Bureau(app, f"http://127.0.0.1:{server.server_port}", browser)
    finally:
        server.shutdown()
        thread.join()
        app.close()


@contextmanager
def running_bureau(url: str, folder: Path, browser: Browser) -> Iterator[Bureau]:
    """Serve the demo's bureau from a migrated, empty database."""
    found_bureau(url, folder)
    with serving_bureau(url, folder, browser) as bureau:
        yield bureau
