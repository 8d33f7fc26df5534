"""Records are checked by their form's own rules, with what the house knew beforehand; nothing is refused for it."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from uuid import UUID

import pytest

from forms import Geopoint
from forms.catalog import catalog
from server import audit
from server.access import SYSTEM, Role
from server.checklists import service as checklists
from server.clock import CHINA
from server.inspections.judging import completed_at
from server.inspections.models import Task
from server.worker import drain
from sync import ClockInterval, RevisionTime
from tests.forms.filled import MINE
from tests.server.registry.makers import SQUARE

MARKERS = [
    {"marker_no": "J1", "x": 3929998.940, "y": 37627880.474},
    {"marker_no": "J2", "x": 3929998.940, "y": 37628880.474},
]


@pytest.fixture
def mine(cast, app):
    """A lead with a task at a mine whose licence and markers are registered, and its form on the phone."""
    with audit.transaction(app.sessions) as session:
        source = next(each.source for each in catalog() if each.form_id == "mine_overstep")
        checklists.publish(session, SYSTEM, source, ".md")
    lead, second = cast.phone(), cast.phone()
    task = cast.task(
        lead,
        second,
        forms=["mine_overstep"],
        item_codes=["MINE_OVERSTEP", "BOUNDARY_MARKER"],
        notice_no="通〔2026〕1号",
    )
    planner = cast.signed_in(Role.PLANNER)
    with audit.transaction(app.sessions) as session:
        owner = session.get(Task, task).object_id
    licence = planner.post(f"/api/v1/objects/{owner}/licences", {
        "licence_no": "C1405222019071110010011", "corners": SQUARE, "area_km2": 1.0,
        "elevation_upper": 850, "elevation_lower": 620, "method": "露天开采", "holder": "虚构矿业",
    }, expect=201)  # fmt: skip
    planner.call("PUT", f"/api/v1/licences/{licence['id']}/markers", json={"markers": MARKERS})
    lead.syncs()
    return SimpleNamespace(
        lead=lead, second=second, task=task, planner=planner, owner=owner, licence=licence, app=app
    )


def filled(lead, task, **changes):
    started = datetime.now(UTC) - timedelta(hours=2)
    deadline = (started + timedelta(days=20)).date()
    marker = MINE["/data/markers"][0] | {
        "meas": Geopoint(35.49111, 112.40930, 700.0, 4.0), "restore_deadline": deadline,
    }  # fmt: skip
    conclusions = {
        "MINE_OVERSTEP": {"answer": "conform"},
        "BOUNDARY_MARKER": MINE["/data/conclusions"]["BOUNDARY_MARKER"] | {"rectify_deadline": deadline},
    }
    answers = MINE | {
        "/data/task/task_ref": str(task),
        "/data/visit": MINE["/data/visit"] | {"start_at": started, "legal_rep_check": "same"},
        "/data/statement": MINE["/data/statement"] | {"end_at": started + timedelta(hours=1)},
        "/data/points": [MINE["/data/points"][0] | {"position": Geopoint(35.4866, 112.4147, 700.0, 4.0)}],
        "/data/markers": [marker, MINE["/data/markers"][1]],
        "/data/conclusions": conclusions,
    }
    return lead.fills(task, answers | changes, form_id="mine_overstep")


def pushed(mine, **changes):
    record = filled(mine.lead, mine.task, **changes)
    (answer,) = mine.lead.syncs()
    return record, answer


def test_a_task_carries_what_the_house_knows_so_that_nothing_is_asked_twice(mine):
    body = mine.lead.shows("task")[str(mine.task)]
    row = body["prefill"]["tasks"]
    assert row["name"] == str(mine.task)
    assert row["items"] == "MINE_OVERSTEP BOUNDARY_MARKER"
    assert (row["licence_no"], row["mining_method"]) == ("C1405222019071110010011", "露天开采")
    assert (row["elevation_lower"], row["elevation_upper"], row["markers_required"]) == ("620", "850", "2")
    assert row["boundary"].count(";") == 4
    assert (row["inspector1_name"], row["notice_no"], row["year_count"]) == (
        next(each["name"] for each in body["inspectors"] if each["role"] == "lead"),
        "通〔2026〕1号",
        "1",
    )
    assert [each["marker_no"] for each in body["prefill"]["markers"]] == ["J1", "J2"]
    assert all(isinstance(value, str) for value in row.values())


def test_a_form_names_the_lists_that_a_phone_writes_for_it(mine):
    files = mine.lead.shows("form")["mine_overstep"]["files"]
    assert files == [{"name": "markers.csv", "sha256": None}, {"name": "tasks.csv", "sha256": None}]


def test_a_truthful_record_has_no_findings_but_what_its_positions_say(mine):
    _, answer = pushed(mine)
    assert answer["outcome"] == "accepted"
    assert {each["kind"] for each in answer["findings"]} == {"position"}
    texts = {each["path"]: each["message"] for each in answer["findings"]}
    assert "界内" in texts["/data/points[1]/position"]
    assert "无法判定" in texts["/data/markers[1]/meas"]


def test_a_broken_rule_is_told_in_its_own_words_and_never_refused(mine):
    marker = MINE["/data/markers"][1] | {"marker_no": "J1"}
    _, answer = pushed(mine, **{"/data/markers": [MINE["/data/markers"][1] | {"marker_no": "J1"}, marker]})
    assert answer["outcome"] == "accepted"
    told = [(each["path"], each["kind"]) for each in answer["findings"] if each["kind"] == "constraint"]
    assert told == [
        ("/data/markers[1]/marker_no", "constraint"),
        ("/data/markers[2]/marker_no", "constraint"),
    ]
    message = next(each["message"] for each in answer["findings"] if each["kind"] == "constraint")
    assert "界桩编号不能重复" in message
    assert "unique" in message


def test_a_position_outside_the_licence_is_a_suspicion_with_its_numbers_for_the_reviewer(mine, cast):
    outside = MINE["/data/points"][0] | {"position": Geopoint(35.4924, 112.4147, 700.0, 4.0)}
    record, _ = pushed(mine, **{"/data/points": [outside]})
    supervisor = cast.signed_in(Role.SUPERVISOR)
    dossier = supervisor.get(f"/api/v1/records/{record}")
    (found,) = [each for each in dossier["findings"] if each["path"] == "/data/points[1]/position"]
    assert found["details"]["state"] == "suspected"
    assert (
        found["details"]["distance_m"] > found["details"]["margin_m"] > found["details"]["uncertainty_m"] > 0
    )
    assert found["details"]["formula"]["expression"]


def test_what_the_register_learnt_since_is_told_as_a_difference_not_as_a_fault(mine):
    record = filled(mine.lead, mine.task)
    mine.planner.post(f"/api/v1/objects/{mine.owner}/licences", {
        "licence_no": "C1405222019071110010011", "corners": SQUARE, "area_km2": 1.0,
        "elevation_upper": 850, "elevation_lower": 620, "method": "露天开采", "holder": "新采矿权人",
    }, expect=201)  # fmt: skip
    (answer,) = mine.lead.syncs()
    told = {each["path"]: each["message"] for each in answer["findings"] if each["kind"] == "calculate"}
    assert set(told) == {"/data/licence/licence_holder", "/data/licence/mine_name"}
    assert "新采矿权人" in told["/data/licence/licence_holder"]
    assert record


def test_a_change_in_the_register_reaches_the_phones_that_need_it(mine):
    mine.planner.call("PUT", f"/api/v1/licences/{mine.licence['id']}/markers", json={"markers": MARKERS[:1]})
    drain(mine.app)
    mine.lead.syncs()
    assert [each["marker_no"] for each in mine.lead.shows("task")[str(mine.task)]["prefill"]["markers"]] == [
        "J1"
    ]


def test_the_last_visit_is_told_to_the_next(mine, cast):
    record, _ = pushed(mine)
    mine.lead.uploads()
    supervisor = cast.signed_in(Role.SUPERVISOR)
    supervisor.post(f"/api/v1/records/{record}/accept", {})
    again = cast.task(mine.lead, mine.second, forms=["mine_overstep"])
    with audit.transaction(mine.app.sessions) as session:
        session.get(Task, again).object_id = UUID(str(mine.owner))
    mine.lead.syncs()
    row = mine.lead.shows("task")[str(again)]["prefill"]["tasks"]
    assert row["last_visit_on"] == datetime.now(CHINA).date().isoformat()
    assert row["last_result"] == "发现问题"
    assert row["last_problem"] == "不符合：J2 界桩缺失"


WALL = datetime(2026, 9, 14, 23, 30, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    ("not_before", "not_after", "expected"),
    [
        (None, WALL + timedelta(hours=1), WALL),
        (WALL - timedelta(hours=1), WALL + timedelta(days=3), WALL),
        (WALL + timedelta(hours=1), WALL + timedelta(days=3), WALL + timedelta(hours=1)),
        (None, WALL - timedelta(days=2), WALL - timedelta(days=2)),
    ],
)
def test_a_record_was_completed_when_its_phone_says_but_not_outside_what_is_certain(
    not_before, not_after, expected
):
    sealed = SimpleNamespace(time=RevisionTime(wall=WALL.astimezone(UTC)))
    interval = ClockInterval(not_before=not_before, not_after=not_after, estimate=None, flags=())
    moment = completed_at(sealed, interval)
    assert moment == expected
    assert moment.utcoffset() == timedelta(hours=8)


def test_a_merge_of_two_full_records_of_a_mine_breaks_no_rule_of_its_form(mine):
    lead, second = mine.lead, mine.second
    record, before = pushed(mine)
    second.pulls()
    second.reads_along(record, lead)
    lead.corrects(record, {"/data/markers[1]/photo_far": "far-again.jpg", "/data/visit/place": "采场西侧"})
    second.corrects(record, {"/data/points[1]/position": "35.4867 112.4148 701 3.5"})
    lead.syncs()
    second.syncs()

    found = lead.get(f"/api/v1/records/{record}/merge")
    assert (found["one_tap"], len(found["automatic"])) == (True, 3)
    assert {each["matched"] for each in found["repeats"]} == {"key"}
    lead.reads_along(record, second)
    lead.resolves(
        record,
        found["resolution"],
        {f"/data/sign/{who}": f"again-{who}.png" for who in ("inspector1", "inspector2", "company")}
        | {"/data/sign/refused": "no"},
    )
    [answer] = lead.syncs()

    assert answer["record_state"] == "under_review"
    assert [(each["path"], each["kind"]) for each in answer["findings"]] == [
        (each["path"], each["kind"]) for each in before["findings"]
    ]
