"""The quarantine desk: everything in it is found, read, admitted or dismissed by a person, and never lost."""

import base64
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from server import audit, clock
from server.access import SYSTEM, Role
from server.audit import AuditEntry
from server.evidence.patrol import Patrol
from server.exchange import service as exchange
from server.inspections import service as inspections
from server.inspections.models import Assignment, Record, Revision, Task
from server.quarantine import service
from server.worker import drain
from sync import revision_id
from tests.actors.author import author
from tests.actors.phone import SPOT_CHECK, certify
from tests.actors.supervisor import supervisor
from tests.server.packages.packaging import checked, codes, packaged

PUSH = "/api/v1/sync/push"
NO_PAPERS = ["gate_blocked"]
"""The flag of every record here once the worker has judged its visit, which nobody approved."""


def push(phone, *items):
    return phone.post(PUSH, phone.envelope() | {"items": list(items)})["items"]


def quarantined(phone):
    """Push what is in the outbox; it is quarantined."""
    answers = phone.pushes()
    assert {answer["outcome"] for answer in answers} == {"quarantined"}
    return answers[-1]["rev"]


def stolen(visit):
    """What the second sends of what the lead sealed."""
    visit.lead.fills(visit.task)
    return {**visit.lead.state.outbox[0].item, "op": str(uuid4())}


def publishes(cast, version):
    author(cast).writes_and_publishes(SPOT_CHECK.replace("| spot_check | 1 |", f"| spot_check | {version} |"))


def record_of(session, record):
    session.expire_all()
    return session.get(Record, record)


def facts(session, action):
    return list(
        session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq))
    )


def obstacles(shown):
    return [each["code"] for each in shown["admission"]["obstacles"]]


# Finding and reading


def test_everything_in_quarantine_is_on_the_list_of_its_region(visit, desk, cast):
    visit.lead.fills(uuid4())
    rev = quarantined(visit.lead)
    [answer] = push(visit.second, {"op": str(uuid4()), "kind": "telepathy"})

    cases = desk.quarantine()

    assert [(case["rev"], case["op"], case["reason"]) for case in cases] == [
        (rev, None, "task.unknown"),
        (None, answer["op"], "item.kind-unknown"),
    ]
    assert [case["sender"]["id"] for case in cases] == [
        str(visit.lead.person_id),
        str(visit.second.person_id),
    ]
    assert all(case["message"] and case["message_en"] for case in cases)
    assert [case["rev"] for case in desk.quarantine(reason="task.unknown")] == [rev]
    assert [case["rev"] for case in desk.quarantine(person=visit.second.person_id)] == [None]
    assert desk.quarantine(since="2999-01-01T00:00:00Z") == []
    assert supervisor(cast, region="140500").quarantine() == cases
    assert supervisor(cast, region="130800").quarantine() == []


def test_the_list_is_read_page_by_page(visit, desk):
    for _ in range(3):
        visit.lead.fills(uuid4())
    quarantined(visit.lead)

    seen, address = [], "/api/v1/quarantine?limit=2"
    while address:
        response = desk.call("GET", address)
        seen.append([case["id"] for case in response.get_json()])
        link = response.headers.get("Link", "")
        address = link[1 : link.index(">")] if link else None

    assert [len(page) for page in seen] == [2, 1]
    assert len({each for page in seen for each in page}) == 3


def test_a_case_tells_what_could_be_read_and_gives_the_exact_bytes(visit, desk, session):
    visit.lead.fills(uuid4())
    sealed = visit.lead.state.outbox[0]
    quarantined(visit.lead)
    visit.lead.uploads(list(sealed.media)[:1])

    shown = desk.case(desk.quarantine()[0])

    read = shown["read"]
    assert (read["author"], read["device"]) == (str(visit.lead.person_id), str(visit.lead.device))
    assert (read["dev_seq"], read["evidence_level"], read["task"], read["record"]) == (
        1,
        "signed",
        None,
        None,
    )
    assert "界桩完好" in json.dumps(read["answers"], ensure_ascii=False)
    assert sorted(file["status"] for file in read["media"]) == ["absent", "absent", "stored"]
    assert (shown["admission"]["possible"], shown["admission"]["names_task"]) == (True, True)
    assert obstacles(shown) == ["task.unknown"]
    sent = desk.get(f"/api/v1/quarantine/{shown['id']}/bytes")
    assert revision_id(sent.data) == sealed.rev
    assert sent.headers["Content-Disposition"].startswith("attachment")


