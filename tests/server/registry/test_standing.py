"""How inspectors and objects stand on a day: what draws and the legality gate rest on."""

from datetime import date
from types import SimpleNamespace

import pytest

from server.access import Actor, Role
from server.problems import KeyListingNotFound, KeyListingOverlaps
from server.registry import service
from server.registry.models import (
    Certificate,
    Expert,
    InspectedObject,
    InspectorProfile,
    Lending,
    TrainingExam,
)
from tests.actors.someone import Someone

MAY = date(2023, 5, 1)


@pytest.fixture
def county(cast, session):
    """A county bureau, a city bureau of another province, an inspector of each, and the county's planner."""
    here, there = cast.organisation("140522"), cast.organisation("130800")
    ours, theirs = cast.person(Role.INSPECTOR), cast.person(Role.INSPECTOR, region="130800")
    planner = cast.person(Role.PLANNER)
    actor = Actor(planner.person_id, "planner", frozenset({Role.PLANNER}), here.id, here.region)
    return SimpleNamespace(here=here, there=there, ours=ours, theirs=theirs, actor=actor)


def certify(session, someone: Someone, number, first, last):
    session.add(
        Certificate(
            person_id=someone.person_id, issuer="省政府", number=number, valid_from=first, valid_to=last
        )
    )
    session.flush()


def test_an_inspector_has_the_certificates_exams_and_scope_of_the_day(county, session):
    who = county.ours.person_id
    certify(session, county.ours, "旧证", date(2018, 1, 1), date(2022, 12, 31))
    certify(session, county.ours, "部门证", date(2023, 1, 1), date(2024, 12, 31))
    certify(session, county.ours, "省证", date(2023, 1, 1), date(2026, 12, 31))
    session.add_all(
        [
            TrainingExam(person_id=who, year=2021, passed=True),
            TrainingExam(person_id=who, year=2022, passed=False),
            InspectorProfile(person_id=who, region="140522", scope=["BOUNDARY_MARKER"], tags=["矿山"]),
        ]
    )
    session.flush()

    held = service.standings_of(session, [who], MAY)[who]

    assert [each.number for each in held.certificates] == ["部门证", "省证"]
    assert (held.exam_years, held.exams_failed, held.admitted) == ({2021}, {2022}, False)
    assert held.may_inspect("BOUNDARY_MARKER")
    assert not held.may_inspect("MINE_OVERSTEP")
    assert (held.tags, held.in_library) == ({"矿山"}, True)
    earlier = service.standings_of(session, [who], date(2022, 12, 31))[who]
    assert ([each.number for each in earlier.certificates], earlier.admitted) == (["旧证"], True)


def test_who_has_no_page_in_the_library_may_inspect_everything_and_is_told_apart(county, session):
    held = service.standings_of(session, [county.ours.person_id], MAY)[county.ours.person_id]

    assert (held.certified, held.admitted, held.in_library) == (False, False, False)
    assert held.may_inspect("MINE_OVERSTEP")


def test_an_inspector_who_is_lent_counts_where_they_are_lent_to_on_those_days_only(county, session):
    session.add(
        Lending(
            person_id=county.theirs.person_id,
            organisation_id=county.here.id,
            region="140522",
            first_day=date(2023, 5, 1),
            last_day=date(2023, 5, 31),
            reason="人员不足",
        )
    )
    session.flush()

    here = {each.person_id: each for each in service.standings_at(session, "140522", MAY)}

    assert {county.ours.person_id, county.theirs.person_id} <= set(here)
    assert here[county.theirs.person_id].lent_to == {"140522"}
    for day in (date(2023, 4, 30), date(2023, 6, 1)):
        later = {each.person_id for each in service.standings_at(session, "140522", day)}
        assert county.theirs.person_id not in later
    own = {each.person_id for each in service.standings_within(session, "140522", MAY)}
    assert county.theirs.person_id not in own


def test_reading_a_whole_county_takes_four_questions(county, cast, session, statements):
    for _ in range(5):
        cast.person(Role.LEAD)
    session.connection()
    statements.clear()

    assert len(service.standings_at(session, "140522", MAY)) >= 6
    assert len([each for each in statements if each.startswith("SELECT")]) == 4


def test_an_expert_is_never_an_inspector(county, session):
    for name, last in (("刘专家", None), ("过期专家", date(2023, 4, 30))):
        session.add(
            Expert(organisation_id=county.here.id, region="140522", name=name, unit="地质院", valid_to=last)
        )
    session.flush()

    assert [each.name for each in service.experts_at(session, "140500", MAY)] == ["刘专家"]
    assert service.experts_at(session, "130800", MAY) == []
    assert all(each.name != "刘专家" for each in service.standings_at(session, "140522", MAY))


def test_a_risk_class_holds_from_its_day_until_the_next_and_none_is_lost(county, session):
    found = service.add_object(session, county.actor, service.ObjectDraft("甲矿", risk_class="A"))
    service.rate_object(session, county.actor, found.id, "C", date(2023, 1, 1), "市场监管局")
    service.rate_object(session, county.actor, found.id, "D", date(2023, 6, 1), "市场监管局")

    def held(day):
        return service.risk_classes_within(session, "140500", day).get(found.id)

    assert [held(date(2022, 12, 31)), held(MAY), held(date(2023, 6, 1))] == [None, "C", "D"]
    assert found.risk_class == "A", "a class entered for the past does not change what holds today"
    assert [each.risk_class for each in service.ratings_of(session, found.id)] == ["C", "D", "A"]
    assert service.risk_classes_of(session, [found.id], MAY) == {found.id: "C"}


def test_an_object_is_in_the_key_library_from_day_to_day(county, session):
    found = service.add_object(session, county.actor, service.ObjectDraft("甲矿"))
    enter = {"since": date(2023, 3, 1), "until": None, "reason": "高风险"}
    service.enter_in_key_library(session, county.actor, found.id, **enter)
    with pytest.raises(KeyListingOverlaps):
        service.enter_in_key_library(session, county.actor, found.id, **enter)
    service.take_from_key_library(
        session, county.actor, found.id, last_day=date(2023, 5, 31), reason="整改到位"
    )
    with pytest.raises(KeyListingNotFound):
        service.take_from_key_library(
            session, county.actor, found.id, last_day=date(2023, 6, 30), reason="再次"
        )

    def listed(day):
        query = service.objects_within(session, county.actor).where(service.is_key(day))
        return [each.name for each in session.scalars(query.order_by(InspectedObject.name))]

    assert [listed(date(2023, 2, 28)), listed(MAY), listed(date(2023, 6, 1))] == [[], ["甲矿"], []]
