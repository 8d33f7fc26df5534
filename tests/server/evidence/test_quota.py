"""How much may be on its way: a phone gone wild stops itself, and the last of the disk is promised once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import event, select, text, update

from media import MemoryStore
from server import clock
from server.access import Role
from server.evidence.models import Upload
from server.problems import UploadQuotaReached
from tests.actors import Cast
from tests.actors.uploader import TUS, UPLOADS, Uploader, sha256_of

CONTENT = b"0123456789" * 100


@pytest.fixture
def narrow_app(fresh_app):
    """An installation where nobody may have more than 2,500 bytes or four files unfinished."""
    fresh_app.settings = replace(fresh_app.settings, upload_quota_bytes=2500, upload_quota_files=4)
    fresh_app.store = MemoryStore()
    return fresh_app


def a_person(app) -> Uploader:
    return Uploader(Cast(app).signed_in(Role.INSPECTOR))


def content(number: int, size: int = len(CONTENT)) -> bytes:
    return (f"{number:04}".encode() + CONTENT * 10)[:size]


def uploads_in(app) -> int:
    with app.readers() as session:
        return len(session.scalars(select(Upload.id)).all())


def test_more_bytes_than_one_person_may_have_unfinished_are_not_begun(narrow_app):
    uploader = a_person(narrow_app)
    for number in (1, 2):
        uploader.create(content(number))

    uploader.create(content(3), expect=429)

    assert uploader.last.get_json()["code"] == UploadQuotaReached.code
    assert uploader.last.get_json()["unfinished"] == 2
    assert int(uploader.last.headers["Retry-After"]) > 0
    assert uploader.last.headers["Tus-Resumable"] == "1.0.0"
    assert uploads_in(narrow_app) == 2
    uploader.create(content(4, 500))


def test_what_was_begun_goes_on_whatever_the_quota_says_now(narrow_app):
    uploader = a_person(narrow_app)
    urls = [uploader.create(content(number)) for number in (1, 2)]
    narrow_app.settings = replace(narrow_app.settings, upload_quota_bytes=1)

    for number, url in enumerate(urls, 1):
        uploader.send(url, content(number))

    for number in (1, 2):
        assert uploader.status(sha256_of(content(number))) == {sha256_of(content(number)): "stored"}


def test_no_more_files_than_one_person_may_have_unfinished_are_begun(narrow_app):
    uploader = a_person(narrow_app)
    for number in range(4):
        uploader.create(content(number, 10))

    uploader.create(content(5, 10), expect=429)
    uploader.create(content(5, 10), with_upload=True, expect=429)
    uploader.create(b"", sha256=None, expect=429)


@pytest.mark.parametrize("way", ["finished", "ended", "expired"])
def test_what_is_not_under_way_any_more_makes_room(narrow_app, way):
    uploader = a_person(narrow_app)
    urls = [uploader.create(content(number)) for number in (1, 2)]
    uploader.create(content(3), expect=429)

    if way == "finished":
        uploader.send(urls[0], content(1))
    elif way == "ended":
        uploader.end(urls[0])
    else:
        with narrow_app.sessions.begin() as session:
            session.execute(update(Upload).values(expires_at=clock.now()))

    uploader.create(content(3))


def test_one_persons_quota_is_nobody_elses(narrow_app):
    wild, calm = a_person(narrow_app), a_person(narrow_app)
    for number in (1, 2):
        wild.create(content(number))
    wild.create(content(3), expect=429)

    assert calm.upload(content(3)) == sha256_of(content(3))


def test_all_devices_of_a_person_share_one_quota(narrow_app):
    uploader = a_person(narrow_app)
    for number in (1, 2):
        uploader.create(content(number))
    uploader.client.sign_in(device={"id": "11111111-1111-4111-8111-111111111111", "name": "another"})

    uploader.create(content(3), expect=429)


def test_content_that_is_here_already_needs_no_quota(narrow_app):
    uploader = a_person(narrow_app)
    uploader.upload(content(0))
    for number in (1, 2):
        uploader.create(content(number))

    uploader.create(content(0))

    assert uploader.last.headers["Upload-Offset"] == str(len(content(0)))


def deferred(uploader: Uploader, expect: int = 201) -> str:
    headers = {**TUS, "Upload-Defer-Length": "1"}
    answer = uploader.client.call("POST", UPLOADS, headers=headers)
    assert answer.status_code == expect
    return answer.headers["Location"]


def test_a_file_of_unknown_length_grows_up_to_the_quota_and_keeps_what_came(narrow_app):
    uploader = a_person(narrow_app)
    url = deferred(uploader)
    file = content(1, 5000)
    uploader.send(url, file[:2000])

    answer = uploader.send(url, file[:2600], 2000, expect=429)

    assert answer.get_json()["code"] == UploadQuotaReached.code
    assert uploader.offset(url) == 2000
    uploader.send(url, file[:2500], 2000)
    uploader.send(url, file, 2500, expect=429, Upload_Length="5000")
    head = uploader.head(url)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Defer-Length"]) == ("2500", "1")
    uploader.send(url, file[:2500], 2500, Upload_Length="2500")
    assert uploader.status(sha256_of(file[:2500])) == {sha256_of(file[:2500]): "stored"}


@pytest.fixture
def small_app(fresh_app):
    """An installation with room for 10,000 bytes."""
    fresh_app.store = MemoryStore(capacity=10_000)
    return fresh_app


def test_the_second_of_two_phones_that_want_more_than_half_of_the_room_hears_so_at_once(small_app):
    first, second = a_person(small_app), a_person(small_app)
    url = first.create(content(1, 6000))

    second.create(content(2, 6000), expect=507)

    assert second.last.get_json()["code"] == "store.full"
    assert uploads_in(small_app) == 1
    first.send(url, content(1, 6000))
    second.create(content(2, 6000), expect=507)
    second.create(content(2, 4000))


def test_an_upload_that_is_ended_gives_its_promise_back(small_app):
    first, second = a_person(small_app), a_person(small_app)
    url = first.create(content(1, 6000))
    second.create(content(2, 6000), expect=507)

    first.end(url)

    assert second.upload(content(2, 6000)) == sha256_of(content(2, 6000))


def test_bytes_that_have_come_are_not_counted_twice(small_app):
    first, second = a_person(small_app), a_person(small_app)
    url = first.create(content(1, 6000))
    first.send(url, content(1, 6000), cut_after=5000, expect=503)

    second.create(content(2, 4001), expect=507)
    second.create(content(2, 4000))


def test_a_length_told_later_gets_nothing_that_is_promised(small_app):
    first, second = a_person(small_app), a_person(small_app)
    url = deferred(first)
    second.create(content(2, 6000))

    first.send(url, content(1, 5000), expect=507, Upload_Length="5000")

    assert first.offset(url) == 0
    first.send(url, content(1, 4000), Upload_Length="4000")


def test_of_many_phones_that_ask_at_once_one_gets_the_room(small_app):
    phones = [a_person(small_app) for _ in range(6)]
    together = Barrier(len(phones))

    def ask(phone: Uploader) -> int:
        together.wait()
        phone.create(content(1, 6000), sha256=None, expect=None)
        return phone.last.status_code

    with ThreadPoolExecutor(len(phones)) as pool:
        assert sorted(pool.map(ask, phones)) == [201, *[507] * 5]


def test_what_is_under_way_is_counted_by_one_query_on_its_own_index(narrow_app):
    uploader = a_person(narrow_app)
    uploader.upload(content(1))
    asked: list[tuple[str, object]] = []
    engine = narrow_app.sessions.kw["bind"]
    note = lambda _c, _k, statement, parameters, _x, _m: asked.append((statement, parameters))  # noqa: E731
    event.listen(engine, "before_cursor_execute", note)
    uploader.create(content(2))
    event.remove(engine, "before_cursor_execute", note)

    counting = [each for each in asked if "sum(" in each[0].lower()]

    assert len(counting) == 1
    explain = "explain query plan" if engine.dialect.name == "sqlite" else "explain"
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":  # a table of two rows is read as it is
            connection.execute(text("set local enable_seqscan = off"))
        plan = connection.exec_driver_sql(f"{explain} {counting[0][0]}", counting[0][1]).all()
    assert "ix_upload_under_way" in str(plan)
