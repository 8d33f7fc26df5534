"""What was taken back stays so, is taken back wherever it was brought, and is public again when a publisher says so."""

import pytest
from sqlalchemy import select

from server import audit
from server.access import Role
from server.audit import AuditEntry
from server.platform.mock import Faults
from server.platform.withdrawals import withdraw_earlier
from server.publicity.earlier import take_back_earlier
from server.publicity.models import Disclosure, Publication
from server.worker import drain
from tests.actors.platform import running_platform
from tests.actors.supervisor import phones, supervisor
from tests.server.publicity.releasing import PROBLEM, finish_all, public, release, released

MOVED = {"codes": ["MOVED_AWAY"], "correction": "已迁出"}
LEFT = {"reason": "not_public", "note": "涉密"}


@pytest.fixture
def crew(cast):
    return phones(cast)


@pytest.fixture
def publisher(cast):
    return cast.signed_in(Role.PUBLISHER)


def standing(cast, publisher, targets, problems="at_once"):
    """Let the bureau publish in these places only."""
    path = f"/api/v1/organisations/{cast.organisation().id}/rules/publicity"
    publisher.put(path, {"targets": targets, "problems": problems})


def test_publishers_read_the_rules_that_they_set(cast, publisher):
    own, path = cast.organisation(), "/api/v1/publicity/rules"
    known = {"organisation_id": str(own.id), "organisation": own.name}
    everywhere = {"targets": ["portal", "column", "platform", "credit"], "problems": "at_once"}
    assert publisher.get(path) == known | everywhere
    standing(cast, publisher, ["credit", "portal"], "after_handling")
    assert publisher.get(path) == known | {"targets": ["portal", "credit"], "problems": "after_handling"}
    assert cast.signed_in(Role.PUBLISHER, region="130800").get(path)["problems"] == "at_once"
    assert cast.signed_in(Role.PLANNER).get(path, expect=403)["code"] == "access.denied"


def states(publisher, version=1):
    """Where a version stands at each place."""
    found = publisher.get("/api/v1/publications")
    return {each["target"]: each["state"] for each in found if each["disclosure"]["version"] == version}


def newest(publisher):
    """The newest version that was disclosed."""
    found = [each["disclosure"] for each in publisher.get("/api/v1/publications")]
    return max(found, key=lambda each: each["version"])


def withdraw(publisher, disclosure, **given):
    return publisher.post(f"/api/v1/disclosures/{disclosure['id']}/withdraw", LEFT | given)


def acknowledge(publisher, target):
    """Take a batch to a place that takes all of it; returns its rows."""
    batch = publisher.post("/api/v1/publications/batches", {"target": target}, expect=201)
    sent = publisher.get(f"/api/v1/publications?batch={batch['batch']}")
    publisher.post(
        "/api/v1/publications/settle", {"ids": [each["id"] for each in sent], "receipt": {"no": "1"}}
    )
    return batch["rows"]


@pytest.mark.parametrize("reason", ["not_public", "expired"])
def test_what_is_not_public_by_law_or_over_stays_so_when_the_result_is_corrected(
    cast, crew, publisher, reason
):
    result = released(cast, crew, "MINE_OVERSTEP")
    withdraw(publisher, newest(publisher), reason=reason)
    release(cast, crew, result, **MOVED)

    kept = newest(publisher)
    assert (kept["version"], kept["state"], kept["reason"]) == (2, "withdrawn", reason)
    assert public(cast) == []
    assert set(states(publisher, 2).values()) == {"withdrawn"}
    assert cast.stranger().get(f"/public/results/{kept['id']}", expect=404)
    release(cast, crew, result, codes=["NO_PROBLEM"], correction="再核")
    assert public(cast) == []


def test_what_was_entered_wrongly_is_public_again_when_it_is_corrected(cast, crew, publisher):
    result = released(cast, crew, "MINE_OVERSTEP")
    withdraw(publisher, newest(publisher), reason="entered_wrongly")
    release(cast, crew, result, **MOVED)

    assert [each["version"] for each in public(cast)] == [2]


