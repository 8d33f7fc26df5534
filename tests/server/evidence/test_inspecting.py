"""Looking into what is stored: what is found, what is made of it, and what becomes of files that mean harm."""

import hashlib
import io
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from PIL import Image
from sqlalchemy import select, update

from media import Likeness, LookingInterrupted, ObjectUnknown, StoreUnavailable
from server import audit, clock
from server.access import Role
from server.audit import AuditEntry
from server.duties import copy_duty, inspect_duty
from server.evidence import copying, inspecting, resembling
from server.evidence.models import MediaObject, PhotoLikeness
from server.worker import run_worker
from tests.actors import Cast
from tests.actors.uploader import UPLOADS, Uploader, sha256_of
from tests.media import recorded
from tests.media.scenes import jpeg, scene
from tests.server.evidence.conftest import a_photo, inspect_all, link, work_off


def found(session, content):
    session.expire_all()
    return session.get_one(MediaObject, sha256_of(content))


def facts_of(session, content):
    return found(session, content).facts


def sm3_of(content):
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


def size_of(content):
    with Image.open(io.BytesIO(content)) as image:
        return image.format, image.size


def url_of(content, what):
    return f"{UPLOADS}/{sha256_of(content)}/{what}"


def told(session, content, action="media.inspected"):
    query = select(AuditEntry.details).where(
        AuditEntry.action == action, AuditEntry.subject == sha256_of(content)
    )
    return list(session.scalars(query.order_by(AuditEntry.seq)))


@pytest.fixture
def failing(app, monkeypatch):
    """Let looking fail with these errors, one after the other, and then do as it does."""

    def fail(*errors, verb="look"):
        left, does = list(errors), getattr(app.looker, verb)

        def attempt(*given, **more):
            if left:
                raise left.pop(0)
            return does(*given, **more)

        monkeypatch.setattr(app.looker, verb, attempt)

    return fail


def test_what_a_camera_wrote_is_kept_beside_the_photo(uploader, app, session):
    photo = a_photo()
    uploader.upload(photo)

    assert len(inspect_all(app)) == 1

    facts = facts_of(session, photo)
    assert (facts["width"], facts["height"], facts["device_make"]) == (64, 48, "Fairphone")
    assert facts["latitude"] == pytest.approx(35.49)
    assert facts["longitude"] == pytest.approx(112.41)
    assert inspect_all(app) == []


@pytest.mark.parametrize(
    "content",
    [a_photo(33), recorded.AMR, b"%PDF-1.7 something", b"of no kind we know"],
    ids=["photo", "sound", "document", "unknown"],
)
def test_every_file_gets_its_sm3_beside_its_sha256(uploader, app, session, content):
    uploader.upload(content)

    inspect_all(app)

    assert found(session, content).sm3 == sm3_of(content)


def test_a_photo_claimed_by_one_worker_is_passed_by_the_next(uploader, app):
    uploader.upload(a_photo())

    with audit.transaction(app.sessions) as session:
        assert len(inspecting.claim(session)) == 1
    with audit.transaction(app.sessions) as session:
        assert inspecting.claim(session) == []


def test_there_is_no_preview_until_the_worker_has_looked(uploader, inspector, app):
    photo = a_photo(size=(2000, 1000))
    uploader.upload(photo)

    answer = inspector.call("GET", url_of(photo, "preview"))
    assert (answer.status_code, answer.get_json()["code"]) == (404, "media.preview-pending")
    assert answer.headers["Retry-After"]
    inspect_all(app)

    for role, size in (("preview", (1280, 640)), ("thumbnail", (320, 160))):
        answer = inspector.call("GET", url_of(photo, role))
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert size_of(answer.data) == ("JPEG", size)
        assert answer.headers["X-Derivative-Of"] == f"sha256:{sha256_of(photo)}"
        assert answer.headers["X-Derivative-Recipe"] == "1"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert dict(Image.open(io.BytesIO(answer.data)).getexif()) == {}


