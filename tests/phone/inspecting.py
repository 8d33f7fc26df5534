"""What an inspector does with a form on a phone: answers questions through the page, as fingers and keys would."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from time import sleep
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from forms import Geopoint
from forms.catalog import catalog
from server.inspections.models import Record
from tests.phone.bureau import AT_THE_MINE, Bureau, is_installed

BEIJING = timezone(timedelta(hours=8))

#: Answers what a page shows of the simple questions, as keys and fingers do; tells how many, and what is left for
#: somebody else.
ANSWER = """
async (answers) => {
    const plain = (path) => path.replaceAll('[1]', '');
    const setValue = (field, value) => {
        const kind = field.tagName === 'TEXTAREA' ? HTMLTextAreaElement : HTMLInputElement;
        field.focus();
        Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, value);
        field.dispatchEvent(new Event('input', { bubbles: true }));
        field.dispatchEvent(new Event('change', { bubbles: true }));
        field.blur();
    };
    const left = [];
    let answered = 0;
    for (const question of document.querySelectorAll('.question[data-reference]')) {
        const path = plain(question.dataset.reference);
        const value = answers[path];
        if (value === undefined || question.querySelector('fieldset').disabled) continue;
        const widget = question.dataset.widget;
        if (widget === 'choice') {
            if (question.querySelector('button.field')) {
                if (question.querySelector('button.field').textContent.trim() !== '…') continue;
                question.querySelector('button.field').click();
                for (let wait = 0; wait < 40 && !question.querySelector('[data-value]'); wait += 1) {
                    await new Promise((done) => setTimeout(done, 25));
                }
            }
            for (const each of [].concat(value)) {
                const option = question.querySelector(`[data-value="${each}"]`);
                if (option && option.getAttribute('aria-checked') !== 'true') {
                    option.click();
                    answered += 1;
                }
            }
            question.querySelector('button.done')?.click();
        } else if (['text', 'number', 'moment'].includes(widget)) {
            const field = question.querySelector('input, textarea');
            if (field.value === '') {
                setValue(field, value);
                answered += 1;
            }
        } else if (['position', 'shape', 'file'].includes(widget)) {
            const isDone = question.querySelector('.kept, .corners') || question.textContent.includes('重新测量');
            if (!isDone) left.push(question.dataset.reference);
        }
    }
    return [answered, left];
}
"""


#: The repeats that stand in a card, or in none: those of cards within are for when these are open.
REPEATS = """
(here) => [...here.querySelectorAll('.repeat')]
    .filter((each) => each.parentElement.closest('.card') === (here.matches('.card') ? here : null))
    .map((each) => each.dataset.reference)
"""


def told(value: Any) -> Any:
    """Write an answer of `tests.forms.filled` as it is typed; deadlines that have passed by now lie ahead."""
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return (value + timedelta(days=366) if value >= date(2026, 9, 15) else value).isoformat()
    if isinstance(value, list):
        return [str(each) for each in value]
    return str(value) if isinstance(value, int | Decimal) else value


def by_path(answers: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Lay answers flat: `/data/markers[2]/photo` and its value; the first row has no number."""
    for name, value in answers.items():
        here = name if name.startswith("/") else f"{path}/{name}"
        if isinstance(value, Mapping):
            yield from by_path(value, here)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for number, row in enumerate(value, 1):
                yield from by_path(row, here if number == 1 else f"{here}[{number}]")
        else:
            yield here, value


def rows(answers: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, int]]:
    """Tell how many rows each repeat of the answers has."""
    for name, value in answers.items():
        here = name if name.startswith("/") else f"{path}/{name}"
        if isinstance(value, Mapping):
            yield from rows(value, here)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield here, len(value)
            for number, row in enumerate(value, 1):
                yield from rows(row, here if number == 1 else f"{here}[{number}]")


def picture(colour: str = "steelblue") -> dict[str, Any]:
    """A small JPEG, as a gallery hands it over."""
    stream = BytesIO()
    Image.new("RGB", (64, 48), colour).save(stream, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": stream.getvalue()}


def question(page: Page, reference: str) -> Locator:
    """The question at a path, where the page shows it."""
    return page.locator(f'.question[data-reference="{reference}"]')


#: How many blobs lie on the phone, or whether the one of a hash does.
HELD = """async (sha256) => {
    const found = (await indexedDB.databases()).find((each) => /^merestone-.{36}$/.test(each.name));
    const database = await new Promise((done) => {
        const request = indexedDB.open(found.name);
        request.onsuccess = () => done(request.result);
    });
    const held = await new Promise((done) => {
        const request = database.transaction('blobs').objectStore('blobs').count(sha256 ?? undefined);
        request.onsuccess = () => done(request.result);
    });
    database.close();
    return held;
}"""


def may_leave_the_network(page: Page) -> None:
    """Wait until the application, every definition of a form and the list of items lie on the phone."""
    is_installed(page)
    page.reload()
    expect(page.get_by_role("tablist")).to_be_visible(timeout=30_000)
    wait_for_blobs(page, len(catalog()) + 1)  # the forms, and the list of items


def wait_for_blobs(page: Page, count: int, sha256: str | None = None) -> None:
    """Wait until so many blobs lie on the phone; with a hash until that one does."""
    for _ in range(300):
        if page.evaluate(HELD, sha256) >= count:
            return
        page.wait_for_timeout(200)
    raise AssertionError("the forms did not come")


def begin(page: Page, task: object) -> None:
    """Open a visit and begin its form, as soon as the form has come."""
    page.evaluate(f"location.hash = '#/tasks/{task}'")
    for _ in range(20):
        page.get_by_role("button", name="开始检查").first.click()
        page.locator(".question, .banner[role=alert]").first.wait_for(timeout=20_000)
        if page.locator(".question").count():
            return
        page.wait_for_timeout(500)  # the form has not come yet
    raise AssertionError(page.inner_text("body"))


def sign(page: Page, place: Locator) -> None:
    """Draw a signature into a question."""
    place.get_by_role("button", name=re.compile("签")).first.click()
    pad = page.locator("canvas.pad")
    expect(pad).to_be_visible()
    page.wait_for_timeout(350)  # the sheet slides in; a finger waits for it, too
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 40 + 20 * step, box["y"] + 40 + (step % 3) * 30)
    page.mouse.up()
    page.get_by_role("button", name="完成").last.click()
    expect(place.locator("img").first).to_be_visible()


