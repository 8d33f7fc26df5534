"""What becomes of submissions that are late, at once, returned, or too many; and of a visit with phones of two kinds."""

import contextlib
import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import event, select, update

from server import audit, clock
from server.access import Role
from server.accounts.models import Device
from server.commands import phone_keys
from server.evidence.models import MediaLink, MediaObject
from server.inspections.models import Record, Revision
from server.openrosa import submitting
from server.openrosa.models import PhoneKey, Submission
from server.worker import make_worker
from sync import read_revision
from tests.actors import Cast
from tests.actors.collect_phone import CollectPhone, message_of, photo
from tests.actors.phone import SIGNED, Draft
from tests.actors.supervisor import supervisor
from tests.server.openrosa.test_contract import FORM, SIGNATURES, one, revisions, rows


def silence_ends(app):
    """The worker's round, as if an hour had passed."""
    with audit.transaction(app.sessions) as session:
        session.execute(update(Submission).values(last_at=clock.now() - timedelta(hours=2)))
    for duty in make_worker(app).duties:
        if duty.name == "take silent submissions":
            with audit.transaction(app.sessions) as session:
                claimed = duty.claim(session)
            for work in claimed:
                with audit.transaction(app.sessions) as session:
                    duty.settle(session, work, duty.perform(work))
            return len(claimed)
    raise AssertionError("the worker has no such duty")


def test_a_record_whose_photo_never_came_is_seen_under_way_and_taken_in_the_end(visit, app, session):
    collect = visit.collect
    filled = collect.fills(FORM, SIGNED | {"/data/photo": "lost.jpg"}, SIGNATURES)
    assert collect.sends() == [filled]
    assert "3/4" in filled.message
    told = one(visit.supervisor.get("/api/v1/openrosa/arriving"))
    assert (told["expected"], told["here"], told["missing"]) == (4, 3, ["lost.jpg"])

    assert silence_ends(app) == 1
    assert visit.supervisor.get("/api/v1/openrosa/arriving") == []
    revision = one(revisions(session))
    assert [finding["kind"] for finding in revision.findings] == ["media_missing"]
    assert silence_ends(app) == 0

    collect.posts(filled.xml, {"lost.jpg": photo("found")})
    newest = max(revisions(session), key=lambda each: each.dev_seq)
    assert (newest.parents, newest.findings) == ([revision.rev], [])
    record = one(rows(session, Record))
    assert record.heads == [newest.rev]


def test_a_returned_record_comes_back_as_an_edit_or_as_a_fresh_one_that_names_it(
    cast, given_out, session, returned_form
):
    boss = supervisor(cast)
    lead, second = cast.person(Role.INSPECTOR), cast.person(Role.INSPECTOR)
    task = cast.task(lead, second, forms=["task_check"])
    collect, _ = given_out(lead)
    collect.updates()
    filled = collect.fills("task_check", {"/data/task/task_ref": str(task), "/data/note": "完好"})
    collect.sends()
    record = one(rows(session, Record))
    assert one(revisions(session)).findings == []

    boss.returns(record.id, {"/data/note": '写明\n桩号,"编号"'}, reason="不够\n具体")
    version = collect.lists["tasks"][str(task)].version
    collect.updates()
    row = collect.tasks()[str(task)]
    assert (row["status"], row["returned_form"], row["returned_instance"]) == (
        "returned",
        "task_check",
        filled.instance_id,
    )
    assert "不够 具体" in row["review_note"]
    assert "桩号" in row["review_note"]
    assert collect.lists["tasks"][str(task)].version > version

    collect.edits(filled, {"/data/note": "J1 完好"})
    collect.sends()
    record = one(rows(session, Record))
    assert record.state == "under_review"
    assert collect.updates().tasks()[str(task)]["status"] == "open"

    boss.returns(record.id, {"/data/note": "还要说明"})
    collect.updates()
    collect.records.clear()  # the phone was set up anew
    fresh = collect.fills("task_check", {"/data/task/task_ref": str(task), "/data/note": "J1 完好，J2 缺失"})
    assert b"returned_instance" in fresh.xml
    collect.sends()
    record = one(rows(session, Record))
    assert (record.state, len(record.heads)) == ("under_review", 1)
    head = session.get(Revision, record.heads[0])
    assert (len(head.parents), head.findings) == (1, [])
    assert "J2" in json.loads(head.data)["xml"]


