"""Draws: what may be published, and who sees it."""

from dataclasses import replace
from datetime import date

import pytest

from server.access import Role
from server.problems import AccessDenied, DrawUnusable, OutsideJurisdiction
from tests.actors.platform import bureau
from tests.actors.supervisor import phones
from tests.server.draws.delivered import publish, visit


@pytest.fixture
def crew(cast):
    return phones(cast, 3)


@pytest.fixture
def house(cast, crew):
    return bureau(cast, *crew)


def test_a_draw_shows_its_visits_to_its_region(cast, house, crew):
    planner = cast.signed_in(Role.PLANNER)
    draw = publish(house, planner, visit(house, 0, *crew[:2]), visit(house, 1, *crew[1:]))

    for reader in (planner, cast.signed_in(Role.SUPERVISOR), cast.signed_in(Role.AUDITOR)):
        shown = reader.get(f"/api/v1/draws/{draw.id}")
        assert [each["task_no"] for each in shown["visits"]] == ["T-0", "T-1"]
        assert str(draw.id) in [each["id"] for each in reader.get("/api/v1/draws")]
    assert [each["id"] for each in planner.get(f"/api/v1/draws?planned={house.planned_id}")] == [str(draw.id)]


def test_an_inspector_sees_only_draws_that_send_them_somewhere(cast, house, crew):
    planner = cast.signed_in(Role.PLANNER)
    draw = publish(house, planner, visit(house, 0, *crew[:2]))

    assert [each["id"] for each in crew[1].get("/api/v1/draws")] == [str(draw.id)]
    assert crew[2].get("/api/v1/draws") == []
    assert crew[2].get(f"/api/v1/draws/{draw.id}", expect=404)["code"] == "draw.not-found"


def test_another_county_sees_nothing(cast, house, crew):
    draw = publish(house, cast.signed_in(Role.PLANNER), visit(house, 0, *crew[:2]))
    foreign = cast.signed_in(Role.PLANNER, region="130800")

    assert foreign.get("/api/v1/draws") == []
    assert foreign.get(f"/api/v1/draws/{draw.id}", expect=404)["code"] == "draw.not-found"
    with pytest.raises(OutsideJurisdiction):
        publish(house, foreign, visit(house, 1, *crew[:2]))


def test_draws_are_numbered_and_listed_newest_first(cast, house, crew):
    planner = cast.signed_in(Role.PLANNER)
    draws = [publish(house, planner, visit(house, place, *crew[:2])) for place in range(3)]

    assert [draw.number for draw in draws] == [f"YC-2023-01/1-{number}" for number in (1, 2, 3)]
    listed = [each["number"] for each in planner.get("/api/v1/draws")]
    assert listed == [draw.number for draw in reversed(draws)]


def test_a_draw_that_breaks_a_rule_is_refused(cast, house, crew):
    planner = cast.signed_in(Role.PLANNER)
    one, two = visit(house, 0, *crew[:2]), visit(house, 0, *crew[1:])
    for wrong in (
        [],
        [one, two],
        [visit(house, 0, crew[0])],
        [visit(house, 0, crew[0], crew[0])],
        [replace(one, forms=())],
        [replace(one, item_codes=())],
        [replace(one, due_on=date(2026, 1, 1))],
    ):
        with pytest.raises(DrawUnusable):
            publish(house, planner, *wrong)
    assert planner.get("/api/v1/draws") == []


def test_an_inspector_publishes_no_draw(house, crew):
    with pytest.raises(AccessDenied):
        publish(house, crew[0], visit(house, 0, *crew[:2]))