def test_a_publisher_lets_the_newest_version_be_public_again_with_a_reason_that_stays_in_the_log(
    cast, crew, publisher
):
    result = released(cast, crew, "MINE_OVERSTEP")
    first = newest(publisher)
    again, why = f"/api/v1/disclosures/{first['id']}/publish-again", {"note": "复议决定公开"}
    refused = publisher.post(again, why, expect=409)
    assert (refused["code"], refused["state"]) == ("disclosure.not-withdrawn", "public")
    withdraw(publisher, first)
    assert supervisor(cast).post(again, why, expect=403)["code"] == "access.denied"
    cast.signed_in(Role.PUBLISHER, region="130800").post(again, why, expect=404)
    assert publisher.post(again, {"note": " "}, expect=422)["code"] == "request.invalid"
    release(cast, crew, result, **MOVED)
    assert publisher.post(again, why, expect=409)["code"] == "disclosure.not-withdrawn"  # version 2 is there

    path = f"/api/v1/disclosures/{newest(publisher)['id']}/publish-again"
    assert publisher.post(path, why)["state"] == "public"
    assert [(each["version"], each["reason"]) for each in public(cast)] == [(2, None)]
    assert states(publisher, 2) == {
        "portal": "acknowledged", "column": "due", "platform": "due", "credit": "due",
    }  # fmt: skip
    with audit.transaction(cast.app.sessions) as session:
        kept = session.scalar(
            select(AuditEntry.details).where(AuditEntry.action == "disclosure.published-again")
        )
    assert kept == {"note": "复议决定公开", "was": "not_public", "version": 2, "state": "public"}
    release(cast, crew, result, codes=["NO_PROBLEM"], correction="再核")
    assert [each["version"] for each in public(cast)] == [3]


def test_problems_that_were_taken_back_wait_again_until_they_are_handled(cast, crew, publisher):
    standing(cast, publisher, ["portal", "credit"], "after_handling")
    result = released(cast, crew, "BOUNDARY_MARKER", marker=PROBLEM)
    withdraw(publisher, newest(publisher))
    path = f"/api/v1/disclosures/{newest(publisher)['id']}/publish-again"

    assert publisher.post(path, {"note": "误撤"})["state"] == "held"
    assert public(cast) == []
    assert set(states(publisher).values()) == {"not_due"}
    finish_all(supervisor(cast), result)
    drain(cast.app)
    assert len(public(cast)) == 1


def test_what_a_place_has_is_taken_back_there_with_a_file_and_an_answer(cast, crew, publisher):
    result = released(cast, crew, "MINE_OVERSTEP")
    (shown,) = acknowledge(publisher, "credit")
    publisher.post("/api/v1/publications/batches", {"target": "column"}, expect=201)
    withdraw(publisher, newest(publisher))

    there = {"portal": "withdrawn", "column": "take_back", "platform": "withdrawn", "credit": "take_back"}
    assert states(publisher) == there
    (due,) = publisher.get("/api/v1/publications?target=credit")
    # A receipt that comes late is about what was brought there.
    late = {"ids": [due["id"]], "receipt": {"no": "late"}}
    assert publisher.post("/api/v1/publications/settle", late, expect=409)["ids"] == [due["id"]]
    order = {"target": "credit"}
    (row,) = publisher.post("/api/v1/publications/batches", order, expect=201)["rows"]
    assert (row["id"], row["state"], row["reason"]["zh"]) == (shown["id"], "withdrawn", "依法不予公开")
    assert (row["object_name"], row["task_no"]) == (shown["object_name"], shown["task_no"])
    assert "result" not in row
    assert states(publisher)["credit"] == "take_back_sent"
    failed = {"ids": [due["id"]], "errors": [{"message": "系统忙"}]}
    assert publisher.post("/api/v1/publications/settle", failed)[0]["state"] == "take_back_failed"
    assert acknowledge(publisher, "credit") == [row]
    assert states(publisher)["credit"] == "withdrawn"
    assert publisher.post("/api/v1/publications/batches", order, expect=201)["rows"] == []

    release(cast, crew, result, **MOVED)  # kept back, so that nothing goes there
    assert publisher.post("/api/v1/publications/batches", order, expect=201)["rows"] == []


