"""Things that a forger would try with whole, well-formed parts: each is named for what it is.

Everything here is also tried by somebody who can write a manifest anew (`resigned`): what is left then is what
phones signed, what hashes name, and what the chain and receipts say.
"""

import json

import pytest

from sync import ServerKey, generate_device_key
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

MINE = generate_device_key()

# Forging has nothing to do with the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def crew(cast):
    return phones(cast)


def forged(files, **changes):
    return checked(zipped(resigned(files, MINE, **changes)))


def named(files, role):
    return [each["path"] for each in json.loads(files["manifest.json"])["files"] if each["role"] == role]


@pytest.fixture(scope="module")
def made():
    """Packages that are made once: what a forger does to them needs no database."""
    return []


@pytest.fixture
def both(made, cast, crew):
    """The packages of two records of two visits, co-signed, by the same people."""
    reviewer = supervisor(cast)
    while len(made) < 2:
        record = submitted(cast, *crew)
        crew[1].pulls()
        crew[1].attests(crew[0].drafts[record].heads[0])
        crew[1].syncs()
        made.append(members(packaged(reviewer, record)))
    return made


def test_a_photo_that_is_replayed_in_another_record_is_told(cast, crew):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    again = {"j1.jpg": b"the same bytes twice"}
    for _ in range(2):
        crew[0].fills(task, visit_answers(), form_id="visit", photos=again)
        crew[0].syncs()

    report = checked(packaged(supervisor(cast), task, of="tasks"))

    assert report.holds, report.as_text()
    (line,) = [each.english for each in report.unproved if each.code == "media.replayed"]
    assert "is used in 2 records: the same bytes are not captured twice" in line


def test_parts_of_another_package_do_not_pass_for_parts_of_this(both):
    files, other = both
    ours, theirs = named(files, "signature")[0], named(other, "signature")[0]

    report = checked(
        zipped(files | {"manifest.json": other["manifest.json"], "manifest.sig": other["manifest.sig"]})
    )
    assert {"member.missing", "member.unlisted", "member.changed"} >= set(codes(report.broken))
    assert f"{theirs} is missing" in told(report.broken)
    mixed = zipped(files | {"manifest.sig": other["manifest.sig"]})
    assert codes(checked(mixed).broken) == ["manifest.signature"]
    for name, code, words in (
        (ours, "signature.foreign", "is another revision's"),
        ("attestations.json", "attestation.foreign", "is of no revision here"),
        ("audit/chain.json", "chain.not-taken", "No audit entry tells that"),
        ("receipts.json", "receipt.foreign", "is about something else"),
    ):
        strange = other[theirs if name == ours else name]
        assert codes(checked(zipped(files | {name: strange})).broken) == ["member.changed"]
        report = forged(files | {name: strange})
        assert codes(report.broken) == [code], report.as_text()
        assert words in told(report.broken)


def test_a_signature_copied_from_elsewhere_does_not_hold_whatever_is_written_beside_it(both):
    files, other = both
    name, strange = named(files, "signature")[0], json.loads(other[named(other, "signature")[0]])
    own = json.loads(files[name])
    attested = json.loads(files["attestations.json"])["attestations"][0]

    copied = rewritten(files, name, sig=strange["sig"])
    assert "device's signature" in told(forged(copied).broken)
    assert codes(forged(files | {name: canonical(strange | {"rev": own["rev"]})}).broken) == [
        "signature.broken"
    ]
    by_colleague = rewritten(files, name, key=attested["key"], jwk=attested["jwk"])
    assert codes(forged(by_colleague).broken) == ["signature.broken"]
    moved = rewritten(files, name, device=attested["device"])
    assert codes(forged(moved).broken) == ["signature.device-differs"]
    swapped = rewritten(files, name, history=attested["history"])
    assert codes(forged(swapped).broken) == ["key.history"]
    role = rewritten(files, "attestations.json", attestations=[attested | {"role": "inspector1"}])
    assert codes(forged(role).broken) == ["attestation.broken"]
    unsigned = rewritten(files, name, level="unsigned")
    assert "signature.none" in codes(forged(unsigned).unproved)


