"""Follow-ups at the desk: what goes out to somebody is sent with their name."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert

from server import audit
from server.publicity.models import Disclosure
from server.results.codes import FollowupCode
from server.results.disposal import PASSED_ON
from server.results.models import Followup, Result
from tests.console.desk import desk
from tests.console.test_reports import publish
from tests.planting import filled


@pytest.fixture(scope="module")
def ordered(bureau):
    """One follow-up of each kind that somebody takes over."""
    disclosure = publish(bureau)
    made = {}
    with audit.transaction(bureau.app.sessions) as session:
        result = session.get_one(Result, session.get_one(Disclosure, disclosure).result_id)
        for code in PASSED_ON:
            made[code] = uuid4()
            known = {"id": made[code], "result_id": result.id, "region": result.region, "organisation_id": result.organisation_id,
                     "version": 1, "code": code.value, "state": "open", "act_by": None, "to_body": None, "reference_no": None,
                     "receipt": None, "task_id": None, "evidence": [], "outcome": "", "done_on": None, "sent_at": None,
                     "entered_by": None, "entered_at": None, "ended_reason": None}  # fmt: skip
            session.execute(insert(Followup.__table__), [filled(Followup, **known)])
    return made


@pytest.mark.parametrize("code", sorted(PASSED_ON))
def test_what_somebody_takes_over_is_sent_to_them_by_name(bureau, ordered, code):
    with desk(bureau, "supervisor1", "followups") as page:
        page.locator(".el-table__row").filter(has_text=FollowupCode(code).chinese).get_by_role(
            "button"
        ).click()
        drawer = page.get_by_role("dialog")
        drawer.get_by_role("textbox", name="文书编号").fill("阳交办1")
        drawer.get_by_role("textbox", name="送往").fill("矿管股")
        drawer.get_by_role("button", name="录入", exact=True).click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    with bureau.app.sessions() as session:
        sent = session.get_one(Followup, ordered[code])
        assert (sent.state, sent.to_body) == ("sent", "矿管股")