def test_an_item_that_can_not_be_read_is_exported_and_put_aside_but_not_admitted(visit, desk):
    item = {"op": str(uuid4()), "kind": "telepathy", "thought": "界桩"}
    push(visit.lead, item)
    [case] = desk.quarantine()

    shown = desk.case(case)
    refused = desk.admits(case, expect=409)

    assert (shown["read"], shown["admission"]["possible"], obstacles(shown)) == (
        None,
        False,
        ["item.kind-unknown"],
    )
    assert (refused["code"], refused["reason"]) == ("quarantine.not-admissible", "item.kind-unknown")
    assert json.loads(desk.get(f"/api/v1/quarantine/{case['id']}/bytes").data) == item
    assert desk.dismisses(case)["state"] == "dismissed"


@pytest.mark.parametrize("data", [b"not json", b"{}", b'{"v":2}'])
def test_bytes_that_are_no_revision_are_not_admitted(visit, desk, data):
    rev = revision_id(data)
    push(
        visit.lead,
        {"op": str(uuid4()), "kind": "revision", "rev": rev, "bytes": base64.b64encode(data).decode()},
    )
    [case] = desk.quarantine()

    assert desk.case(case)["read"] is None
    assert desk.admits(case, expect=409)["code"] == "quarantine.not-admissible"


def test_who_may_read_and_who_may_decide(visit, desk, cast):
    visit.lead.fills(uuid4())
    quarantined(visit.lead)
    case = desk.quarantine()[0]["id"]
    auditor, foreign = cast.signed_in(Role.AUDITOR), supervisor(cast, region="130800")

    assert [each["id"] for each in auditor.get("/api/v1/quarantine")] == [case]
    assert auditor.get(f"/api/v1/quarantine/{case}")["id"] == case
    for verb in ("admit", "dismiss", "reopen"):
        path = f"/api/v1/quarantine/{case}/{verb}"
        assert auditor.post(path, {"reason": "x"}, expect=403)["code"] == "access.denied"
        assert foreign.post(path, {"reason": "x"}, expect=404)["code"] == "quarantine.not-found"
        assert desk.post(path, {"reason": ""}, expect=422)["code"] == "request.invalid"
    assert foreign.case(case, expect=404)["code"] == "quarantine.not-found"
    assert foreign.get(f"/api/v1/quarantine/{case}/bytes", expect=404)["code"] == "quarantine.not-found"
    assert visit.lead.get("/api/v1/quarantine", expect=403)["code"] == "access.denied"


def test_nobody_decides_about_work_of_their_own_visit(cast):
    both = cast.phone(Role.SUPERVISOR)
    with_role = cast.person(Role.SUPERVISOR, Role.INSPECTOR)
    lead = cast.phone()
    task = cast.task(lead, with_role)
    lead.syncs()
    lead.fills(task, form_version="9")
    quarantined(lead)
    with_role.sign_in()
    [case] = with_role.get("/api/v1/quarantine")

    for verb in ("admit", "dismiss", "reopen"):
        refused = with_role.post(f"/api/v1/quarantine/{case['id']}/{verb}", {"reason": "x"}, expect=403)
        assert refused["code"] == "quarantine.own-work"
    assert both.get("/api/v1/quarantine") == [case]


# Admitting


