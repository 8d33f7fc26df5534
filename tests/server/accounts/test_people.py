"""Administrators look after accounts: who is there, who comes, who leaves, and passwords that only their owner knows."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from server import audit, clock
from server.access import SYSTEM, Actor, Permission, Role
from server.accounts import people
from server.accounts import service as accounts
from server.accounts.codes import GOOD_FOR
from server.accounts.models import Person
from server.accounts.people import PersonChange
from server.audit import AuditEntry
from server.problems import PersonLastAdministrator

PEOPLE = "/api/v1/people"
PASSWORD = "shan-xi-1405"


@pytest.fixture
def admin(cast):
    return cast.signed_in(Role.ADMIN, region="140500")


def names(rows):
    return [row["username"] for row in rows]


def test_accounts_are_found_by_name_role_region_bureau_and_state_page_by_page(cast, admin):
    first, second = (cast.person(Role.INSPECTOR, username=f"zz-{each}") for each in "ab")
    elsewhere = cast.person(Role.LEAD, region="140524", username="zz-c")
    cast.person(Role.INSPECTOR, region="130800", username="zz-d")  # in another province
    admin.patch(f"{PEOPLE}/{second.person_id}", {"active": False})
    bureau = str(cast.organisation().id)

    def found(**query):
        return names(admin.get(PEOPLE, query_string={"q": "ZZ-", **query}))

    assert found() == ["zz-a", "zz-b", "zz-c"]
    assert found(active="true") == ["zz-a", "zz-c"]
    assert found(role="lead") == ["zz-c"]
    assert found(role=["lead", "inspector"], active="false") == ["zz-b"]
    assert found(region="140524") == ["zz-c"]
    assert found(organisation=bureau) == ["zz-a", "zz-b"]
    assert found(id=[str(first.person_id), str(elsewhere.person_id)]) == ["zz-a", "zz-c"]
    assert admin.get(PEOPLE, query_string={"q": "%"}) == []

    page = admin.call("GET", f"{PEOPLE}?q=zz-&limit=2")
    assert names(page.get_json()) == ["zz-a", "zz-b"]
    following = page.headers["Link"].split(">")[0].strip("<")
    assert names(admin.get(following)) == ["zz-c"]

    row = admin.get(f"{PEOPLE}/{elsewhere.person_id}")
    assert (row["organisation"], row["region_name"]) == ("陵川县自然资源局", "陵川县")


def test_somebody_new_sets_a_password_with_a_code_that_works_once(app, cast, admin, session):
    bureau = str(cast.organisation().id)
    new = {"username": "newcomer.1", "name": "新同事", "roles": ["inspector"], "organisation_id": bureau}

    given = admin.post(PEOPLE, new, expect=201)

    assert admin.post(PEOPLE, new, expect=409)["code"] == "person.username-taken"
    stranger = cast.stranger()
    claim = {"username": "newcomer.1", "code": given["code"].lower().replace("-", " "), "password": PASSWORD}
    weak = claim | {"password": "newcomer.1"}
    assert stranger.post("/api/v1/session/password", weak, expect=422)["code"] == "password.weak"
    wrong = claim | {"code": "2222-2222-2222"}
    assert stranger.post("/api/v1/session/password", wrong, expect=401)["code"] == "code.wrong"
    stranger.post("/api/v1/session/password", claim, expect=204)
    assert stranger.post("/api/v1/session/password", claim, expect=401)["code"] == "code.wrong"
    signed_in = {"username": "newcomer.1", "password": PASSWORD}
    assert stranger.post("/api/v1/session", signed_in, expect=201)["user"]["name"] == "新同事"

    told = select(AuditEntry.action, AuditEntry.details).where(AuditEntry.subject == given["person_id"])
    facts = session.execute(told.order_by(AuditEntry.seq)).all()
    assert [action for action, _ in facts] == [
        "person.added", "person.code-given", "person.password-set", "session.opened",
    ]  # fmt: skip
    assert given["code"].replace("-", "") not in str(facts).replace("-", "")


def test_a_code_is_over_after_its_days_after_another_and_after_wrong_tries(cast, admin, session, monkeypatch):
    someone = cast.person(Role.INSPECTOR)
    first = admin.post(f"{PEOPLE}/{someone.person_id}/code", expect=201)["code"]
    second = admin.post(f"{PEOPLE}/{someone.person_id}/code", expect=201)["code"]

    def tries(code, expect):
        claim = {"username": someone.username, "code": code, "password": PASSWORD}
        return cast.stranger().post("/api/v1/session/password", claim, expect=expect)

    assert tries(first, 401)["code"] == "code.wrong"
    someone.sign_in()  # the old password stays good until then; a right one counts the wrong tries anew
    for _ in range(5):
        tries("wrong", 401)
    assert tries(second, 429)["code"] == "credentials.locked"
    later = clock.now() + GOOD_FOR + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert tries(second, 401)["code"] == "code.wrong"


def test_a_password_that_is_set_ends_the_code_that_was_given(cast, app, admin):
    someone = cast.person(Role.INSPECTOR)
    code = admin.post(f"{PEOPLE}/{someone.person_id}/code", expect=201)["code"]
    with audit.transaction(app.sessions) as writing:
        accounts.set_password(writing, SYSTEM, someone.username, "another-password")

    claim = {"username": someone.username, "code": code, "password": PASSWORD}
    assert cast.stranger().post("/api/v1/session/password", claim, expect=401)["code"] == "code.wrong"


def test_sign_ins_are_listed_and_ended_one_or_all(cast, admin):
    someone = cast.signed_in(Role.INSPECTOR, device={"id": str(uuid4()), "name": "华为"})
    here = f"{PEOPLE}/{someone.person_id}/sessions"
    rows = admin.get(here)
    assert [row["device"] for row in rows] == ["华为"]

    admin.delete(f"{here}/{rows[0]['family']}")

    assert someone.get("/api/v1/me", expect=401)["code"] == "session.expired"
    assert admin.delete(f"{here}/{rows[0]['family']}", expect=404)["code"] == "session.not-found"
    someone.sign_in()
    admin.delete(here)
    assert admin.get(here) == []
    assert someone.get("/api/v1/me", expect=401)["code"] == "session.expired"


def test_who_leaves_is_signed_out_and_the_tasks_that_wait_for_them_are_told_first(cast, admin, session):
    lead, second = cast.phone(), cast.phone()
    cast.task(lead, second, number="任务-离岗")

    waiting = admin.get(f"{PEOPLE}/{lead.person_id}/open-tasks")
    assert [task["number"] for task in waiting] == ["任务-离岗"]
    admin.patch(f"{PEOPLE}/{lead.person_id}", {"active": False})

    lead.get("/api/v1/me", expect=401)
    entry = session.scalars(
        select(AuditEntry).where(
            AuditEntry.action == "person.changed", AuditEntry.subject == str(lead.person_id)
        )
    ).one()
    assert entry.details == {"active": False, "before": {"active": True}}


def test_the_last_administrator_stays_and_nobody_gives_themselves_more(cast, admin, session):
    other = cast.signed_in(Role.ADMIN, region="140500")
    itself = f"{PEOPLE}/{admin.person_id}"
    assert admin.patch(itself, {"roles": ["admin", "supervisor"]}, expect=409)["code"] == "person.own-rights"
    admin.patch(f"{PEOPLE}/{other.person_id}", {"roles": ["planner"]})

    # Two who end each other at the same moment: the second one finds that only itself would be left to nobody.
    late = Actor(other.person_id, other.username, frozenset({Role.ADMIN}), uuid4(), "140500")
    for each in session.scalars(select(Person).where(Person.active, people.holding({Role.ADMIN}))):
        each.active = each.id == admin.person_id
    session.flush()
    for change in (PersonChange(active=False), PersonChange(roles=frozenset({Role.PLANNER}))):
        with pytest.raises(PersonLastAdministrator):
            people.change_person(session, late, admin.person_id, change)


def test_the_table_of_roles_says_what_the_server_asks(cast, admin):
    table = admin.get("/api/v1/roles")

    assert {each["permission"] for each in table["permissions"]} == {each.value for each in Permission}
    manage = next(each for each in table["permissions"] if each["permission"] == "person.manage")
    assert (manage["noun"], manage["verb"], manage["roles"]) == ("人员与机构", "管理", ["admin"])
    own = {each["role"] for each in table["roles"] if each["only_own"]}
    assert own == {"inspector", "lead"}


def test_a_bureau_is_added_renamed_and_moved_with_its_people_after_what_that_changes_was_told(cast, admin):
    cast.organisation("140524")
    cast.organisation("140500")
    admin.post("/api/v1/regions", {"code": "１４０５２５", "name": "泽州县"}, expect=422)
    admin.post("/api/v1/regions", {"code": "140525", "name": "泽州县", "parent": "140500"}, expect=201)
    assert (
        admin.post("/api/v1/regions", {"code": "140525", "name": "x"}, expect=409)["code"] == "region.known"
    )
    bureau = admin.post("/api/v1/organisations", {"name": "测绘中心", "region": "140525"}, expect=201)
    place = f"/api/v1/organisations/{bureau['id']}"
    someone = {
        "username": "surveyor.9",
        "name": "测绘员",
        "roles": ["admin"],
        "organisation_id": bureau["id"],
    }
    person = admin.post(PEOPLE, someone, expect=201)["person_id"]

    effect = admin.get(f"{place}/moving?region=140500")
    assert effect["people"] == 1
    assert "陵川县自然资源局" in effect["sees_now"]
    assert effect["sees_no_more"] == []
    changed = admin.patch(place, {"name": "市测绘中心", "region": "140500"})

    assert (changed["name"], changed["region"]) == ("市测绘中心", "140500")
    assert admin.get(f"{PEOPLE}/{person}")["region"] == "140500"
    back = admin.get(f"{place}/moving?region=140524")
    assert "陵川县自然资源局" not in back["sees_no_more"]
    taken = admin.patch(place, {"name": "陵川县自然资源局"}, expect=409)
    assert taken["code"] == "organisation.name-taken"
    assert admin.patch(place, {"region": "140599"}, expect=404)["code"] == "region.not-found"
    assert admin.patch(place, {"region": "130800"}, expect=403)["code"] == "access.outside-jurisdiction"
    moved = admin.patch("/api/v1/regions/140525", {"name": "泽州", "parent": None})
    assert moved == {"code": "140525", "name": "泽州", "parent": None}
    listed = {each["name"]: each["people"] for each in admin.get("/api/v1/organisations")}
    assert listed["市测绘中心"] == 1


def test_who_may_not_look_after_people_does_not(cast, admin):
    someone = cast.person(Role.INSPECTOR)
    foreign = cast.person(Role.INSPECTOR, region="130800")
    planner = cast.signed_in(Role.PLANNER)
    inspector = cast.signed_in(Role.INSPECTOR)
    bureau = cast.organisation()
    draft = {"username": "x1", "name": "x", "roles": ["admin"], "organisation_id": str(bureau.id)}

    its = f"{PEOPLE}/{someone.person_id}"
    for ask in (
        lambda who: who.post(PEOPLE, draft, expect=403),
        lambda who: who.post(f"{its}/code", expect=403),
        lambda who: who.get(f"{its}/sessions", expect=403),
        lambda who: who.get(f"{its}/open-tasks", expect=403),
        lambda who: who.delete(f"{its}/sessions", expect=403),
        lambda who: who.post("/api/v1/regions", {"code": "140523", "name": "x"}, expect=403),
        lambda who: who.patch(f"/api/v1/organisations/{bureau.id}", {"name": "x"}, expect=403),
    ):
        assert ask(planner)["code"] == "access.denied"
    for path in (PEOPLE, its, "/api/v1/roles", "/api/v1/organisations", "/api/v1/regions"):
        assert inspector.get(path, expect=403)["code"] == "access.denied"
        planner.get(path)
    assert "locked_until" not in planner.get(its)
    outside = f"{PEOPLE}/{foreign.person_id}"
    for ask in (
        lambda: admin.get(outside, expect=403),
        lambda: admin.post(f"{outside}/code", expect=403),
        lambda: admin.get(f"{outside}/sessions", expect=403),
        lambda: admin.patch(outside, {"name": "x"}, expect=403),
    ):
        assert ask()["code"] == "access.outside-jurisdiction"


def test_an_organisation_is_ended_when_nobody_is_in_it_and_used_again(cast):
    admin = cast.signed_in(Role.ADMIN)
    bureau = admin.post("/api/v1/organisations", {"name": "北留中心所", "region": "140522"}, expect=201)
    place, somebody = f"/api/v1/organisations/{bureau['id']}", cast.person(Role.INSPECTOR)
    its = f"{PEOPLE}/{somebody.person_id}"
    before = admin.get(its)["organisation_id"]
    admin.patch(its, {"organisation_id": bureau["id"]})
    assert admin.patch(place, {"ended": True}, expect=409)["code"] == "organisation.in-use"
    task = cast.task(somebody)
    [waiting] = admin.get(f"/api/v1/organisations/{before}/open-tasks")
    assert (waiting["id"], admin.get(f"{place}/open-tasks")) == (str(task), [])
    elsewhere = cast.signed_in(Role.ADMIN, region="130800")
    assert elsewhere.get(f"{place}/open-tasks", expect=403)["code"] == "access.outside-jurisdiction"

    admin.patch(its, {"organisation_id": before})
    assert admin.patch(place, {"ended": True})["ended_at"] is not None
    assert admin.patch(its, {"organisation_id": bureau["id"]}, expect=409)["code"] == "organisation.ended"
    newcomer = {"username": "n.1", "name": "新人", "roles": ["inspector"], "organisation_id": bureau["id"]}
    assert admin.post(PEOPLE, newcomer, expect=409)["code"] == "organisation.ended"

    assert admin.patch(place, {"ended": False})["ended_at"] is None
    admin.patch(its, {"organisation_id": bureau["id"]})
    listed = {each["name"]: each["people"] for each in admin.get("/api/v1/organisations")}
    assert listed["北留中心所"] == 1
