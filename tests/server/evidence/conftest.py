"""Photos, people and records for the tests of media."""

import io
from uuid import uuid4

import pytest
from PIL import Image

from server import audit, feed
from server.access import SYSTEM, Role
from server.evidence import inspecting, service
from server.worker import Worker
from sync import MediaEntry
from tests.actors.uploader import Uploader, sha256_of
from tests.s3 import running_rclone


def a_photo(shade: int = 120, size: tuple[int, int] = (64, 48)) -> bytes:
    """A JPEG with a camera's name and a place in it."""
    exif = Image.Exif()
    exif[0x010F] = "Fairphone"
    exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 29.0, 24.0), 3: "E", 4: (112.0, 24.0, 36.0)})
    content = io.BytesIO()
    Image.new("RGB", size, (shade, 90, 40)).save(content, "JPEG", exif=exif)
    return content.getvalue()


def an_entry(content: bytes, name: str = "photo.jpg") -> MediaEntry:
    return MediaEntry(name=name, sha256=sha256_of(content), size=len(content), type="image/jpeg")


def link(app, content, region="140522", seen_by=(), record=None, rev=None, restricted=False):
    """Let a revision of a record vouch for a file; `seen_by` are people to whom the record is assigned."""
    record = record or uuid4()
    with audit.transaction(app.sessions) as session:
        rev = rev or f"sha256:{uuid4().hex}"
        expected = service.Expectation(rev, record, uuid4(), region, [an_entry(content)], restricted)
        service.expect_all(session, [expected])
        for someone in seen_by:
            feed.grant(session, feed.user(someone.person_id), "record", record, "task:test")
        audit.append(session, SYSTEM, "record.opened", ("record", record))
    return record


def inspect_all(app):
    """What the worker does with new files; returns what it looked into."""
    with audit.transaction(app.sessions) as session:
        works = inspecting.claim(session, limit=20)
    for work in works:
        finding = inspecting.perform(app.store, app.looker, work)
        with audit.transaction(app.sessions) as session:
            inspecting.settle(session, work, finding)
    return works


def work_off(duty, app):
    """Do one duty of the worker until nothing is due."""
    while Worker(app, [duty]).perform(duty):
        pass


@pytest.fixture
def inspector(cast):
    return cast.signed_in(Role.INSPECTOR)


@pytest.fixture
def uploader(inspector):
    return Uploader(inspector)


@pytest.fixture(scope="session")
def rclone_service(tmp_path_factory):
    with running_rclone(tmp_path_factory.mktemp("s3")) as service:
        yield service
