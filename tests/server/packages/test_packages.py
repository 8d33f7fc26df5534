"""Evidence packages: what goes out, who may have it, and that no bit of it can be changed unseen."""

import hashlib
import io
import json
import random
import re
import subprocess
import sys
import zipfile
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from media import ObjectUnknown, Reading, StoreUnavailable
from server import audit, clock
from server.access import Role
from server.cli import main
from server.inspections.models import Revision
from server.packages import gathering, package
from server.packages.statements import form_path
from server.review import dossier
from sync import ServerKey, generate_device_key, public_jwk, sign, verifier
from tests.actors.cast import Cast
from tests.actors.supervisor import phones, submitted, supervisor, visit_answers, visit_task
from tests.server.packages.packaging import checked, members, packaged, resigned, told, zipped

PHOTO = "/data/markers[2]/photo"


def test_a_package_of_a_record_with_photos_holds_and_says_what_it_proves(cast, crew, app):
    record = submitted(cast, *crew)

    response = supervisor(cast).call("GET", f"/api/v1/records/{record}/package")

    assert response.mimetype == "application/zip"
    assert f'filename="{record}.zip"' in response.headers["Content-Disposition"]
    files = members(response.data)
    rev = crew[0].drafts[record].heads[0]
    assert hashlib.sha256(files[f"revisions/{rev[7:]}.json"]).hexdigest() == rev[7:]
    assert {name for name in files if name.startswith("media/")} == {
        f"media/{each}" for each in crew[0].files
    }
    assert files["forms/visit_1.xml"].startswith(b"<?xml")
    report = checked(response.data, app.installation.key.key_id)
    assert report.holds, report.as_text()
    assert f"signed by server key {app.installation.key.key_id}" in told(report.proved)
    assert "4 originals match" in told(report.proved)
    assert f"of device {crew[0].device}" in told(report.proved)
    assert "was sealed between 2" in told(report.proved)
    assert "Who held the phone" in told(report.unproved)
    assert "missing" not in told(report.unproved)


def test_what_is_decided_while_a_package_is_gathered_stays_out_of_it_as_a_whole(fresh_app, monkeypatch):
    cast = Cast(fresh_app)
    crew = phones(cast)
    record = submitted(cast, *crew)
    packer, reviewer = supervisor(cast), supervisor(cast)
    read, decided = dossier.dossier, []

    def decides_behind(*about):
        shown = read(*about)
        if not decided:
            decided.append(reviewer.accepts(record))
        return shown

    monkeypatch.setattr(dossier, "dossier", decides_behind)
    for of, subject in (("records", record), ("tasks", crew[0].drafts[record].task)):
        report = checked(packaged(packer, subject, of=of))
        assert report.holds, report.as_text()

    assert decided


def test_a_corrected_record_goes_out_with_both_versions_and_every_file_once(cast, crew):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    reviewer.returns(record, {PHOTO: "看不清刻号"})
    crew[0].syncs()
    crew[0].corrects(record, {PHOTO: "j2.jpg"})
    crew[0].syncs()
    crew[1].attests(crew[0].drafts[record].heads[0])
    crew[1].syncs()
    reviewer.accepts(record)

    data = packaged(reviewer, record)

    report = checked(data)
    assert report.holds, report.as_text()
    assert "5 originals match" in told(report.proved)
    assert "All parents are here" in told(report.proved)
    assert f"Attested: {crew[0].drafts[record].heads[0][:19]}… co_inspector" in told(report.proved)
    manifest = json.loads(members(data)["manifest.json"])
    (told_record,) = manifest["records"]
    assert told_record["state"] == "final"
    assert len(told_record["revisions"]) == 2


