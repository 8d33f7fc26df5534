"""Whose phone sees what, when people, regions and devices change."""

import hashlib
import json
import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from server import audit, clock, feed
from server.access import SYSTEM, Role
from server.accounts.models import Person, Region
from server.accounts.regions import move_region
from server.accounts.service import actor_of
from server.audit import AuditEntry
from server.feed import FeedRow
from server.messages import Message
from server.problems import RegionNotFound, RegionWithinItself
from server.registry import service as registry
from server.registry.models import CertificateDay
from server.results.listing import offer_codes
from server.worker import make_worker
from sync import unseal
from tests.actors.holding import PULL, Holding
from tests.actors.phone import certify
from tests.actors.supervisor import phones, submitted, supervisor, visit_task

NOTICES = "/api/v1/sync/notices"


@pytest.fixture
def admin(cast):
    return cast.signed_in(Role.ADMIN, region="140500")


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER, region="140500")


def changes(admin, person, expect=200, **change):
    return admin.patch(f"/api/v1/people/{person.person_id}", change, expect=expect)


def works(app, *names):
    worker = make_worker(app)
    for duty in worker.duties:
        if duty.name in names:
            worker.perform(duty)
    while worker.dispatch() or worker.run_jobs():
        pass


def messages_of(phone):
    held = Holding(phone).pulls()
    return {(via, item["body"]["text"]) for (via, kind, _), item in held.items.items() if kind == "message"}


# Regions


def test_a_notice_reaches_everybody_of_a_region_and_of_those_within_it(cast, planner):
    county, city, elsewhere = cast.phone(), cast.phone(region="140500"), cast.phone(region="130800")
    posted = planner.post(NOTICES, {"text": "明日暴雨，停止外业", "text_en": "Stay in"}, expect=201)
    planner.post(NOTICES, {"text": "县里的事", "region": "140522", "days": 3}, expect=201)
    planner.post(NOTICES, {"text": "只告诉你", "person": str(city.person_id)}, expect=201)

    assert messages_of(county) == {
        ("region:140500", "明日暴雨，停止外业"),
        ("region:140522", "县里的事"),
    }
    assert messages_of(city) == {("region:140500", "明日暴雨，停止外业"), ("me", "只告诉你")}
    assert messages_of(elsewhere) == set()
    [item] = [each for each in county.get(PULL)["items"] if each["id"] == posted["id"]]
    assert item["body"] == {
        "code": "notice.posted",
        "text": "明日暴雨，停止外业",
        "text_en": "Stay in",
        "about": None,
        "details": None,
        "told_at": item["body"]["told_at"],
        "ends_at": item["body"]["ends_at"],
    }


def test_a_notice_stays_within_the_jurisdiction_of_who_posts_it(cast, planner):
    stranger = cast.phone(region="130800")
    outside = [{"region": "130800"}, {"region": "140000"}, {"person": str(stranger.person_id)}]
    for to in outside:
        answer = planner.post(NOTICES, {"text": "x", **to}, expect=403)
        assert answer["code"] == "access.outside-jurisdiction"
    assert (
        planner.post(NOTICES, {"text": "x", "person": str(uuid4())}, expect=404)["code"] == "person.not-found"
    )
    assert planner.post(NOTICES, {"text": "x", "region": "140599"}, expect=404)["code"] == "region.not-found"
    both = {"text": "x", "region": "140522", "person": str(stranger.person_id)}
    assert planner.post(NOTICES, both, expect=422)["code"] == "request.invalid"
    assert stranger.post(NOTICES, {"text": "x"}, expect=403)["code"] == "access.denied"


def test_a_message_ends_by_itself_and_is_forgotten_later(cast, app, planner):
    phone = cast.phone()
    planner.post(NOTICES, {"text": "县里的事", "region": "140522"}, expect=201)
    held = Holding(phone).pulls()
    with app.sessions.begin() as session:
        session.execute(update(Message).values(ends_at=clock.now()))
    works(app, "end messages")

    [item] = phone.get(PULL, query_string={"cursor": held.cursor})["items"]
    assert (item["op"], item["kind"], item["via"], item["why"]) == (
        "drop",
        "message",
        "region:140522",
        "ended",
    )
    with app.sessions.begin() as session:
        ended = session.scalars(select(Message)).one()
        ended.ended_at = clock.now() - timedelta(days=2)
    planner.post(NOTICES, {"text": "又一件"}, expect=201)
    with app.sessions.begin() as session:
        session.execute(update(Message).where(Message.ended_at.is_(None)).values(ends_at=clock.now()))
    works(app, "end messages")
    with app.readers() as session:
        assert [each.text for each in session.scalars(select(Message))] == ["又一件"]