def test_a_visit_with_phones_of_two_kinds_ends_in_one_correct_record(cast, given_out, session):
    boss = supervisor(cast)
    person, lead = cast.person(Role.INSPECTOR), cast.phone()
    task = cast.task(lead, person)
    lead.syncs()
    collect, _ = given_out(person)
    collect.updates()

    filled = collect.fills(FORM, SIGNED | {"/data/photo": "pit.jpg"}, SIGNATURES | {"pit.jpg": photo("pit")})
    collect.sends()
    lead.syncs()
    record = one(rows(session, Record))
    assert lead.record(record.id)["state"] == "under_review"

    boss.returns(record.id, {"/data/note": "写明编号"})
    lead.syncs()
    blob = lead.record(record.id)["heads"][0].removeprefix("sha256:")
    head = lead.call("GET", f"/api/v1/sync/blobs/{blob}")
    adopt(lead, record, head, task)
    lead.corrects(record.id, {"/data/note": "J1 完好"})
    lead.syncs()
    behind = collect.edits(filled, {"/data/note": "并行的更正"})
    collect.sends()
    assert "已被更新的版本取代" in behind.message, "the other phone was faster"

    case = one(boss.quarantine())
    boss.admits(case)
    lead.syncs()
    assert lead.record(record.id)["state"] == "conflicted"
    merge = f"/api/v1/records/{record.id}/merge"
    [clash] = lead.get(merge)["clashes"]
    mine = lead.drafts[record.id].heads[0]
    draft = lead.post(merge, {"choices": {clash["path"]: mine}})
    names = ("inspector1", "inspector2", "company")
    lead.resolves(record.id, draft, {f"/data/sign/{who}": f"again-{who}.png" for who in names})
    lead.syncs()
    assert lead.record(record.id)["state"] == "under_review"
    boss.accepts(record.id)
    final = session.get(Record, record.id, populate_existing=True)
    head = session.get(Revision, final.final_rev)
    assert (final.state, len(final.heads), head.author_id) == ("final", 1, lead.person_id)
    assert "J1 完好" in json.loads(head.data)["xml"]
    assert "pit.jpg" in {link.name for link in rows(session, MediaLink, MediaLink.rev == head.rev)}


def adopt(phone, record, head, task):
    """Hold on a native phone what it read of a record's head, with its files."""
    sealed = read_revision(head.data)
    form = phone._form(record.form_id)
    for entry in sealed.media:
        phone.files[entry.sha256] = phone.call("GET", f"/api/v1/media/{entry.sha256}").data
        assert hashlib.sha256(phone.files[entry.sha256]).hexdigest() == entry.sha256
    phone.drafts[record.id] = Draft(
        record.id, task, form, sealed.xml.encode(), sealed.media, tuple(record.heads)
    )


def test_when_too_many_come_at_once_a_phone_is_told_when_to_come_again(visit, app, monkeypatch, session):
    filled = visit.collect.fills(FORM, SIGNED, SIGNATURES)
    monkeypatch.setattr(type(app.admission), "requests", property(lambda _: 10_000))

    answer = visit.collect.posts(filled.xml, SIGNATURES)
    assert (answer.status_code, message_of(answer)) == (503, "服务器繁忙。请稍后重试。")
    assert 1 <= int(answer.headers["Retry-After"]) <= 20
    assert not rows(session, MediaObject)

    monkeypatch.undo()
    assert visit.collect.sends() == [filled]


def test_a_blocked_device_and_somebody_who_left_are_refused_and_keys_are_seen_by_who_gives_them(
    visit, cast, session
):
    listed = visit.supervisor.get("/api/v1/openrosa/keys")
    assert [(each["id"], each["bound"]) for each in listed] == [(visit.key["id"], True)]
    assert "secret" not in json.dumps(listed)
    visit.lead.sign_in()
    assert [each["id"] for each in visit.lead.get("/api/v1/openrosa/keys")] == [visit.key["id"]]
    visit.lead.get(f"/api/v1/openrosa/keys/{visit.key['id']}/settings", expect=403)
    picture = visit.supervisor.call("GET", f"/api/v1/openrosa/keys/{visit.key['id']}/settings.png")
    assert picture.data.startswith(b"\x89PNG")

    session.execute(update(Device).values(blocked_at=clock.now()))
    session.commit()
    assert visit.collect.call("GET", f"{visit.collect.server_url}/formList").status_code == 403
    planner = cast.signed_in(Role.PLANNER)
    given = {"person": str(visit.lead.person_id), "name": "机"}
    planner.post("/api/v1/openrosa/keys", given, expect=403)
    unfit = {"person": str(planner.person_id), "name": "机"}
    visit.supervisor.post("/api/v1/openrosa/keys", unfit, expect=422)


