"""The ceremony of a draw, from commitment to tasks, as planners and strangers see it."""

import io
import json
import logging
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, text

from server import audit, clock
from server.access import Role
from server.accounts.models import Organisation, Person
from server.audit import AuditEntry
from server.draws.models import Ceremony, DrawnVisit
from server.draws.roster import public_id
from server.inspections.models import Assignment, Task
from server.planning.frames import Frame
from server.planning.models import PlannedInspection
from server.planning.ratios import Ratio
from server.registry.models import (
    Certificate,
    Expert,
    InspectedObject,
    InspectionItem,
    KeyListing,
    Lending,
)
from tests.server.draws.drawing import CITY, COUNTY, DAYS, OTHER, VERIFIER, certify, mine, place, react


@pytest.fixture
def here(cast):
    return place(cast)


def lent(inspector, place):
    return Lending(
        person_id=inspector.person_id,
        organisation_id=place.objects[0].organisation_id,
        region=place.objects[0].region,
        first_day=date(2026, 3, 1),
        last_day=date(2026, 4, 30),
        reason="支援",
    )


def opened(cast):
    """The states of all tasks by object."""
    with cast.app.readers() as session:
        return {str(task.object_id): task.state for task in session.scalars(select(Task))}


def test_a_draw_goes_from_its_commitment_to_tasks_and_anybody_finds_it_again(cast, here):
    ceremony = here.commits()
    first = here.file(ceremony)
    assert (first["state"], first["secret"], first["frame"], first["drawn"]) == ("committed", "", None, [])
    for step in ("reveal", "publish"):
        assert here.step(ceremony, step, expect=409)["code"] == "ceremony.out-of-order"

    frozen = here.step(ceremony, "freeze")
    second = here.file(ceremony)
    assert second["frame_digest"] == frozen["frame_digest"] != ""
    assert (second["secret"], second["seed"], second["drawn"]) == ("", "", [])
    assert [each["count"] for each in second["frame"]["strata"]] == [3]
    with pytest.raises(VERIFIER.Wrong, match="revealed"):
        VERIFIER.verify(second)
    for step in ("freeze", "publish"):
        here.step(ceremony, step, expect=409)

    revealed = here.step(ceremony, "reveal")
    assert len(revealed["drawn"]) == len(revealed["pairs"]) == 3
    third = here.holds(ceremony)
    assert third["commitment"] == first["commitment"]
    assert third["frame"] == second["frame"]
    for step in ("freeze", "reveal", "abandon"):
        here.step(ceremony, step, {"reason": "x"} if step == "abandon" else None, expect=409)

    published = here.step(ceremony, "publish")
    here.step(ceremony, "publish", expect=409)
    draw = here.planner.get(f"/api/v1/draws/{published['draw_id']}")
    leads = {str(each.person_id) for each in here.inspectors[:2]}
    pairs = {each["object_id"]: next(iter(each["teams"].values())) for each in revealed["pairs"]}
    assert {each["object_id"]: each["inspector_ids"] for each in draw["visits"]} == pairs
    assert {each["lead_id"] for each in draw["visits"]} <= leads
    react(cast, "draw.published")
    assert opened(cast) == dict.fromkeys(revealed["drawn"], "assigned")
    assert [each["id"] for each in cast.stranger().get("/public/draws")] == [ceremony["id"]]


def test_the_gate_of_a_draw_judges_visits_in_the_mode_of_their_items(cast, here):
    with audit.transaction(cast.app.sessions) as session:
        session.get_one(InspectionItem, "MINE_OVERSTEP").modes = ["written"]
    ceremony = here.draws()

    visits = here.planner.get(f"/api/v1/draws/{ceremony['draw_id']}/gate")["visits"]

    assert len(visits) == 3
    assert "mode.equipped" not in {each["rule"] for visit in visits for each in visit["checks"]}


