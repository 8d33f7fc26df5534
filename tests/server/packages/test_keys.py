"""What a package tells of the keys that its evidence came under, and what the verifier makes of it."""

import hashlib
import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from server import audit, clock
from server.inspections.models import Revision
from sync import endorsement_bytes, generate_device_key, key_id, public_jwk, sign
from tests.actors.supervisor import phones, submitted, supervisor, visit_answers, visit_task
from tests.server.packages.packaging import (
    canonical,
    checked,
    codes,
    members,
    packaged,
    resigned,
    rewritten,
    told,
    zipped,
)


@pytest.fixture
def crew(cast):
    return phones(cast)


def url(phone, verb, key=None):
    return f"/api/v1/devices/{phone.device}/keys/{key or key_id(public_jwk(phone.key))}/{verb}"


def revokes(reviewer, phone, since):
    body = {"since": clock.iso(since), "because": "stolen", "note": "被盗"}
    return reviewer.post(url(phone, "revoke"), body)


def sidecar(files):
    (name,) = [each for each in files if each.endswith(".sig.json")]
    return name, json.loads(files[name])


def test_a_package_tells_when_the_key_was_enrolled_and_that_it_was_good(cast, crew):
    report = checked(packaged(supervisor(cast), submitted(cast, *crew)))

    assert report.holds, report.as_text()
    assert "came while key k:" in told(report.proved)
    assert "what the server wrote down at enrolment" in told(report.unproved)
    assert not [each for each in codes(report.unproved) if each.startswith("key.")]