def test_one_phone_sends_the_same_and_pieces_of_it_at_once_with_one_effect(fresh_app, give_on):
    cast = Cast(fresh_app)
    people = [cast.person(Role.INSPECTOR) for _ in range(2)]
    cast.task(*people)
    phones = [give_on(cast, person) for person in people]
    for phone in phones:
        phone.updates()
    for _ in range(2):
        filled = [phone.fills(FORM, SIGNED, SIGNATURES) for phone in phones]
        posts = [
            (phone, record.xml, {name: content})
            for phone, record in zip(phones, filled, strict=True)
            for name, content in [*SIGNATURES.items(), *SIGNATURES.items()]
        ]
        gate = threading.Barrier(len(posts))

        def send(post, gate=gate):
            phone, xml, files = post
            gate.wait()
            return phone.posts(xml, files).status_code

        with ThreadPoolExecutor(len(posts)) as pool:
            assert set(pool.map(send, posts)) == {201}
    with fresh_app.readers() as session:
        assert len(list(session.scalars(select(Revision)))) == 4
        assert len(list(session.scalars(select(MediaObject)))) == 3
        assert {each.sent for each in session.scalars(select(PhoneKey))} == {2}
        assert audit.verify_chain(session) is None


@pytest.mark.parametrize("sent", ["the same", "the rest of it", "other bytes", "what nobody can read"])
def test_two_phones_of_one_person_send_one_record_at_once_with_one_effect(
    fresh_app, give_on, monkeypatch, sent
):
    """In two processes, which share no queue: each has looked what came before the other has written anything."""
    cast = Cast(fresh_app)
    person, second = cast.person(Role.INSPECTOR), cast.person(Role.INSPECTOR)
    cast.task(person, second)
    phones = [give_on(cast, person).updates() for _ in range(2)]
    earlier = (
        phones[0].fills(FORM, SIGNED, SIGNATURES).xml
    )  # with the same files, which nobody has to wait for then
    assert phones[0].posts(earlier, SIGNATURES).status_code == 201
    xml = phones[0].fills(FORM, SIGNED, SIGNATURES).xml
    xml = xml[:-20] if sent == "what nobody can read" else xml
    bodies = [xml, xml + b"<!-- -->" if sent == "other bytes" else xml]
    (name, first), *others = SIGNATURES.items()
    files = [{name: first}, dict(others)] if sent == "the rest of it" else [SIGNATURES, SIGNATURES]
    both_looked = threading.Barrier(2)
    look = submitting.fetch

    def looked(*given):
        found = look(*given)
        with contextlib.suppress(threading.BrokenBarrierError):
            both_looked.wait(1)
        return found

    monkeypatch.setattr(submitting, "fetch", looked)
    monkeypatch.setattr(fresh_app, "gate", contextlib.nullcontext())
    line = fresh_app.extensions["openrosa"]
    monkeypatch.setattr(line, "take", lambda given: line._take([given])[0])
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(CollectPhone.posts, phones, bodies, files))

    assert [answer.status_code for answer in answers] == [201, 201]
    with fresh_app.readers() as session:
        assert len(list(session.scalars(select(Submission)))) == 1 + len(set(bodies))
        [_, *made] = session.scalars(select(Revision).order_by(Revision.received_at))
        assert len(made) == (0 if sent == "what nobody can read" else len(set(bodies)))
        assert len({each.record_id for each in made}) == min(1, len(made))
        assert {(each.status, len(each.media)) for each in made} <= {("accepted", len(SIGNATURES))}
        assert audit.verify_chain(session) is None


@contextlib.contextmanager
def nobody_writes(app):
    """Hold all turns to write meanwhile."""
    turns = 0
    while app.gate.acquire(blocking=False):
        turns += 1
    try:
        yield
    finally:
        app.gate.release(turns)