def test_the_secret_is_nowhere_before_it_is_revealed(cast, here):
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    try:
        ceremony = here.commits()
        here.step(ceremony, "freeze")
    finally:
        logging.getLogger().removeHandler(handler)
    shown = json.dumps([here.file(ceremony), here.planner.get(f"/api/v1/ceremonies/{ceremony['id']}")])
    with cast.app.readers() as session:
        kept = [str(dict(row)) for row in session.execute(text("select * from ceremony")).mappings()]
        facts = [str(each.details) for each in session.scalars(select(AuditEntry))]
        sealed = session.scalar(select(Ceremony.sealed_secret))
    here.step(ceremony, "reveal")
    secret = here.file(ceremony)["secret"]
    assert len(secret) == 64
    for leak in (secret, bytes.fromhex(secret).hex().upper(), repr(bytes.fromhex(secret))[2:-1]):
        assert leak not in shown + heard.getvalue() + "".join(kept + facts)
    assert secret.encode() not in sealed
    assert cast.app.installation.secret not in sealed


def test_what_was_sealed_by_another_installation_must_be_abandoned(cast, here):
    ceremony = here.commits()
    here.step(ceremony, "freeze")
    with audit.transaction(cast.app.sessions) as session:
        row = session.scalars(select(Ceremony)).one()
        row.sealed_secret = row.sealed_secret[:-1] + bytes([row.sealed_secret[-1] ^ 1])
    assert here.step(ceremony, "reveal", expect=409)["code"] == "ceremony.secret-lost"
    assert here.commits(expect=409)["code"] == "ceremony.under-way"
    here.step(ceremony, "abandon", {"reason": "服务器更换"})
    file = here.file(ceremony)
    assert (file["state"], file["reason"], file["secret"]) == ("abandoned", "服务器更换", "")
    assert here.commits()["number"] == "2026-001/1-抽2"


def test_public_randomness_is_given_exactly_when_it_was_announced(here):
    plain, announced = here.commits(), None
    here.step(plain, "freeze")
    assert here.step(plain, "reveal", {"randomness": "7"}, expect=422)["code"] == "ceremony.randomness"
    here.step(plain, "abandon", {"reason": "改用公共随机数"})
    announced = here.commits(randomness_source="双色球第2026021期")
    here.step(announced, "freeze")
    here.step(announced, "reveal", expect=422)
    here.step(announced, "reveal", {"randomness": "02 05 11 19 28 33 + 07"})
    file = here.holds(announced)
    with pytest.raises(VERIFIER.Wrong, match="seed"):
        VERIFIER.verify(file | {"randomness": "02 05 11 19 28 33 + 08"})


def test_objects_are_left_out_with_a_reason_and_batches_use_up_the_year(cast, here):
    first, second = here.objects[0], here.objects[1]
    out = [
        {"object_id": str(first.id), "why": "cancelled"},
        {"object_id": str(second.id), "why": "other", "words": "正在整合\n重组"},
    ]
    strange = [{"object_id": str(here.planned_id), "why": "cancelled"}]
    ceremony = here.commits()
    assert here.step(ceremony, "freeze", {"out": strange}, expect=422)["code"] == "draw.unusable"
    with audit.transaction(cast.app.sessions) as session:
        session.get_one(PlannedInspection, here.planned_id).frame = Frame(tags=("矿山",)).as_json()
    # What the plan says isn't chosen again at the draw.
    assert here.step(ceremony, "freeze", {"kinds": ["project"]}, expect=422)["code"] == "draw.unusable"
    here.step(ceremony, "freeze", {"out": out})
    here.step(ceremony, "reveal")
    here.step(ceremony, "publish")
    file = here.holds(ceremony)
    reasons = {each["id"]: (each["out"], each["counted"]) for each in file["frame"]["objects"]}
    assert file["frame"]["about"]["scope"]["tags"] == ["矿山"]
    assert reasons[str(first.id)] == ("cancelled", False)
    assert reasons[str(second.id)] == ("other: 正在整合 重组", True)
    assert len(file["drawn"]) == 3  # ≥50 % of five
    again = here.draws({"out": out})
    assert set(again["drawn"]) == {str(each.id) for each in here.objects[2:]} - set(file["drawn"])
    third = here.commits()
    assert here.step(third, "freeze", {"out": out}, expect=422)["detail"].startswith("没有可抽取的对象")


