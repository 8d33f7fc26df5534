"""Stamped copies (水印副本) of the photos of a record."""

import io
import unicodedata
from datetime import UTC, datetime

import pytest
from PIL import Image
from sqlalchemy import update

from server import clock
from server.access import Role
from server.accounts.models import Person
from server.evidence.models import MediaLink, MediaObject
from server.inspections.models import Record
from server.review import stamped
from sync import MediaEntry, Position
from tests.actors.phone import Phone
from tests.actors.supervisor import phones, supervisor, visit_answers, visit_task
from tests.actors.uploader import sha256_of


def a_photo(image_format="JPEG", size=(800, 600), shade=90):
    content = io.BytesIO()
    Image.new("RGB", size, (shade, 120, 60)).save(content, image_format)
    return content.getvalue()


PHOTO, DRAWING = a_photo(), a_photo("PNG", (320, 200))


@pytest.fixture
def crew(cast):
    return phones(cast)


@pytest.fixture
def record(cast, crew, monkeypatch):
    """A record with two photos of markers, one taken with a position, and two signatures."""
    lead = crew[0]
    takes = lead._photographs

    def photographs(name, content=None):
        entry = takes(name, content)
        where = (
            Position(latitude=35.4900123, longitude=112.4100349, accuracy=8.0) if name == "j1.jpg" else None
        )
        taken = datetime(2026, 2, 6, 8, 30, 12, tzinfo=UTC) if name == "j1.jpg" else None
        return MediaEntry(entry.name, entry.sha256, entry.size, entry.type, taken, where)

    monkeypatch.setattr(lead, "_photographs", photographs)
    task = visit_task(cast, *crew)
    lead.pulls()
    made = lead.fills(task, visit_answers(), form_id="visit", photos={"j1.jpg": PHOTO, "j2.jpg": DRAWING})
    lead.syncs()
    return made


def copy_of(who, record, name, expect=200, **query):
    answer = who.call("GET", f"/api/v1/records/{record}/media/{name}/stamped", query_string=query)
    assert answer.status_code == expect, answer.get_data(as_text=True)[:300]
    return answer


def stamp_of(cast, session, record, name, who):
    actor = cast.app.identify(session, who.token)
    return stamped.stamped_photo(session, actor, record, name, None, clock.CHINA).stamp


def test_a_reviewer_gets_a_photo_with_what_it_shows_below_it(cast, record):
    reviewer = supervisor(cast)

    answer = copy_of(reviewer, record, "j1.jpg")

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Derivative-Of"] == f"sha256:{sha256_of(PHOTO)}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with Image.open(io.BytesIO(answer.data)) as copy:
        assert copy.width == 800
        assert copy.height > 600 + 100
        assert copy.getpixel((400, 300)) == pytest.approx((90, 120, 60), abs=6)
    assert reviewer.call("GET", f"/api/v1/media/{sha256_of(PHOTO)}").data == PHOTO


def test_the_band_says_task_object_times_place_inspectors_and_hash(cast, session, crew, record):
    stamp = stamp_of(cast, session, record, "j1.jpg", supervisor(cast))
    summary = supervisor(cast).reads(record)

    assert stamp.task == f"{summary['task_number']} {summary['task_name']}"
    assert stamp.subject == summary["object_name"]
    assert stamp.captured == "2026-02-06 16:30:12 UTC+08:00（手机时钟 phone）"
    assert stamp.received.endswith("UTC+08:00（服务器 server）")
    assert stamp.position == "35.490012°N 112.410035°E ±8 m（WGS 84/CGCS2000）"
    names = [session.get_one(Person, each.person_id).name for each in crew]
    assert stamp.inspectors == f"{names[0]}（主检 lead）、{names[1]}（协检 assisting）"
    assert stamp.sha256 == f"{sha256_of(PHOTO)[:12]}…"


def test_what_the_phone_did_not_say_is_said_to_be_unknown(cast, session, record):
    stamp = stamp_of(cast, session, record, "j2.jpg", supervisor(cast))

    assert (stamp.captured, stamp.position) == ("未提供 not given", "未提供 not given")
    copy_of(supervisor(cast), record, "j2.jpg")


def test_a_photo_of_an_earlier_version_is_stamped_too(cast, crew, record):
    reviewer = supervisor(cast)
    first = reviewer.reads(record)["rev"]

    assert copy_of(reviewer, record, "j1.jpg", rev=first).data == copy_of(reviewer, record, "j1.jpg").data
    assert copy_of(reviewer, record, "j1.jpg", 404, rev=f"sha256:{'0' * 64}").get_json()["code"] == (
        "media.not-found"
    )


@pytest.mark.parametrize("rare", ["𠮷田䶮", "㛃"])
def test_a_rare_name_is_printed(cast, crew, session, record, rare):
    session.execute(update(Person).where(Person.id == crew[0].person_id).values(name=rare))

    assert stamp_of(cast, session, record, "j1.jpg", supervisor(cast)).inspectors.startswith(rare)
    copy_of(supervisor(cast), record, "j1.jpg")


def test_a_name_that_the_font_lacks_is_refused_by_name_rather_than_printed_wrong(cast, crew, session, record):
    unknown = "\U000323af"
    assert unicodedata.category(unknown) in {"Lo", "Cn"}
    session.execute(update(Person).where(Person.id == crew[0].person_id).values(name=f"王{unknown}"))

    refusal = copy_of(supervisor(cast), record, "j1.jpg", 422).get_json()

    assert (refusal["code"], refusal["characters"]) == ("media.unprintable", [unknown])
    assert "U+323AF" in refusal["detail"]


def test_only_who_may_see_the_original_gets_its_copy(cast, record):
    for stranger in (supervisor(cast, region="130800"), cast.signed_in(Role.INSPECTOR)):
        assert copy_of(stranger, record, "j1.jpg", 404).get_json()["code"] == "record.not-found"
    copy_of(cast.stranger(), record, "j1.jpg", 401)
    assert copy_of(supervisor(cast), record, "j9.jpg", 404).get_json()["code"] == "media.not-found"


def test_a_photo_that_has_not_come_or_cannot_be_read_has_no_copy(cast, crew, session, record):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    waiting = crew[0].fills(task, visit_answers(), form_id="visit", photos={"j1.jpg": a_photo(shade=7)[:400]})
    crew[0].pushes()
    reviewer = supervisor(cast)
    assert copy_of(reviewer, waiting, "j1.jpg", 404).get_json()["code"] == "media.not-found"

    crew[0].uploads()

    assert copy_of(reviewer, waiting, "j1.jpg", 404).get_json()["code"] == "media.no-preview"
    assert copy_of(reviewer, waiting, "inspector1.png", 404).get_json()["code"] == "media.no-preview"


def test_photos_of_restricted_forms_are_not_copied(cast, session, record):
    session.execute(update(MediaLink).where(MediaLink.record_id == record).values(restricted=True))

    refusal = copy_of(supervisor(cast), record, "j1.jpg", 404).get_json()

    assert refusal["code"] == "media.no-preview"
    assert "受限" in refusal["detail"]


def test_a_stamp_changes_nothing_that_is_kept(cast, session, record):
    before = session.get_one(MediaObject, sha256_of(PHOTO)).derivatives
    copy_of(supervisor(cast), record, "j1.jpg")

    session.expire_all()
    assert session.get_one(MediaObject, sha256_of(PHOTO)).derivatives == before
    assert session.get_one(Record, record).state == "under_review"


def test_the_inspector_gets_the_copy_too(crew: list[Phone], record):
    copy_of(crew[1], record, "j1.jpg")