def test_a_package_shows_all_heads_of_a_conflict_and_later_what_its_resolution_took_from_whom(cast, crew):
    record = submitted(cast, *crew)
    crew[1].reads_along(record, crew[0])
    crew[0].corrects(record, {"/data/markers[1]/state": "missing"})
    mine = crew[0].drafts[record].heads[0]
    theirs = crew[1].corrects(record, {"/data/markers[2]/state": "intact"})
    for phone in crew:
        phone.syncs()
    reviewer = supervisor(cast)

    in_conflict = packaged(reviewer, record)
    merged = crew[0].get(f"/api/v1/records/{record}/merge")["resolution"]
    joined = crew[0].resolves(record, merged, {"/data/sign/inspector1": "again.png"})
    crew[0].syncs()
    resolved = packaged(reviewer, record)

    for data, revisions in ((in_conflict, 3), (resolved, 4)):
        report = checked(data)
        assert report.holds, report.as_text()
        assert "All parents are here" in told(report.proved)
        assert len(json.loads(members(data)["manifest.json"])["records"][0]["revisions"]) == revisions
    before, after = (members(data)["index.html"].decode() for data in (in_conflict, resolved))
    assert "并存版本与本页的不同" in before
    assert before.count("现状</td>") == 4, "two answers of the page, and how both differ from it"
    assert "合并版本" in after
    assert after.index(joined) < after.index("界桩 J1 › 现状")
    assert {mine, theirs} <= set(re.findall(r"sha256:[0-9a-f]{64}", after))


def test_what_is_cut_anywhere_is_no_package(cast, crew):
    chance = random.Random(20261125)
    data = packaged(supervisor(cast), submitted(cast, *crew))

    for end in [0, 1, len(data) - 1, *(chance.randrange(len(data)) for _ in range(30))]:
        assert not checked(data[:end]).holds, end


def test_members_that_are_removed_added_renamed_or_swapped_are_seen(cast, crew):
    files = members(packaged(supervisor(cast), submitted(cast, *crew)))
    photos = sorted(name for name in files if name.startswith("media/"))
    assert checked(zipped(files)).holds

    for name in files:
        assert not checked(zipped({each: files[each] for each in files if each != name})).holds, name
        renamed = {("media/" + "a" * 64 if each == name else each): files[each] for each in files}
        assert not checked(zipped(renamed)).holds, name
    assert not checked(zipped(files | {"media/" + "0" * 64: b"more"})).holds
    swapped = {photos[0]: files[photos[1]], photos[1]: files[photos[0]]}
    assert not checked(zipped(files | swapped)).holds


def test_a_manifest_written_anew_needs_the_servers_key(cast, crew, app):
    files = members(packaged(supervisor(cast), submitted(cast, *crew)))
    manifest = json.loads(files["manifest.json"]) | {"state": "final"}
    unsigned = json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    mine = generate_device_key()

    assert "signature of the manifest" in told(checked(zipped(files | {"manifest.json": unsigned})).broken)
    forged = zipped(resigned(files, mine, state="final"))
    assert f"The key is {ServerKey(mine).key_id}" in told(checked(forged, app.installation.key.key_id).broken)
    assert "compare it with a source you trust" in told(checked(forged).unproved)


def test_even_the_servers_key_does_not_replace_what_a_phones_key_signed(cast, crew):
    files = members(packaged(supervisor(cast), submitted(cast, *crew)))
    (name,) = [each for each in files if each.startswith("revisions/") and ".sig" not in each]
    mine = generate_device_key()

    changed = files[name].replace("缺失".encode(), "完好".encode()).replace(b"missing", b"intact_")
    assert changed != files[name]
    assert "is not named by its bytes" in told(
        checked(zipped(resigned(files | {name: changed}, mine))).broken
    )

    rev = hashlib.sha256(changed).hexdigest()
    moved = {
        each.replace(name[10:74], rev): content.replace(name[10:74].encode(), rev.encode())
        for each, content in files.items()
    }
    moved[f"revisions/{rev}.json"] = changed
    report = checked(zipped(resigned(moved, mine)))
    assert "device's signature" in told(report.broken)


@pytest.mark.parametrize("field", ["at", "actor", "details", "hash", "previous", "seq"])
def test_even_with_the_servers_key_one_entry_of_the_chain_is_not_rewritten(cast, crew, field):
    files = members(packaged(supervisor(cast), submitted(cast, *crew)))
    chain = json.loads(files["audit/chain.json"])
    entry = chain["entries"][-1]
    entry[field] = 7 if field == "seq" else {"rev": "x"} if field == "details" else entry["hash"][::-1]

    changed = files | {"audit/chain.json": json.dumps(chain).encode()}

    assert "udit" in told(checked(zipped(resigned(changed, generate_device_key()))).broken)


