"""Uploads that grow in a bucket, served by hosts that share nothing but the bucket and the database."""

import hashlib
from base64 import b64encode

import pytest
from minio.error import InvalidResponseError
from sqlalchemy import select

from media import S3MultipartStore
from server.access import Role
from server.evidence.models import Upload
from tests.actors import Cast
from tests.actors.uploader import TUS, UPLOADS, Uploader, sha256_of
from tests.s3 import PART_SIZE

CONTENT = bytes(range(256)) * 1000


class Hosts:
    """Each request is served by another host, with a disk of its own."""

    def __init__(self, app, service, folder):
        self.app, self._service, self._folder, self._number = app, service, folder, 0
        self.name = service.make_bucket()
        self.bucket = service.bucket(self.name)
        self.next()

    def next(self):
        self._number += 1
        spool = self._folder / f"host {self._number}"
        self.app.store = S3MultipartStore(self.bucket, spool=spool, reserve_bytes=0, part_size=PART_SIZE)

    def keys(self):
        found = self._service.client().list_objects(self.name, recursive=True)
        return sorted(each.object_name for each in found)


@pytest.fixture
def hosts(fresh_app, rclone_service, tmp_path):
    return Hosts(fresh_app, rclone_service, tmp_path)


@pytest.fixture
def uploader(fresh_app, hosts):
    return Uploader(Cast(fresh_app).signed_in(Role.INSPECTOR))


@pytest.mark.parametrize("promised", ["", None], ids=["promised", "not promised"])
def test_a_file_cut_again_and_again_on_one_host_after_the_other_arrives_whole(uploader, hosts, promised):
    url = uploader.create(CONTENT, sha256=promised)
    for cut_after in (100, 30_000, 70_000, 1, 140_000, None):
        hosts.next()
        offset = uploader.offset(url)
        uploader.send(url, CONTENT, offset, cut_after, expect=503 if cut_after else 204)
        if cut_after:
            assert uploader.offset(url) == offset + cut_after

    sha256 = sha256_of(CONTENT)
    assert uploader.client.call("GET", f"{UPLOADS}/{sha256}").data == CONTENT
    assert hosts.keys() == [f"objects/{sha256[:2]}/{sha256[2:4]}/{sha256}"], "nothing is left over"


def test_a_body_under_a_checksum_counts_whole_or_not_at_all(uploader, hosts):
    url = uploader.create(CONTENT)
    promised = f"sha1 {b64encode(hashlib.sha1(CONTENT[1000:], usedforsecurity=False).digest()).decode()}"
    uploader.send(url, CONTENT[:1000])

    uploader.send(url, CONTENT, 1000, 150_000, expect=503, Upload_Checksum=promised)
    assert uploader.offset(url) == 1000
    hosts.next()
    garbled = CONTENT[:150_000] + b"!" + CONTENT[150_001:]
    uploader.send(url, garbled, 1000, expect=460, Upload_Checksum=promised)
    assert uploader.offset(url) == 1000
    hosts.next()
    uploader.send(url, CONTENT, 1000, Upload_Checksum=promised)

    assert uploader.client.call("GET", f"{UPLOADS}/{sha256_of(CONTENT)}").data == CONTENT


def test_an_ended_upload_leaves_nothing_in_the_bucket(uploader, hosts):
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT, 0, 100_000, expect=503)
    assert hosts.keys() != []
    hosts.next()
    uploader.end(url)
    assert hosts.keys() == []


def test_an_upload_the_bucket_has_forgotten_is_asked_for_from_its_beginning(uploader, hosts, fresh_app):
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT, 0, 100_000, expect=503)
    with fresh_app.readers() as session:
        notes = session.scalars(select(Upload)).one().progress
    hosts.bucket.abort_parts(notes["key"], notes["parts"])

    answer = uploader.send(url, CONTENT, 100_000, expect=409)

    assert answer.headers["Upload-Offset"] == "0"
    assert uploader.offset(url) == 0
    uploader.send(url, CONTENT)
    assert uploader.client.call("GET", f"{UPLOADS}/{sha256_of(CONTENT)}").data == CONTENT


def test_a_length_told_later_ends_an_upload_in_a_bucket_too(uploader, hosts):
    created = uploader.client.call("POST", UPLOADS, headers={**TUS, "Upload-Defer-Length": "1"})
    url = created.headers["Location"]
    uploader.send(url, CONTENT[:140_000])
    hosts.next()
    uploader.send(url, CONTENT, 140_000, Upload_Length=str(len(CONTENT)))
    assert uploader.client.call("GET", f"{UPLOADS}/{sha256_of(CONTENT)}").data == CONTENT


@pytest.mark.parametrize("taken", range(6))
def test_a_bucket_that_is_full_after_any_request_of_ours_loses_nothing_acknowledged(
    uploader, hosts, fresh_app, monkeypatch, taken
):
    """A quota stops every write after so many of them; later there is room again."""
    url = uploader.create(CONTENT)
    uploader.send(url, CONTENT[:1000])
    client, left = hosts.bucket._client, [taken]
    execute = client._execute

    def refuse(method, *args, **options):
        if method in {"PUT", "POST"}:
            left[0] -= 1
            if left[0] < 0:
                raise InvalidResponseError(507, "text/xml", "<Error><Code>QuotaExceeded</Code></Error>")
        return execute(method, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(client, "_execute", refuse)
        answer = uploader.send(url, CONTENT, 1000, expect=507)
        assert answer.get_json()["code"] == "store.full"
    with fresh_app.readers() as session:
        acknowledged = session.scalars(select(Upload)).one().offset
    hosts.next()

    offset = uploader.offset(url)
    assert offset >= acknowledged >= 1000
    uploader.send(url, CONTENT, offset)
    assert uploader.client.call("GET", f"{UPLOADS}/{sha256_of(CONTENT)}").data == CONTENT