def test_an_enterprise_is_not_visited_oftener_than_the_bureau_allows(cast, here):
    first = here.draws()
    with audit.transaction(cast.app.sessions) as session:
        row = session.get_one(PlannedInspection, here.planned_id)
        other = PlannedInspection(
            **{
                column.name: getattr(row, column.name)
                for column in PlannedInspection.__table__.columns
                if column.name not in {"id", "row_no", "name"}
            },
            row_no=2,
            name="重点企业抽查",
        )
        session.add(other)
        session.get_one(Organisation, here.objects[0].organisation_id).rules = {"visit": {"a_year": 1}}
        listed = [each.id for each in here.objects if str(each.id) in first["drawn"]][:1]
        listed += [each.id for each in here.objects if str(each.id) not in first["drawn"]][:1]
        session.add_all(
            KeyListing(
                object_id=each, region=COUNTY, since=date(2026, 1, 1), reason="高风险", entered_at=clock.now()
            )
            for each in listed
        )
        session.flush()
        other_id = str(other.id)
    ceremony = here.commits(planned_id=other_id)
    here.step(ceremony, "freeze", {"key_only": True, "kinds": ["enterprise"]})
    frame = here.file(ceremony)["frame"]
    assert {each["id"]: each["out"] for each in frame["objects"]} == {
        str(listed[0]): "frequency_cap",
        str(listed[1]): "",
    }
    assert [each["count"] for each in frame["strata"]] == [1]


def test_what_the_city_visits_in_a_county_counts_towards_the_countys_cap(cast):
    everything = {"ratio": Ratio(percent=Decimal(100)).as_json()}
    county = place(cast, COUNTY, mines=2, inspectors=2, **everything)
    city = place(cast, CITY, mines=0, inspectors=2, ratio=Ratio(count=1).as_json())
    with audit.transaction(cast.app.sessions) as session:
        session.get_one(Organisation, county.objects[0].organisation_id).rules = {"visit": {"a_year": 1}}
    (visited,) = city.draws()["drawn"]

    ceremony = county.commits()
    county.step(ceremony, "freeze")

    objects = county.file(ceremony)["frame"]["objects"]
    assert {each["id"]: each["out"] for each in objects} == {
        str(each.id): "frequency_cap" if str(each.id) == visited else "" for each in county.objects
    }


def capped(cast, here, cap):
    """Let the bureau allow so many visits a year."""
    with audit.transaction(cast.app.sessions) as session:
        rules = {"visit": {"a_year": cap}}
        session.get_one(Organisation, here.objects[0].organisation_id).rules = rules


def test_what_was_drawn_elsewhere_since_the_frame_was_frozen_is_told_and_not_drawn_over_the_cap(cast):
    everything = {"ratio": Ratio(percent=Decimal(100)).as_json()}
    county = place(cast, COUNTY, mines=3, inspectors=2, **everything)
    city = place(cast, CITY, mines=0, inspectors=2, ratio=Ratio(count=1).as_json())
    capped(cast, county, 1)
    ceremony = county.commits()
    county.step(ceremony, "freeze")
    path = f"/api/v1/ceremonies/{ceremony['id']}"
    assert county.planner.get(path)["over_cap"] == []
    elsewhere = city.commits()
    city.step(elsewhere, "freeze")
    (visited,) = city.step(elsewhere, "reveal")["drawn"]  # not even published

    named = [{"id": visited, "name": next(each.name for each in county.objects if str(each.id) == visited)}]
    assert county.planner.get(path)["over_cap"] == named
    refused = county.step(ceremony, "reveal", expect=409)
    assert (refused["code"], refused["count"], refused["objects"]) == ("ceremony.over-cap", 1, named)
    file = county.file(ceremony)
    assert (file["state"], file["secret"], file["drawn"]) == ("frozen", "", [])

    county.step(ceremony, "abandon", {"reason": "底册中有对象已达频次上限"})
    again = county.commits()
    county.step(again, "freeze")
    drawn = county.step(again, "reveal")["drawn"]
    assert sorted(drawn) == sorted(str(each.id) for each in county.objects if str(each.id) != visited)
    county.holds(again)
    assert county.planner.get(f"/api/v1/ceremonies/{again['id']}")["over_cap"] == []


