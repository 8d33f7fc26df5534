"""Whoever holds every role elsewhere is told nothing and changes nothing under any address that names what is ours."""

import random

import pytest

from server import access
from server.access import Role
from tests.access.world import planted

ELSEWHERE = "130800"
REFUSED = {400, 403, 404, 405, 409, 412, 415, 422}
"""422 and the like are of what else an address asks for: nothing was looked up for it, or it was refused before."""
OTHER_VALUES = {"default": "1", "unicode": "1", "string": "1", "number": "1", "path": "1", "any": "zh"}


PLACES = {
    "Delivery": "deliveries",
    "Draw": "draws",
    "Followup": "followups",
    "InspectedObject": "objects",
    "Plan": "plans",
    "QuarantineCase": "quarantine",
    "Record": "records",
    "ReportSnapshot": "reports/snapshots",
    "Result": "results",
    "Task": "tasks",
}


def addresses(app, place, named):
    """Every address that names something in a place by its id, with its methods."""
    for rule in app.url_map.iter_rules():
        kinds = {
            name: type(converter).__name__.removesuffix("Converter").lower()
            for name, converter in rule._converters.items()
        }
        if rule.rule.startswith(f"/api/v1/{place}/<uuid:"):
            values = {
                name: str(named) if kind == "uuid" else OTHER_VALUES[kind] for name, kind in kinds.items()
            }
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield method, rule.build(values)[1]


def tells_nothing(answer):
    """An empty list, or one in an answer that only says what was asked."""
    told = answer.get_json(silent=True)
    return told == [] or (isinstance(told, dict) and told.get("rows") == [])


@pytest.fixture
def ours(app, session):
    """One thing of each kind that lies outside of the other jurisdiction: where it is, and its id."""
    _, things = planted(app.sessions, random.Random(5), 36, 1)
    return {
        PLACES[model.__name__]: next(each.id for each in some if each.region == "140522")
        for model, some in things.items()
        if model.__name__ in PLACES
    }


def attempt(app, cast, ours):
    """Ask all of it as somebody from elsewhere; how often."""
    stranger = cast.signed_in(*Role, region=ELSEWHERE)
    asked = 0
    for place, named in ours.items():
        for method, path in addresses(app, place, named):
            answer = stranger.call(method, path, **({} if method == "GET" else {"json": {}}))
            is_fine = answer.status_code in REFUSED or (method == "GET" and tells_nothing(answer))
            assert is_fine, (method, path, answer.status_code)
            asked += 1
    return asked


def test_no_address_tells_or_changes_what_lies_elsewhere(app, cast, ours):
    assert ours.keys() == set(PLACES.values())
    assert attempt(app, cast, ours) > 60


def test_what_an_address_tells_to_somebody_elsewhere_is_found(app, cast, ours, monkeypatch):
    monkeypatch.setattr(access, "region_bounds", lambda _region: ("000000", "999999"))
    with pytest.raises(AssertionError, match="/api/v1/"):
        attempt(app, cast, ours)
