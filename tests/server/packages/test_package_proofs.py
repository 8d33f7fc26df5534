"""What of the audit log is in a package, both hashes of its files, and the bytes of the zip itself."""

import hashlib
import io
import json
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificates

from server import audit, clock
from server.db import canonical_json
from server.notary.authority import TimeStampAuthority
from server.notary.service import Notary
from server.notary.stamping import Stamping
from server.packages import gathering, package
from sync import generate_device_key, seal_attestation, sign, verifier
from tests.actors.supervisor import submitted, supervisor, visit_answers, visit_task
from tests.authority import Authority
from tests.server.packages.packaging import checked, flipped, members, packaged, resigned, told, zipped

PHOTO = "/data/markers[2]/photo"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_bit_that_is_flipped_in_any_byte_of_the_zip_is_seen(cast, crew, app, session, quick_signatures):
    chance = random.Random(20261126)
    record = submitted(cast, *crew)
    with app.readers() as reading:
        contents = gathering.of_record(
            reading, app.identify(reading, crew[1].token), record, app.installation.key
        )
    # These would be most of it, and nothing in them is read.
    large = {"verifier", "index", "form"}
    parts = [replace(each, data=each.data[:64]) if each.role in large else each for each in contents.parts]
    data = b"".join(
        package.stream(replace(contents, parts=parts), app.store, app.installation.key, clock.now())
    )
    assert checked(data).holds

    seen = bytearray(data)
    for place in range(len(seen)):
        mask = 1 << chance.randrange(8)
        seen[place] ^= mask
        assert not checked(bytes(seen)).holds, f"byte {place} of {len(seen)}: {mask}"
        seen[place] ^= mask
    assert checked(bytes(seen)).holds


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"\0",
        lambda data: b"\0" + data,
        lambda data: data[:-2] + b"\3\0abc",  # a comment
        lambda data: data[:-22] + b"gap" + data[-22:],
        lambda data: data.replace(b"PK\1\2", b"gap.PK\1\2", 1),
    ],
)
def test_what_is_added_to_the_zip_is_seen(cast, crew, change):
    data = packaged(supervisor(cast), submitted(cast, *crew))
    assert not checked(change(data)).holds


def test_a_package_that_was_packed_again_is_told(cast, crew):
    files = members(packaged(supervisor(cast), submitted(cast, *crew)))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)

    assert "The zip itself was changed" in told(checked(made.getvalue()).broken)
    reversed_order = dict(reversed(files.items()))
    assert "The zip itself was changed" in told(checked(zipped(reversed_order)).broken)


def test_entries_of_others_are_not_in_it_and_those_of_the_record_are_proved_to_be_in_the_log(cast, crew, app):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    record = crew[0].fills(task, visit_answers(), form_id="visit")
    crew[0].syncs()
    other = submitted(cast, *crew)
    reviewer = supervisor(cast)
    reviewer.returns(record, {PHOTO: "看不清刻号"})

    data = packaged(reviewer, record)

    files = members(data)
    entries, proofs = (json.loads(files[f"audit/{name}.json"]) for name in ("chain", "proofs"))
    assert str(other) not in files["audit/chain.json"].decode()
    seqs = [each["seq"] for each in entries["entries"]]
    assert len(seqs) < seqs[-1] - seqs[0]
    assert sorted(map(int, proofs["inclusion"])) == seqs
    report = checked(data)
    assert f"{len(seqs)} of them are under the signed root of the log" in told(report.proved)
    assert f"compare it with the one over {proofs['size']} entries" in told(report.unproved)


def test_entries_newer_than_the_root_are_told(cast, crew, app):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    with app.readers() as reading:
        contents = gathering.of_record(
            reading, app.identify(reading, reviewer.token), record, app.installation.key
        )

    report = checked(b"".join(package.stream(contents, app.store, app.installation.key, clock.now())))

    assert report.holds, report.as_text()
    assert "are newer than the newest root: not proved to be in the log" in told(report.unproved)
    assert "under the signed root" not in told(report.proved)


