"""Reading media back: who may, in which parts, and as what."""

import json

import pytest

from server.access import Role
from tests.actors.uploader import UPLOADS, Uploader, sha256_of
from tests.server.evidence.conftest import a_photo, link

HTML = b"<!doctype html><script>alert(1)</script>" * 20


def url_of(content):
    return f"{UPLOADS}/{sha256_of(content)}"


def test_a_photo_is_shown_and_says_what_it_is(uploader, inspector):
    photo = a_photo()
    uploader.upload(photo)

    answer = inspector.call("GET", url_of(photo))

    assert answer.data == photo
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == "inline"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == f'"{sha256_of(photo)}"'
    assert "private" in answer.headers["Cache-Control"]


def test_a_page_that_calls_itself_a_photo_is_only_ever_saved(uploader, inspector):
    uploader.upload(HTML, name="photo.jpg", filetype="image/jpeg")

    answer = inspector.call("GET", url_of(HTML))

    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "given", "content_range"),
    [
        ("bytes=0-9", slice(0, 10), "bytes 0-9/800"),
        ("bytes=790-", slice(790, None), "bytes 790-799/800"),
        ("bytes=-5", slice(-5, None), "bytes 795-799/800"),
        ("bytes=790-5000", slice(790, None), "bytes 790-799/800"),
        ("bytes=-800", slice(None), "bytes 0-799/800"),
        ("bytes=-5000", slice(None), "bytes 0-799/800"),
    ],
)
def test_one_range_is_sent_alone(uploader, inspector, asked, given, content_range):
    uploader.upload(HTML)
    assert len(HTML) == 800

    answer = inspector.call("GET", url_of(HTML), headers={"Range": asked})

    assert (answer.status_code, answer.headers["Content-Range"]) == (206, content_range)
    assert answer.data == HTML[given]
    assert int(answer.headers["Content-Length"]) == len(HTML[given])


@pytest.mark.parametrize(("content", "asked"), [(HTML, "bytes=800-"), (b"", "bytes=0-"), (b"", "bytes=-5")])
def test_a_range_outside_of_the_file_is_refused_with_its_size(uploader, inspector, content, asked):
    uploader.upload(content)

    answer = inspector.call("GET", url_of(content), headers={"Range": asked})

    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(content)}")
    assert answer.get_json()["code"] == "media.range-wrong"


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-1,4-5"},
        {"Range": "lines=0-1"},
        {"Range": "nonsense"},
        {"Range": "bytes=0-1", "If-Range": '"another"'},
    ],
    ids=["two ranges", "another unit", "no range", "another file's range"],
)
def test_what_is_no_single_range_of_this_file_gets_all_of_it(uploader, inspector, headers):
    uploader.upload(HTML)

    answer = inspector.call("GET", url_of(HTML), headers=headers)

    assert (answer.status_code, answer.data) == (200, HTML)


@pytest.mark.parametrize(
    "tag", ['"{}"', 'W/"{}"'], ids=["as it was told", "as a proxy that compresses tells it"]
)
def test_a_file_that_the_browser_has_is_not_sent_again(uploader, inspector, tag):
    uploader.upload(HTML)

    answer = inspector.call("GET", url_of(HTML), headers={"If-None-Match": tag.format(sha256_of(HTML))})

    assert (answer.status_code, answer.data) == (304, b"")


def test_head_tells_the_size_without_the_bytes(uploader, inspector):
    uploader.upload(HTML)

    answer = inspector.call("HEAD", url_of(HTML))

    assert (answer.headers["Content-Length"], answer.data) == (str(len(HTML)), b"")


def test_media_is_never_compressed_on_its_way(uploader, inspector):
    text = json.dumps(["被检查单位"] * 2000).encode()
    uploader.upload(text, filetype="application/json")

    answer = inspector.call("GET", url_of(text), headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers
    assert answer.data == text


def test_a_colleague_sees_a_photo_through_the_record_it_belongs_to(uploader, cast, app):
    photo = a_photo()
    uploader.upload(photo)
    colleague, outsider = cast.signed_in(Role.INSPECTOR), cast.signed_in(Role.INSPECTOR)

    link(app, photo, seen_by=[colleague])

    assert colleague.call("GET", url_of(photo)).data == photo
    assert outsider.get(url_of(photo), expect=404)["code"] == "media.not-found"


def test_a_supervisor_sees_what_lies_in_the_region_and_nothing_else(uploader, cast, app):
    photo = a_photo()
    uploader.upload(photo)
    here = cast.signed_in(Role.SUPERVISOR, region="140500")
    elsewhere = cast.signed_in(Role.SUPERVISOR, region="130800")
    here.get(url_of(photo), expect=404)

    link(app, photo, region="140522")

    assert here.call("GET", url_of(photo)).data == photo
    elsewhere.get(url_of(photo), expect=404)


def test_who_reads_no_media_is_told_so(uploader, cast):
    uploader.upload(HTML)

    answer = cast.signed_in(Role.PLANNER).get(url_of(HTML), expect=403)

    assert answer["code"] == "access.denied"
    cast.stranger().get(url_of(HTML), expect=401)
    cast.stranger().get(f"{url_of(HTML)}/thumbnail", expect=401)


def test_the_same_file_of_two_people_is_stored_once_and_both_records_show_it(cast, app, session):
    photo = a_photo()
    first, second = cast.signed_in(Role.INSPECTOR), cast.signed_in(Role.INSPECTOR)
    url = Uploader(second).create(photo)  # before the first has sent it, so that both send all
    Uploader(first).upload(photo)
    Uploader(second).send(url, photo)
    link(app, photo, region="140522", seen_by=[first])
    link(app, photo, region="130800", seen_by=[second])

    for someone in (first, second):
        assert someone.call("GET", url_of(photo)).data == photo
    objects = list((app.settings.data / "media" / "objects").rglob(sha256_of(photo)))
    assert len(objects) == 1
    for region in ("140500", "130800"):
        supervisor = cast.signed_in(Role.SUPERVISOR, region=region)
        assert supervisor.call("GET", url_of(photo)).data == photo


@pytest.mark.parametrize("name", ["status", "0" * 63, "0" * 64, "A" * 64, "..%2f..%2fetc%2fpasswd"])
def test_a_name_that_is_no_stored_hash_is_not_found(inspector, name):
    answer = inspector.call("GET", f"{UPLOADS}/{name}")

    assert answer.status_code == 404


def test_photos_from_secret_places_are_shown_to_who_may_see_them_and_kept_nowhere(
    app, cast, uploader, inspector
):
    photo = a_photo(78)
    uploader.upload(photo)
    link(app, photo, restricted=True)

    answer = inspector.call("GET", url_of(photo))
    refused = inspector.call("GET", f"{url_of(photo)}/thumbnail")

    assert answer.data == photo
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert refused.status_code == 404
    assert refused.get_json()["code"] == "media.no-preview"
    assert "受限" in refused.get_json()["detail"]
