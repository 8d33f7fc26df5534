"""What the store or the place of the backups has lost comes back from the other, or from phones."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from server.audit import AuditEntry
from server.evidence.models import MediaObject
from server.worker import drain


@pytest.fixture
def lead(one_bureau):
    lead = one_bureau.cast.phone()
    lead.fills(one_bureau.cast.task(lead))
    lead.syncs()
    return lead


def state_of(bureau, sha256):
    with bureau.app.readers() as session:
        return session.scalar(select(MediaObject.state).where(MediaObject.sha256 == sha256))


def facts_of(bureau, action):
    with bureau.app.readers() as session:
        return list(session.scalars(select(AuditEntry.subject).where(AuditEntry.action == action)))


def object_at(root, sha256):
    [found] = (Path(root) / "objects").rglob(sha256)
    return found


@pytest.mark.parametrize("left", [0, 9], ids=["gone", "cut"])
def test_an_original_that_the_store_has_lost_comes_back_from_the_workers_backups(
    one_bureau, lead, place, left
):
    one_bureau.runs("backup", place)
    lost = min(lead.files)
    path = object_at(one_bureau.media, lost)
    path.unlink()
    if left:
        path.write_bytes(lead.files[lost][:left])
    one_bureau.environment["MERESTONE_BACKUP_TO"] = place

    said = one_bureau.runs("media", "check").output

    assert "1 补回" in said
    assert object_at(one_bureau.media, lost).read_bytes() == lead.files[lost]
    assert facts_of(one_bureau, "media.restored") == [lost]
    assert "0 补回" in one_bureau.runs("media", "check").output


def test_a_place_without_a_backup_is_no_proof_that_a_file_is_lost(one_bureau, lead, place):
    object_at(one_bureau.media, min(lead.files)).unlink()
    one_bureau.environment["MERESTONE_BACKUP_TO"] = place

    one_bureau.runs("media", "check")

    assert facts_of(one_bureau, "media.lost") == []
    assert state_of(one_bureau, min(lead.files)) == "stored"


def test_a_phone_that_still_holds_a_lost_original_sends_it_again_within_a_day(one_bureau, lead):
    lost = min(lead.files)
    object_at(one_bureau.media, lost).unlink()
    said = one_bureau.runs("media", "check", expect=1).output
    (record,) = lead.drafts
    assert f"{lost}  记录 record {record}  " in said
    assert one_bureau.runs("media", "check", expect=1).output == said, "until it is back"
    drain(one_bureau.app)
    lead.syncs()
    assert state_of(one_bureau, lost) is None

    lead.state = replace(lead.state, digest_due=lead.state.server_time)  # a day is over
    lead.syncs()
    lead.syncs()

    assert state_of(one_bureau, lost) == "stored"
    assert object_at(one_bureau.media, lost).read_bytes() == lead.files[lost]


@pytest.mark.parametrize("damage", ["another size", "other bytes"])
def test_a_damaged_file_in_the_place_of_the_backups_is_copied_anew(one_bureau, lead, place, damage):
    one_bureau.runs("backup", place)
    sha256 = min(lead.files)
    path = object_at(Path(place) / "media", sha256)
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:9] if damage == "another size" else b"?" * len(content))
    if damage == "other bytes":
        assert sha256 in one_bureau.runs("backups", place, "--check-media", expect=1).output

    one_bureau.runs("backup", place)

    assert object_at(Path(place) / "media", sha256).read_bytes() == content
    assert state_of(one_bureau, sha256) == "durable"
    one_bureau.runs("backups", place, "--check-media")


def test_what_the_place_of_the_backups_has_no_more_is_not_durable_any_longer(one_bureau, lead, place):
    one_bureau.runs("backup", place)
    sha256 = min(lead.files)
    object_at(Path(place) / "media", sha256).unlink()
    object_at(one_bureau.media, sha256).unlink()

    one_bureau.runs("backup", place, expect=1)

    assert state_of(one_bureau, sha256) == "stored"
    assert {state_of(one_bureau, other) for other in lead.files if other != sha256} == {"durable"}


def test_media_that_a_later_backup_has_comes_along_when_an_older_one_is_brought_back(one_bureau, lead, place):
    one_bureau.runs("backup", place)
    (older,) = [path.name for path in (Path(place) / "backups").iterdir()]
    before = set(lead.files)
    lead.fills(one_bureau.cast.task(lead))
    lead.syncs()
    one_bureau.runs("backup", place)
    since = lead.files.keys() - before
    assert {state_of(one_bureau, sha256) for sha256 in since} == {"durable"}, "a phone may have let go of it"
    one_bureau.breaks_down(media_too=True)

    one_bureau.runs("restore", place, "--backup", older)

    one_bureau.starts()
    for sha256 in since:
        assert state_of(one_bureau, sha256) == "stored"
        assert object_at(one_bureau.media, sha256).read_bytes() == lead.files[sha256]


def test_an_original_whose_bytes_have_changed_is_found_by_reading_and_comes_back(one_bureau, lead, place):
    one_bureau.runs("backup", place)
    sha256 = min(lead.files)
    path = object_at(one_bureau.media, sha256)
    path.chmod(0o600)
    path.write_bytes(b"?" * path.stat().st_size)
    one_bureau.environment["MERESTONE_BACKUP_TO"] = place

    assert "0 补回" in one_bureau.runs("media", "check").output
    assert "1 补回" in one_bureau.runs("media", "check", "--read").output

    assert object_at(one_bureau.media, sha256).read_bytes() == lead.files[sha256]
    [aside] = (one_bureau.media / "damaged").iterdir()
    assert aside.name.startswith(sha256)