def test_what_names_no_task_is_admitted_to_the_task_a_supervisor_names(visit, desk, session):
    lost = uuid4()
    record = visit.lead.fills(lost)
    rev = quarantined(visit.lead)
    [case] = desk.quarantine()
    data = session.get_one(Revision, rev).data

    assert desk.admits(case, expect=422)["code"] == "quarantine.task-missing"
    assert desk.admits(case, uuid4(), expect=404)["code"] == "task.not-found"
    admitted = desk.admits(case, visit.task)

    assert (admitted["state"], admitted["joined"], admitted["bound_task_id"]) == (
        "admitted", str(record), str(visit.task),
    )  # fmt: skip
    row = record_of(session, record)
    assert (row.task_id, row.heads, row.state) == (visit.task, [rev], "under_review")
    assert row.flags == ["admitted", "task_bound"]
    assert session.get_one(Revision, rev).data == data
    assert desk.quarantine() == []
    [told] = facts(session, "revision.accepted")
    assert (told.actor, told.details["admitted"]["by"]) == (desk.username, desk.username)
    assert told.details["admitted"]["reason"] == "task.unknown"
    assert told.details["admitted"]["note"] == "核实无误，予以接收"
    assert desk.admits(case, visit.task, expect=409)["code"] == "quarantine.settled"


def test_later_versions_of_a_record_that_was_bound_follow_it_by_themselves(visit, desk, session):
    record = visit.lead.fills(uuid4())
    quarantined(visit.lead)
    desk.admits(desk.quarantine()[0], visit.task)

    child = visit.lead.corrects(record)
    [answer] = visit.lead.pushes()

    assert (answer["outcome"], answer["flags"], answer["heads"]) == ("accepted", ["task_bound"], [child])
    assert record_of(session, record).task_id == visit.task


def test_a_task_is_not_named_where_there_is_one(visit, desk, cast):
    visit.lead.fills(visit.task, device=uuid4())
    quarantined(visit.lead)
    other = cast.task(visit.lead, visit.second)

    refused = desk.admits(desk.quarantine()[0], other, expect=422)

    assert (refused["code"], refused["task"]) == ("quarantine.task-differs", str(visit.task))


def test_a_revision_of_an_unknown_device_is_admitted_with_a_flag_and_its_signature_does_not_hold(
    visit, desk, session
):
    record = visit.lead.fills(visit.task, device=uuid4())
    quarantined(visit.lead)
    [case] = desk.quarantine(reason="device.unknown")

    assert desk.case(case)["admission"] == {"possible": True, "names_task": False, "obstacles": []}
    desk.admits(case)

    assert record_of(session, record).flags == ["admitted", "device_unknown", "signature_invalid"]


def test_what_anothers_revoked_key_signed_is_for_a_person_to_admit_as_the_authors(visit, desk, session):
    item = stolen(visit)
    revoked = {"since": clock.iso(clock.now() - timedelta(hours=1)), "because": "lost", "note": "遗失"}
    desk.post(f"/api/v1/devices/{visit.lead.device}/keys/{item['key']}/revoke", revoked)
    push(visit.second, item)
    [case] = desk.quarantine(reason="author.differs")
    assert case["sender"]["id"] == str(visit.second.person_id)

    desk.admits(case)

    row = session.get_one(Revision, item["rev"], populate_existing=True)
    assert (row.author_id, row.evidence_level) == (visit.lead.person_id, "signed")
    assert row.flags == ["admitted", "key_revoked", "sent_by_other"]


def test_what_no_key_vouches_for_is_not_admitted_as_anothers(visit, desk):
    item = stolen(visit)
    bare = {name: value for name, value in item.items() if name not in {"alg", "key", "sig"}}
    push(visit.second, bare)
    visit.second.fills(visit.task, author="nobody")
    visit.second.pushes()

    for case in desk.quarantine():
        assert desk.case(case)["admission"]["possible"] is False
        refused = desk.admits(case, expect=409)
        assert (refused["code"], refused["reason"]) == ("quarantine.not-admissible", "author.differs")


def test_a_strangers_version_of_a_record_is_admitted_as_one_more_version(visit, desk, cast, session):
    record = visit.lead.fills(visit.task)
    visit.lead.pushes()
    intruder = cast.phone()
    intruder.takes_over(record, visit.lead)
    rev = intruder.corrects(record)
    quarantined(intruder)
    [case] = desk.quarantine(reason="record.foreign")

    desk.admits(case)
    intruder.pulls()

    row = record_of(session, record)
    assert (row.heads, row.flags) == ([rev], ["admitted", "not_assigned"])
    assert session.get_one(Revision, rev).status == "late"
    assert intruder.shows("record") == {}
    [message] = intruder.shows("message").values()
    details = message["details"]
    assert (message["code"], details["rev"], details["record"]) == ("quarantine.admitted", rev, str(record))


