"""`merestone media rebuild`: what was made of media is made anew, and originals stay as they are."""

import os
from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import update

from server import audit
from server.access import Role
from server.cli import main
from server.duties import inspect_duty
from server.evidence import rebuilding
from server.evidence.models import MediaObject
from tests.actors import Cast
from tests.actors.uploader import Uploader, sha256_of
from tests.media import recorded
from tests.server.evidence.conftest import a_photo, inspect_all, work_off

PHOTOS = [a_photo(shade) for shade in (10, 90, 200)]


def stored_and_looked_into(app, *contents):
    uploader = Uploader(Cast(app).signed_in(Role.INSPECTOR))
    for content in contents:
        uploader.upload(content)
    inspect_all(app)


def rebuild(app, *options):
    settings = app.settings
    environment = {
        "MERESTONE_DATA": str(settings.data),
        "MERESTONE_DATABASE_URL": settings.database_url,
        "MERESTONE_RESERVE_BYTES": "0",
    }
    outcome = CliRunner().invoke(main, ["media", "rebuild", *options], env={**os.environ, **environment})
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


def derivative(app, content, name="preview.jpg"):
    with app.store.open_derivative(sha256_of(content), name) as reading:
        return b"".join(reading)


def spoil(app, content, name="preview.jpg"):
    app.store.put_derivative(sha256_of(content), name, b"spoiled")


def make_older(app, content):
    with audit.transaction(app.sessions) as session:
        session.execute(update(MediaObject).where(MediaObject.sha256 == sha256_of(content)).values(recipe=0))


def test_everything_is_made_anew_and_originals_stay_as_they_are(fresh_app):
    stored_and_looked_into(fresh_app, *PHOTOS, recorded.AMR)
    fine = derivative(fresh_app, PHOTOS[0])
    spoil(fresh_app, PHOTOS[0])
    spoil(fresh_app, recorded.AMR, "waveform.json")

    told = rebuild(fresh_app, "--all")

    assert "4 files" in told
    assert "0 left" in told.splitlines()[-1]
    assert derivative(fresh_app, PHOTOS[0]) == fine
    assert derivative(fresh_app, recorded.AMR, "waveform.json").startswith(b"{")
    assert b"M4A" in derivative(fresh_app, recorded.AMR, "playable.m4a")[:20]
    for content in (*PHOTOS, recorded.AMR):
        with fresh_app.store.open(sha256_of(content)) as reading:
            assert b"".join(reading) == content


def test_the_command_makes_anew_only_what_an_older_recipe_made_or_the_one_file_that_is_named(fresh_app):
    stored_and_looked_into(fresh_app, *PHOTOS)
    for content in PHOTOS:
        spoil(fresh_app, content)
    make_older(fresh_app, PHOTOS[0])

    assert "1 files" in rebuild(fresh_app)
    assert "1 files" in rebuild(fresh_app, "--all", "--kind", "image", "--sha256", sha256_of(PHOTOS[1]))

    spoiled = [derivative(fresh_app, content) == b"spoiled" for content in PHOTOS]
    assert spoiled == [False, False, True]


def test_one_kind_one_file_or_what_is_old_is_asked_for(app, session):
    stored_and_looked_into(app, *PHOTOS, recorded.AMR)

    def asked(*chosen, **more):
        with audit.transaction(app.sessions) as writing:
            return rebuilding.ask_anew(writing, *chosen, **more)

    assert asked() == 0
    assert asked("audio", everything=True) == 1
    assert asked("image", everything=True) == 3
    assert asked(None, sha256_of(PHOTOS[0]), everything=True) == 1
    assert asked("image", sha256_of(recorded.AMR), everything=True) == 0
    make_older(app, PHOTOS[0])
    assert asked() == 1


def test_a_rebuild_that_was_broken_off_is_finished_by_the_worker(app, session):
    stored_and_looked_into(app, *PHOTOS)
    for content in PHOTOS:
        spoil(app, content)
    with audit.transaction(app.sessions) as writing:
        assert rebuilding.ask_anew(writing, everything=True) == 3
    assert rebuilding.waiting(session) == 3

    work_off(inspect_duty(app), app)

    assert all(derivative(app, content) != b"spoiled" for content in PHOTOS)
    assert rebuilding.waiting(session) == 0


def test_while_a_file_waits_to_be_made_anew_what_there_is_is_shown(app, uploader, inspector):
    uploader.upload(PHOTOS[0])
    inspect_all(app)
    with audit.transaction(app.sessions) as writing:
        rebuilding.ask_anew(writing, everything=True)

    answer = inspector.call("GET", f"/api/v1/media/{sha256_of(PHOTOS[0])}/preview")

    assert answer.status_code == 200


def test_what_the_store_has_lost_is_made_anew_when_somebody_wants_to_see_it(app, uploader, inspector):
    photo = a_photo(33)
    uploader.upload(photo)
    inspect_all(app)
    url = f"/api/v1/media/{sha256_of(photo)}/preview"
    app.store.discard_derivative(sha256_of(photo), "preview.jpg")

    for _ in range(2):
        assert inspector.get(url, expect=404)["code"] == "media.preview-pending"

    assert inspect_all(app)
    assert inspector.call("GET", url).status_code == 200


def test_of_an_original_that_is_lost_nothing_can_be_made(app, uploader, inspector):
    photo = a_photo(34)
    uploader.upload(photo)
    inspect_all(app)
    app.store.discard_derivative(sha256_of(photo), "preview.jpg")
    with app.store.open_file(sha256_of(photo)) as file:
        Path(file.name).unlink()

    assert inspector.get(f"/api/v1/media/{sha256_of(photo)}/preview", expect=404)["code"] == "media.not-found"
    assert not inspect_all(app)
