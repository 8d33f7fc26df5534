"""What a browser loads before somebody can work: within its budget, and from nobody else."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response, expect

from server.demo import DEMO_PASSWORD
from server.web import CONSOLE, PHONE, Application
from tests.console.desk import DESK
from tests.phone.bureau import mind_the_pin, sign_in

CONSOLE_BYTES, PHONE_BYTES, PUBLIC_BYTES = 500_000, 300_000, 100_000


@dataclass
class Loaded:
    """Everything that a page asked for, by its address without host and query."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    answers: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on(
            "request",
            lambda request: self.hosts.add(urlsplit(request.url)._replace(path="", query="").geturl()),
        )
        self.page.on("response", self._note)

    def bytes_of(self, application: Application, at: str) -> int:
        """Count files as the build compressed them with gzip, each once, and what else was answered as it was."""
        names = {path.removeprefix(at) or "index.html" for path in self.paths if path.startswith(at)}
        files = [application.built / name for name in names if (application.built / name).is_file()]
        zipped = [each.with_name(f"{each.name}.gz") for each in files]
        said = [
            len(each.body())
            for each in self.answers
            if not urlsplit(each.url).path.startswith(at) and each.ok
        ]
        assert {each.suffix for each in files} >= {".html", ".js", ".css"}
        return sum(
            (small if small.exists() else whole).stat().st_size
            for small, whole in zip(zipped, files, strict=True)
        ) + sum(said)

    def _note(self, response: Response) -> None:
        self.paths.add(urlsplit(response.url).path)
        self.answers.append(response)


def test_the_console_is_there_within_500_kilobytes_and_asks_nobody_else(bureau):
    context = bureau.browser.new_context(viewport=DESK, locale="zh-CN", service_workers="block")
    page = context.new_page()
    loaded = Loaded(page)
    page.goto(f"{bureau.address}/console/")
    page.fill("#username", "supervisor1")
    page.fill("#password", DEMO_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="页面")).to_be_visible(timeout=20_000)
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some((each) => each.name.includes('/BoardPage'))"
    )
    page.wait_for_load_state("networkidle")

    assert loaded.hosts == {bureau.address}
    assert loaded.bytes_of(CONSOLE, "/console/") <= CONSOLE_BYTES
    context.close()


def test_the_phone_begins_within_300_kilobytes_and_asks_nobody_else(bureau):
    context = bureau.browser.new_context(locale="zh-CN", service_workers="block")
    page = context.new_page()
    loaded = Loaded(page)
    page.goto(f"{bureau.address}/phone/")
    page.wait_for_selector("#username")
    page.wait_for_load_state("networkidle")
    assert loaded.bytes_of(PHONE, "/phone/") <= PHONE_BYTES

    mind_the_pin(page)
    sign_in(page, "inspector1")
    page.wait_for_load_state("networkidle")
    assert loaded.hosts == {bureau.address}
    context.close()


def test_a_page_for_everybody_is_there_within_100_kilobytes_and_asks_nobody_else(bureau):
    context = bureau.browser.new_context(locale="zh-CN")
    for name in ("", "results", "plans", "draws", "lists", "data"):
        page = context.new_page()
        loaded = Loaded(page)
        answer = page.goto(f"{bureau.address}/public/zh/{name}")
        page.wait_for_load_state("networkidle")
        assert answer.ok
        assert loaded.hosts == {bureau.address}
        assert len(loaded.answers) >= 2, "its own look comes beside it"
        assert sum(len(each.body()) for each in loaded.answers) <= PUBLIC_BYTES, name
        page.close()
    context.close()