def test_who_moves_to_another_region_changes_channels_and_keeps_the_tasks(visit, cast, admin, planner):
    planner.post(NOTICES, {"text": "市里的事"}, expect=201)
    planner.post(NOTICES, {"text": "县里的事", "region": "140522"}, expect=201)
    held = Holding(visit.lead).pulls()
    before = {key for key in held.items if key[1] in {"task", "object", "form"}}
    city = cast.organisation("140500")

    answer = changes(admin, visit.lead, organisation_id=str(city.id))
    page = visit.lead.get(PULL, query_string={"cursor": held.cursor})
    held.pulls()

    assert (answer["organisation_id"], answer["region"]) == (str(city.id), "140500")
    assert [(each["op"], each["kind"], each["id"]) for each in page["items"]] == [
        ("drop", "channel", "region:140522")
    ]
    assert messages_of(visit.lead) == {("region:140500", "市里的事")}
    assert {key for key in held.items if key[1] != "message"} == before, (
        "whom they are lent to is a planner's business"
    )
    back = cast.organisation("140522")
    changes(admin, visit.lead, organisation_id=str(back.id))
    held.pulls()
    assert {item["body"]["text"] for key, item in held.items.items() if key[1] == "message"} == {
        "市里的事",
        "县里的事",
    }


def test_a_region_that_comes_to_lie_elsewhere_hears_that_one_from_the_beginning(cast, app, planner):
    phone = cast.phone()
    hebei = cast.signed_in(Role.PLANNER, region="130000")
    planner.post(NOTICES, {"text": "晋城的事"}, expect=201)
    hebei.post(NOTICES, {"text": "河北的事"}, expect=201)
    cast.signed_in(Role.PLANNER, region="130800").post(NOTICES, {"text": "承德的事"}, expect=201)
    held = Holding(phone).pulls()

    with audit.transaction(app.sessions) as session:
        move_region(session, SYSTEM, "140522", "130800")
    held.pulls()

    texts = {(key[0], item["body"]["text"]) for key, item in held.items.items() if key[1] == "message"}
    assert texts == {("region:130800", "承德的事"), ("region:130000", "河北的事")}
    assert held.resets == []
    assert held.differs() == []


def test_a_region_does_not_come_to_lie_in_itself(cast, app):
    cast.organisation()
    with audit.transaction(app.sessions) as session:
        with pytest.raises(RegionWithinItself):
            move_region(session, SYSTEM, "140000", "140522")
        for code, parent in (("999999", None), ("140522", "999999")):
            with pytest.raises(RegionNotFound):
                move_region(session, SYSTEM, code, parent)
        move_region(session, SYSTEM, "140500", None)
    with app.readers() as session:
        assert session.get(Region, "140500").parent is None


# People


def test_who_is_no_inspector_any_more_pulls_nothing_and_goes_on_when_that_is_taken_back(visit, cast, admin):
    held = Holding(visit.lead).pulls()
    changes(admin, visit.lead, roles=["publisher"])
    refused = visit.lead.get(PULL, query_string={"cursor": held.cursor}, expect=403)
    cast.task(visit.lead, visit.second)

    changes(admin, visit.lead, roles=["inspector", "lead"])
    held.pulls()

    assert refused["code"] == "access.denied"
    assert len([key for key in held.items if key[1] == "task"]) == 2
    assert held.resets == []


def test_who_has_left_is_signed_out_and_the_others_are_told(visit, cast, app, admin, planner):
    third = cast.phone()
    certify(app, visit.second, third)
    held = Holding(visit.second).pulls()
    assert changes(admin, visit.lead, active=False)["active"] is False
    works(app)

    assert visit.lead.get(PULL, expect=401)["code"] == "session.expired"
    visit.lead.sign_in(expect=401)
    held.pulls()
    [body] = [each for key, each in held.bodies().items() if key[1] == "task"]
    assert [each["active"] for each in body["inspectors"]] == [False, True]
    query = {"person": str(visit.lead.person_id)}
    [waiting] = planner.get("/api/v1/tasks", query_string=query)
    assert waiting["id"] == str(visit.task)
    people = {"lead": str(third.person_id), "assisting": [str(visit.second.person_id)], "reason": "离职"}
    planner.post(f"/api/v1/tasks/{visit.task}/reassign", people)
    assert planner.get("/api/v1/tasks", query_string=query) == []
    changes(admin, visit.lead, active=True)
    visit.lead.signs_in()
    visit.lead.pulls()
    assert visit.lead.shows("task") == {}


