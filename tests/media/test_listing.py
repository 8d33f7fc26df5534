"""Looking through a store: what every store tells of what it holds, and what it forgets."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from media import Listing, ObjectUnknown, StoredObject, UploadUnknown
from media.store import object_key

LATER = timedelta(hours=1)


@pytest.fixture
def now():
    return datetime.now(UTC)


def shelf_of(sha256: str) -> str:
    return sha256[:2]


def test_every_store_can_be_looked_through(store):
    assert isinstance(store, Listing)


def test_uploads_are_stale_when_their_bytes_have_not_changed_since(store, now):
    for upload_id in ("a", "b"):
        store.begin(upload_id)
    store.append("b", 0, [b"xyz"], 3)

    assert list(store.stale_uploads(now - LATER)) == []
    assert sorted(store.stale_uploads(now + LATER)) == ["a", "b"]


def test_uploads_that_are_finished_or_discarded_are_not_listed(store, stored, now):
    stored(b"finished")
    store.begin("a")
    store.discard("a")

    assert list(store.stale_uploads(now + LATER)) == []


def test_objects_are_on_the_shelf_of_their_hash(store, stored):
    contents = [b"%d" % number for number in range(40)]
    shas = {stored(content): content for content in contents}

    for shelf in map("{:02x}".format, range(256)):
        expected = {
            StoredObject(sha, len(content)) for sha, content in shas.items() if shelf_of(sha) == shelf
        }
        if expected or shelf == "00":
            assert set(store.objects(shelf)) == expected


def test_what_was_made_from_an_object_stays_as_long_as_the_object_is_there(store, stored, now):
    sha256 = stored(b"a photo")
    store.put_derivative(sha256, "thumbnail.jpg", b"small")

    assert store.discard_orphans(shelf_of(sha256), now + LATER) == 0

    assert b"".join(store.open_derivative(sha256, "thumbnail.jpg")) == b"small"
    assert [found.sha256 for found in store.objects(shelf_of(sha256))] == [sha256]


@pytest.mark.parametrize("shelf", ["", "a", "AB", "abc", "..", "a/", "zz"])
def test_a_shelf_that_could_lead_elsewhere_is_refused(store, now, shelf):
    with pytest.raises(ValueError):
        list(store.objects(shelf))
    with pytest.raises(ValueError):
        store.discard_orphans(shelf, now)


def test_what_was_made_from_an_object_that_is_lost_is_forgotten_after_a_while(local_store, tmp_path, now):
    sha256 = "ab" * 32
    folder = tmp_path / "media" / "derivatives" / "ab" / "ab" / sha256
    folder.mkdir(parents=True)
    (folder / "thumbnail.jpg").write_bytes(b"small")

    assert local_store.discard_orphans("ab", now - LATER) == 0
    assert b"".join(local_store.open_derivative(sha256, "thumbnail.jpg")) == b"small"

    assert local_store.discard_orphans("ab", now + LATER) == 1
    with pytest.raises(ObjectUnknown):
        local_store.open_derivative(sha256, "thumbnail.jpg")


def test_what_was_made_from_an_object_that_the_bucket_lost_is_forgotten(s3_store, now):
    content = b"a photo that only this test stores"
    sha256 = hashlib.sha256(content).hexdigest()
    s3_store.begin("a")
    s3_store.append("a", 0, [content], len(content))
    s3_store.finish("a", sha256)
    s3_store.put_derivative(sha256, "thumbnail.jpg", b"small")
    s3_store._client.remove_object(s3_store._bucket, object_key(sha256))

    assert s3_store.discard_orphans(sha256[:2], now - LATER) == 0
    assert s3_store.discard_orphans(sha256[:2], now + LATER) == 1
    with pytest.raises(ObjectUnknown):
        s3_store.open_derivative(sha256, "thumbnail.jpg")


def test_a_draft_that_a_crash_left_goes_and_its_neighbour_stays(local_store, tmp_path, now):
    local_store.begin("a")
    local_store.append("a", 0, [b"x"], 1)
    sha256 = hashlib.sha256(b"x").hexdigest()
    local_store.finish("a", sha256)
    local_store.put_derivative(sha256, "thumbnail.jpg", b"small")
    folder = next((tmp_path / "media" / "derivatives").glob(f"*/*/{sha256}"))
    (folder / ".0f0f0f").write_bytes(b"sma")

    assert local_store.discard_orphans(sha256[:2], now + LATER) == 1

    assert [path.name for path in folder.iterdir()] == ["thumbnail.jpg"]


def test_a_copy_that_a_crash_left_goes_with_its_upload(local_store, tmp_path):
    local_store.begin("a")
    copy = tmp_path / "media" / "uploads" / "a.copy"
    copy.write_bytes(b"x")

    local_store.discard("a")

    assert not copy.exists()
    with pytest.raises(UploadUnknown):
        local_store.size("a")