def test_photos_exchanged_for_each_other_or_for_others_are_seen(both):
    files, other = both
    one, two, *_ = named(files, "media")
    strange = named(other, "media")[0]

    for exchanged in ({one: files[two], two: files[one]}, {one: other[strange]}):
        assert set(codes(checked(zipped(files | exchanged)).broken)) == {"member.changed"}
        report = forged(files | exchanged)
        assert codes(report.broken) == ["media.changed"]
        assert "is not what its revision vouches for" in told(report.broken)
    more = files | {strange: other[strange]}
    assert codes(checked(zipped(more)).broken) == ["member.unlisted"]
    sha256 = strange.rpartition("/")[2]
    absent = forged(
        {name: files[name] for name in files if name != one}, missing=[{"sha256": sha256, "names": []}]
    )
    assert codes(absent.broken) == ["manifest.lists"]


def test_what_is_dropped_is_missed_even_when_the_manifest_no_longer_names_it(both):
    files, _ = both
    kept = {"index.html", "verify.py"}  # a reader's, no evidence: nothing depends on these

    for name in files.keys() - {"manifest.json", "manifest.sig"}:
        report = forged({each: files[each] for each in files if each != name})
        if name in kept:
            assert report.holds
        else:
            assert set(codes(report.broken)) <= {"manifest.lists", "member.missing"}, name
            assert report.broken, name
    fewer = rewritten(files, "receipts.json", receipts=[])
    assert "receipt.absent" in codes(forged(fewer).unproved)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_is_twice_or_cut_short_is_no_package(cast, crew):
    data = packaged(supervisor(cast), submitted(cast, *crew))
    files = members(data)

    for name in files:
        twice = zipped([*files.items(), (name, files[name])])
        assert codes(checked(twice).broken) == ["member.repeated"]
    for end in (len(data) // 2, len(data) - 1, len(data) - 22):
        assert codes(checked(data[:end]).broken) == ["file.unreadable"]


def test_another_servers_key_is_named_and_does_not_pass_for_what_the_first_one_signed(cast, crew, app):
    data = packaged(supervisor(cast), submitted(cast, *crew))
    ours = app.installation.key.key_id
    beside = resigned(members(data), MINE)
    manifest = json.loads(beside["manifest.json"])
    alone = resigned(members(data), MINE, server_keys=manifest["server_keys"][:1])
    mine = ServerKey(MINE).key_id

    for files in (beside, alone):
        report = checked(zipped(files), ours)
        assert codes(report.broken) == ["manifest.key-differs"]
        assert f"The key is {mine}, not {ours}" in told(report.broken)
    report = checked(zipped(beside))
    assert report.holds
    assert {"manifest.key-unknown", "manifest.other-key"} <= set(codes(report.unproved))
    assert mine in told(report.unproved)
    assert ours in told(report.unproved)
    assert codes(checked(zipped(alone)).broken) == ["root.signature"]


def test_a_machine_gets_the_verdict_with_stable_codes(cast, crew, app):
    data = packaged(supervisor(cast), submitted(cast, *crew))
    good, bad = checked(data).as_json(), checked(data[:-9]).as_json()

    assert (good["format"], good["version"]) == ("merestone-verdict", 1)
    assert (good["verdict"], bad["verdict"]) == ("holds", "does-not-hold")
    assert good["server_key"] == app.installation.key.key_id
    assert bad["server_key"] is None
    assert [each["code"] for each in bad["broken"]] == ["file.unreadable"]
    assert {"manifest.signed", "files.same", "chain.holds", "key.stood", "receipt.same"} <= {
        each["code"] for each in good["proved"]
    }
    assert all(each["chinese"] and each["english"] for name in ("proved", "unproved") for each in good[name])
