"""Roots: one a day, over all that is there, and none for nothing; proofs against them; what is seen when they lie."""

import io
import json
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, select, text, update

from server import audit, clock
from server.access import SYSTEM, Role
from server.audit import AuditEntry
from server.cli import main
from server.notary import parts, service, tree
from server.notary.checking import RootBrokenError, Trust, check_roots
from server.notary.models import AuditNode, AuditRoot
from server.notary.service import Notary
from server.notary.tree import LogTree
from server.worker import drain
from sync import merkle, verify
from sync.verifier import consistent, included

SHANGHAI = ZoneInfo("Asia/Shanghai")


def write(app, count, subject="1"):
    with audit.transaction(app.sessions) as session:
        for number in range(count):
            audit.append(session, SYSTEM, "thing.done", ("thing", subject), {"n": number})


def notary_of(app):
    return Notary(app.installation.key, app.settings.zone)


def signed(app):
    with audit.transaction(app.sessions) as session:
        return notary_of(app).sign_root(session)


def roots_of(app):
    with app.readers() as session:
        return session.scalars(select(AuditRoot).order_by(AuditRoot.size)).all()


def naive_root(app, size):
    frontier = merkle.Frontier()
    with app.readers() as session:
        for found in session.scalars(
            select(AuditEntry.hash).where(AuditEntry.seq <= size).order_by(AuditEntry.seq)
        ):
            frontier.add(merkle.leaf_hash(bytes.fromhex(found)))
    return frontier.root().hex()


def command(app, *arguments):
    environment = {
        "MERESTONE_DATA": str(app.settings.data),
        "MERESTONE_DATABASE_URL": app.settings.database_url,
        "MERESTONE_RESERVE_BYTES": "0",
    }
    return CliRunner().invoke(main, list(arguments), env=environment)


class Calendar:
    """The server's clock, set by hand."""

    def __init__(self, moment):
        self.moment = moment

    def __call__(self):
        return self.moment

    def next_day(self, days=1):
        self.moment += timedelta(days=days)


@pytest.fixture
def calendar(monkeypatch):
    calendar = Calendar(datetime(2026, 11, 24, 15, 30, tzinfo=UTC))
    monkeypatch.setattr(clock, "now", calendar)
    return calendar


def test_the_worker_makes_one_root_a_day_and_none_when_nothing_is_new(fresh_app, calendar):
    drain(fresh_app)
    assert roots_of(fresh_app) == []  # nothing to speak of

    write(fresh_app, 3)
    drain(fresh_app)
    write(fresh_app, 2)
    drain(fresh_app)
    assert [(each.size, each.date.isoformat()) for each in roots_of(fresh_app)] == [(3, "2026-11-24")]

    calendar.next_day()
    drain(fresh_app)
    calendar.next_day()
    drain(fresh_app)
    drain(fresh_app)
    assert [(each.size, each.date.isoformat()) for each in roots_of(fresh_app)] == [
        (3, "2026-11-24"),
        (5, "2026-11-25"),
    ]
    with fresh_app.readers() as session:
        assert audit.head(session)[0] == 5  # roots are no facts in the log


def test_days_are_the_bureaus_and_days_off_are_made_up_by_one_root(fresh_app, calendar):
    write(fresh_app, 1)
    drain(fresh_app)
    write(fresh_app, 1)
    calendar.moment += timedelta(minutes=29)
    drain(fresh_app)
    assert len(roots_of(fresh_app)) == 1
    calendar.moment += timedelta(minutes=1)  # midnight in Shanghai
    drain(fresh_app)
    assert [each.date.isoformat() for each in roots_of(fresh_app)] == ["2026-11-24", "2026-11-25"]

    write(fresh_app, 4)
    calendar.next_day(days=9)
    drain(fresh_app)
    assert [(each.size, each.date.isoformat()) for each in roots_of(fresh_app)][2:] == [(6, "2026-12-04")]