def test_a_version_on_the_wrong_task_joins_its_record(visit, desk, cast, session):
    record = visit.lead.fills(visit.task)
    first = visit.lead.pushes()[0]["rev"]
    other = cast.task(visit.lead, visit.second)
    visit.lead.fills(other, record=record)
    rev = quarantined(visit.lead)

    desk.admits(desk.quarantine()[0])

    row = record_of(session, record)
    assert (row.task_id, row.heads, row.state) == (visit.task, sorted([first, rev]), "conflicted")
    assert row.flags == ["admitted", "task_bound"]


def test_a_record_keeps_its_form(visit, desk, cast):
    record = visit.lead.fills(visit.task)
    visit.lead.pushes()
    author(cast).writes_and_publishes(SPOT_CHECK.replace("spot_check", "other_check"))
    visit.lead.pulls()
    visit.lead.fills(visit.task, form_id="other_check", record=record)
    quarantined(visit.lead)
    [case] = desk.quarantine()

    assert obstacles(desk.case(case)) == ["record.form-differs"]
    assert desk.admits(case, expect=409)["reason"] == "record.form-differs"


def test_xml_that_can_not_be_read_is_shown_without_answers_and_not_admitted(visit, desk):
    visit.lead.fills(visit.task, xml="<data")
    quarantined(visit.lead)
    [case] = desk.quarantine()

    shown = desk.case(case)

    assert (shown["read"]["answers"], obstacles(shown)) == (None, ["xml.malformed"])
    assert desk.admits(case, expect=409)["reason"] == "xml.malformed"