def locate(place: Locator) -> None:
    """Measure a position and take the first reading."""
    place.get_by_role("button", name="定位").click()
    place.get_by_role("button", name=re.compile("完成|提前结束")).click()
    expect(place.locator(".told")).not_to_have_text("尚未定位")


def gallery(place: Locator, colour: str = "steelblue") -> None:
    """Choose a photo from the gallery."""
    before = place.locator("img").first.get_attribute("src") if place.locator("img").count() else None
    place.locator("input[type=file]").first.set_input_files(picture(colour))
    image = place.locator(".kept img").first
    expect(image).to_be_visible()
    expect(image).not_to_have_attribute("src", before or "")


def answer_page(page: Page, answers: Mapping[str, Any]) -> None:
    """Answer what a page of a form shows; what appears because of an answer, too."""
    done: set[str] = set()
    for _ in range(12):
        answered, left = page.evaluate(ANSWER, answers)
        page.wait_for_timeout(30)
        left = [each for each in left if each not in done]
        for reference in left:
            done.add(reference)
            answer_by_hand(page, question(page, reference))
        if not answered and not left:
            return
    raise AssertionError("a page asks on and on")


def answer_by_hand(page: Page, place: Locator) -> None:
    """Measure, sign or photograph, whichever a question asks for."""
    kind = place.get_attribute("data-widget")
    if kind == "position":
        locate(place)
    elif kind == "shape":
        walk(page, place)
    elif place.get_by_role("button", name=re.compile("签名|签字")).count():
        sign(page, place)
    else:
        gallery(place)


def walk(page: Page, place: Locator) -> None:
    """Walk around an outline, and measure each of its corners."""
    for number, (north, east) in enumerate(((0, 0), (0.001, 0), (0.001, 0.001)), 1):
        fix = AT_THE_MINE | {
            "latitude": AT_THE_MINE["latitude"] + north,
            "longitude": AT_THE_MINE["longitude"] + east,
        }
        page.context.set_geolocation(fix)  # type: ignore[arg-type]
        place.get_by_role("button", name="在此测一个拐点").click()
        expect(place.locator(".corners li")).to_have_count(number)
    page.context.set_geolocation(AT_THE_MINE)  # type: ignore[arg-type]


def flat(answers: Mapping[str, Any]) -> dict[str, Any]:
    """All answers by their paths, as they are typed."""
    return {path: "at" if isinstance(value, Geopoint) else told(value) for path, value in by_path(answers)}


def fill(page: Page, answers: Mapping[str, Any], look: Callable[[], object] = lambda: None) -> None:
    """Fill a whole form in, page by page, rows as well; `look` is called with each page as it is left."""
    typed, counts = flat(answers), dict(rows(answers))
    while True:
        answer_page(page, typed)
        fill_rows(page, typed, counts, page.locator("main.page"))
        look()
        following = page.locator("footer.bar").get_by_role("button", name="下一节")
        if following.count() == 0:
            return
        following.click()


def fill_rows(page: Page, typed: Mapping[str, Any], counts: Mapping[str, int], within: Locator) -> None:
    """Open each card of each repeat on a page and fill it in."""
    for reference in within.evaluate(REPEATS):
        repeat = page.locator(f'.repeat[data-reference="{reference}"]')
        cards = repeat.locator("> .card")
        for number in range(counts.get(reference.replace("[1]", ""), 0)):
            if cards.count() <= number:
                repeat.locator("> .add").click()
            head = cards.nth(number).locator("> .card-head")
            if head.get_attribute("aria-expanded") != "true":
                head.click()
            answer_page(page, typed)
            fill_rows(page, typed, counts, cards.nth(number))


def gaps(page: Page) -> list[str]:
    """What the page says is missing, gap by gap; empty when nothing is."""
    count = page.locator("header .count")
    if "✓" in count.inner_text():
        return []
    count.click()
    page.locator(".row.gap").first.wait_for()
    return page.locator(".row.gap").all_inner_texts()


def seal(page: Page) -> None:
    """Sign and send what is filled in; the phone goes back to the visit."""
    page.locator("footer.bar").get_by_role("button", name="签署并提交").click()
    page.locator(".van-dialog__confirm").click()
    page.wait_for_url(re.compile(r"#/tasks/"), timeout=20_000)


def record_of(bureau: Bureau, task: object, state: str) -> Record:
    """Wait until the server holds the record of a visit in a state, as its pushes and files come in."""
    for _ in range(100):
        with bureau.app.readers() as session:
            found = session.scalars(select(Record).where(Record.task_id == task)).first()
            if found is not None and found.state == state:
                session.expunge(found)
                return found
        sleep(0.2)
    raise AssertionError(found and (found.state, found.flags))