def test_a_revision_changed_in_the_database_is_seen(cast, crew, session):
    record = submitted(cast, *crew)
    rev = crew[0].drafts[record].heads[0]
    data = session.get(Revision, rev).data
    session.execute(
        update(Revision).where(Revision.rev == rev).values(data=data.replace(b"intact", b"wholly"))
    )

    report = checked(packaged(supervisor(cast), record))

    assert "is not named by its bytes" in told(report.broken)


def test_an_audit_entry_changed_in_the_database_is_seen(cast, crew, session):
    record = submitted(cast, *crew)
    entries = update(audit.AuditEntry).where(audit.AuditEntry.subject == str(record))
    session.execute(entries.values(actor="somebody-else"))

    report = checked(packaged(supervisor(cast), record))

    assert "was changed" in told(report.broken)


def test_an_unsigned_revision_is_told(cast):
    crew = [cast.phone(signs=False), cast.phone()]

    report = checked(packaged(supervisor(cast), submitted(cast, *crew)))

    assert report.holds
    assert "is unsigned" in told(report.unproved)
    assert "was signed by key" not in told(report.proved)


@pytest.mark.parametrize("signs", [True, False], ids=["signed", "unsigned"])
def test_what_somebody_else_sends_once_more_does_not_spoil_the_package(cast, signs):
    crew = [cast.phone(signs=signs), cast.phone()]
    record = submitted(cast, *crew)
    rev = crew[0].drafts[record].heads[0]
    item = next(op.item for op in crew[0].state.ops if op.rev == rev and op.kind == "revision")
    again = {name: value for name, value in item.items() if name not in {"alg", "key", "sig"}}
    again["op"] = str(uuid4())
    [answer] = crew[1].post("/api/v1/sync/push", crew[1].envelope() | {"items": [again]})["items"]
    assert (answer["outcome"], answer["reason"]) == ("quarantined", "author.differs")

    report = checked(packaged(supervisor(cast), record))

    assert report.holds, report.as_text()
    assert ("was signed by key" in told(report.proved)) is signs
    assert "receipts given at the time for 1 revisions" in told(report.proved)


def test_missing_files_are_told_and_a_promise_is_not_taken_for_a_file(cast, crew):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    record = crew[0].fills(task, visit_answers(), form_id="visit")
    crew[0].pushes()
    absent, *come = crew[0].files
    crew[0].uploads(come)

    data = packaged(supervisor(cast), record)

    report = checked(data)
    assert report.holds, report.as_text()
    assert "3 originals match" in told(report.proved)
    assert f"The file {absent} is missing" in told(report.unproved)
    assert "缺失 1 个" in members(data)["index.html"].decode()
    added = members(data) | {f"media/{absent}": crew[0].files[absent]}
    assert not checked(zipped(added)).holds


def test_a_file_that_rotted_in_the_store_goes_out_and_is_told(cast, crew, app, session):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    with app.readers() as reading:
        actor = app.identify(reading, reviewer.token)
        contents = gathering.of_record(reading, actor, record, app.installation.key)
    rotten, gone, other, *_ = sorted(crew[0].files)
    store = RottenStore(app.store, rotten, other, gone)

    data = b"".join(package.stream(contents, store, app.installation.key, clock.now()))

    report = checked(data)
    assert report.holds, report.as_text()
    assert f"The file {rotten} was damaged on the server" in told(report.unproved)
    assert f"The file {gone} is missing" in told(report.unproved)


class RottenStore:
    """A store in which one file has become another, and one is gone."""

    def __init__(self, store, rotten, other, gone):
        self.store, self.rotten, self.other, self.gone = store, rotten, other, gone

    def open(self, sha256):
        if sha256 == self.gone:
            raise ObjectUnknown(sha256)
        return self.store.open(self.other if sha256 == self.rotten else sha256)


class StreamedStore:
    """A store in which every file is long, or ends too early."""

    def __init__(self, size, given):
        self.size, self.given = size, given

    def open(self, sha256):
        return Reading(io.BytesIO(bytes(self.given)), self.size, lambda: None)