def test_a_changed_name_and_a_new_certificate_reach_the_phones_of_everybody_on_the_task(visit, app, admin):
    held = Holding(visit.second).pulls()
    changes(admin, visit.lead, name="新名字")
    certify_by_hand = {"number": "晋0501", "issuer": "山西省"}
    with audit.transaction(app.sessions) as session:
        draft = registry.CertificateDraft(**certify_by_hand, valid_from=clock.today(), valid_to=clock.today())
        actor = _actor(session, admin)
        registry.enter_certificate(session, actor, visit.lead.person_id, draft)
    works(app)
    held.pulls()

    [task] = [each for key, each in held.bodies().items() if key[1] == "task"]
    assert (task["inspectors"][0]["name"], task["inspectors"][0]["certificate"]) == ("新名字", "晋0501")
    assert task["prefill"]["tasks"]["inspector1_name"] == "新名字"


def test_a_visit_that_was_finished_is_the_last_one_in_the_other_tasks_of_its_object(cast, app):
    crew = phones(cast)
    task = visit_task(cast, *crew)
    crew[0].pulls()
    same = crew[0].shows("task")[str(task)]["object"]
    other = visit_task(cast, *crew, object_id=UUID(same))
    record = submitted(cast, *crew, task=task)
    held = Holding(crew[1]).pulls()

    supervisor(cast).accepts(record)
    works(app)
    held.pulls()

    row = held.bodies()["me", "task", str(other)]["prefill"]["tasks"]
    assert (row["last_result"], row["year_count"]) == ("未发现问题", "2")


def test_a_certificate_that_ran_out_with_the_day_leaves_the_tasks(visit, app):
    certify(app, visit.lead, days=-1)
    certify(app, visit.second)
    works(app, "turn the day")
    held = Holding(visit.second).pulls()
    works(app, "turn the day")
    assert held.asks()["stale"] is False, "nothing turned today"

    with app.sessions.begin() as session:
        session.get_one(CertificateDay, 1).day -= timedelta(days=2)
    works(app, "turn the day")

    with app.readers() as session:
        told = session.scalars(
            select(AuditEntry.subject).where(AuditEntry.action == "certificate.turned")
        ).all()
    assert told == [str(visit.lead.person_id)]
    assert held.asks()["stale"] is True
    works(app, "turn the day")
    with app.readers() as session:
        query = select(AuditEntry.seq).where(AuditEntry.action == "certificate.turned")
        assert len(session.scalars(query).all()) == 1


def test_people_are_changed_within_the_jurisdiction_and_never_by_themselves(cast, admin, visit):
    other = cast.organisation("130800")
    stranger = cast.person(Role.INSPECTOR, region="130800")

    assert changes(admin, stranger, 403, name="x")["code"] == "access.outside-jurisdiction"
    assert (
        changes(admin, visit.lead, 403, organisation_id=str(other.id))["code"]
        == "access.outside-jurisdiction"
    )
    assert changes(admin, visit.lead, 404, organisation_id=str(uuid4()))["code"] == "organisation.not-found"
    assert changes(admin, visit.lead, 422, roles=[])["code"] == "request.invalid"
    assert changes(admin, visit.lead, 422, roles=["king"])["code"] == "request.invalid"
    assert changes(visit.lead, visit.second, 403, name="x")["code"] == "access.denied"
    for mine in ({"roles": ["admin"]}, {"active": False}):
        assert changes(admin, admin, 409, **mine)["code"] == "person.own-rights"
    assert changes(admin, admin, name="自己")["name"] == "自己"


# Devices


def test_a_new_device_begins_from_zero_and_a_blocked_one_is_told_nothing(visit, cast, app):
    old = Holding(visit.lead).pulls()
    fresh = type(visit.lead)(app, visit.lead.username, visit.lead.person_id).signs_in()
    new = Holding(fresh).pulls()
    assert new.bodies() == old.bodies()

    fresh.delete(f"/api/v1/devices/{visit.lead.device}")

    assert visit.lead.get(PULL, query_string={"cursor": old.cursor}, expect=403)["code"] == "device.blocked"
    cast.task(visit.lead, visit.second)
    assert len(new.pulls().items) == len(old.items) + 2


def test_a_device_that_enrols_a_new_key_goes_on_where_it_was(visit, cast):
    held = Holding(visit.lead).pulls()
    visit.lead.key = type(visit.lead)(visit.lead.app, "", uuid4()).key
    visit.lead.signs_in()
    cast.task(visit.lead, visit.second)

    page = visit.lead.get(PULL, query_string={"cursor": held.cursor})

    assert [each["kind"] for each in page["items"]] == ["object", "task"]