def test_what_was_drawn_before_is_out_of_a_frame_and_stops_neither_it_nor_a_draw_anew(cast, here):
    capped(cast, here, 1)
    first = here.draws()
    other = here.commits()
    here.step(other, "freeze")
    assert here.planner.get(f"/api/v1/ceremonies/{other['id']}")["over_cap"] == []
    drawn = here.step(other, "reveal")["drawn"]
    assert not set(drawn) & set(first["drawn"])
    again = here.draws(supersedes=other["id"], reason="人员有误")
    assert not set(again["drawn"]) & set(first["drawn"])


def amended(cast, here, change):
    """Publish an amendment of the plan that a ceremony draws for."""
    head, policy = cast.signed_in(Role.SUPERVISOR), cast.signed_in(Role.POLICY)
    with cast.app.readers() as session:
        plan = session.get_one(PlannedInspection, here.planned_id).plan_id
    changes = [{"planned": str(here.planned_id), **change}]
    path = f"/api/v1/plans/{plan}/amendments"
    proposed = here.planner.post(path, {"reason": "调整", "changes": changes}, expect=201)
    head.post(f"/api/v1/plans/amendments/{proposed['id']}/decide", {"approve": True})
    policy.post(f"/api/v1/plans/amendments/{proposed['id']}/publish")


def test_a_row_that_is_withdrawn_while_its_draw_is_under_way_is_not_drawn(cast, here):
    ceremony = here.commits()
    here.step(ceremony, "freeze")
    amended(cast, here, {"action": "withdraw"})

    assert here.step(ceremony, "reveal", expect=422)["detail"].startswith("该任务已经计划变更撤销")

    here.step(ceremony, "abandon", {"reason": "计划变更撤销了该任务"})
    assert here.file(ceremony)["secret"] == ""


def test_what_was_revealed_of_a_row_that_is_withdrawn_is_given_up_and_stays_public(cast, here):
    ceremony = here.commits()
    here.step(ceremony, "freeze")
    drawn = here.step(ceremony, "reveal")["drawn"]
    why = {"reason": "省厅调整了计划"}
    assert here.step(ceremony, "abandon", why, expect=409)["code"] == "ceremony.out-of-order"
    path = f"/api/v1/ceremonies/{ceremony['id']}"
    assert not here.planner.get(path)["row_withdrawn"]
    amended(cast, here, {"action": "withdraw"})
    assert here.planner.get(path)["row_withdrawn"]
    assert here.step(ceremony, "publish", expect=422)["code"] == "draw.unusable"
    assert here.commits(expect=422, supersedes=ceremony["id"], reason="x")["code"] == "draw.unusable"

    here.step(ceremony, "abandon", why)

    file = here.holds(ceremony)
    assert (file["state"], file["drawn"], file["reason"]) == ("abandoned", drawn, why["reason"])


def test_a_row_that_is_amended_between_its_frame_and_its_tasks_is_drawn_anew(cast, here):
    ceremony = here.commits()
    here.step(ceremony, "freeze")
    amended(cast, here, {"action": "change", "set": {"name": "一季度矿山抽查"}})
    here.step(ceremony, "reveal")
    amended(cast, here, {"action": "change", "set": {"ratio": "100%"}})

    assert here.step(ceremony, "publish", expect=422)["detail"].startswith("冻结底册后计划已变更")

    again = here.draws(supersedes=ceremony["id"], reason="计划变更了抽查比例")
    assert len(again["drawn"]) == len(here.objects)