def test_the_original_is_the_same_bytes_before_and_after(uploader, inspector, app):
    photo = a_photo(size=(2000, 1000)) + b"<script>alert(1)</script>"
    uploader.upload(photo)
    inspect_all(app)

    answer = inspector.call("GET", f"{UPLOADS}/{sha256_of(photo)}")

    assert hashlib.sha256(answer.data).hexdigest() == sha256_of(photo)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Derivative-Of" not in answer.headers


@pytest.mark.parametrize(
    "content",
    [b"no photo at all", a_photo()[:200], recorded.VIDEO[:3000], b"<svg onload='alert(1)'/>", b""],
    ids=["another thing", "a cut photo", "a cut video", "a drawing with a script", "nothing"],
)
def test_what_cannot_be_read_is_kept_and_has_no_preview_with_a_reason(
    uploader, inspector, app, session, content
):
    uploader.upload(content)

    inspect_all(app)

    assert set(facts_of(session, content)) == {"unreadable"}
    for role in ("preview", "thumbnail", "poster", "waveform", "playable"):
        answer = inspector.get(url_of(content, role), expect=404)
        assert answer["code"] == "media.no-preview"
        assert facts_of(session, content)["unreadable"] in answer["detail"]
    kept = inspector.call("GET", f"{UPLOADS}/{sha256_of(content)}")
    assert kept.data == content
    assert "html" not in kept.headers["Content-Type"]
    assert "svg" not in kept.headers["Content-Type"]
    assert told(session, content)[-1]["readable"] is False
    assert told(session, content)[-1]["reason"] == facts_of(session, content)["unreadable"]


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
    finding = inspecting.perform(app.store, app.looker, work)
    assert finding.look.facts["likeness"]
    if vouched == "while it is looked into":
        link(app, photo, restricted=True)
    with audit.transaction(app.sessions) as writing:
        inspecting.settle(writing, work, finding)
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


def test_a_video_has_a_poster_and_a_copy_that_browsers_play(uploader, inspector, app, session):
    uploader.upload(recorded.HEVC, filetype="video/mp4")
    work_off(inspect_duty(app), app)

    assert size_of(inspector.call("GET", url_of(recorded.HEVC, "poster")).data) == ("JPEG", (320, 240))
    assert facts_of(session, recorded.HEVC)["video_codec"] == "hevc"
    pending = inspector.get(url_of(recorded.HEVC, "playable"), expect=404)
    assert pending["code"] == "media.preview-pending"
    work_off(copy_duty(app), app)

    whole = inspector.call("GET", url_of(recorded.HEVC, "playable"))
    part = inspector.call("GET", url_of(recorded.HEVC, "playable"), headers={"Range": "bytes=10-19"})
    assert whole.headers["Content-Type"] == "video/mp4"
    assert b"avc1" in whole.data
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.data)}"
    assert part.headers["X-Derivative-Of"] == f"sha256:{sha256_of(recorded.HEVC)}"
    assert told(session, recorded.HEVC, "media.copied") == [{"playable": True}]


def test_a_sound_has_a_shape_and_a_copy_that_browsers_play(uploader, inspector, app):
    uploader.upload(recorded.AMR, filetype="audio/amr")
    work_off(inspect_duty(app), app)
    work_off(copy_duty(app), app)

    shape = inspector.get(url_of(recorded.AMR, "waveform"))
    copy = inspector.call("GET", url_of(recorded.AMR, "playable"))

    assert shape["duration"] == pytest.approx(1.02)
    assert len(shape["peaks"]) == 256
    assert copy.headers["Content-Type"] == "audio/mp4"
    assert inspector.get(url_of(recorded.AMR, "poster"), expect=404)["code"] == "media.no-preview"


def test_a_recording_that_browsers_play_is_played_as_it_is(uploader, inspector, app):
    uploader.upload(recorded.VIDEO, filetype="video/mp4")
    inspect_all(app)

    answer = inspector.call("GET", url_of(recorded.VIDEO, "playable"))

    assert (answer.status_code, answer.headers["Location"]) == (302, f"{UPLOADS}/{sha256_of(recorded.VIDEO)}")