def test_what_was_corrected_is_taken_back_before_its_newer_version_is_brought_there(cast, crew, publisher):
    result = released(cast, crew, "MINE_OVERSTEP")
    acknowledge(publisher, "credit")
    release(cast, crew, result, **MOVED)

    rows = acknowledge(publisher, "credit")
    assert [(each["version"], each["state"]) for each in rows] == [(1, "corrected"), (2, "public")]
    assert states(publisher, 1)["credit"] == "corrected"
    assert states(publisher, 2)["credit"] == "acknowledged"


def test_the_province_is_told_of_a_withdrawal_and_of_what_is_public_again_and_answers(cast, crew, publisher):
    with running_platform() as (platform, adapter):
        result = released(cast, crew, "MINE_OVERSTEP")
        drain(cast.app, adapter)
        assert states(publisher)["platform"] == "acknowledged"
        withdraw(publisher, newest(publisher))
        assert states(publisher)["platform"] == "take_back"
        drain(cast.app, adapter)
        assert states(publisher)["platform"] == "withdrawn"
        first, told = platform.effects
        assert told.startswith(f"{first}/withdrawn-")
        payload = platform.held[told].payload
        assert payload["withdrawal"] == {
            "code": "not_public", "zh": "依法不予公开", "en": "By law it is not public.",
        }  # fmt: skip
        assert (payload["task_no"], payload["version"]) == (result_task(platform, first), 1)

        path = f"/api/v1/disclosures/{newest(publisher)['id']}/publish-again"
        publisher.post(path, {"note": "误撤"})
        drain(cast.app)
        assert states(publisher)["platform"] == "due"  # what it took before says nothing of this
        drain(cast.app, adapter)
        assert platform.effects[2].startswith(f"{first}/published-again-")
        assert states(publisher)["platform"] == "acknowledged"

        withdraw(publisher, newest(publisher), reason="expired")
        release(cast, crew, result, **MOVED)
        drain(cast.app, adapter)
        assert [each.rpartition("/")[2].partition("-")[0] for each in platform.effects[3:]] == [
            "v2", "withdrawn",
        ]  # fmt: skip
        assert states(publisher, 1)["platform"] == states(publisher, 2)["platform"] == "withdrawn"


def result_task(platform, key):
    return platform.held[key].payload["task_no"]


def test_what_ended_before_it_was_taken_back_elsewhere_is_taken_back_there(cast, crew, publisher):
    """Then a withdrawal only changed what our own site showed: every place was said to be rid of it."""
    released(cast, crew, "MINE_OVERSTEP")
    acknowledge(publisher, "credit")
    column = publisher.post("/api/v1/publications/batches", {"target": "column"}, expect=201)
    ids = [each["id"] for each in publisher.get(f"/api/v1/publications?batch={column['batch']}")]
    publisher.post("/api/v1/publications/settle", {"ids": ids, "errors": [{"message": "栏目已满"}]})
    with running_platform() as (platform, adapter):
        drain(cast.app, adapter)
        with audit.transaction(cast.app.sessions) as session:
            disclosure = session.scalars(select(Disclosure)).one()
            disclosure.state, disclosure.reason = "withdrawn", "not_public"
            for publication in session.scalars(select(Publication)):
                publication.state = "withdrawn"
        for done in ((2, 1), (0, 0)):
            with audit.transaction(cast.app.sessions) as session:
                assert (take_back_earlier(session, 9), withdraw_earlier(session, 9)) == done
        there = {"portal": "withdrawn", "column": "withdrawn", "platform": "take_back", "credit": "take_back"}
        assert states(publisher) == there
        drain(cast.app, adapter)
        assert states(publisher) == there | {"platform": "withdrawn"}
    main, back = platform.effects
    assert back.startswith(f"{main}/withdrawn-")
    (row,) = acknowledge(publisher, "credit")
    assert row["state"] == "withdrawn"
    with audit.transaction(cast.app.sessions) as session:
        assert (take_back_earlier(session, 9), withdraw_earlier(session, 9)) == (0, 0)


