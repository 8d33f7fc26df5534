"""What somebody sees who opens the phone: signing in, and what there is to do today."""

from playwright.sync_api import expect

from tests.phone.bureau import is_installed


def test_an_inspector_signs_in_and_sees_the_visit_without_a_network(bureau):
    bureau.task(number="阳检-2026-101")

    with bureau.phone("inspector1") as page:
        expect(page.get_by_text("阳检-2026-101")).to_be_visible(timeout=20_000)
        is_installed(page)
        page.context.set_offline(True)
        page.reload()

        expect(page.get_by_text("阳检-2026-101")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("离线").first).to_be_visible()


def test_a_wrong_password_is_told_and_nothing_is_kept(bureau):
    with bureau.phone() as page:
        page.fill("#username", "inspector1")
        page.fill("#password", "not-the-password")
        page.click("button[type=submit]")

        expect(page.get_by_role("alert")).to_be_visible(timeout=20_000)
        page.reload()
        expect(page.locator("#username")).to_be_visible()
