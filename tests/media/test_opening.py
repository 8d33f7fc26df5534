"""From a setting to a store, and what a wrong setting is told."""

import hashlib
from urllib.parse import quote

import pytest

from media import LocalStore, S3MultipartStore, S3Store, StoreUrlError, open_store
from tests.media.conftest import finish, put


def test_a_file_url_opens_a_folder(tmp_path):
    store = open_store(f"file://{tmp_path}/with%20space/媒体", reserve_bytes=0)
    assert isinstance(store, LocalStore)
    put(store, "a", b"x")
    assert (tmp_path / "with space" / "媒体" / "uploads" / "a").exists()


@pytest.mark.parametrize(
    ("option", "kind"), [("&staging={}", S3Store), ("&spool={}", S3MultipartStore), ("", S3MultipartStore)]
)
def test_an_s3_url_opens_a_bucket_whatever_its_secret_is_made_of(rclone_service, tmp_path, option, kind):
    name, secret = rclone_service.make_bucket(), quote(rclone_service.secret, safe="")
    url = f"s3://{rclone_service.key}:{secret}@{rclone_service.endpoint}/{name}?secure=false"
    store = open_store(url + option.format(tmp_path / "folder"), reserve_bytes=0)
    assert isinstance(store, kind)
    assert finish(store, "a", put(store, "a", b"x"), hashlib.sha256(b"x").hexdigest()).size == 1
    assert (tmp_path / "folder").exists() is (option != "")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/media",
        "memory://",
        "file://srv/media",
        "file:srv/media",
        "file:///srv/media?x=1",
        "s3://key:sesame@host/bucket?spool=relative",
        "s3://key:sesame@host/bucket?staging=/s&spool=/s",
        "s3://key:sesame@host/bucket?staging=relative",
        "s3://key:sesame@host/?staging=/s",
        "s3://key:sesame@host/bucket/folder?staging=/s",
        "s3://key:sesame@/bucket?staging=/s",
        "s3://host/bucket?staging=/s",
        "s3://key@host/bucket?staging=/s",
        "s3://key:sesame@host:port/bucket?staging=/s",
        "s3://key:sesame@host/bucket?staging=/s&secure=maybe",
        "s3://key:sesame@host/bucket?staging=/s&timeout=5",
        "s3://key:sesame#1@host/bucket?staging=/s",
    ],
)
def test_a_url_that_names_no_store_is_refused_without_repeating_its_secret(url):
    with pytest.raises(StoreUrlError) as refusal:
        open_store(url)
    assert "sesame" not in str(refusal.value)
    assert "媒体存储地址" in str(refusal.value)
