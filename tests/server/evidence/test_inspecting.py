"""Looking into photos, and the small pictures."""

import io

import pytest
from PIL import Image
from sqlalchemy import select, update

from media import Likeness, ObjectUnknown
from server import audit
from server.evidence import inspecting, resembling
from server.evidence.models import MediaObject, PhotoLikeness
from tests.actors.uploader import UPLOADS, sha256_of
from tests.media.scenes import jpeg, scene
from tests.server.evidence.conftest import a_photo, link


def inspect_all(app):
    """What the worker does."""
    with audit.transaction(app.sessions) as session:
        works = inspecting.claim(session)
    for work in works:
        facts = inspecting.perform(app.store, work)
        with audit.transaction(app.sessions) as session:
            inspecting.settle(session, work, facts)
    return works


def facts_of(session, content):
    session.expire_all()
    return session.get_one(MediaObject, sha256_of(content)).facts


def test_what_a_camera_wrote_is_kept_beside_the_photo(uploader, app, session):
    photo = a_photo()
    uploader.upload(photo)

    assert len(inspect_all(app)) == 1

    facts = facts_of(session, photo)
    assert (facts["width"], facts["height"], facts["device_make"]) == (64, 48, "Fairphone")
    assert facts["latitude"] == pytest.approx(35.49)
    assert facts["longitude"] == pytest.approx(112.41)
    assert inspect_all(app) == []


def test_a_photo_claimed_by_one_worker_is_passed_by_the_next(uploader, app):
    uploader.upload(a_photo())

    with audit.transaction(app.sessions) as session:
        assert len(inspecting.claim(session)) == 1
    with audit.transaction(app.sessions) as session:
        assert inspecting.claim(session) == []


def test_a_thumbnail_is_made_when_first_asked_for(uploader, inspector, app):
    photo = a_photo(size=(1200, 600))
    uploader.upload(photo)

    answer = inspector.call("GET", f"{UPLOADS}/{sha256_of(photo)}/thumbnail")

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.data)).size == (320, 160)
    with app.store.open_derivative(sha256_of(photo), "thumbnail.jpg") as kept:
        assert kept.length == len(answer.data)


def test_a_thumbnail_tells_nothing_of_where_the_photo_was_taken(uploader, inspector):
    photo = a_photo()
    uploader.upload(photo)

    answer = inspector.call("GET", f"{UPLOADS}/{sha256_of(photo)}/thumbnail")

    assert dict(Image.open(io.BytesIO(answer.data)).getexif()) == {}


@pytest.mark.parametrize("inspected", [True, False], ids=["after the worker", "before the worker"])
@pytest.mark.parametrize(
    "content", [b"no photo at all", a_photo()[:200]], ids=["another thing", "a cut photo"]
)
def test_a_photo_that_is_none_has_no_preview_and_is_kept(
    uploader, inspector, app, session, content, inspected
):
    uploader.upload(content)
    if inspected:
        inspect_all(app)
        assert set(facts_of(session, content)) == {"unreadable"}

    answer = inspector.get(f"{UPLOADS}/{sha256_of(content)}/thumbnail", expect=404)

    assert answer["code"] == "media.no-preview"
    assert inspector.call("GET", f"{UPLOADS}/{sha256_of(content)}").data == content


def test_a_photo_turned_by_its_camera_is_measured_upright(uploader, app, session):
    exif = Image.Exif()
    exif[0x0112] = 6
    content = io.BytesIO()
    Image.new("RGB", (40, 20)).save(content, "JPEG", exif=exif)
    uploader.upload(content.getvalue())

    inspect_all(app)

    facts = facts_of(session, content.getvalue())
    assert (facts["width"], facts["height"], facts["orientation"]) == (20, 40, 6)


def test_a_photo_has_one_fingerprint_however_often_it_is_looked_into(uploader, app, session):
    photo, empty = jpeg(scene(1)), a_photo()
    for content in (photo, empty):
        uploader.upload(content)
    for _ in range(2):
        session.execute(update(MediaObject).values(inspect_after=MediaObject.stored_at))
        inspect_all(app)

    assert session.scalars(select(PhotoLikeness.sha256)).all() == [sha256_of(photo)]
    assert "likeness" not in facts_of(session, photo)


@pytest.mark.parametrize("vouched", ["before it came", "while it is looked into", "after"])
def test_no_fingerprint_is_kept_of_photos_from_secret_places(uploader, app, session, vouched):
    photo = jpeg(scene(2))
    if vouched == "before it came":
        link(app, photo, restricted=True)
    uploader.upload(photo)
    with audit.transaction(app.sessions) as writing:
        (work,) = inspecting.claim(writing)
    facts = inspecting.perform(app.store, work)
    assert facts["likeness"]
    if vouched == "while it is looked into":
        link(app, photo, restricted=True)
    with audit.transaction(app.sessions) as writing:
        inspecting.settle(writing, work, facts)
    if vouched == "after":
        assert session.scalars(select(PhotoLikeness.sha256)).all() == [sha256_of(photo)]
        link(app, photo, restricted=True)

    assert session.scalars(select(PhotoLikeness.sha256)).all() == []


def test_a_photo_is_found_by_one_band_and_judged_by_all_of_it(uploader, app, session):
    stored = [jpeg(scene(seed)) for seed in range(4)]
    for content in stored:
        uploader.upload(content)
    mine, *others = (sha256_of(content) for content in stored)
    shape = 0x1234_5678_9ABC_DEF0
    bits = {others[0]: (0, 16, 32, 48, 1, 17, 33), others[1]: (0, 1, 2, 3, 16), others[2]: range(16, 28)}
    resembling.keep(session, mine, Likeness(shape, 7))
    for sha256, flipped in bits.items():
        resembling.keep(session, sha256, Likeness(shape ^ sum(1 << bit for bit in flipped), 7))

    found = resembling.find_alike(session, [mine])

    # Seven bits anywhere are found; twelve share three bands and are too many.
    assert [each.other for each in found] == [others[1], others[0]]
    pairs = {(each.sha256, each.other) for each in resembling.find_alike(session, others)}
    one, two, _ = others
    assert pairs == {(one, mine), (two, mine), (one, two), (two, one)}
    assert resembling.find_alike(session, []) == []


def test_no_small_picture_is_made_of_photos_from_secret_places(uploader, app):
    photo = a_photo(77)
    link(app, photo, restricted=True)
    uploader.upload(photo)

    inspect_all(app)

    with pytest.raises(ObjectUnknown):
        app.store.open_derivative(sha256_of(photo), "thumbnail.jpg")