def test_a_clock_that_was_set_back_does_not_keep_the_roots_waiting_until_it_caught_up(fresh_app, calendar):
    today = calendar.moment
    write(fresh_app, 1)
    calendar.next_day(days=400)
    drain(fresh_app)
    calendar.moment = today
    write(fresh_app, 1)
    drain(fresh_app)
    drain(fresh_app)

    found = [(each.size, each.date.isoformat(), each.stamp_after is not None) for each in roots_of(fresh_app)]
    assert found == [(1, "2027-12-29", True), (2, "2026-11-24", True)]


def test_a_root_is_signed_and_its_statement_says_all(fresh_app):
    write(fresh_app, 5)
    root = signed(fresh_app)

    key = fresh_app.installation.key
    assert root.root == naive_root(fresh_app, 5)
    assert json.loads(root.statement) == {
        "format": "merestone-root",
        "size": 5,
        "root": root.root,
        "date": root.made_at.astimezone(SHANGHAI).date().isoformat(),
        "made_at": clock.iso(root.made_at),
        "key": key.key_id,
    }
    assert verify(key.public_jwk, b"root\0" + root.statement, root.signature)
    assert not verify(key.public_jwk, b"manifest\0" + root.statement, root.signature)
    assert signed(fresh_app).signature == root.signature  # the same one


def test_roots_and_proofs_hold_whatever_the_sizes(fresh_app):
    sizes = [1, 255, 256, 257, 511, 512, 600, 1300]
    have = 0
    for size in sizes:
        write(fresh_app, size - have)
        have = size
        assert signed(fresh_app).root == naive_root(fresh_app, size)

    with fresh_app.readers() as session:
        rows = session.scalars(select(AuditRoot).order_by(AuditRoot.size)).all()
        proofs = service.prove(session, range(1, 1301), rows)
        leaves = dict(session.execute(select(AuditEntry.seq, AuditEntry.hash)).all())
        kept = session.scalar(select(func.count()).select_from(AuditNode))
    assert kept <= 1300 // 128
    top = bytes.fromhex(rows[-1].root)
    for seq, path in proofs["inclusion"].items():
        leaf = merkle.leaf_hash(bytes.fromhex(leaves[int(seq)]))
        assert included(leaf, int(seq) - 1, 1300, [bytes.fromhex(each) for each in path], top), seq
    assert len(proofs["inclusion"]) == 1300
    for row, each in zip(rows, proofs["consistency"], strict=False):
        path = [bytes.fromhex(found) for found in each["path"]]
        assert consistent(row.size, 1300, bytes.fromhex(row.root), top, path)
    assert len(proofs["consistency"]) == len(sizes) - 1


def test_a_root_reads_what_is_new_and_a_proof_one_run(fresh_app, monkeypatch):
    write(fresh_app, 3000)
    signed(fresh_app)
    write(fresh_app, 10)
    read = []
    leaf_hashes = tree.leaf_hashes

    def counted(*arguments):
        for leaf in leaf_hashes(*arguments):
            read.append(leaf)
            yield leaf

    monkeypatch.setattr(tree, "leaf_hashes", counted)
    root = signed(fresh_app)
    assert len(read) <= 256 + 10
    read.clear()
    with fresh_app.readers() as session:
        assert len(merkle.inclusion_proof(700, root.size, LogTree(session).node)) <= 12
    assert len(read) <= 2 * 256


def test_nothing_is_signed_over_a_log_that_became_shorter(fresh_app):
    write(fresh_app, 300)
    signed(fresh_app)
    with fresh_app.sessions.begin() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.seq > 290))

    with pytest.raises(RuntimeError, match="290 entries and a root over 300"):
        signed(fresh_app)
    assert [each.size for each in roots_of(fresh_app)] == [300]


def test_several_workers_make_one_root(fresh_app):
    write(fresh_app, 300)
    failures, barrier = [], threading.Barrier(4)

    def work():
        notary = notary_of(fresh_app)
        try:
            barrier.wait()
            with audit.transaction(fresh_app.sessions) as session:
                due = notary.claim(session)
            for each in due:
                with audit.transaction(fresh_app.sessions) as session:
                    notary.settle(session, each, notary.perform(each))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [each.size for each in roots_of(fresh_app)] == [300]


