"""What was delivered is compared with what the platform holds: every difference is found, once, and what settles it is done here."""

import io
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from server import audit, clock
from server.access import Role
from server.audit import AuditEntry
from server.duties import Duty
from server.platform.adapters import SignedHttpAdapter, Unanswered
from server.platform.delivered import Period
from server.platform.holding import LARGEST_PAGE, Holding, page_of
from server.platform.mock import Held
from server.platform.models import Delivery
from server.platform.reconciling import Reconciling
from server.worker import Worker, drain
from tests.actors.platform import APP_KEY, SECRET, running_platform
from tests.server.platform.test_deliveries import age, all_deliveries, queue_many

GONE, STRANGE, OTHER, LOST = "missing-there", "unknown-here", "differs", "receipt-missing"
LONG_AGO = timedelta(hours=2)


def plant(app, platform):
    """Thirty differences in forty deliveries; returns which keys differ in which way."""
    keys = sorted(platform.held)
    gone, other, lost = keys[:8], keys[8:15], keys[15:22]
    planted = {
        *((key, GONE) for key in gone),
        *((key, OTHER) for key in other),
        *((key, LOST) for key in lost),
        *((f"别处/{number}", STRANGE) for number in range(8)),
    }
    for held in platform.held.values():
        held.receipt = held.receipt | {"received_at": clock.iso(clock.now() - LONG_AGO)}
    for key in gone:
        del platform.held[key]
    for key in other:
        platform.held[key].payload = platform.held[key].payload | {"findings": "在平台上改过"}
    for number in range(8):
        receipt = {"receipt_no": f"SJ9{number}", "received_at": clock.iso(clock.now() - LONG_AGO)}
        platform.held[f"别处/{number}"] = Held({"region": "140522", "task_no": "手工录入"}, receipt)
    with audit.transaction(app.sessions) as session:
        for each in session.scalars(select(Delivery).where(Delivery.key.in_(lost))):
            each.state, each.receipt = "dead", None
        for each in session.scalars(select(Delivery).where(Delivery.state == "accepted")):
            each.receipt = platform.held[each.key].receipt if each.key in platform.held else each.receipt
    assert len(planted) == 30
    return planted


def around_now():
    """The days on which a test may have begun and ended."""
    today = clock.today()
    return {"first": (today - timedelta(days=1)).isoformat(), "last": today.isoformat()}


def ask(app, person, days, expect=202):
    """Ask as if a platform were set; the worker of a test has an adapter of its own."""
    with mock.patch.object(app, "settings", replace(app.settings, platform_url="http://127.0.0.1:9/results")):
        return person.post("/api/v1/reconciliations", days, expect=expect)


def reconciled(app, adapter, person):
    run = ask(app, person, around_now())
    drain(app, adapter)
    return person.get(f"/api/v1/reconciliations/{run['id']}")


def listed(person, **query):
    return person.get("/api/v1/differences", query_string={"limit": 200, **query})


def ways(rows):
    return {(each["key"], each["kind"]) for each in rows}