def test_all_that_is_known_of_a_file_is_told_to_who_may_see_it(uploader, inspector, app, cast):
    photo = a_photo()
    uploader.upload(photo)
    assert inspector.get(url_of(photo, "about"))["waiting"] is True
    inspect_all(app)

    about = inspector.get(url_of(photo, "about"))

    assert (about["sha256"], about["sm3"]) == (sha256_of(photo), sm3_of(photo))
    assert (about["size"], about["mime"], about["family"]) == (len(photo), "image/jpeg", "image")
    assert (about["waiting"], about["facts"]["width"]) == (False, 64)
    assert set(about["derivatives"]) == {"preview", "thumbnail"}
    assert about["derivatives"]["preview"]["recipe"] == 1
    stranger = cast.signed_in(Role.INSPECTOR)
    for what in ("about", "preview", "poster", "waveform", "playable", "thumbnail"):
        assert stranger.get(url_of(photo, what), expect=404)["code"] == "media.not-found"


# Forms of secret places


def test_nothing_is_made_of_files_from_secret_places(uploader, app, session, inspector):
    photo = a_photo(77)
    link(app, photo, restricted=True)
    link(app, recorded.HEVC, restricted=True)
    for content in (photo, recorded.HEVC):
        uploader.upload(content)

    inspect_all(app)

    for content in (photo, recorded.HEVC):
        assert (found(session, content).derivatives, found(session, content).copy_after) == ({}, None)
        assert "width" in facts_of(session, content)
        assert list(derivatives_of(app, content)) == []
        assert inspector.get(url_of(content, "about"))["derivatives"] == {}


def derivatives_of(app, content):
    return (app.settings.data / "media" / "derivatives").glob(f"*/*/{sha256_of(content)}/*")


def test_what_was_made_before_the_record_came_from_a_secret_place_is_removed(uploader, app, session):
    photo = a_photo(79)
    uploader.upload(photo)
    inspect_all(app)
    assert len(list(derivatives_of(app, photo))) == 2

    link(app, photo, restricted=True)
    inspect_all(app)

    assert list(derivatives_of(app, photo)) == []
    assert found(session, photo).derivatives == {}
    with pytest.raises(ObjectUnknown):
        app.store.open_derivative(sha256_of(photo), "thumbnail.jpg")


def test_a_record_from_a_secret_place_that_comes_while_its_photo_is_looked_into_is_minded(
    uploader, app, session
):
    photo = a_photo(80)
    uploader.upload(photo)
    with audit.transaction(app.sessions) as writing:
        (work,) = inspecting.claim(writing)
    finding = inspecting.perform(app.store, app.looker, work)
    link(app, photo, restricted=True)
    with audit.transaction(app.sessions) as writing:
        inspecting.settle(writing, work, finding)

    inspect_all(app)

    assert list(derivatives_of(app, photo)) == []


# What goes wrong


def test_what_could_not_be_tried_waits_and_is_tried_again(uploader, app, session, failing):
    photo = a_photo(81)
    uploader.upload(photo)
    failing(LookingInterrupted("killed"), StoreUnavailable("down"))

    inspect_all(app)

    waiting = found(session, photo)
    assert (waiting.facts, waiting.attempts) == ({}, 1)
    assert clock.now() < waiting.inspect_after < clock.now() + timedelta(minutes=2)
    assert told(session, photo) == []
    for _ in range(2):
        make_due(app)
        inspect_all(app)
    assert facts_of(session, photo)["width"] == 64
    assert found(session, photo).attempts == 0


def make_due(app):
    with audit.transaction(app.sessions) as session:
        for column in (MediaObject.inspect_after, MediaObject.copy_after):
            session.execute(update(MediaObject).where(column.is_not(None)).values({column: clock.now()}))