def test_originals_pass_through_in_pieces(cast, crew, app, monkeypatch):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    with app.readers() as reading:
        contents = gathering.of_record(
            reading, app.identify(reading, reviewer.token), record, app.installation.key
        )
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1_000_000)  # as if each were of several gigabytes
    monkeypatch.setattr(verifier, "LARGE", 1_000_000)

    for size in (8_000_000, 1_000_001, 1_000_000, 960_000, 950_000):  # on both sides of each of zip's limits
        store = StreamedStore(size, size)
        pieces = list(package.stream(contents, store, app.installation.key, clock.now()))
        assert max(map(len, pieces)) < 1_200_000
        report = checked(b"".join(pieces))
        assert report.holds, report.as_text()
        assert told(report.unproved).count("was damaged on the server") == 4


def test_an_original_that_ends_too_early_leaves_no_package(cast, crew, app):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    with app.readers() as reading:
        contents = gathering.of_record(
            reading, app.identify(reading, reviewer.token), record, app.installation.key
        )
    sent = []

    with pytest.raises(StoreUnavailable):
        sent.extend(package.stream(contents, StreamedStore(900, 500), app.installation.key, clock.now()))

    assert not checked(b"".join(sent)).holds


ODD = [None, "", "x", 5, -1, 1.5, True, [], [[]], {}, {"x": 1}, ["x"], [None], "\x1b[2J", 10**30]


def odd_versions(value, chance, count):
    """Copies of a JSON value in which something at some depth is odd."""
    for _ in range(count):
        copy = json.loads(json.dumps(value))
        node = copy
        while isinstance(node, dict | list) and node:
            key = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
            if chance.random() < 0.4 or not isinstance(node[key], dict | list) or not node[key]:
                node[key] = chance.choice(ODD)
                break
            node = node[key]
        yield copy


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_that_a_forger_writes_makes_the_verifier_fail(cast, crew, quick_signatures):
    chance = random.Random(20261125)
    record = submitted(cast, *crew)
    crew[1].pulls()
    crew[1].attests(crew[0].drafts[record].heads[0])
    crew[1].syncs()
    files = members(packaged(supervisor(cast), record))
    mine = generate_device_key()

    for name in [each for each in files if each.endswith(".json") and each != "manifest.json"]:
        for odd in odd_versions(json.loads(files[name]), chance, 25):
            report = checked(zipped(resigned(files | {name: json.dumps(odd).encode()}, mine)))
            assert "\x1b" not in report.as_text()
    manifest = json.loads(files["manifest.json"]) | {"server_keys": [public_jwk(mine)]}
    for odd in odd_versions(manifest, chance, 80):
        data = json.dumps(odd, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        signature = sign(mine, b"manifest\0" + data).encode()
        report = checked(zipped(files | {"manifest.json": data, "manifest.sig": signature}))
        assert "\x1b" not in report.as_text()


def test_a_phones_receipt_is_a_witness(cast, crew, app):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    record = crew[0].fills(task, visit_answers(), form_id="visit")
    (answer,) = crew[0].syncs()
    other = crew[0].fills(task, visit_answers(), form_id="visit")
    (foreign,) = crew[0].syncs()

    data = packaged(supervisor(cast), record)

    assert "matches the phone's receipt" in told(checked(data, receipts=[answer["receipt"]]).proved)
    assert "is not in the package" in told(checked(data, receipts=[foreign["receipt"]]).unproved)
    assert not checked(data, receipts=["made.up"]).holds
    assert other != record


def test_taking_a_package_is_written_down_and_changes_nothing_in_the_next(cast, crew, session):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)

    first, second = packaged(reviewer, record), packaged(reviewer, record)
    assert reviewer.call("HEAD", f"/api/v1/records/{record}/package").status_code == 200  # takes nothing

    assert members(first)["audit/chain.json"] == members(second)["audit/chain.json"]
    noted = session.query(audit.AuditEntry).filter_by(action="record.packaged", subject=str(record)).all()
    assert [each.actor for each in noted] == [reviewer.username] * 2


def test_a_package_is_for_whoever_may_see_the_record(cast, crew):
    record = submitted(cast, *crew)
    (stranger,) = phones(cast, 1)

    assert checked(packaged(crew[1], record)).holds
    assert checked(packaged(cast.signed_in(Role.AUDITOR), record)).holds
    for other in (stranger, supervisor(cast, region="130800")):
        assert other.get(f"/api/v1/records/{record}/package", expect=404)["code"] == "record.not-found"
    planner = cast.signed_in(Role.PLANNER)
    assert planner.get(f"/api/v1/records/{record}/package", expect=403)["code"] == "access.denied"