def stamped_package(cast, crew, app, authority):
    """A package with a root that was time-stamped, and a newer one that was not."""
    record = submitted(cast, *crew)
    notary = Notary(app.installation.key, app.settings.zone)
    with audit.transaction(app.sessions) as session:
        root = notary.sign_root(session)
    stamping = Stamping(
        TimeStampAuthority(authority.url, load_pem_x509_certificates(authority.root_file.read_bytes()))
    )
    with audit.transaction(app.sessions) as session:
        (work,) = stamping.claim(session)
        stamping.settle(session, work, stamping.perform(work))
    reviewer = supervisor(cast)
    reviewer.returns(record, {PHOTO: "看不清刻号"})
    return packaged(reviewer, record), root.size


def test_a_time_stamp_goes_out_and_is_told_but_never_taken_for_checked(cast, crew, app, session, tmp_path):
    with Authority(tmp_path / "authority").serving() as authority:
        data, size = stamped_package(cast, crew, app, authority)

    files = members(data)
    proofs = json.loads(files["audit/proofs.json"])
    assert [(each["old"], each["new"]) for each in proofs["consistency"]] == [(size, proofs["size"])]
    assert proofs["size"] > size
    report = checked(data)
    assert report.holds, report.as_text()
    name = f"audit/root-{size}"
    (claim,) = [each.english for each in report.unproved if each.code == "stamp.claims"]
    assert f"that {size} entries, 3 of them about this, were there at 2" in claim
    assert "not checked" in claim
    assert "time-stamp" not in told(report.proved)

    # The command that it prints does what it says.
    (tmp_path / "package.zip").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        archive.extractall(tmp_path, [f"{name}.json", f"{name}.tsr"])
    assert f"openssl ts -verify -data {name}.json -in {name}.tsr -CAfile" in claim
    assert authority.verifies(tmp_path / f"{name}.json", tmp_path / f"{name}.tsr")
    assert not authority.verifies(tmp_path / f"audit/root-{size}.tsr", tmp_path / f"{name}.tsr")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_even_with_the_servers_key_proofs_roots_and_stamps_do_not_lie(
    cast, crew, app, session, tmp_path, quick_signatures
):
    with Authority(tmp_path / "authority").serving() as authority:
        data, size = stamped_package(cast, crew, app, authority)
    files, key = members(data), app.installation.key.private_key
    proofs = json.loads(files["audit/proofs.json"])
    newest = proofs["size"]
    roots = {each: json.loads(files[f"audit/root-{each}.json"]) for each in (size, newest)}
    first = next(iter(proofs["inclusion"]))

    def forged(**changes):
        changed = files | {name.replace("__", "/"): content for name, content in changes.items()}
        return checked(zipped(resigned(changed, key)))

    def with_proofs(**changes):
        return forged(**{"audit__proofs.json": canonical_json(proofs | changes)})

    def with_root(of, signed=True, **changes):
        statement = canonical_json(roots[of] | changes)
        signature = sign(key, (b"root\0" if signed else b"manifest\0") + statement).encode()
        return forged(**{f"audit__root-{of}.json": statement, f"audit__root-{of}.sig": signature})

    assert forged().holds
    path = proofs["inclusion"][first]
    assert "is not under the root" in told(
        with_proofs(inclusion=proofs["inclusion"] | {first: path[::-1]}).broken
    )
    assert not with_proofs(inclusion={}).holds
    assert "proofs are of another root" in told(with_proofs(size=size).broken)
    tie = proofs["consistency"][0]
    assert "does not continue" in told(with_proofs(consistency=[tie | {"path": tie["path"][:-1]}]).broken)
    assert not with_proofs(consistency=[]).holds
    assert "is not under the root" in told(with_root(newest, root="ab" * 32).broken)
    assert "does not continue" in told(with_root(size, root="ab" * 32).broken)
    assert "signature of audit/root" in told(with_root(newest, signed=False).broken)
    assert "canonical" in told(with_root(newest, size=newest + 1).broken)
    assert "canonical" in told(with_root(newest, format="other").broken)
    stamp = files[f"audit/root-{size}.tsr"]
    assert "is not a time-stamp of that root" in told(
        with_root(size, made_at="2020-01-01T00:00:00.000Z").broken
    )
    imprint = hashlib.sha256(files[f"audit/root-{size}.json"]).digest()
    other = stamp.replace(imprint, hashlib.sha256(b"other").digest())
    assert "is not a time-stamp of that root" in told(forged(**{f"audit__root-{size}.tsr": other}).broken)
    unreadable = forged(**{f"audit__root-{size}.tsr": b"garbage"})
    assert "can't be read here" in told(unreadable.unproved)


