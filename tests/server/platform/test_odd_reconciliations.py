"""Reconciliation in states that come about late: corrected and withdrawn since, told twice, taken on another day, broken off."""

import io
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from server import audit, clock
from server.access import Role
from server.db import canonical_json
from server.platform.adapters import SignedHttpAdapter, Unanswered
from server.platform.holding import Page, page_of
from server.platform.models import Delivery, Reconciliation
from server.platform.reconciling import Reconciling
from server.publicity.models import Disclosure
from server.results.models import Result, ResultVersion
from server.worker import drain
from tests.actors.platform import APP_KEY, SECRET, running_platform
from tests.server.platform.test_deliveries import all_deliveries, queue_many, release
from tests.server.platform.test_reconciliation import (
    GONE,
    LONG_AGO,
    OTHER,
    around_now,
    ask,
    listed,
    reconciled,
)


def correct(app, delivery):
    """Release a corrected version of the result of a delivery."""
    with audit.transaction(app.sessions) as session:
        result = session.get_one(Result, delivery.result_id)
        result.version, result.codes = 2, ["MOVED_AWAY"]
        session.add(
            ResultVersion(
                result_id=result.id, version=2, codes=result.codes, followup_codes=[], findings_text="", written_at=clock.now()
            )
        )  # fmt: skip
        release(session, result)
    drain(app)


def test_a_difference_in_what_was_corrected_since_is_none_once_the_platform_has_the_newer_version(cast):
    queue_many(cast.app, 2)
    operator = cast.signed_in(Role.OPERATOR)
    with running_platform() as (platform, adapter):
        drain(cast.app, adapter)
        changed, lost = all_deliveries(cast.app)
        platform.held[changed.key].payload = platform.held[changed.key].payload | {"findings": "改过"}
        assert reconciled(cast.app, adapter, operator)["found"][OTHER] == 1
        for each in (changed, lost):
            correct(cast.app, each)
        drain(cast.app, adapter)
        del platform.held[lost.key]  # the newer version took its place

        run = reconciled(cast.app, adapter, operator)

        assert set(run["found"].values()) == {0}
        assert [each["state"] for each in listed(operator)] == ["resolved"]


def test_what_was_withdrawn_is_not_sent_again_behind_its_withdrawal(cast):
    queue_many(cast.app, 1)
    operator, publisher = cast.signed_in(Role.OPERATOR), cast.signed_in(Role.PUBLISHER)
    with running_platform() as (platform, adapter):
        drain(cast.app, adapter)
        (main,) = all_deliveries(cast.app)
        with cast.app.readers() as session:
            disclosure = session.scalar(select(Disclosure.id))
        path = f"/api/v1/disclosures/{disclosure}/withdraw"
        publisher.post(path, {"reason": "revoked", "note": "判决"})
        drain(cast.app, adapter)
        platform.held.clear()

        assert reconciled(cast.app, adapter, operator)["found"][GONE] == 2
        can = {each["key"]: each["can_send_again"] for each in listed(operator)}
        assert can.pop(main.key) is False
        assert list(can.values()) == [True]  # the withdrawal itself
        refused = next(each for each in listed(operator) if each["key"] == main.key)
        again = operator.post(f"/api/v1/differences/{refused['id']}/send-again", expect=409)
        assert again["code"] == "difference.not-sendable"


class Twice:
    """A platform that tells each key once more, with a receipt of another number."""

    def __init__(self, adapter, number):
        self.adapter, self.target, self.number = adapter, adapter.target, number

    def deliver(self, payload, key):
        return self.adapter.deliver(payload, key)

    def held_between(self, since, until):
        told = self.adapter.held_between(since, until)
        return [*(replace(each, receipt_no=self.number or each.receipt_no) for each in told), *told]

    def held_under(self, keys):
        return self.adapter.held_under(keys)


@pytest.mark.parametrize(("number", "differ"), [("SJ-2", 1), (None, 0)])
def test_a_key_that_a_platform_holds_twice_differs_unless_both_say_the_same(cast, number, differ):
    queue_many(cast.app, 1)
    operator = cast.signed_in(Role.OPERATOR)
    with running_platform() as (_, adapter):
        drain(cast.app, adapter)
        assert reconciled(cast.app, Twice(adapter, number), operator)["found"][OTHER] == differ
    assert [each["theirs"]["receipt_no"] for each in listed(operator)] == ["SJ-2 + SJ00000001"] * differ


def test_what_a_platform_took_the_day_before_its_receipt_came_stands_in_the_file_of_that_day(cast):
    queue_many(cast.app, 2)
    operator = cast.signed_in(Role.OPERATOR)
    with running_platform() as (_, adapter):
        drain(cast.app, adapter)
    first, second = all_deliveries(cast.app)
    with audit.transaction(cast.app.sessions) as session:
        delivery = session.get_one(Delivery, second.id)
        taken = clock.iso(clock.now() - timedelta(days=3))
        delivery.receipt = second.receipt | {"received_at": taken}
    book, written = Workbook(), io.BytesIO()
    for row in (["报送编号", "回执号"], [first.key, first.receipt["receipt_no"]]):
        book.active.append(row)
    book.save(written)

    response = operator.call(
        "POST", "/api/v1/reconciliations/file", query_string=around_now(), data=written.getvalue()
    )

    assert response.get_json()["found"][GONE] == 0


def test_a_digest_is_the_same_in_capitals(cast):
    queue_many(cast.app, 1)
    (delivery,) = all_deliveries(cast.app)
    digest = sha256(canonical_json(delivery.payload)).hexdigest()
    page = page_of(b'{"held":[{"key":"a","sha256":"%s"}]}' % digest.upper().encode())
    assert page.held[0].sha256 == digest


@pytest.mark.parametrize(
    "row",
    [b'{"key":null}', b'{"key":""}', b'{"key":"a\\u0000"}', b'{"key":["a"]}', b'{"key":"a","receipt_no":{}}',
     b'{"key":"a","receipt_no":"\\u0000"}', b'{"key":"a","received_at":"0001-01-01T00:00:00+14:00"}'],
)  # fmt: skip
def test_what_no_database_can_keep_is_no_answer(row):
    page = page_of(b'{"held":[%s]}' % row)
    assert page is None or page.held[0].receipt_no is None


@pytest.mark.parametrize("ask_it", ["held_between", "held_under"])
def test_pages_that_do_not_go_on_or_are_not_whole_are_no_answer(monkeypatch, ask_it):
    asked = []
    monkeypatch.setattr(SignedHttpAdapter, "_ask", lambda *_: asked.append(1) or Page([], "7"))
    adapter = SignedHttpAdapter("http://127.0.0.1:9/results", APP_KEY, SECRET)
    given = (clock.now() - LONG_AGO, clock.now()) if ask_it == "held_between" else (["a"],)

    assert isinstance(getattr(adapter, ask_it)(*given), Unanswered)
    assert len(asked) <= 2


def test_a_run_that_is_broken_off_each_time_is_given_up(cast):
    queue_many(cast.app, 1)
    operator = cast.signed_in(Role.OPERATOR)
    run = ask(cast.app, operator, around_now())
    with running_platform() as (_, adapter):
        reconciling = Reconciling(adapter, "province", cast.app.readers)
        for _ in range(12):
            with audit.transaction(cast.app.sessions) as session:
                reconciling.claim(session)
            with audit.transaction(cast.app.sessions) as session:
                for each in session.scalars(select(Reconciliation)):
                    each.next_at = clock.now()

    told = operator.get(f"/api/v1/reconciliations/{run['id']}")
    assert (told["state"], told["attempts"]) == ("failed", 10)
    assert told["problem"]