def test_what_can_never_be_tried_is_given_up_and_found_again_by_a_rebuild(
    uploader, app, session, failing, inspector
):
    photo = a_photo(82)
    uploader.upload(photo)
    failing(*[LookingInterrupted("killed")] * inspecting.MOST_ATTEMPTS)

    for _ in range(inspecting.MOST_ATTEMPTS):
        make_due(app)
        inspect_all(app)

    given_up = found(session, photo)
    assert (given_up.inspect_after, given_up.recipe) == (None, None)
    assert "多次尝试" in inspector.get(url_of(photo, "preview"), expect=404)["detail"]
    assert told(session, photo)[-1]["readable"] is False


def test_a_copy_that_could_not_be_tried_waits_and_one_that_fails_is_told(
    uploader, app, session, monkeypatch, inspector
):
    uploader.upload(recorded.OLD_PHONE, filetype="video/3gpp")
    inspect_all(app)
    errors = [LookingInterrupted("killed")]
    copies = app.copier.copy
    monkeypatch.setattr(
        app.copier, "copy", lambda *given: (_ for _ in ()).throw(errors.pop()) if errors else copies(*given)
    )

    work_off(copy_duty(app), app)
    assert found(session, recorded.OLD_PHONE).copy_after > clock.now()
    make_due(app)
    work_off(copy_duty(app), app)

    assert found(session, recorded.OLD_PHONE).copy_after is None
    assert b"avc1" in inspector.call("GET", url_of(recorded.OLD_PHONE, "playable")).data


def test_a_copy_is_claimed_once_and_not_kept_for_a_secret_place(uploader, app, session):
    uploader.upload(recorded.OLD_PHONE, filetype="video/3gpp")
    inspect_all(app)
    with audit.transaction(app.sessions) as writing:
        (work,) = copying.claim(writing)
        assert copying.claim(writing) == []
    copied = copying.perform(app.store, app.copier, work)
    link(app, recorded.OLD_PHONE, restricted=True)
    with audit.transaction(app.sessions) as writing:
        copying.settle(writing, work, copied)

    inspect_all(app)

    assert list(derivatives_of(app, recorded.OLD_PHONE)) == []
    assert "playable" not in found(session, recorded.OLD_PHONE).derivatives


def test_new_files_are_looked_into_before_those_that_are_made_anew(uploader, app, session):
    old, new = a_photo(83), a_photo(84)
    uploader.upload(old)
    inspect_all(app)
    make_old(app, old)
    Uploader(uploader.client).upload(new)

    with audit.transaction(app.sessions) as writing:
        (first,) = inspecting.claim(writing, limit=1)

    assert first.sha256 == sha256_of(new)


def make_old(app, content):
    with audit.transaction(app.sessions) as session:
        each = session.get_one(MediaObject, sha256_of(content))
        each.inspect_after, each.recipe = clock.now() - timedelta(hours=1), 0


# The worker itself


def test_a_worker_does_all_of_it_and_ends_when_nothing_is_due(fresh_app):
    inspector = Cast(fresh_app).signed_in(Role.INSPECTOR)
    Uploader(inspector).upload(recorded.AMR)

    run_worker(fresh_app, threading.Event(), once=True)

    assert inspector.call("GET", url_of(recorded.AMR, "playable")).headers["Content-Type"] == "audio/mp4"


def test_a_worker_that_is_told_to_stop_gives_up_the_copy_it_is_making(fresh_app):
    hour = recorded.AMR + recorded.AMR[6:] * 3600
    Uploader(Cast(fresh_app).signed_in(Role.INSPECTOR)).upload(hour)
    with audit.transaction(fresh_app.sessions) as session:
        session.execute(update(MediaObject).values(inspect_after=None, copy_after=clock.now()))
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(fresh_app, stop))
    thread.start()
    wait_until(lambda: is_at_work(fresh_app.copier))

    stop.set()
    thread.join(20)

    assert not thread.is_alive()
    with fresh_app.readers() as session:
        kept = session.get_one(MediaObject, sha256_of(hour))
        assert (kept.derivatives, kept.attempts) == ({}, 1)
        assert kept.copy_after > clock.now()


def is_at_work(looker):
    helper = looker._helper
    children = Path(f"/proc/{helper.pid}/task/{helper.pid}/children") if helper else None
    return bool(children and children.exists() and children.read_text().strip())


def wait_until(holds):
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