def test_an_auditor_reads_the_roots_and_nobody_else_does(app, cast, session):
    write(app, 2)
    first = signed(app)
    write(app, 3)
    second = signed(app)
    auditor = cast.signed_in(Role.AUDITOR)

    page = auditor.call("GET", "/api/v1/audit/roots?limit=1")
    (shown,) = page.get_json()
    assert shown["statement"].encode() == second.statement
    assert (shown["size"], shown["signature"], shown["stamp"]) == (second.size, second.signature, None)
    (older,) = auditor.get(page.headers["Link"].split(">")[0].strip("<"))
    assert older["size"] == first.size
    assert cast.signed_in(Role.INSPECTOR).get("/api/v1/audit/roots", expect=403)["code"] == "access.denied"
    assert cast.stranger().get("/api/v1/audit/roots", expect=401)["code"] == "session.missing"


def test_the_command_prints_every_root_and_checks_them(fresh_app, calendar):
    for _ in range(3):
        write(fresh_app, 200)
        drain(fresh_app)
        calendar.next_day()

    lines = [json.loads(line) for line in command(fresh_app, "audit-roots").output.splitlines()]
    assert [line["size"] for line in lines] == [200, 400, 600]
    assert lines == [service.root_json(each) for each in roots_of(fresh_app)]
    outcome = command(fresh_app, "verify-audit")
    assert outcome.exit_code == 0, outcome.output
    assert "the audit chain holds over 600 entries" in outcome.output
    assert "3 roots hold, 0 of them time-stamped" in outcome.output


def test_checking_tells_how_far_it_has_come(fresh_app, monkeypatch):
    monkeypatch.setattr(audit, "PROGRESS", 100)
    write(fresh_app, 250)
    signed(fresh_app)

    outcome = command(fresh_app, "verify-audit")

    assert [line for line in outcome.stderr.splitlines() if "/ 250" in line] == [
        "链 chain: 100 / 250",
        "链 chain: 200 / 250",
        "树 tree: 100 / 250",
        "树 tree: 200 / 250",
    ]


def rewrite_from(session, seq):
    """Change an entry and write the whole chain behind it anew, as whoever owns the database can."""
    previous = session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == seq - 1))
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.seq >= seq).order_by(AuditEntry.seq)):
        entry.actor = "somebody else" if entry.seq == seq else entry.actor
        entry.previous = previous
        entry.hash = previous = audit.entry_hash(previous, entry.seq, entry.at, entry)


def spoil_node(session):
    session.execute(update(AuditNode).where(AuditNode.position == 0).values(hash=bytes(32)))


LIES = [
    (lambda session: rewrite_from(session, 450), "2026-11-26", "not the root of the log"),
    (
        lambda session: session.execute(delete(AuditEntry).where(AuditEntry.seq > 590)),
        "2026-11-26",
        "not the root of the log",
    ),
    (
        lambda session: session.execute(
            update(AuditRoot).where(AuditRoot.size == 400).values(root="ab" * 32)
        ),
        "2026-11-25",
        "not what its statement says",
    ),
    (
        lambda session: session.execute(text("update audit_root set date = '2026-01-01' where size = 400")),
        "2026-01-01",
        "not what its statement says",
    ),
    (
        lambda session: session.execute(
            update(AuditRoot).where(AuditRoot.size == 400).values(signature="A" * 86 + "==")
        ),
        "2026-11-25",
        "signature does not hold",
    ),
    (spoil_node, "2026-11-25", "what is kept for proofs"),
    (
        lambda session: session.execute(update(AuditRoot).where(AuditRoot.size == 200).values(stamp=b"x")),
        "2026-11-24",
        "time-stamp can't be read",
    ),
]


def in_parts(session, trust):
    """Check the log part by part, as somebody does who watches; return the parts, up to the first that does not hold."""
    found = [parts.check_part(session, trust, 0)]
    while found[-1].until < found[-1].head and not (found[-1].broken or found[-1].broken_root):
        found.append(parts.check_part(session, trust, found[-1].until))
    return found


