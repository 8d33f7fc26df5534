"""The public site in a browser: a draw is shown to somebody who checks it, with JavaScript or without, and prints it."""

from itertools import cycle

import pytest
import requests
from playwright.sync_api import expect

from server import audit
from server.demo import load_demo_draw, load_demo_plans, load_demo_publications
from tests.phone.looking import axe_findings

HOLDS = "验证通过：名单和人员配对确由承诺和底册得出，本页所列名单与之一致。"
PAGES = ("", "lists", "plans", "schemes", "draws", "results", "data", "about", "nothing")


@pytest.fixture(scope="module")
def draw(bureau):
    """The address of a draw that was published."""
    with audit.transaction(bureau.app.sessions) as session:
        load_demo_plans(session)
        load_demo_publications(session)
        load_demo_draw(session, bureau.app.installation.secret)
    (drawn,) = requests.get(f"{bureau.address}/public/draws", timeout=10).json()
    return f"{bureau.address}/public/zh/draws/{drawn['id']}"


@pytest.fixture(scope="module")
def file(draw):
    """What the program for strangers checks."""
    return requests.get(draw.replace("/zh/", "/"), timeout=10).json()


def opened(bureau, **options):
    return bureau.browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844}, **options)


def test_a_reader_checks_a_draw_in_the_browser_and_a_page_that_shows_another_list_is_found_out(bureau, draw):
    with opened(bureau) as context:
        page = context.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(draw)
        check = page.get_by_role("button", name="在本页验证")
        check.press("Enter")
        expect(page.get_by_role("status")).to_have_text(HOLDS)
        assert all(each.startswith(f"{bureau.address}/public/") for each in asked)

        first = page.locator("#list [data-object]").first
        first.evaluate("row => row.querySelector('th').textContent = '另一家公司'")
        check.click()
        expect(page.get_by_role("status")).to_contain_text("本页所列名单与文件不一致")


def test_a_file_that_was_changed_does_not_hold(bureau, draw, file):
    with opened(bureau) as context:
        page = context.new_page()
        page.route(
            "**/public/draws/*", lambda route: route.fulfill(json=file | {"drawn": file["drawn"][::-1]})
        )
        page.goto(draw)
        page.get_by_role("button", name="在本页验证").click()
        expect(page.get_by_role("status")).to_contain_text("抽取名单不符")


def test_everything_is_read_without_javascript_and_printed_with_its_source(bureau, draw, file):
    with opened(bureau, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(draw)
        expect(page.locator("#list [data-object]")).to_have_count(len(file["drawn"]))
        expect(page.get_by_role("button", name="在本页验证")).to_be_hidden()
        expect(page.get_by_role("link", name="verify_draw.py")).to_be_visible()
        page.emulate_media(media="print")
        expect(page.get_by_role("navigation", name="栏目")).to_be_hidden()
        expect(page.get_by_text(draw).first).to_be_visible()
        assert page.pdf(format="A4").startswith(b"%PDF")
        page.emulate_media(media="screen")
        page.goto(f"{bureau.address}/public/")
        page.get_by_label("查询企业的检查结果").fill("没有这家")
        page.get_by_role("button", name="查询").click()
        expect(page.get_by_text("没有符合条件的公示结果")).to_be_visible()


def test_pages_can_be_used_by_everybody_on_every_screen_by_day_and_night(bureau, draw):
    places = [draw, *(f"{bureau.address}/public/zh/{each}" for each in PAGES)]
    with opened(bureau, bypass_csp=True) as context:
        page = context.new_page()
        for place, (width, scheme) in zip(places, cycle(((390, "dark"), (1440, "light"), (1024, "light")))):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.goto(place)
            root = "document.documentElement"
            assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), (place, width)
            assert axe_findings(page) == [], place
