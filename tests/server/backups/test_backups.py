"""A backup is whole or none, is checked before anybody relies on it, and says how far it reaches."""

import json
from pathlib import Path

from server import audit
from tests.actors.uploader import Uploader


def head(app):
    with app.readers() as session:
        return audit.head(session)


def manifest_of(place, name):
    return json.loads((Path(place) / "backups" / name / "manifest.json").read_text())


def names(place):
    return sorted(path.name for path in (Path(place) / "backups").iterdir())


def test_a_backup_while_serving_reaches_the_head_and_phones_are_told_so(bureau, place):
    lead = bureau.cast.phone()
    record = lead.fills(bureau.cast.task(lead))
    lead.syncs()
    seq, digest = head(bureau.app)
    assert lead.state.durable_seq == 0

    bureau.runs("backup", place)
    lead.syncs()

    (name,) = names(place)
    told = manifest_of(place, name)
    assert (told["seq"], told["hash"]) == (seq, digest)
    assert told["epoch"] == bureau.app.installation.epoch
    assert told["counts"]["revision"] == 1
    assert told["media"] == len(lead.files)
    assert lead.state.durable_seq == seq
    assert lead.record(record)["state"] == "under_review"
    assert set(Uploader(lead).status(*lead.files).values()) == {"durable"}
    assert not list(Path(place).rglob("epoch*"))
    assert not list(Path(place).rglob("*.pem"))


def test_a_restored_bureau_begins_a_new_epoch_and_nothing_counts_as_durable(bureau, place):
    lead = bureau.cast.phone()
    lead.fills(bureau.cast.task(lead))
    lead.syncs()
    bureau.runs("backup", place)
    before = bureau.app.installation.epoch
    seq, _ = head(bureau.app)
    bureau.breaks_down()

    said = bureau.runs("restore", place).output

    bureau.starts()
    assert bureau.app.installation.epoch > before
    assert bureau.app.installation.epoch in said
    assert bureau.app.installation.durable_seq == 0
    with bureau.app.readers() as session:
        assert audit.verify_chain(session) is None
    assert head(bureau.app)[0] == seq + 1  # that it was restored is in the log
    lead.app = bureau.app
    lead.get("/api/v1/me", expect=401)
