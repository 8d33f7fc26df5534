"""What each S3 service of the tests does otherwise than the rest of the world, and that it still does.

Nothing in the suite is skipped for a service. What one of them can not show, the other shows; what neither does
(few do), a store does not rely on. Each gap is proved: a service that was mended is noticed, and leaves the table.
"""

import hashlib
from xml.etree.ElementTree import ParseError

import pytest
from minio.commonconfig import ComposeSource
from minio.datatypes import Part
from minio.error import InvalidResponseError, MinioException, S3Error

from media import StoreError, StoreUnavailable, UploadUnknown
from tests.s3 import PART_SIZE

GAPS = {
    "rclone": {
        "replaces a part by another",
        "keeps the parts when a completion is refused",
        "refuses a small part in the middle",
        "completes parts whose numbers have gaps",
        "composes objects",
        "heeds If-None-Match",
        "answers a range with 206",
        "refuses in application/xml",
        "completes twice",
    },
    "moto": {"checks signatures", "names a multipart upload that is not there"},
}
ONE, TWO = b"1" * PART_SIZE, b"2" * PART_SIZE


def replaces_a_part(service, name):
    bucket = service.bucket(name)
    parts = bucket.begin_parts("a")
    bucket.put_part("a", parts, 1, ONE)
    try:
        bucket.complete_parts("a", parts, [bucket.put_part("a", parts, 1, TWO)])
    except StoreError:
        return False
    return b"".join(bucket.open("a")) == TWO


def keeps_parts_when_refused(service, name):
    bucket = service.bucket(name)
    parts = bucket.begin_parts("a")
    tag = bucket.put_part("a", parts, 1, ONE)
    with pytest.raises(UploadUnknown):
        bucket.complete_parts("a", parts, ["0" * 32])
    try:
        bucket.complete_parts("a", parts, [tag])
    except UploadUnknown:
        return False
    return b"".join(bucket.open("a")) == ONE


def refuses_small_part(service, name):
    bucket = service.bucket(name)
    parts = bucket.begin_parts("a")
    tags = [bucket.put_part("a", parts, 1, b"1"), bucket.put_part("a", parts, 2, TWO)]
    try:
        bucket.complete_parts("a", parts, tags)
    except StoreUnavailable as refusal:
        return "EntityTooSmall" in str(refusal)
    return False


def completes_with_gaps(service, name):
    bucket = service.bucket(name)
    parts = bucket.begin_parts("a")
    tags = [Part(1, bucket.put_part("a", parts, 1, ONE)), Part(3, bucket.put_part("a", parts, 3, TWO))]
    try:
        service.client()._complete_multipart_upload(name, "a", parts, tags)
    except InvalidResponseError:
        return False
    return b"".join(bucket.open("a")) == ONE + TWO


def completes_twice(service, name):
    bucket = service.bucket(name)
    parts = bucket.begin_parts("a")
    tags = [bucket.put_part("a", parts, 1, ONE)]
    bucket.complete_parts("a", parts, tags)
    try:
        bucket.complete_parts("a", parts, tags)
    except UploadUnknown:
        return False
    return b"".join(bucket.open("a")) == ONE


def composes(service, name):
    client = service.client()
    for key in ("1", "2"):
        parts = service.bucket(name).begin_parts(key)
        service.bucket(name).complete_parts(
            key, parts, [service.bucket(name).put_part(key, parts, 1, b"x" * 5_300_000)]
        )
    try:
        client.compose_object(name, "both", [ComposeSource(name, "1"), ComposeSource(name, "2")])
    except (MinioException, ParseError):  # an answer without a word in it
        return False
    return client.stat_object(name, "both").size == 10_600_000


def heeds_if_none_match(service, name):
    client = service.client()
    client._put_object(name, "a", b"first", {})
    try:
        client._put_object(name, "a", b"second", {"If-None-Match": "*"})
    except S3Error as refusal:
        return refusal.code == "PreconditionFailed"
    return False


def answers_a_range(service, name):
    client = service.client()
    client._put_object(name, "a", b"0123456789", {})
    answer = client.get_object(name, "a", offset=3, length=4)
    assert answer.data == b"3456"
    return answer.status == 206


def refuses_in_xml(service, name):
    try:
        service.client().get_object(name, "nothing")
    except S3Error as refusal:
        return refusal.code == "NoSuchKey"
    except InvalidResponseError:
        return False
    raise AssertionError("it gave what is not there")


def checks_signatures(service, name):
    try:
        service.bucket(name, secret="wrong").remove("a")
    except StoreUnavailable:
        return True
    return False


def names_a_lost_upload(service, name):
    client = service.client()  # asks once, where a bucket's own client asks again after a 500
    try:
        client._upload_part(name, "a", ONE, None, "nothing", 1)
    except S3Error as refusal:
        return refusal.code == "NoSuchUpload"
    except InvalidResponseError as refusal:
        return "NoSuchUpload" in str(refusal)
    raise AssertionError("it took a part of nothing")


PROBES = {
    "replaces a part by another": replaces_a_part,
    "keeps the parts when a completion is refused": keeps_parts_when_refused,
    "refuses a small part in the middle": refuses_small_part,
    "completes parts whose numbers have gaps": completes_with_gaps,
    "completes twice": completes_twice,
    "composes objects": composes,
    "heeds If-None-Match": heeds_if_none_match,
    "answers a range with 206": answers_a_range,
    "refuses in application/xml": refuses_in_xml,
    "checks signatures": checks_signatures,
    "names a multipart upload that is not there": names_a_lost_upload,
}


@pytest.mark.parametrize("what", PROBES)
def test_a_service_does_what_services_do_except_for_its_known_gaps(s3_service, what):
    does = PROBES[what](s3_service, s3_service.make_bucket())
    assert does is (what not in GAPS[s3_service.name]), f"{s3_service.name} {what}: {does}"


def test_every_gap_has_its_probe():
    assert set().union(*GAPS.values()) <= PROBES.keys()


def test_a_part_that_is_put_again_with_the_same_bytes_is_the_same_part(s3_service):
    """What a host does that goes on after another died: here no service has a gap."""
    bucket = s3_service.bucket(s3_service.make_bucket())
    parts = bucket.begin_parts("a")
    first = bucket.put_part("a", parts, 1, ONE)
    assert bucket.put_part("a", parts, 1, ONE) == first
    bucket.complete_parts("a", parts, [first, bucket.put_part("a", parts, 2, b"end")])
    assert hashlib.sha256(b"".join(bucket.open("a"))).digest() == hashlib.sha256(ONE + b"end").digest()