def test_what_came_before_a_theft_is_proved_and_what_came_after_is_left_open(cast, crew):
    reviewer = supervisor(cast)
    before = submitted(cast, *crew)
    revokes(reviewer, crew[0], clock.now())
    after = submitted(cast, *crew)

    early, late = (checked(packaged(reviewer, each)) for each in (before, after))

    for report in (early, late):
        assert report.holds, report.as_text()
    assert "key.revoked-later" in codes(early.proved)
    assert "key.revoked" not in codes(early.unproved)
    assert "is revoked since" in told(late.unproved)
    assert "key.stood" not in codes(late.proved)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_revocation_that_was_a_mistake_stays_told(cast, crew):
    reviewer, record = supervisor(cast), submitted(cast, *crew)
    revokes(reviewer, crew[0], clock.now() - timedelta(hours=3))
    assert "key.revoked" in codes(checked(packaged(reviewer, record)).unproved)
    reviewer.post(url(crew[0], "restore"), {"note": "误报"})

    data = packaged(reviewer, record)

    report = checked(data)
    assert report.holds
    assert "key.stood" in codes(report.proved)
    assert "had been revoked, and was restored" in told(report.unproved)
    _, signature = sidecar(members(data))
    assert [each["fact"] for each in signature["history"]] == ["enrolled", "revoked", "restored"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_work_that_came_after_its_key_was_ended_is_told_apart(cast, crew):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    record = crew[0].fills(task, visit_answers(), form_id="visit")
    crew[0].post(url(crew[0], "end"), {"because": "handed_back"})
    crew[0].syncs()

    report = checked(packaged(supervisor(cast), record))

    assert report.holds, report.as_text()
    assert "that it was sealed offline before is not proved" in told(report.unproved)
    assert "key.stood" not in codes(report.proved)


def test_a_key_that_its_predecessor_endorsed_is_told_so(cast, crew):
    old, new = crew[0].key, generate_device_key()
    body = {
        "public_key": public_jwk(new),
        "endorsement": sign(old, endorsement_bytes(key_id(public_jwk(new)), UUID(str(crew[0].device)))),
    }
    crew[0].post(f"/api/v1/devices/{crew[0].device}/keys", body, expect=201)
    crew[0].key = new
    files = members(packaged(supervisor(cast), submitted(cast, *crew)))

    report = checked(zipped(files))

    assert report.holds, report.as_text()
    assert f"endorsed by {key_id(public_jwk(old))}" in told(report.proved)
    name, _ = sidecar(files)
    other = rewritten(files, name, replaces_jwk=public_jwk(generate_device_key()))
    assert codes(checked(zipped(resigned(other, generate_device_key()))).broken) == ["key.endorsement"]


def test_a_co_signature_under_a_revoked_key_is_left_open(cast, crew):
    reviewer, record = supervisor(cast), submitted(cast, *crew)
    revokes(reviewer, crew[1], clock.now())
    crew[1].pulls()
    crew[1].attests(crew[0].drafts[record].heads[0])
    crew[1].syncs()

    report = checked(packaged(reviewer, record))

    assert report.holds, report.as_text()
    (line,) = [each.english for each in report.unproved if each.code == "key.revoked"]
    assert "co_inspector" in line


def test_what_the_log_says_of_the_key_is_proved_to_be_in_the_log(cast, crew):
    submitted(cast, *crew)
    record = submitted(cast, *crew)

    files = members(packaged(supervisor(cast), record))

    entries, proofs = (json.loads(files[f"audit/{name}.json"]) for name in ("chain", "proofs"))
    enrolled = entries["entries"][0]
    assert enrolled["action"] == "device.key-enrolled"
    assert enrolled["details"]["key"] == key_id(public_jwk(crew[0].key))
    assert str(enrolled["seq"]) in proofs["inclusion"]
    assert sum(each["action"].startswith("device.") for each in entries["entries"]) == 1


def entries_changed(files, change):
    chain = json.loads(files["audit/chain.json"])
    return files | {"audit/chain.json": json.dumps(change(chain), ensure_ascii=False).encode()}


def hidden(chain, action):
    """The chain without the entries of an action, as a forger with the server's key could write it."""
    return {"entries": [each for each in chain["entries"] if each["action"] != action]}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_life_of_a_key_is_not_rewritten_beside_the_chain(cast, crew):
    reviewer, record = supervisor(cast), submitted(cast, *crew)
    revokes(reviewer, crew[0], clock.now() - timedelta(hours=1))
    files = members(packaged(reviewer, record))
    name, signature = sidecar(files)
    enrolled, revoked = signature["history"]
    mine = generate_device_key()

    for history in (
        [],
        [enrolled],
        [enrolled | {"at": "2020-01-01T00:00:00.000Z"}, revoked],
        [enrolled, revoked | {"since": "2099-01-01T00:00:00.000Z"}],
        [enrolled, revoked, revoked | {"fact": "restored"}],
    ):
        report = checked(zipped(resigned(rewritten(files, name, history=history), mine)))
        assert codes(report.broken) == ["key.history"]
    hidden_fact = entries_changed(files, lambda chain: hidden(chain, "device.key-revoked"))
    report = checked(zipped(resigned(hidden_fact, mine)))
    assert codes(report.broken) == ["key.history"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_key_that_the_chain_never_saw_enrolled_is_left_open(cast, crew):
    files = members(packaged(supervisor(cast), submitted(cast, *crew)))
    name, _ = sidecar(files)

    unseen = entries_changed(files, lambda chain: hidden(chain, "device.key-enrolled"))
    changed = rewritten(unseen, name, history=[])

    report = checked(zipped(resigned(changed, generate_device_key())))
    assert report.holds, report.as_text()
    assert "no audit entry tells that key" in told(report.unproved)


def test_a_clock_that_was_fast_when_the_key_was_enrolled_is_no_contradiction(cast, monkeypatch):
    """The order of the log tells what was first; the clock of a server may be put back."""
    with monkeypatch.context() as fast:
        real = clock.now
        fast.setattr(clock, "now", lambda: real() + timedelta(minutes=10))
        crew = phones(cast)
    for phone in crew:
        phone.sign_in()

    report = checked(packaged(supervisor(cast), submitted(cast, *crew)))

    assert report.holds, report.as_text()
    assert "key.stood" in codes(report.proved)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_revision_from_before_its_key_was_enrolled_is_a_contradiction(cast):
    """As after somebody put an older revision under a younger key, in the database itself."""
    phone, other = phones(cast)
    record = submitted(cast, phone, other)
    files = members(packaged(supervisor(cast), record))
    name, signature = sidecar(files)
    chain = json.loads(files["audit/chain.json"])
    fact = next(each for each in chain["entries"] if each["action"] == "device.key-enrolled")
    entry = fact | {"seq": chain["entries"][-1]["seq"] + 9, "at": "2099-01-01T00:00:00.000Z"}
    entry["hash"] = hash_of(entry)
    kept = {"entries": [*hidden(chain, "device.key-enrolled")["entries"], entry]}
    history = [signature["history"][0] | {"seq": entry["seq"], "at": entry["at"]}]

    changed = rewritten(
        files | {"audit/chain.json": json.dumps(kept, ensure_ascii=False).encode()}, name, history=history
    )

    report = checked(zipped(resigned(changed, generate_device_key())))
    assert codes(report.broken) == ["key.before-enrolment"]
    assert "before key" in told(report.broken)


def hash_of(entry):
    body = {name: value for name, value in entry.items() if name not in {"previous", "hash"}}
    return hashlib.sha256(entry["previous"].encode() + canonical(body)).hexdigest()


def test_a_servers_clock_that_was_put_back_breaks_no_package(cast, crew):
    record = submitted(cast, *crew)
    with audit.transaction(cast.app.sessions) as session:  # as if it came on a machine whose clock is ahead
        session.execute(
            update(Revision)
            .where(Revision.record_id == record)
            .values(received_at=clock.now() + timedelta(minutes=3))
        )

    report = checked(packaged(supervisor(cast), record))

    assert not report.broken, codes(report.broken)
    assert "key.receipt-time" in codes(report.unproved)
    assert "key.stood" in codes(report.proved)