def test_checking_names_the_day_whose_root_does_not_hold(fresh_app, calendar, monkeypatch):
    monkeypatch.setattr(parts, "PART", 256)
    for _ in range(3):
        write(fresh_app, 200)
        drain(fresh_app)
        calendar.next_day()
    trust = Trust(fresh_app.installation.key)
    with fresh_app.sessions() as session:
        for change, day, reason in LIES:
            change(session)
            session.flush()
            with pytest.raises(RootBrokenError, match=reason) as told:
                check_roots(session, trust, lambda _: None)
            assert told.value.root.date.isoformat() == day, reason
            last = in_parts(session, trust)[-1]
            assert last.broken_root, reason
            assert reason in last.broken_root.why_en or last.broken_root.date.isoformat() <= day, reason
            session.rollback()
        assert check_roots(session, trust, lambda _: None).held == 3
        whole = in_parts(session, trust)
        assert [part.until for part in whole] == [256, 512, 600]
        assert [part.roots for part in whole] == [1, 1, 1]
        session.execute(update(AuditEntry).where(AuditEntry.seq == 300).values(actor="somebody else"))
        assert [part.broken for part in in_parts(session, trust)] == [None, 300]
        session.rollback()

    with fresh_app.sessions.begin() as session:
        rewrite_from(session, 450)
    outcome = command(fresh_app, "verify-audit")
    assert outcome.exit_code == 1
    assert "the root of 2026-11-26 over 600 entries: it is not the root of the log" in outcome.output


def test_a_chain_that_breaks_is_told_with_the_day_that_covers_it(fresh_app, calendar):
    write(fresh_app, 20)
    drain(fresh_app)
    with fresh_app.sessions.begin() as session:
        session.execute(update(AuditEntry).where(AuditEntry.seq == 7).values(actor="somebody else"))

    outcome = command(fresh_app, "verify-audit")

    assert outcome.exit_code == 1
    assert "breaks at entry 7" in outcome.output
    assert "covered by the root of 2026-11-24" in outcome.output


def test_a_root_by_a_key_that_is_not_ours_now_is_told_and_not_judged(fresh_app):
    write(fresh_app, 3)
    signed(fresh_app)
    (fresh_app.settings.keys / "server.pem").unlink()

    outcome = command(fresh_app, "verify-audit")

    assert outcome.exit_code == 0
    assert f"signatures by key {fresh_app.installation.key.key_id} were not checked" in outcome.output


def test_a_days_proof_is_downloaded_and_the_log_checked_by_who_reads_it(app, cast):
    auditor, inspector = cast.signed_in(Role.AUDITOR), cast.signed_in(Role.INSPECTOR)
    first = signed(app)
    write(app, 3)
    signed(app)

    part = auditor.get("/api/v1/audit/check")
    packed = auditor.call("GET", f"/api/v1/audit/roots/{first.size}/proof")

    assert (part["after"], part["until"], part["broken"], part["broken_root"]) == (
        0,
        part["head"],
        None,
        None,
    )
    assert part["roots"] >= 2
    with zipfile.ZipFile(io.BytesIO(packed.data)) as files:
        assert files.read("statement.json") == first.statement
        key, root = json.loads(files.read("key.json")), json.loads(files.read("root.json"))
        assert verify(key, b"root\0" + first.statement, root["signature"])
        newest = json.loads(files.read("newest.json"))
        (tie,) = newest["proof"]["consistency"]
        path = [bytes.fromhex(each) for each in tie["path"]]
        roots = bytes.fromhex(first.root), bytes.fromhex(newest["root"]["root"])
        assert consistent(tie["old"], tie["new"], *roots, path)
        assert "stamp.tsr" not in files.namelist()
    assert auditor.get("/api/v1/audit/check?after=7", expect=422)["code"] == "request.invalid"
    assert auditor.get("/api/v1/audit/roots/999999999/proof", expect=404)["code"] == "root.not-found"
    for path in ("/api/v1/audit/check", f"/api/v1/audit/roots/{first.size}/proof"):
        assert inspector.get(path, expect=403)["code"] == "access.denied"
