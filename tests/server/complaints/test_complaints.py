"""Complaints and suggestions about the application: kept once, seen by the bureau, answered in words."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from server import clock
from server.access import Role
from server.audit import AuditEntry
from server.complaints import service
from server.complaints.models import Complaint
from tests.actors import Cast
from tests.actors.holding import Holding

PATH = "/api/v1/sync/complaints"


def written(**more):
    at = clock.iso(clock.now() - timedelta(hours=3))
    return {"id": str(uuid4()), "kind": "complaint", "text": "同一张表要填两遍", "written_at": at} | more


@pytest.fixture
def inspector(cast):
    return cast.signed_in(Role.INSPECTOR, region="140522")


@pytest.fixture
def supervisor(cast):
    return cast.signed_in(Role.SUPERVISOR, region="140500")


def test_what_somebody_writes_is_there_once_and_its_answer_comes_with_the_next_pull(
    session, inspector, supervisor
):
    phone = Holding(inspector).pulls()
    sent = written()
    first = inspector.post(PATH, sent, expect=201)
    assert first == inspector.post(PATH, sent, expect=201)
    assert (first["state"], first["text"], first["answer"]) == ("received", sent["text"], None)
    assert session.scalar(select(func.count()).select_from(Complaint)) == 1

    (waiting,) = supervisor.get(PATH)
    assert waiting["sender"]["name"]
    answered = supervisor.post(f"{PATH}/{sent['id']}/answer", {"text": "已合并为一张表。"}, expect=200)
    assert (answered["state"], answered["answer"]) == ("answered", "已合并为一张表。")
    assert supervisor.get(PATH) == []
    assert [each["id"] for each in supervisor.get(f"{PATH}?state=answered")] == [sent["id"]]
    assert [each["answer"] for each in inspector.get(f"{PATH}/mine")] == ["已合并为一张表。"]
    phone.pulls()
    (message,) = [item["body"] for (_, kind, _), item in phone.items.items() if kind == "message"]
    assert message["about"] == {"kind": "complaint", "id": sent["id"]}
    assert message["details"]["answer"] == "已合并为一张表。"
    again = supervisor.post(f"{PATH}/{sent['id']}/answer", {"text": "x"}, expect=409)
    assert again["code"] == "complaint.answered"


@pytest.mark.parametrize("is_own", [True, False], ids=["one's own", "somebody else's id"])
def test_two_sends_in_the_same_moment_are_answered_as_one_after_the_other(fresh_app, monkeypatch, is_own):
    people = Cast(fresh_app)
    first = people.signed_in(Role.INSPECTOR, region="140522")
    second = first if is_own else people.signed_in(Role.INSPECTOR, region="140522")
    sent = written()
    written_down, go_on, views = threading.Event(), threading.Event(), service.views

    def pausing(session, found):
        if not written_down.is_set():
            session.flush()
            written_down.set()
            assert go_on.wait(10)
        return views(session, found)

    monkeypatch.setattr(service, "views", pausing)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first.call, "POST", PATH, json=sent)
        assert written_down.wait(10)
        two = pool.submit(second.call, "POST", PATH, json=sent)
        time.sleep(0.3)  # by now it waits for the first, whose transaction is open
        go_on.set()
        one, two = one.result(), two.result()

    assert one.status_code == 201
    if is_own:
        assert (two.status_code, two.get_json()) == (201, one.get_json())
    else:
        assert (two.status_code, two.get_json()["code"]) == (409, "complaint.differs")
    with fresh_app.readers() as session:
        assert session.scalar(select(func.count()).select_from(Complaint)) == 1
        told = select(func.count()).where(AuditEntry.action == "complaint.received")
        assert session.scalar(told) == 1


def test_others_neither_see_nor_answer_it_and_nobody_answers_their_own(cast, inspector, supervisor):
    sent = written()
    inspector.post(PATH, sent, expect=201)
    elsewhere = cast.signed_in(Role.SUPERVISOR, region="130800")
    colleague = cast.signed_in(Role.INSPECTOR, region="140522")

    assert elsewhere.get(PATH) == []
    assert (
        elsewhere.post(f"{PATH}/{sent['id']}/answer", {"text": "x"}, expect=403)["code"]
        == "access.outside-jurisdiction"
    )
    assert colleague.get(PATH, expect=403)["code"] == "access.denied"
    assert colleague.get(f"{PATH}/mine") == []
    assert colleague.post(PATH, sent, expect=409)["code"] == "complaint.differs"
    own = written(kind="suggestion")
    supervisor.post(PATH, own, expect=201)
    assert supervisor.post(f"{PATH}/{own['id']}/answer", {"text": "x"}, expect=403)["code"] == "complaint.own"
    assert (
        supervisor.post(f"{PATH}/{uuid4()}/answer", {"text": "x"}, expect=404)["code"]
        == "complaint.not-found"
    )


@pytest.mark.parametrize("wrong", [{"text": " \n"}, {"text": "长" * 4001}, {"kind": "praise"}, {"id": "1"}])
def test_what_is_no_complaint_is_refused_by_its_field(inspector, wrong):
    refusal = inspector.post(PATH, written(**wrong), expect=422)
    assert next(iter(wrong)) in str(refusal)
