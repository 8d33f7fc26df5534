"""Where visits that were drawn meet at one door."""

from dataclasses import replace
from datetime import date

import pytest

from server import audit, clock
from server.access import Role
from server.accounts.models import Organisation
from server.draws.models import Ceremony, CeremonyKind, CeremonyState, Draw, LockedObject
from server.planning.models import PlannedInspection
from tests.actors.platform import bureau
from tests.actors.supervisor import phones
from tests.server.draws.delivered import publish, visit

OVERLAPS = "/api/v1/draws/overlaps?year=2026"
COLUMNS = [column.key for column in PlannedInspection.__table__.columns]
JOINT = "对煤炭生产企业的双随机抽查"


@pytest.fixture
def crew(cast):
    return phones(cast, 2)


@pytest.fixture
def house(cast, crew):
    found = bureau(cast, *crew)
    with audit.transaction(cast.app.sessions) as session:
        session.get_one(Organisation, cast.organisation().id).rules = {"visit": {"a_year": 1}}
    return found


def joint_row(house):
    """A second row of the plan, the joint one, as a house of its own."""
    with audit.transaction(house.app.sessions) as session:
        first = session.get_one(PlannedInspection, house.planned_id)
        columns = {name: getattr(first, name) for name in COLUMNS}
        row = PlannedInspection(
            **{**columns, "id": None, "row_no": 2, "name": JOINT, "plan_no": "YC-2023-02"}
        )
        session.add(row)
        session.flush()
        return replace(house, planned_id=row.id)


def lock(house, planned_id, place, region="140522", *, revealed=False):
    """An object that a ceremony of the city drew and nobody was matched with yet; or one that is revealed, with its people."""
    with audit.transaction(house.app.sessions) as session:
        first = session.get_one(PlannedInspection, planned_id)
        ceremony = Ceremony(
            region=region, organisation_id=house.objects[place].organisation_id, planned_id=first.id,
            kind=(CeremonyKind.FULL if revealed else CeremonyKind.OBJECTS).value, number="1",
            state=(CeremonyState.REVEALED if revealed else CeremonyState.PUBLISHED).value,
            opens_on=date(2026, 3, 20), due_on=date(2026, 4, 20), commitment="", people={},
            committed_at=clock.now(),
        )  # fmt: skip
        session.add(ceremony)
        session.flush()
        matched = ceremony.id if revealed else None
        object_id = house.objects[place].id
        session.add(
            LockedObject(ceremony_id=ceremony.id, object_id=object_id, region=region, matched_id=matched)
        )


def test_the_same_mine_drawn_for_two_rows_at_a_time_is_told_with_what_could_be_one_visit(cast, house, crew):
    planner, joint = cast.signed_in(Role.PLANNER), joint_row(house)
    publish(house, planner, visit(house, 0, *crew), visit(house, 1, *crew))
    later = {"opens_on": date(2026, 5, 1), "due_on": date(2026, 5, 31)}
    publish(
        joint, planner, visit(house, 0, *crew, opens_on=date(2026, 3, 15)), visit(house, 1, *crew, **later)
    )
    lock(house, joint.planned_id, 2)

    report = planner.get(OVERLAPS)

    (meeting,) = report["repeated"]
    assert sorted(row["name"] for row in meeting["planned"]) == ["2023年第一季度生产矿山抽查", JOINT]
    assert (meeting["first"], meeting["last"], meeting["objects"]) == ("2026-03-15", "2026-03-31", 1)
    assert (report["merges"], report["saved"]) == (report["repeated"], 1)
    assert (report["cap"], report["over_cap"]) == (1, 2)
    assert {(each["name"], each["visits"]) for each in report["most"]} == {("虚构0号矿", 2), ("虚构1号矿", 2)}

    publish(house, planner, visit(house, 2, *crew))
    assert {(each["name"], each["visits"]) for each in planner.get(OVERLAPS)["most"]} >= {("虚构2号矿", 2)}
    assert planner.get("/api/v1/draws/overlaps?year=2025")["repeated"] == []
    assert crew[0].get(OVERLAPS, expect=403)["code"] == "access.denied"
    foreign = cast.signed_in(Role.PLANNER, region="130800")
    assert foreign.get(OVERLAPS)["repeated"] == []


def test_what_is_revealed_and_not_published_yet_counts(cast, house, crew):
    planner, joint = cast.signed_in(Role.PLANNER), joint_row(house)
    publish(house, planner, visit(house, 0, *crew))
    lock(house, joint.planned_id, 0, revealed=True)

    report = planner.get(OVERLAPS)

    assert (len(report["repeated"]), report["over_cap"]) == (1, 1)


def test_what_was_drawn_anew_does_not_count(cast, house, crew):
    planner, joint = cast.signed_in(Role.PLANNER), joint_row(house)
    publish(house, planner, visit(house, 0, *crew))
    redrawn = publish(joint, planner, visit(house, 0, *crew))
    with audit.transaction(cast.app.sessions) as session:
        session.get_one(Draw, redrawn.id).superseded_at = clock.now()

    report = planner.get(OVERLAPS)

    assert (report["repeated"], report["over_cap"]) == ([], 0)