def test_phones_that_send_at_once_are_taken_in_one_transaction_each_by_its_own_rights(fresh_app, give_on):
    cast = Cast(fresh_app)
    people = [cast.person(Role.INSPECTOR) for _ in range(5)]
    cast.task(*people)
    first, plain, broken, other, ended = phones = [give_on(cast, person) for person in people]
    again = give_on(cast, people[1])  # another phone of the same person
    for phone in (*phones, again):
        phone.updates()
    with audit.transaction(fresh_app.sessions) as session:
        its_key = PhoneKey.person_id == people[4].person_id
        session.execute(update(PhoneKey).where(its_key).values(ended_at=clock.now()))
    sent = {phone: phone.fills(FORM, SIGNED, SIGNATURES).xml for phone in (*phones, again)}
    sent[broken] = sent[broken][:-20]
    order = [first, plain, again, broken, ended, other]
    line = fresh_app.extensions["openrosa"]

    with ThreadPoolExecutor(len(order)) as pool:
        with nobody_writes(fresh_app):
            answers = []
            for waiting, phone in enumerate(order):
                answers.append(pool.submit(phone.posts, sent[phone], SIGNATURES))
                while not line._is_led or len(line._waiting) < waiting:
                    threading.Event().wait(0.01)
        told = {phone: answer.result() for phone, answer in zip(order, answers, strict=True)}

    assert told.pop(ended).status_code == 403
    assert {answer.status_code for answer in told.values()} == {201}
    assert "完整保存" in message_of(told[broken])
    with fresh_app.readers() as session:
        made = list(session.scalars(select(Revision)))
        authors = [people[number].person_id for number in (0, 1, 1, 3)]
        assert sorted(each.author_id for each in made) == sorted(authors)
        assert {(each.status, *each.flags) for each in made} == {("accepted",)}
        assert len({each.record_id for each in made}) == len(made)
        moments = [each.received_at for each in made]
        assert sorted(moments.count(each) for each in set(moments)) == [1, 1, 2], "one turn of each person"
        assert len(list(session.scalars(select(MediaObject)))) == len(SIGNATURES)
        assert audit.verify_chain(session) is None


def test_a_supervisor_prints_a_page_and_the_command_line_gives_the_same_code(fresh_app, give_on, monkeypatch):
    cast = Cast(fresh_app)
    person, boss = cast.person(Role.INSPECTOR), supervisor(cast)
    cast.task(person, cast.person(Role.INSPECTOR))
    monkeypatch.setattr(phone_keys, "opened", lambda: contextlib.nullcontext(fresh_app))

    def run(*arguments):
        result = CliRunner().invoke(phone_keys.phone_keys, arguments)
        return result.exit_code, result.output

    status, told = run("make", person.username, "备用机", "--origin", "https://host")
    key, url, code = told.split("\n")[:3]
    assert status == 0
    assert url.startswith("https://host/openrosa/")
    page = boss.call("GET", f"/api/v1/openrosa/keys/{key}/page", base_url="https://host")
    text = page.get_data(as_text=True)
    assert code in text
    assert url in text
    assert "<script" not in text
    assert "data:image/png;base64," in text

    phone = CollectPhone(fresh_app, code)
    assert FORM in phone.updates().forms
    assert f"{key}  {person.username}  备用机  0  bound" in run("list")[1]
    assert run("release", key, "换机")[0] == 0
    assert run("end", key, "遗失")[0] == 0
    assert phone.call("GET", f"{phone.server_url}/formList").status_code == 403
    assert "遗失" in run("list")[1]
    assert run("make", "nobody", "x", "--origin", "https://host")[0] == 1
    boss.get(f"/api/v1/openrosa/keys/{key}/page", expect=409)


@contextlib.contextmanager
def statements_of(app):
    """The statements that run meanwhile."""
    seen = []
    engine = app.sessions.kw["bind"].engine

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_question_before_a_submission_asks_the_database_nothing_and_its_form_is_looked_up_once(
    fresh_app, give_on
):
    cast = Cast(fresh_app)
    person = cast.person(Role.INSPECTOR)
    cast.task(person)
    phone = give_on(cast, person)
    phone.updates()
    filled = phone.fills(FORM, SIGNED, SIGNATURES)

    with statements_of(fresh_app) as asked:
        assert phone.call("HEAD", f"{phone.server_url}/submission").status_code == 204
    with statements_of(fresh_app) as taken:
        assert phone.posts(filled.xml, SIGNATURES).status_code == 201

    assert asked == []
    assert len([each for each in taken if "FROM form_version" in each and "xform" not in each]) == 1
