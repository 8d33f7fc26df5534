"""A holder that has lost its upload to another: nothing it says is wrong, and nothing it writes does harm."""

import pytest
from sqlalchemy import select, update

from media import Progress, Writing
from server.access import Role
from server.evidence.models import Upload
from tests.actors import Cast
from tests.actors.uploader import Uploader, sha256_of

CONTENT = bytes(range(256)) * 40


class Meddling:
    """A store under which, at one moment of one request, another request takes the upload over and moves it on."""

    def __init__(self, store, app, moment):
        self._store, self._app, self._moment = store, app, moment
        self.taken_over_at = None

    def __getattr__(self, name):
        return getattr(self._store, name)

    def write(self, upload_id, progress, **options):
        self.reach("before it is opened", upload_id)
        return MeddlingWriting(self, upload_id, self._store.write(upload_id, progress, **options))

    def reach(self, moment, upload_id):
        if moment != self._moment or self.taken_over_at is not None:
            return
        with self._app.readers() as session:
            upload = session.scalars(select(Upload)).one()
            recorded = Progress(upload.offset, upload.progress)
        with self._store.write(upload_id, recorded) as writing:
            writing.write(CONTENT[recorded.offset : 5000])
            now = writing.flush()
        self.taken_over_at = now.offset
        with self._app.sessions.begin() as session:
            session.execute(
                update(Upload).values(
                    holder_epoch=Upload.holder_epoch + 1,
                    held_until=None,
                    offset=now.offset,
                    progress=now.notes,
                )
            )
        self._store.tidy(upload_id, recorded, now)


class MeddlingWriting(Writing):
    def __init__(self, meddling, upload_id, writing):
        self._meddling, self._upload_id, self._writing = meddling, upload_id, writing
        self._meddling.reach("before the first byte", upload_id)

    @property
    def progress(self):
        return self._writing.progress

    @property
    def size(self):
        return self._writing.size

    def write(self, piece):
        self._writing.write(piece)
        self._meddling.reach("while bytes come", self._upload_id)

    def flush(self):
        progress = self._writing.flush()
        self._meddling.reach("at the end of the body", self._upload_id)
        return progress

    def finish(self, sha256):
        stored = self._writing.finish(sha256)
        self._meddling.reach("when the file is finished", self._upload_id)
        return stored

    def close(self):
        self._writing.close()


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        ("before it is opened", 9000),
        ("before the first byte", 9000),
        ("while bytes come", 9000),
        ("at the end of the body", 9000),
        ("before it is opened", len(CONTENT)),
        ("before the first byte", len(CONTENT)),
        ("while bytes come", len(CONTENT)),
        ("when the file is finished", len(CONTENT)),
    ],
)
def test_a_request_that_lost_its_upload_does_not_acknowledge_what_another_has_not(fresh_app, moment, sent):
    uploader = Uploader(Cast(fresh_app).signed_in(Role.INSPECTOR))
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT[:1000])
    own = fresh_app.store
    fresh_app.store = meddling = Meddling(own, fresh_app, moment)

    answer = uploader.send(url, b"?" * sent if sent < len(CONTENT) else CONTENT, 1000, expect=423)

    stands_at = meddling.taken_over_at
    assert (answer.get_json()["code"], answer.headers["Upload-Offset"]) == ("upload.locked", str(stands_at))
    fresh_app.store = own
    assert uploader.offset(url) == stands_at
    uploader.send(url, CONTENT, stands_at)
    assert uploader.client.call("GET", f"/api/v1/media/{sha256_of(CONTENT)}").data == CONTENT
    uploads = fresh_app.settings.data / "media" / "uploads"
    assert list(uploads.iterdir()) == [], "neither left anything behind"


@pytest.mark.parametrize(
    "moment",
    ["before the first byte", "while bytes come", "at the end of the body", "when the file is finished"],
)
def test_a_creation_that_lost_its_upload_while_it_brought_bytes_does_no_harm(fresh_app, moment):
    uploader = Uploader(Cast(fresh_app).signed_in(Role.INSPECTOR))
    own = fresh_app.store
    fresh_app.store = meddling = Meddling(own, fresh_app, moment)

    sent = b"?" * len(CONTENT) if moment != "when the file is finished" else CONTENT
    answer = uploader.create(sent, sha256=sha256_of(CONTENT), with_upload=True, expect=423)

    fresh_app.store = own
    assert uploader.last.headers["Upload-Offset"] == str(meddling.taken_over_at)
    assert uploader.offset(answer) == meddling.taken_over_at
    uploader.send(answer, CONTENT, meddling.taken_over_at)
    assert uploader.client.call("GET", f"/api/v1/media/{sha256_of(CONTENT)}").data == CONTENT
    assert list((fresh_app.settings.data / "media" / "uploads").iterdir()) == []