def test_a_package_of_version_1_still_holds_and_is_still_guarded(quick_signatures):
    data = Path(__file__).with_name("package_version_1.zip").read_bytes()
    report = checked(data, "k:bDrQztAS-uzq0Vr0Y67PWLqOgwWYtfkGLwEn1d56WB4")
    assert report.holds, report.as_text()
    assert "Of audit entries 10 to 28, the record's 6 have the right hash" in told(report.proved)
    assert "entries between are of other subjects" in told(report.unproved)

    chance = random.Random(20261126)
    for _ in range(500):
        assert not checked(flipped(data, chance.randrange(len(data) * 8))).holds
    files = members(data)
    chain = json.loads(files["audit/chain.json"])
    mine = generate_device_key()
    for index, entry in enumerate(chain["entries"]):
        odd = [*chain["entries"][:index], entry | {"seq": entry["seq"] + 50}, *chain["entries"][index + 1 :]]
        changed = files | {"audit/chain.json": json.dumps(chain | {"entries": odd}).encode()}
        assert not checked(zipped(resigned(changed, mine))).holds
    short = chain | {"complete": False, "entries": [each for each in chain["entries"] if "action" in each]}
    changed = files | {"audit/chain.json": json.dumps(short).encode()}
    assert "are left out" in told(checked(zipped(resigned(changed, mine))).unproved)


def test_where_the_library_has_no_sm3_small_files_are_recomputed_and_large_ones_told(cast, crew, monkeypatch):
    data = packaged(supervisor(cast), submitted(cast, *crew))
    count = len(members(data)) - 2
    monkeypatch.setattr(hashlib, "new", unknown_hash)

    report = checked(data)
    assert report.holds, report.as_text()
    assert f"{count} files match the manifest's SM3" in told(report.proved)

    monkeypatch.setattr(verifier, "SLOW_SM3", 0)
    report = checked(data)
    assert report.holds
    assert f"The SM3 of {count} files was not recomputed" in told(report.unproved)
    assert "SM3" not in told(report.proved)


def test_a_signature_of_an_algorithm_that_is_not_known_here_is_in_it_and_told(cast, crew):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    record = crew[0].fills(task, visit_answers(), form_id="visit")
    op = crew[0].state.outbox[0]
    push = "/api/v1/sync/push"
    crew[0].post(push, crew[0].envelope() | {"items": [{**op.item, "alg": "SM2", "sig": "c20="}]})
    attested = seal_attestation(op.rev, "co_inspector", crew[1].key).item | {"alg": "SM2", "sig": "c20="}
    crew[1].post(push, crew[1].envelope() | {"items": [attested]})

    data = packaged(supervisor(cast), record)

    kept = json.loads(members(data)[f"revisions/{op.rev[7:]}.sig.json"])
    assert (kept["alg"], kept["sig"], kept["level"]) == ("SM2", "c20=", "unknown_algorithm")
    report = checked(data)
    assert report.holds, report.as_text()
    assert f"{op.rev[:19]}… was signed with algorithm SM2, which is not checked here" in told(report.unproved)
    assert "co_inspector" in told(report.unproved)
    assert "was signed by key" not in told(report.proved)
    assert "Attested" not in told(report.proved)


def unknown_hash(name, *_):
    raise ValueError(f"unsupported hash type {name}")


def test_a_wrong_sm3_is_seen_even_where_the_sha256_is_right(cast, crew, app):
    files = members(packaged(supervisor(cast), submitted(cast, *crew)))
    key = app.installation.key.private_key
    manifest = json.loads(files["manifest.json"])
    manifest["files"][0]["sm3"] = "0" * 64
    data = canonical_json(manifest)
    signed = files | {"manifest.json": data, "manifest.sig": sign(key, b"manifest\0" + data).encode()}

    assert "was changed" in told(checked(zipped(signed)).broken)