def test_who_may_not_inspect_is_not_in_the_roster_and_nobody_is_named(cast, here):
    crew = here.inspectors
    colleague = cast.signed_in(Role.INSPECTOR)
    about = {"subject_id": str(crew[3].person_id), "object_id": str(here.objects[0].id), "reason": "x"}
    assert colleague.post("/api/v1/recusals", about, expect=403)["code"] == "access.denied"
    barred = {"subject_id": str(crew[3].person_id), "reason": "亲属任职"}
    for each in here.objects:
        here.planner.post("/api/v1/recusals", barred | {"object_id": str(each.id)}, expect=201)
    with audit.transaction(cast.app.sessions) as session:
        session.scalars(
            select(Certificate).where(Certificate.person_id == crew[1].person_id)
        ).one().valid_to = date(2026, 3, 1)
    ceremony = here.draws({"away": [str(crew[2].person_id)]})
    file = here.holds(ceremony)
    frame = file["frame"]
    assert frame["about"]["people_out"] == {"阳城县自然资源局": {"away": 1, "no_certificate": 2}}
    going = {person for each in ceremony["pairs"] for them in each["teams"].values() for person in them}
    assert going == {str(crew[0].person_id), str(crew[4].person_id)}
    written = json.dumps(file, ensure_ascii=False)
    for each in crew:
        assert str(each.person_id) not in written
        assert each.username not in written
    assert "ZF140522" not in written
    assert "亲属任职" not in written
    # Whoever is shown the certificate can tell that its bearer was drawn.
    shown = public_id(UUID(ceremony["id"]), "山西省", "ZF140522000")
    assert all(shown in them for each in file["visits"] for them in each["teams"].values())


def test_an_identity_number_in_the_place_of_a_credit_code_is_in_no_public_file(cast, here):
    person, company, *_ = here.objects
    with audit.transaction(cast.app.sessions) as session:
        for each, code in ((person, "110101199003070011"), (company, "91350100M000100Y43")):
            found = session.get_one(InspectedObject, each.id)
            found.uscc, found.uscc_valid = code, True

    ceremony = here.commits()
    here.step(ceremony, "freeze")

    codes = {each["id"]: each["code"] for each in here.file(ceremony)["frame"]["objects"]}
    assert (codes[str(person.id)], codes[str(company.id)]) == ("", "91350100M000100Y43")


def test_an_object_without_people_is_named_and_matched_later(cast, here):
    crew = [str(each.person_id) for each in here.inspectors]
    for person in crew[:4]:
        body = {"subject_id": person, "object_id": str(here.objects[0].id), "reason": "利害关系"}
        here.planner.post("/api/v1/recusals", body, expect=201)
    with audit.transaction(cast.app.sessions) as session:
        session.get_one(InspectedObject, here.objects[0].id).tags = ["重点"]
    ceremony = here.commits()
    told = here.step(ceremony, "preview", {"tags": ["重点"]})
    assert (told["objects"], told["unmatchable"], told["people"]) == (1, 1, {"阳城县自然资源局": 5})
    assert told["examples"][0]["why"] == "recusal"
    assert here.step(ceremony, "preview")["strata"][0]["count"] == 3
    here.step(ceremony, "freeze", {"tags": ["重点"]})
    revealed = here.step(ceremony, "reveal")
    assert [(each["object"], each["why"]) for each in revealed["unmatched"]] == [
        (str(here.objects[0].id), "recusal")
    ]
    locking = here.holds(ceremony)
    assert here.step(ceremony, "publish")["draw_id"] is None
    recusals = here.planner.get("/api/v1/recusals")
    assert len(recusals) == 4
    assert len(here.planner.get(f"/api/v1/recusals?subject={crew[0]}")) == 1
    assert len(here.planner.get(f"/api/v1/recusals?object={here.objects[0].id}")) == 4
    assert here.planner.get(f"/api/v1/recusals?object={here.objects[1].id}") == []
    here.planner.post(f"/api/v1/recusals/{recusals[0]['id']}/withdraw")
    match = here.draws(kind="match", planned_id=None, locked_by=ceremony["id"])
    assert match["drawn"] == [str(here.objects[0].id)]
    assert match["draw_id"]
    here.holds(match, locking)