def test_thirty_planted_differences_are_found_once_and_settled_here(cast):
    queue_many(cast.app, 40)
    operator, supervisor = cast.signed_in(Role.OPERATOR), cast.signed_in(Role.SUPERVISOR)
    with running_platform() as (platform, adapter):
        drain(cast.app, adapter)
        planted = plant(cast.app, platform)
        run = reconciled(cast.app, adapter, operator)
        assert run["state"] == "done"
        assert (run["here"], run["there"], run["agreed"]) == (33, 40, 18)
        assert run["found"] == {GONE: 8, STRANGE: 8, OTHER: 7, LOST: 7}
        assert ways(listed(operator)) == ways(listed(operator, run=run["id"])) == planted

        again = reconciled(cast.app, adapter, operator)
        assert (again["id"] != run["id"], again["found"]) == (True, run["found"])
        found = listed(operator)
        assert len(found) == 30
        assert Counter(each["state"] for each in found) == {"open": 30}
        assert {each["kind"] for each in found if each["can_send_again"]} == {GONE, LOST}

        first = {
            kind: next(each for each in found if each["kind"] == kind) for kind in (GONE, STRANGE, OTHER)
        }
        path = f"/api/v1/differences/{first[GONE]['id']}/send-again"
        assert supervisor.post(path, expect=403)["code"] == "access.denied"
        foreign = cast.signed_in(Role.OPERATOR, region="130800")
        assert foreign.post(path, expect=404)["code"] == "difference.not-found"
        assert listed(foreign) == []
        refused = operator.post(f"/api/v1/differences/{first[OTHER]['id']}/send-again", expect=409)
        assert refused["code"] == "difference.not-sendable"

        for each in found:
            if each["can_send_again"]:
                sent = operator.post(f"/api/v1/differences/{each['id']}/send-again")
                assert operator.post(f"/api/v1/differences/{each['id']}/send-again")["state"] == sent["state"]
        for kind in (STRANGE, OTHER):
            for _ in range(2):
                operator.post(f"/api/v1/differences/{first[kind]['id']}/note", {"reason": "平台手工录入"})
        repaired = next(each for each in found if each["kind"] == OTHER and each["id"] != first[OTHER]["id"])
        platform.held[repaired["key"]].payload.pop("findings")
        ours = next(each for each in all_deliveries(cast.app) if each.key == repaired["key"])
        platform.held[repaired["key"]].payload = ours.payload
        vanished = next(
            each for each in found if each["kind"] == STRANGE and each["id"] != first[STRANGE]["id"]
        )
        del platform.held[vanished["key"]]
        drain(cast.app, adapter)

        last = reconciled(cast.app, adapter, operator)
        assert last["found"] == {GONE: 0, STRANGE: 7, OTHER: 6, LOST: 0}
        assert (last["here"], last["agreed"]) == (40, 34)
        states = Counter((each["kind"], each["state"]) for each in listed(operator))
        assert states == {
            (GONE, "resolved"): 8, (LOST, "resolved"): 7, (STRANGE, "resolved"): 1, (OTHER, "resolved"): 1,
            (STRANGE, "open"): 6, (OTHER, "open"): 5, (STRANGE, "noted"): 1, (OTHER, "noted"): 1,
        }  # fmt: skip
        settled = operator.post(path, expect=409)
        assert settled["code"] == "difference.settled"
        # Each arrived once more, and was entered once more only where it was missing.
        assert len(platform.effects) == 40 + 8
        ways_of_old = listed(operator, run=run["id"])
        assert ways(ways_of_old) == planted  # the first run still says what it saw

        noted = next(each for each in listed(operator, state="noted") if each["kind"] == OTHER)
        platform.held[noted["key"]].payload["findings"] = "又改了"
        reconciled(cast.app, adapter, operator)
        assert noted["id"] in {each["id"] for each in listed(operator, state="open")}
    with cast.app.readers() as session:
        query = select(AuditEntry.action).where(
            AuditEntry.action.like("%e.noted") | (AuditEntry.action == "delivery.retried")
        )
        assert Counter(session.scalars(query)) == {"difference.noted": 2, "delivery.retried": 15}


def test_each_day_is_reconciled_by_itself_and_a_day_without_an_answer_by_the_next(cast, monkeypatch):
    queue_many(cast.app, 3)
    with running_platform() as (platform, adapter):
        drain(cast.app, adapter)
        today = clock.today()
        del platform.held[min(platform.held)]

        def at(days, hour):
            moment = datetime(today.year, today.month, today.day, hour, tzinfo=clock.CHINA) + timedelta(
                days=days
            )
            monkeypatch.setattr(clock, "now", lambda: moment.astimezone(UTC))

        def work(asked):
            reconciling = Reconciling(asked, "province", cast.app.readers)
            duty = Duty("reconcile", reconciling.claim, reconciling.perform, reconciling.settle)
            while Worker(cast.app, [duty]).perform(duty):
                pass

        away = SignedHttpAdapter("http://127.0.0.1:9/results", APP_KEY, SECRET)
        at(1, 0)
        work(adapter)
        assert runs(cast) == []  # what was sent before midnight may have no answer yet
        at(1, 3)
        work(away)
        work(away)
        (waiting,) = runs(cast)
        assert (waiting["state"], waiting["source"], waiting["attempts"]) == ("waiting", "daily", 1)
        assert waiting["problem"]
        at(2, 3)
        work(adapter)
        newest, late = runs(cast)
        assert (newest["first"], newest["last"]) == (
            today.isoformat(),
            (today + timedelta(days=1)).isoformat(),
        )
        assert {newest["state"], late["state"]} == {"done"}
        assert newest["found"][GONE] == late["found"][GONE] == 1
        at(3, 3)
        work(adapter)
        assert (runs(cast)[0]["first"], len(runs(cast)), len(listed(cast.signed_in(Role.AUDITOR)))) == (
            (today + timedelta(days=2)).isoformat(), 3, 1,
        )  # fmt: skip


def runs(cast):
    return cast.signed_in(Role.AUDITOR).get("/api/v1/reconciliations")