def test_the_index_is_chinese_and_cannot_carry_a_script(cast, crew):
    answers = visit_answers({"answer": "not_conform", "problem": "<script>alert(1)</script>"})

    files = members(packaged(supervisor(cast), submitted(cast, *crew, answers=answers)))

    page = files["index.html"].decode()
    assert set(re.findall(r'(?:href|src)="([^"]*)"', page)) == {
        each for each in files if each[:6] == "media/"
    }
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "检查结论 › 超层越界 › 结论" in page
    assert "界桩 2 › 现状" in page
    assert "设备签名有效" in page
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.parametrize("option", [["-I", "-S"], ["-I", "-S", "-O"]])
def test_the_verifier_in_the_package_runs_without_us(cast, crew, tmp_path, option):
    data = packaged(supervisor(cast), submitted(cast, *crew))
    files = members(data)
    (tmp_path / "verify.py").write_bytes(files["verify.py"])
    (tmp_path / "good.zip").write_bytes(data)
    (tmp_path / "bad.zip").write_bytes(zipped(files | {"index.html": b"other"}))

    def run(name):
        command = [sys.executable, *option, "verify.py", name]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env={"PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    good, bad, none = run("good.zip"), run("bad.zip"), run("none.zip")
    assert (good.returncode, good.stderr) == (0, "")
    assert "相符 HOLDS" in good.stdout
    assert (bad.returncode, bad.stderr) == (1, "")
    assert "index.html 被改动" in bad.stdout
    assert (none.returncode, none.stderr) == (1, "")


def test_the_command_says_the_same(cast, crew, app, tmp_path):
    data = packaged(supervisor(cast), submitted(cast, *crew))
    (tmp_path / "good.zip").write_bytes(data)
    (tmp_path / "bad.zip").write_bytes(data[:-9])

    good = CliRunner().invoke(
        main, ["verify", str(tmp_path / "good.zip"), "--key", app.installation.key.key_id]
    )
    bad = CliRunner().invoke(main, ["verify", str(tmp_path / "bad.zip")])

    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "HOLDS" in good.output
    assert "DOES NOT HOLD" in bad.output
    for name, verdict in (("good.zip", "holds"), ("bad.zip", "does-not-hold")):
        told_machine = CliRunner().invoke(main, ["verify", str(tmp_path / name), "--json"])
        assert json.loads(told_machine.output)["verdict"] == verdict
        assert (told_machine.exit_code == 0) == (verdict == "holds")


def test_a_signature_by_a_key_that_was_never_enrolled_is_told(cast, crew):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    crew[0].key = generate_device_key()  # not the one that was enrolled
    record = crew[0].fills(task, visit_answers(), form_id="visit")
    crew[0].syncs()

    report = checked(packaged(supervisor(cast), record))

    assert report.holds, report.as_text()
    assert "did not hold when it came" in told(report.unproved)


def test_a_revision_without_a_beacon_has_no_beginning(cast, crew):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    crew[0].beacon = None
    record = crew[0].fills(task, visit_answers(), form_id="visit")
    crew[0].syncs()

    report = checked(packaged(supervisor(cast), record))

    assert report.holds
    assert "was sealed before 2" in told(report.proved)
    assert "was sealed between" not in told(report.proved)
    assert "no beacon" in told(report.unproved)


def test_each_form_lies_under_a_name_of_its_own_that_the_verifier_and_a_disk_take():
    forms = [
        ("a_1", "2"), ("a", "1_2"), ("a", "1%5F2"), ("a_1_2", ""), ("矿产" * 200, "1"), ("矿产" * 200, "2"), ("x" * 900, "1"),
    ]  # fmt: skip

    paths = [form_path(*form) for form in forms]

    assert len(set(paths)) == len(forms)
    assert all(verifier._NAMES.fullmatch(path) and len(path) < 255 for path in paths), paths
    assert form_path("mine_overstep", "2026.1") == "forms/mine_overstep_2026.1.xml"