def test_a_city_locks_objects_to_counties_which_match_their_own_inspectors(cast):
    city = place(cast, CITY, mines=0, inspectors=0, ratio=Ratio(percent=Decimal(100)).as_json())
    county = place(cast, COUNTY, mines=4, inspectors=4)
    other = place(cast, OTHER, mines=3, inspectors=1)
    listed = city.draws(kind="objects")
    list_file = city.holds(listed)
    assert (len(listed["drawn"]), listed["pairs"], listed["draw_id"]) == (7, [], None)
    waiting = {each["region"]: each["objects"] for each in city.planner.get("/api/v1/locks")}
    assert waiting == {COUNTY: 4, OTHER: 3}
    assert [each["objects"] for each in county.planner.get("/api/v1/locks")] == [4]

    matching = {"kind": "match", "planned_id": None, "locked_by": listed["id"]}
    late = county.commits(expect=422, **matching, due_on="2026-04-01")
    assert late["code"] == "draw.unusable"
    match = county.commits(**matching)
    assert match["region"] == COUNTY
    county.step(match, "freeze", {"out": [{"object_id": str(county.objects[0].id), "why": "suspended"}]})
    revealed = county.step(match, "reveal")
    county.step(match, "publish")
    file = county.holds(match, list_file)
    # Locked objects can't be exchanged or left out.
    assert set(file["drawn"]) == {str(each.id) for each in county.objects}
    assert {each["object_id"] for each in revealed["pairs"]} == set(file["drawn"])
    with pytest.raises(VERIFIER.Wrong, match="locked"):
        VERIFIER.verify(file)
    assert county.planner.get("/api/v1/locks") == []

    alone = other.commits(**matching)
    other.step(alone, "freeze")
    unmatched = other.step(alone, "reveal")["unmatched"]
    assert [(each["why"], each["team"]) for each in unmatched] == [("region", "陵川县自然资源局")] * 3
    other.step(alone, "publish", expect=422)
    assert other.planner.get("/api/v1/locks")[0]["objects"] == 3
    again = other.commits(**matching, supersedes=alone["id"], reason="向阳城县局借调两名检查人员")
    with audit.transaction(cast.app.sessions) as session:
        session.add_all(lent(each, other) for each in county.inspectors[:2])
    other.step(again, "freeze")
    assert len(other.step(again, "reveal")["pairs"]) == 3
    other.step(again, "publish")
    other.holds(again, list_file)

    assert other.planner.get(f"/api/v1/ceremonies/{match['id']}", expect=404)["code"] == "ceremony.not-found"
    body = {"kind": "objects", "supersedes": listed["id"], "reason": "对象有误"}
    assert city.commits(expect=422, **body)["code"] == "draw.unusable"


def test_a_redraw_needs_a_reason_and_what_it_replaces_stays_public(cast, here):
    first = here.draws()
    react(cast, "draw.published")
    assert here.commits(expect=422, supersedes=first["id"])["code"] == "draw.unusable"
    here.commits(supersedes=first["id"], reason="抽取时底册缺少新设企业")
    react(cast, "draw.superseded", "draw.published")
    old = here.holds(first)
    assert (old["state"], old["reason"]) == ("superseded", "抽取时底册缺少新设企业")
    newest = cast.stranger().get("/public/draws")[0]
    assert (newest["supersedes"], old["superseded_by"]) == (first["id"], newest["id"])
    assert here.planner.get(f"/api/v1/draws/{first['draw_id']}")["superseded_at"]
    assert opened(cast) == dict.fromkeys(first["drawn"], "withdrawn")
    here.step(newest, "freeze")
    assert here.step(newest, "reveal")["drawn"]
    here.holds(newest)
    assert here.commits(expect=409, supersedes=first["id"], reason="x")["code"] == "ceremony.out-of-order"


