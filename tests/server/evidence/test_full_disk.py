"""A disk that is full: refused clearly, nothing half-written, and going on when there is room."""

from base64 import b64encode

import pytest
from sqlalchemy import func, select

from media import MemoryStore
from server.access import Role
from server.app import create_app
from server.evidence.models import MediaObject, Upload
from server.installation import guard_epoch
from tests.actors import Cast
from tests.actors.uploader import TUS, UPLOADS, Uploader, sha256_of
from tests.conftest import settings_for

CONTENT = b"0123456789" * 1000


def fill(store, size):
    """Another phone's upload, which leaves so much less room; answers how to undo it."""
    with store.write("something-else", store.begin("something-else", size)) as writing:
        writing.write(b"x" * size)
        return lambda: store.discard("something-else", writing.progress)


@pytest.fixture
def crowded_app(database, tmp_path):
    """An installation whose disk has less free than it must leave free."""
    settings = settings_for(database.fresh_url(tmp_path), tmp_path, MERESTONE_RESERVE_BYTES=str(1 << 60))
    app = create_app(settings)
    with app.readers() as session:
        guard_epoch(app.installation, session)
    yield app
    app.close()


def test_a_full_disk_takes_no_upload_and_keeps_no_trace_of_it(crowded_app):
    inspector = Cast(crowded_app).signed_in(Role.INSPECTOR)

    Uploader(inspector).create(CONTENT, expect=507)
    Uploader(inspector).create(CONTENT, with_upload=True, expect=507)

    with crowded_app.readers() as session:
        assert session.scalar(select(func.count()).select_from(Upload)) == 0
        assert session.scalar(select(func.count()).select_from(MediaObject)) == 0
    left = [path for path in (crowded_app.settings.data / "media").rglob("*") if path.is_file()]
    assert left == []


def test_a_disk_that_fills_up_meanwhile_keeps_what_came_and_goes_on_later(fresh_app):
    fresh_app.store = MemoryStore(capacity=len(CONTENT) + 100)
    uploader = Uploader(Cast(fresh_app).signed_in(Role.INSPECTOR))
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT, cut_after=4000, expect=503)
    make_room = fill(fresh_app.store, 5000)

    answer = uploader.send(url, CONTENT, 4000, expect=507)

    assert answer.get_json()["code"] == "store.full"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert uploader.offset(url) == 4000
    assert uploader.status(sha256_of(CONTENT))[sha256_of(CONTENT)] == "partial"
    make_room()
    uploader.send(url, CONTENT, 4000)
    assert uploader.status(sha256_of(CONTENT))[sha256_of(CONTENT)] == "stored"


def test_a_length_told_later_that_does_not_fit_is_refused_before_its_bytes_come(fresh_app):
    fresh_app.store = MemoryStore(capacity=5000)
    uploader = Uploader(Cast(fresh_app).signed_in(Role.INSPECTOR))
    created = uploader.client.call("POST", UPLOADS, headers={**TUS, "Upload-Defer-Length": "1"})
    url = created.headers["Location"]
    uploader.send(url, CONTENT[:4000])

    uploader.send(url, CONTENT, 4000, expect=507, Upload_Length=str(len(CONTENT)))

    head = uploader.head(url)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Defer-Length"]) == ("4000", "1")


def test_a_disk_that_fills_up_under_a_checksum_keeps_what_was_acknowledged(fresh_app):
    fresh_app.store = MemoryStore(capacity=len(CONTENT))
    uploader = Uploader(Cast(fresh_app).signed_in(Role.INSPECTOR))
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT[:4000])
    make_room = fill(fresh_app.store, 5000)
    promised = f"sha256 {b64encode(bytes.fromhex(sha256_of(CONTENT[4000:]))).decode()}"

    uploader.send(url, CONTENT, 4000, expect=507, Upload_Checksum=promised)

    assert uploader.offset(url) == 4000
    make_room()
    uploader.send(url, CONTENT, 4000, Upload_Checksum=promised)
    assert uploader.status(sha256_of(CONTENT))[sha256_of(CONTENT)] == "stored"
