"""What a bureau decides about draws and visits: set by its administrator, read by plans and the gate from then on."""

from sqlalchemy import select

from server.access import Role
from server.accounts.models import Organisation
from server.audit import AuditEntry
from server.inspections.lawfulness import read_visit_rules
from server.planning.rules import quota_rule, visits_a_year


def test_a_bureau_sets_its_rules_of_draws_and_visits_and_the_others_stay(cast, session):
    admin = cast.signed_in(Role.ADMIN)
    bureau = cast.organisation()
    place = f"/api/v1/organisations/{bureau.id}/rules"
    admin.put(f"{place}/deadline", {"objection": {"kind": "working_days", "days": 15}})

    given = {
        "quota": {"rounding": "half-up", "least_percent": 5, "least_draws": None, "weights": {"D": 5}},
        "visit": {"a_year": 4, "entry_code": True},
    }
    answered = admin.put(f"{place}/planning", given)
    assert (answered["visit"], answered["quota"]["rounding"]) == (given["visit"], "half-up")

    session.expire_all()
    rules = session.get_one(Organisation, bureau.id).rules
    rule = quota_rule(rules, rising=True)
    assert (rule.rounding.value, str(rule.least_percent), rule.least_draws) == ("half-up", "5.0", None)
    assert rule.weights == {"D": 5}
    assert visits_a_year(rules) == 4
    assert read_visit_rules(rules).entry_code
    assert rules["deadline"]["objection"]["days"] == 15
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "organisation.rules-set")).one()
    assert noted.details["now"]["visit"] == given["visit"]


def test_rules_that_cannot_be_meant_are_refused_and_so_is_who_may_not(cast):
    admin, bureau = cast.signed_in(Role.ADMIN), cast.organisation()
    place = f"/api/v1/organisations/{bureau.id}/rules/planning"
    for wrong in (
        {"quota": {"rounding": "down"}},
        {"quota": {"least_percent": 101}},
        {"quota": {"weights": {"D": -1}}},
        {"visit": {"a_year": 0}},
        {"visit": {"a_week": 1}},
    ):
        assert admin.put(place, wrong, expect=422)["code"] == "request.invalid"
    assert cast.signed_in(Role.PLANNER).put(place, {}, expect=403)["code"] == "access.denied"
    elsewhere = cast.signed_in(Role.ADMIN, region="130800")
    assert elsewhere.put(place, {}, expect=404)["code"] == "organisation.not-found"
    assert [each["id"] for each in admin.get("/api/v1/organisations") if each["id"] == str(bureau.id)]
    assert admin.get("/api/v1/calendars") == []