def test_whoever_falls_ill_is_replaced_by_the_next_by_chance_and_the_task_follows(cast, here):
    ceremony = here.draws()
    react(cast, "draw.published")
    pair = ceremony["pairs"][0]
    ((team, (lead, second)),) = pair["teams"].items()
    body = {"object_id": pair["object_id"], "person_id": second, "cause": "unavailable", "reason": "骨折住院"}
    idle = [each for each in here.inspectors if str(each.person_id) not in {lead, second}]
    with audit.transaction(cast.app.sessions) as session:
        for each in idle[:-1]:
            session.scalars(
                select(Certificate).where(Certificate.person_id == each.person_id)
            ).one().valid_to = date(2026, 3, 1)
    made = here.step(ceremony, "replace", body)
    assert made[0]["cause"] == "unavailable"
    assert {each["cause"] for each in made[1:]} <= {"unqualified"}
    file = here.holds(ceremony)
    assert "骨折" not in json.dumps(file, ensure_ascii=False)
    assert len(file["replacements"]) == len(made)
    react(cast, "inspector.replaced")
    with cast.app.readers() as session:
        visit = session.scalars(
            select(DrawnVisit).where(DrawnVisit.object_id == UUID(pair["object_id"]))
        ).one()
        task = session.scalars(select(Task).where(Task.drawn_visit_id == visit.id)).one()
        going = session.scalars(
            select(Assignment.person_id).where(Assignment.task_id == task.id, Assignment.ended_at.is_(None))
        ).all()
    assert visit.inspector_ids == [lead, str(idle[-1].person_id)]
    assert {str(each) for each in going} == set(visit.inspector_ids)
    assert here.step(ceremony, "replace", body, expect=404)["code"] == "replacement.unknown"
    body |= {"person_id": str(idle[-1].person_id), "cause": "recusal"}
    assert here.step(ceremony, "replace", body, expect=409)["code"] == "replacement.nobody"
    assert here.holds(ceremony) == file
    assert team == "阳城县自然资源局"


def test_departments_send_a_team_each_and_experts_go_along_uncounted(cast, here):
    energy = cast.organisation(COUNTY, "阳城县能源局")
    people = [cast.person(Role.INSPECTOR, Role.LEAD) for _ in range(2)]
    with audit.transaction(cast.app.sessions) as session:
        for each in people:
            session.get_one(Person, each.person_id).organisation_id = energy.id
        certify(session, "140599", people)
        session.add(
            Expert(organisation_id=energy.id, region=COUNTY, name="钱工", unit="煤科院", phone="1390000")
        )
    bureau = here.objects[0].organisation_id
    ceremony = here.draws({"departments": [str(bureau), str(energy.id)], "experts": 1})
    file = here.holds(ceremony)
    draw = here.planner.get(f"/api/v1/draws/{ceremony['draw_id']}")
    for visit in draw["visits"]:
        assert set(visit["teams"]) == {"阳城县自然资源局", "阳城县能源局"}
        assert set(visit["teams"]["阳城县能源局"]) == {str(each.person_id) for each in people}
        assert visit["inspector_ids"][0] == visit["teams"]["阳城县自然资源局"][0]
        assert len(visit["inspector_ids"]) == 4
        assert len(visit["expert_ids"]) == 1
    assert "钱工" not in json.dumps(file, ensure_ascii=False)