def test_a_phone_that_two_inspectors_share_keeps_their_views_apart(visit):
    visit.second.device = visit.lead.device
    visit.second.signs_in()
    mine, theirs = Holding(visit.lead).pulls(), Holding(visit.second).pulls()
    cursor = mine.cursor
    mine.cursor = theirs.cursor
    mine.pulls()

    assert mine.resets == ["user"]
    assert unseal(mine.cursor, visit.lead.app.installation.secret).user == str(visit.lead.person_id)
    theirs.cursor = cursor
    assert theirs.pulls().resets == ["user"]


def test_whose_key_somebody_else_ends_or_revokes_is_told(visit, cast, admin):
    url = f"/api/v1/devices/{visit.lead.device}/keys/{visit.lead.session['device']['key_id']}"
    admin.post(f"{url}/end", {"because": "handed_back"})
    other = f"/api/v1/devices/{visit.second.device}/keys/{visit.second.session['device']['key_id']}"
    admin.post(f"{other}/revoke", {"since": "2026-11-01T08:00:00+08:00", "because": "lost", "note": "丢失"})

    [(via, ended)] = messages_of(visit.lead)
    [(_, revoked)] = messages_of(visit.second)

    assert via == "me"
    assert "测试机" in ended
    assert "2026-11-01 08:00" in revoked


def test_who_ends_the_own_key_is_told_nothing_new(visit):
    url = f"/api/v1/devices/{visit.lead.device}/keys/{visit.lead.session['device']['key_id']}"
    visit.lead.post(f"{url}/end", {"because": "data_lost"})
    assert messages_of(visit.lead) == set()


# Lists


def test_lists_reach_every_phone_as_a_name_of_bytes_that_never_change(visit, app, cast):
    held = Holding(visit.lead).pulls()
    with audit.transaction(app.sessions) as session:
        registry.enter_standard_items(session, SYSTEM)
        offer_codes(session, SYSTEM)
    held.pulls()
    body = held.bodies()["lists", "list", "items"]
    content = visit.lead.call("GET", f"/api/v1/sync/blobs/{body['sha256']}")
    written = json.loads(content.data)

    assert {key for key in held.items if key[0] == "lists"} == {
        ("lists", "list", name) for name in ("items", "result_codes", "followup_codes")
    }
    assert hashlib.sha256(content.data).hexdigest() == body["sha256"]
    assert (len(content.data), len(written["entries"])) == (body["size"], body["count"])
    overstep = next(each for each in written["entries"] if each["code"] == "MINE_OVERSTEP")
    assert overstep["basis"] == "《中华人民共和国矿产资源法》"

    with audit.transaction(app.sessions) as session:
        registry.enter_standard_items(session, SYSTEM)
    assert held.asks()["stale"] is False, "the same entries change nothing"
    with audit.transaction(app.sessions) as session:
        title = ("抽查事项清单", "Inspection items")
        registry.enter_list(session, SYSTEM, "items", title, [{"code": "NEW", "name": "新事项"}])
    held.pulls()
    assert held.bodies()["lists", "list", "items"]["sha256"] != body["sha256"]
    assert visit.lead.call("GET", f"/api/v1/sync/blobs/{body['sha256']}").data == content.data


# Reasons


def test_two_revocations_that_cross_each_other_drop_the_object_once_both_are_done(postgres_app):
    app, mine = postgres_app, "user:1"
    with audit.transaction(app.sessions) as session:
        for task in ("a", "b"):
            feed.grant(session, mine, "object", "mine", f"task:{task}")
        audit.append(session, SYSTEM, "made.up", ("test", "1"))

    def take(session, task):
        feed.revoke(session, mine, "object", "mine", f"task:{task}", "reassigned")
        audit.append(session, SYSTEM, "made.up", ("test", task))
        audit.seal(session)

    def live():
        with app.readers() as session:
            return session.scalar(select(FeedRow.live).where(FeedRow.recipient == mine))

    with app.sessions() as first:
        take(first, "a")  # holds the append lock
        second = threading.Thread(target=_in_one, args=(app, take, "b"))
        second.start()
        second.join(0.3)
        assert second.is_alive()
        first.commit()
        second.join(10)

    assert not second.is_alive()
    assert live() is False


def _in_one(app, verb, *arguments):
    with app.sessions() as session:
        verb(session, *arguments)
        session.commit()


def _actor(session, someone):
    return actor_of(session.get(Person, someone.person_id))
