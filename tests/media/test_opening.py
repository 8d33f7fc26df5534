"""From a setting to a store, and what a wrong setting is told."""

import hashlib
from urllib.parse import quote

import pytest
from minio import Minio

from media import LocalStore, S3Store, StoreUrlError, open_store


def test_a_file_url_opens_a_folder(tmp_path):
    store = open_store(f"file://{tmp_path}/with%20space/媒体", reserve_bytes=0)
    assert isinstance(store, LocalStore)
    store.begin("a")
    assert (tmp_path / "with space" / "媒体" / "uploads" / "a").exists()


def test_an_s3_url_opens_a_bucket_whatever_its_secret_is_made_of(s3_service, tmp_path):
    Minio(
        s3_service.endpoint, s3_service.key, s3_service.secret, secure=False, region="us-east-1"
    ).make_bucket("opened")
    url = f"s3://{s3_service.key}:{quote(s3_service.secret, safe='')}@{s3_service.endpoint}/opened"
    store = open_store(f"{url}?secure=false&staging={tmp_path}/staging", reserve_bytes=0)
    assert isinstance(store, S3Store)
    store.begin("a")
    store.append("a", 0, [b"x"], 1)
    assert store.finish("a", hashlib.sha256(b"x").hexdigest()).size == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/media",
        "memory://",
        "file://srv/media",
        "file:srv/media",
        "file:///srv/media?x=1",
        "s3://key:sesame@host/bucket",
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