def test_whoever_is_lent_to_a_department_goes_for_it(cast, here):
    energy = cast.organisation(COUNTY, "阳城县能源局")
    people = [cast.person(Role.INSPECTOR, Role.LEAD, region=OTHER) for _ in range(2)]
    with audit.transaction(cast.app.sessions) as session:
        certify(session, "140599", people)
        session.add_all(
            Lending(
                person_id=each.person_id,
                organisation_id=energy.id,
                region=COUNTY,
                first_day=date(2026, 3, 1),
                last_day=date(2026, 4, 30),
                reason="支援",
            )
            for each in people
        )
    bureau = here.objects[0].organisation_id

    ceremony = here.draws({"departments": [str(bureau), str(energy.id)]})

    here.holds(ceremony)
    assert ceremony["unmatched"] == []
    for pair in ceremony["pairs"]:
        assert set(pair["teams"]["阳城县能源局"]) == {str(each.person_id) for each in people}


def test_strata_follow_the_risk_classes_as_the_plan_reckons_them(cast):
    by_class = {"percent": None, "count": None, "by_class": {"A": "10", "B": "20", "C": "50", "D": "100"}}
    rest = {"at_least": False, "times": None, "times_at_least": False, "period": None, "note": ""}
    here = place(cast, mines=0, ratio=by_class | rest)
    organisation = cast.organisation()
    with audit.transaction(cast.app.sessions) as session:
        session.add_all(mine(COUNTY, organisation.id, n, risk_class="AABBBCCCD"[n % 9]) for n in range(27))
    ceremony = here.draws({"lots": {"D": 3}})
    frame = here.holds(ceremony)["frame"]
    assert {each["name"]: each["count"] for each in frame["strata"]} == {"A": 1, "B": 2, "C": 5, "D": 3}
    assert all(step["zh"] and step["en"] for step in frame["about"]["arithmetic"])


def test_what_is_drawn_every_quarter_is_drawn_again_once_all_was_drawn(cast):
    half = Ratio(percent=Decimal(60), at_least=True, times=1, period="quarter")
    here = place(cast, ratio=half.as_json())

    drawn = [set(here.draws()["drawn"]) for _ in range(3)]

    assert [len(each) for each in drawn] == [4, 2, 4]
    assert drawn[0] | drawn[1] == {str(each.id) for each in here.objects}
    whole = place(cast, OTHER, ratio=Ratio(percent=Decimal(100), times=1, period="quarter").as_json())
    for _ in range(2):
        ceremony = whole.draws()
        whole.holds(ceremony)
        assert set(ceremony["drawn"]) == {str(each.id) for each in whole.objects}


def test_a_frame_says_when_fewer_can_be_drawn_than_the_ratio_asks(cast, here):
    out = [{"object_id": str(each.id), "why": "suspended", "words": "停产"} for each in here.objects[:4]]
    ceremony = here.draws({"out": out})
    frame = here.holds(ceremony)["frame"]
    assert len(ceremony["drawn"]) == 2
    assert frame["about"]["arithmetic"][-1]["zh"] == "可抽取对象不足，少抽 1 个"


def test_only_planners_of_the_place_run_a_ceremony(cast, here):
    ceremony = here.commits()
    for person, expect in (
        (cast.signed_in(Role.SUPERVISOR), 403),
        (cast.signed_in(Role.INSPECTOR), 403),
        (cast.signed_in(Role.PLANNER, region="130800"), 404),
        (cast.stranger(), 401),
    ):
        here.step(ceremony, "freeze", expect=expect, by=person)
    with audit.transaction(cast.app.sessions) as session:
        session.execute(text("update plan set state = 'draft'"))
    here.step(ceremony, "abandon", {"reason": "计划有误"})
    assert here.commits(expect=422)["code"] == "draw.unusable"
    assert here.commits(expect=422, due_on="2026-01-01")["code"] == "draw.unusable"
    assert DAYS["opens_on"] == ceremony["opens_on"]
