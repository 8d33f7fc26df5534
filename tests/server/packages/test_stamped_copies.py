"""Stamped copies (水印副本) in packages: to be read by people, and proving nothing."""

import io
import json

import pytest
from PIL import Image
from sqlalchemy import update

from media import LookingInterrupted
from server.accounts.models import Person
from server.evidence.models import MediaLink
from sync import generate_device_key
from tests.actors.supervisor import supervisor, visit_answers, visit_task
from tests.server.evidence.conftest import a_photo
from tests.server.packages.packaging import checked, codes, members, packaged, resigned, zipped


@pytest.fixture
def record(cast, crew):
    """A record with two photos and two signatures."""
    lead = crew[0]
    task = visit_task(cast, *crew)
    lead.pulls()
    photos = {"j1.jpg": a_photo(90), "j2.jpg": a_photo(200), "inspector1.png": a_photo(10)}
    made = lead.fills(task, visit_answers(), form_id="visit", photos=photos)
    lead.syncs()
    return made


def copies_in(files):
    return {name: content for name, content in files.items() if name.startswith("stamped/")}


def test_every_photo_of_a_record_and_no_signature_goes_along_as_a_stamped_copy_too(cast, crew, record):
    data = packaged(supervisor(cast), record, stamped=True)

    files = members(data)
    copies = copies_in(files)
    photos = {sha256 for sha256 in crew[0].files if f"stamped/{record}/{sha256}.jpg" in copies}
    assert len(copies) == len(photos) == 2
    for sha256 in photos:
        with (
            Image.open(io.BytesIO(copies[f"stamped/{record}/{sha256}.jpg"])) as copy,
            Image.open(io.BytesIO(files[f"media/{sha256}"])) as original,
        ):
            assert copy.format == "JPEG"
            assert copy.height > original.height
    report = checked(data)
    assert report.holds, report.as_text()
    assert "stamped.copies" in codes(report.unproved)
    assert "stamped.absent" not in codes(report.unproved)


def test_a_case_file_has_the_copies_of_each_record(cast, crew, record):
    reviewer = supervisor(cast)
    task = reviewer.get(f"/api/v1/records/{record}")["task_id"]

    files = members(packaged(reviewer, task, of="tasks", stamped=True))

    assert copies_in(files).keys() == copies_in(members(packaged(reviewer, record, stamped=True))).keys()


def test_a_package_may_go_without_copies(cast, record):
    data = packaged(supervisor(cast), record, stamped=False)

    assert copies_in(members(data)) == {}
    assert "stamped.copies" not in codes(checked(data).unproved)


def test_copies_that_can_not_be_printed_are_named_and_the_package_holds(cast, record, session, monkeypatch):
    reviewer = supervisor(cast)
    whole = copies_in(members(packaged(reviewer, record, stamped=True)))
    session.execute(update(Person).values(name="张\U000323af"))

    data = packaged(reviewer, record, stamped=True)

    files = members(data)
    assert copies_in(files) == {}
    lacking = json.loads(files["manifest.json"])["unstamped"]
    assert {each["reason"] for each in lacking} == {"media.unprintable"}
    assert len(lacking) == len(whole)
    report = checked(data)
    assert report.holds, report.as_text()
    assert codes(report.unproved).count("stamped.absent") == len(lacking)

    def interrupted(*_given):
        raise LookingInterrupted("killed")

    monkeypatch.setattr(cast.app.looker, "stamp", interrupted)
    lacking = json.loads(members(packaged(reviewer, record, stamped=True))["manifest.json"])["unstamped"]
    assert {each["reason"] for each in lacking} == {"media.not-looked-into"}


def test_no_copies_are_made_of_photos_from_secret_places(cast, record, session):
    session.execute(update(MediaLink).values(restricted=True))

    data = packaged(supervisor(cast), record, stamped=True)

    assert copies_in(members(data)) == {}
    assert json.loads(members(data)["manifest.json"])["unstamped"] == []


@pytest.mark.parametrize("forged", ["sha256", "name", "rev", "record", "left out"])
def test_a_copy_of_what_no_revision_vouches_for_is_found_out(cast, record, forged):
    files = members(packaged(supervisor(cast), record, stamped=True))
    stamped = json.loads(files["manifest.json"])["stamped"]
    if forged == "left out":
        stamped = stamped[1:]
    else:
        stamped[0][forged] = {"sha256": "0" * 64, "rev": "sha256:" + "0" * 64}.get(forged, "another")

    report = checked(zipped(resigned(files, generate_device_key(), stamped=stamped)))

    assert not report.holds
    assert codes(report.broken) == ["manifest.lists" if forged == "left out" else "stamped.lists"]
