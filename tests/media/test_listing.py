"""Looking through a store: what every store tells of what it holds, and what it forgets."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from media import Listing, ObjectUnknown, S3MultipartStore, S3Store, StoredObject
from media.store import object_key
from tests.media.conftest import finish, put

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
        put(store, upload_id, b"xyz")

    assert list(store.stale_uploads(now - LATER)) == []
    assert sorted(store.stale_uploads(now + LATER)) == ["a", "b"]


def test_uploads_that_are_finished_or_discarded_are_not_listed(store, stored, now):
    stored(b"finished")
    store.discard("a", put(store, "a", b"xyz"))

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


def test_what_was_made_from_an_object_that_the_bucket_lost_is_forgotten(s3_service, tmp_path, now):
    name = s3_service.make_bucket()
    store = S3Store(s3_service.bucket(name), staging=tmp_path, reserve_bytes=0)
    sha256 = finish(store, "a", put(store, "a", b"a photo")).sha256
    store.put_derivative(sha256, "thumbnail.jpg", b"small")
    s3_service.client().remove_object(name, object_key(sha256))

    assert store.discard_orphans(sha256[:2], now - LATER) == 0
    assert store.discard_orphans(sha256[:2], now + LATER) == 1
    with pytest.raises(ObjectUnknown):
        store.open_derivative(sha256, "thumbnail.jpg")


def test_a_draft_that_a_crash_left_goes_and_its_neighbour_stays(local_store, tmp_path, now):
    sha256 = finish(local_store, "a", put(local_store, "a", b"x")).sha256
    local_store.put_derivative(sha256, "thumbnail.jpg", b"small")
    folder = next((tmp_path / "media" / "derivatives").glob(f"*/*/{sha256}"))
    (folder / ".0f0f0f").write_bytes(b"sma")

    assert local_store.discard_orphans(sha256[:2], now + LATER) == 1

    assert [path.name for path in folder.iterdir()] == ["thumbnail.jpg"]


def test_a_forgotten_upload_leaves_nothing_and_its_neighbour_stays(store, now):
    put(store, "a", b"xyz")
    neighbour = put(store, "ab", b"xyz")

    store.forget_upload("a")
    store.forget_upload("never-was")

    assert list(store.stale_uploads(now + LATER)) == ["ab"]
    assert store.resume("ab", neighbour) == neighbour


def test_a_copy_in_which_an_upload_went_on_is_listed_and_forgotten_with_it(local_store, tmp_path, now):
    progress = put(local_store, "a", b"xyz")
    with local_store.write("a", progress) as asleep, local_store.write("a", progress) as awake:
        asleep.write(b"1")
        awake.write(b"2")
        moved = awake.flush()

    assert moved.notes != progress.notes
    assert set(local_store.stale_uploads(now + LATER)) == {"a"}
    local_store.forget_upload("a")
    assert list((tmp_path / "media" / "uploads").iterdir()) == []


def test_what_grows_in_a_bucket_without_a_promise_is_listed_too(s3_service, tmp_path, now):
    name = s3_service.make_bucket()
    store = S3MultipartStore(s3_service.bucket(name), spool=tmp_path, reserve_bytes=0)
    s3_service.client().put_object(name, "uploads/a", io.BytesIO(b"xyz"), 3)

    assert list(store.stale_uploads(now + LATER)) == ["a"]
    store.forget_upload("a")
    assert list(store.stale_uploads(now + LATER)) == []


STRANGERS = [
    "objects/{0}/{1}/.{2}.Xy12Zq",  # what rsync was writing when it was broken off
    "objects/{0}/{1}/Thumbs.db",
    "objects/{0}/00/{2}x",
    "derivatives/{0}/{1}/Thumbs.db",
    "derivatives/{0}/{1}/elsewhere/thumbnail.jpg",
]


def test_what_somebody_else_put_into_the_folder_is_neither_told_nor_touched(local_store, tmp_path, now):
    sha256 = finish(local_store, "a", put(local_store, "a", b"a photo")).sha256
    strangers = [tmp_path / "media" / each.format(sha256[:2], sha256[2:4], sha256) for each in STRANGERS]
    for each in strangers:
        each.parent.mkdir(parents=True, exist_ok=True)
        each.write_bytes(b"?")

    assert list(local_store.objects(shelf_of(sha256))) == [StoredObject(sha256, 7)]
    assert local_store.discard_orphans(shelf_of(sha256), now + LATER) == 0
    assert all(each.exists() for each in strangers)


def test_what_somebody_else_put_into_the_bucket_is_neither_told_nor_touched(s3_service, tmp_path, now):
    bucket = s3_service.bucket(s3_service.make_bucket())
    store = S3Store(bucket, staging=tmp_path, reserve_bytes=0)
    sha256 = finish(store, "a", put(store, "a", b"a photo")).sha256
    strangers = [each.format(sha256[:2], sha256[2:4], sha256) for each in STRANGERS]
    for each in strangers:
        bucket.put(each, io.BytesIO(b"?"), 1)

    assert list(store.objects(shelf_of(sha256))) == [StoredObject(sha256, 7)]
    assert store.discard_orphans(shelf_of(sha256), now + LATER) == 0
    assert [bucket.size(each) for each in strangers] == [1] * len(strangers)


def test_bytes_that_are_not_those_of_their_name_make_room_for_the_right_ones(store, stored):
    sha256 = stored(b"a photo")

    store.set_aside(sha256)
    store.set_aside(sha256)

    assert not store.exists(sha256)
    assert list(store.objects(shelf_of(sha256))) == []
    assert stored(b"a photo") == sha256
    assert b"".join(store.open(sha256)) == b"a photo"


def test_what_is_set_aside_is_kept(local_store, tmp_path):
    sha256 = finish(local_store, "a", put(local_store, "a", b"a photo")).sha256

    local_store.set_aside(sha256)

    [kept] = (tmp_path / "media" / "damaged").iterdir()
    assert kept.name.startswith(sha256)
    assert kept.read_bytes() == b"a photo"