def test_a_file_that_the_platform_gave_out_is_compared_as_its_answer_is(app, cast):
    queue_many(cast.app, 4)
    operator = cast.signed_in(Role.OPERATOR)
    with running_platform() as (_, adapter):
        drain(cast.app, adapter)
    first, second, third, fourth = all_deliveries(cast.app)
    rows = [[each.key, each.receipt["receipt_no"]] for each in (first, second)] + [
        [third.key, "SJ-另一号"],
        ["别处/1", "SJ9"],
    ]
    book = Workbook()
    for row in [["省平台接收清单"], ["报送编号", "回执号"], *rows]:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)

    def send(person, days, expect):
        response = person.call(
            "POST", "/api/v1/reconciliations/file", query_string=days, data=written.getvalue()
        )
        assert response.status_code == expect, response.get_data(as_text=True)
        return response.get_json()

    days = around_now()
    run = send(operator, days, 201)
    assert (run["state"], run["source"], run["here"], run["agreed"]) == ("done", "file", 4, 2)
    assert len(run["file_sha256"]) == 64
    assert ways(listed(operator, run=run["id"])) == {
        (third.key, OTHER),
        ("别处/1", STRANGE),
        (fourth.key, GONE),
    }
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert send(operator, days | {"last": tomorrow}, 422)["code"] == "reconciliation.period-wrong"
    assert send(cast.signed_in(Role.AUDITOR), days, 403)["code"] == "access.denied"
    ask(app, operator, {"first": "2026-01-01", "last": "2026-02-01"}, expect=422)
    book.active.append(rows[0])
    written.seek(0)
    book.save(written)
    assert send(operator, days, 422)["code"] == "import.rows"


def test_a_delivery_that_arrived_just_now_is_no_difference_and_one_in_another_county_is_not_ours(cast):
    queue_many(cast.app, 2)
    operator = cast.signed_in(Role.OPERATOR)
    with running_platform() as (platform, adapter):
        drain(cast.app, adapter)
        with audit.transaction(cast.app.sessions) as session:
            for each in session.scalars(select(Delivery)):
                each.state, each.receipt, each.next_at = "sent", None, clock.now() + timedelta(hours=1)
        receipt = {"receipt_no": "SJ9", "received_at": clock.iso(clock.now())}
        platform.held["别县/1"] = Held({"region": "130800"}, receipt)
        run = reconciled(cast.app, adapter, operator)
        assert (run["there"], set(run["found"].values())) == (2, {0})
        for held in platform.held.values():
            held.receipt = held.receipt | {"received_at": clock.iso(clock.now() - LONG_AGO)}
        found = reconciled(cast.app, adapter, operator)["found"]
        assert found == {GONE: 0, STRANGE: 0, OTHER: 0, LOST: 2}
        age(cast.app)


@pytest.mark.parametrize(
    "reply",
    [b"", b"[]", b'{"held":{}}', b'{"held":[1]}', b'{"held":[{}]}', b'{"held":[{"key":"a","received_at":"2026-01-01T00:00:00"}]}',
     b'{"held":[{"key":"a","received_at":"x"}]}', b" " * (LARGEST_PAGE + 1)],
)  # fmt: skip
def test_a_page_that_cannot_be_read_is_no_answer(reply):
    assert page_of(reply) is None


def test_what_a_platform_does_not_tell_stays_unknown():
    page = page_of(b'{"held":[{"key":"a/b"}],"next":7}')
    assert (page.held, page.next) == ([Holding("a/b")], "7")
    with running_platform() as (_, adapter):
        stranger = SignedHttpAdapter(adapter.url, APP_KEY, "guessed")
        assert isinstance(stranger.held_under(["a"]), Unanswered)
        assert adapter.held_under([]) == []


def test_a_period_is_days_in_china_and_ends_now_at_the_latest():
    now = datetime(2026, 3, 2, 4, tzinfo=UTC)
    period = Period.of("province", "140522", now.date() - timedelta(days=1), now.date(), now)
    assert (period.since, period.until) == (datetime(2026, 2, 28, 16, tzinfo=UTC), now)


def test_without_a_platform_nobody_is_left_waiting_for_an_answer(cast):
    operator = cast.signed_in(Role.OPERATOR)
    before = operator.get("/api/v1/reconciliations")

    refused = operator.post("/api/v1/reconciliations", around_now(), expect=409)

    assert refused["code"] == "reconciliation.nobody-to-ask"
    assert operator.get("/api/v1/reconciliations") == before