def test_an_item_the_server_failed_at_is_admitted_when_it_no_longer_does(visit, desk, session, monkeypatch):
    record = visit.lead.fills(visit.task)

    def choke(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(exchange, "HANDLERS", {"revision": choke})
        rev = quarantined(visit.lead)
    [case] = desk.quarantine(reason="item.failed")
    assert (case["rev"], desk.case(case)["admission"]["possible"]) == (rev, True)

    desk.admits(case)

    row = record_of(session, record)
    assert (row.heads, row.flags) == ([rev], ["admitted"])
    assert session.get_one(Revision, rev).evidence_level == "signed"


def test_what_is_admitted_late_was_judged_as_of_the_day_it_came(visit, desk, session):
    visit.lead.pulls()
    record = visit.lead.fills(uuid4())
    rev = quarantined(visit.lead)
    came = session.get_one(Revision, rev).received_at

    desk.admits(desk.quarantine()[0], visit.task)

    row = session.get_one(Revision, rev, populate_existing=True)
    assert row.received_at == came
    assert row.clock["not_before"] is not None
    assert set(row.flags) == {"admitted", "task_bound"}
    assert record_of(session, record).submitted_at > came


def test_a_package_tells_that_a_supervisor_bound_what_it_holds_to_the_visit(visit, desk):
    record = visit.lead.fills(uuid4())
    quarantined(visit.lead)
    desk.admits(desk.quarantine()[0], visit.task)
    visit.lead.uploads()

    report = checked(packaged(desk, record))

    assert report.broken == []
    assert "revision.bound" in codes(report.unproved)


def test_files_of_work_in_quarantine_are_never_swept(visit, desk, app):
    visit.lead.fills(uuid4())
    quarantined(visit.lead)
    visit.lead.uploads()
    case = desk.quarantine()[0]
    desk.dismisses(case)

    drain(app)
    patrolled(app, visit.lead.files)

    assert {file["status"] for file in desk.case(case)["read"]["media"]} == {"stored"}
    for sha256 in visit.lead.files:
        assert visit.lead.get(f"/api/v1/media/{sha256}").data == visit.lead.files[sha256]


def patrolled(app, shas):
    """The worker goes through the shelves of some files, as if everything on them were old."""
    patrol = Patrol(app.store, app.readers, timedelta(0), None)
    for shelf in {sha256[:2] for sha256 in shas}:
        assert patrol.perform(shelf).derivatives == 0


# Judged again by itself


def test_a_version_that_is_published_later_lets_in_what_waited_for_it(visit, desk, cast, session, app):
    record = visit.lead.fills(visit.task, form_version="2")
    receipt = visit.lead.pushes()[0]["receipt"]
    [case] = desk.quarantine()
    assert obstacles(desk.case(case)) == ["form.version-unknown"]
    assert desk.admits(case, expect=409)["reason"] == "form.version-unknown"

    publishes(cast, 2)
    drain(app)
    visit.lead.pulls()

    assert desk.quarantine() == []
    [settled] = desk.quarantine(state="settled")
    assert (settled["id"], settled["joined"], settled["decided_by"]) == (case["id"], str(record), None)
    assert record_of(session, record).flags == NO_PAPERS
    assert visit.lead.record(record)["state"] == "under_review"
    [message] = visit.lead.shows("message").values()
    assert (message["code"], message["details"]["record"]) == ("quarantine.settled", str(record))
    [op] = visit.lead.state.receipts
    status = visit.lead.post("/api/v1/sync/ops/status", {"ops": [str(op)]})["items"][0]
    assert (status["outcome"], status["receipt"]) == ("quarantined", receipt)


def test_what_a_colleague_brought_is_judged_again_as_its_authors(visit, desk, cast, session, app):
    record = visit.lead.fills(visit.task, form_version="2")
    item = {**visit.lead.state.outbox[0].item, "op": str(uuid4())}
    push(visit.second, item)

    publishes(cast, 2)
    drain(app)

    row = session.get_one(Revision, item["rev"], populate_existing=True)
    assert (row.author_id, row.record_id, row.flags) == (visit.lead.person_id, record, ["relayed"])
    assert desk.quarantine() == []


def test_a_task_that_appears_later_lets_in_what_waited_for_it(visit, desk, session, app):
    missing = uuid4()
    record = visit.lead.fills(missing)
    rev = quarantined(visit.lead)

    reappears(app, visit.task, missing)
    drain(app)

    row = record_of(session, record)
    assert (row.task_id, row.heads, row.flags, row.state) == (missing, [rev], NO_PAPERS, "under_review")
    assert desk.quarantine() == []


def reappears(app, like, task_id):
    """A task is opened under an id that phones knew before, as after a restored database."""
    with audit.transaction(app.sessions) as session:
        columns = vars(session.get_one(Task, like)).copy()
        columns.pop("_sa_instance_state")
        session.add(Task(**columns | {"id": task_id}))
        session.flush()
        for each in inspections.assignments_of(session, [like]):
            session.add(Assignment(task_id=task_id, person_id=each.person_id, role=each.role))
        audit.append(session, SYSTEM, "task.opened", ("task", task_id))


def test_who_is_put_on_the_task_has_what_waited_for_it_taken(visit, desk, cast, session, app):
    record = visit.lead.fills(visit.task)
    visit.lead.pushes()
    helper = cast.phone()
    helper.takes_over(record, visit.lead)
    rev = helper.corrects(record)
    quarantined(helper)
    certify(app, visit.lead, helper)
    people = {"lead": str(visit.lead.person_id), "assisting": [str(helper.person_id)], "reason": "换人"}

    desk.post(f"/api/v1/tasks/{visit.task}/reassign", people)
    drain(app)

    assert (record_of(session, record).heads, record_of(session, record).flags) == ([rev], NO_PAPERS)


def test_what_still_lacks_something_else_stays_and_says_so(visit, desk, cast, app):
    visit.lead.fills(visit.task, form_version="2", xml="<data")
    quarantined(visit.lead)

    publishes(cast, 2)
    drain(app)

    assert [case["reason"] for case in desk.quarantine()] == ["xml.malformed"]


def test_what_waits_is_judged_again_in_bits(visit, desk, cast, app, monkeypatch):
    monkeypatch.setattr(service, "MOST_AT_ONCE", 2)
    for _ in range(5):
        visit.lead.fills(visit.task, form_version="2")
    quarantined(visit.lead)

    publishes(cast, 2)
    drain(app)

    assert (len(desk.quarantine()), len(desk.quarantine(state="settled"))) == (0, 5)


def test_what_was_put_aside_is_not_judged_again_by_itself(visit, desk, cast, app):
    visit.lead.fills(visit.task, form_version="2")
    quarantined(visit.lead)
    desk.dismisses(desk.quarantine()[0])

    publishes(cast, 2)
    drain(app)

    assert [case["state"] for case in desk.quarantine(state="dismissed")] == ["dismissed"]


def test_what_is_sent_again_and_taken_is_no_longer_on_the_list(visit, desk, cast):
    visit.lead.fills(visit.task, form_version="2")
    quarantined(visit.lead)
    publishes(cast, 2)

    again = {**visit.lead.state.ops[0].item, "op": str(uuid4())}
    assert push(visit.lead, again)[0]["outcome"] == "accepted"

    assert (desk.quarantine(), len(desk.quarantine(state="settled"))) == ([], 1)


# Dismissing


def test_what_is_dismissed_is_kept_and_can_be_taken_up_again(visit, desk, session):
    visit.lead.fills(uuid4())
    rev = quarantined(visit.lead)
    [case] = desk.quarantine()

    dismissed = desk.dismisses(case)
    visit.lead.pulls()

    assert (dismissed["state"], dismissed["note"]) == ("dismissed", "非本次检查")
    assert desk.quarantine() == []
    assert session.get(Revision, rev) is not None
    [message] = visit.lead.shows("message").values()
    details = message["details"]
    assert (message["code"], details["note"], details["rev"]) == ("quarantine.dismissed", "非本次检查", rev)
    assert desk.dismisses(case, expect=409)["code"] == "quarantine.settled"
    assert desk.admits(case, visit.task, expect=409)["code"] == "quarantine.settled"

    desk.reopens(case)
    visit.lead.pulls()

    assert [each["id"] for each in desk.quarantine()] == [case["id"]]
    codes = [each["code"] for each in visit.lead.shows("message").values()]
    assert sorted(codes) == ["quarantine.dismissed", "quarantine.open"]
    assert desk.reopens(case, expect=409)["code"] == "quarantine.settled"
    told = [(each.action, each.actor, each.subject) for each in facts(session, "quarantine.dismissed")]
    assert told == [("quarantine.dismissed", desk.username, rev)]
    assert len(facts(session, "quarantine.reopened")) == 1
    assert desk.admits(case, visit.task)["state"] == "admitted"


def test_what_another_sends_again_takes_nothing_from_the_authors_case(visit, desk):
    visit.lead.fills(visit.task, form_version="2")
    item = {**visit.lead.state.outbox[0].item, "op": str(uuid4())}
    quarantined(visit.lead)

    bare = {name: value for name, value in item.items() if name not in {"alg", "key", "sig"}}
    [thief] = push(visit.second, bare | {"op": str(uuid4())})
    [colleague] = push(visit.second, item)

    assert (thief["outcome"], thief["reason"]) == ("quarantined", "author.differs")
    assert (colleague["outcome"], colleague["reason"]) == ("quarantined", "form.version-unknown")
    [case] = desk.quarantine()
    assert (case["reason"], case["sender"]["id"]) == ("form.version-unknown", str(visit.lead.person_id))


def test_the_author_takes_over_the_case_of_what_another_sent_first(visit, desk):
    visit.lead.fills(visit.task, form_version="2")
    item = {**visit.lead.state.outbox[0].item, "op": str(uuid4())}
    push(visit.second, {name: value for name, value in item.items() if name not in {"alg", "key", "sig"}})

    quarantined(visit.lead)

    [case] = desk.quarantine()
    assert (case["reason"], case["sender"]["id"]) == ("form.version-unknown", str(visit.lead.person_id))
    assert desk.case(case)["read"]["evidence_level"] == "signed"


def test_a_batch_in_quarantine_needs_few_statements_per_item(visit, statements):
    for _ in range(20):
        visit.lead.fills(uuid4())
    one, *rest = [dict(op.item) for op in visit.lead.state.outbox]
    statements.clear()
    push(visit.lead, one)
    single = len(statements)
    statements.clear()
    push(visit.lead, *rest)

    assert len(statements) - single < len(rest)