def test_what_was_refused_once_and_sent_again_before_it_ended_is_taken_back(cast, crew, publisher):
    """Its errors stood in its row until it was acknowledged: it had counted as refused."""
    released(cast, crew, "MINE_OVERSTEP")

    def bring(target):
        batch = publisher.post("/api/v1/publications/batches", {"target": target}, expect=201)
        return [each["id"] for each in publisher.get(f"/api/v1/publications?batch={batch['batch']}")]

    def refuse(ids):
        publisher.post("/api/v1/publications/settle", {"ids": ids, "errors": [{"message": "系统忙"}]})

    for target in ("credit", "column"):
        refuse(bring(target))
    bring("credit")
    refuse(bring("column"))
    with audit.transaction(cast.app.sessions) as session:
        session.scalars(select(Disclosure)).one().state = "withdrawn"
        for publication in session.scalars(select(Publication)):
            publication.state = "withdrawn"
    for done in (1, 0):
        with audit.transaction(cast.app.sessions) as session:
            assert take_back_earlier(session, 9) == done
    assert states(publisher)["credit"] == "take_back"
    assert states(publisher)["column"] == "withdrawn"
    assert [each["state"] for each in acknowledge(publisher, "credit")] == ["withdrawn"]
    with audit.transaction(cast.app.sessions) as session:
        assert take_back_earlier(session, 9) == 0


def test_what_the_province_refused_is_not_sent_again_once_it_is_taken_back(cast, crew, publisher):
    with running_platform(Faults(reject=1.0)) as (_, adapter):
        released(cast, crew, "MINE_OVERSTEP")
        drain(cast.app, adapter)
        assert states(publisher)["platform"] == "failed"
        withdraw(publisher, newest(publisher))
        drain(cast.app)

    operator = cast.signed_in(Role.OPERATOR)
    assert states(publisher)["platform"] == "withdrawn"
    (main, told) = sorted(operator.get("/api/v1/deliveries"), key=lambda each: each["key"])
    assert (main["state"], told["state"]) == ("corrected", "pending")


def test_what_a_bureau_publishes_elsewhere_is_not_on_our_site_and_counts_when_a_place_has_it(
    cast, crew, publisher
):
    standing(cast, publisher, ["credit"])
    result = released(cast, crew, "MINE_OVERSTEP")

    def published():
        told = crew[0].get(f"/api/v1/results/{result['id']}/deadlines")["deadlines"]
        return next(each for each in told if each["kind"] == "publication")["met_on"]

    disclosure, stranger = newest(publisher), cast.stranger()
    assert disclosure["state"] == "elsewhere"
    assert public(cast) == []
    assert stranger.get(f"/public/results/{disclosure['id']}", expect=404)
    assert published() is None
    (row,) = acknowledge(publisher, "credit")
    assert (row["state"], row["result"]) == ("public", "未发现问题")
    assert published() is not None
    assert states(publisher) == {"credit": "acknowledged"}

    release(cast, crew, result, **MOVED)
    gone, now = acknowledge(publisher, "credit")
    assert (gone["state"], now["state"]) == ("corrected", "public")
    assert stranger.get(f"/public/results/{disclosure['id']}", expect=404)
    withdraw(publisher, newest(publisher), reason="revoked")
    assert stranger.get(f"/public/results/{now['id']}", expect=404)
    again = f"/api/v1/disclosures/{now['id']}/publish-again"
    assert publisher.post(again, {"note": "误撤"})["state"] == "elsewhere"
