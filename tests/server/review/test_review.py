"""Review: what a supervisor sees of a record, returning it to the phone, accepting it, comparing versions."""

import pytest

from server import clock
from server.access import Role
from server.worker import drain
from tests.actors.phone import Phone
from tests.actors.supervisor import phones, submitted, supervisor, visit_answers, visit_task

PHOTO = "/data/markers[2]/photo"


@pytest.fixture
def crew(cast):
    return phones(cast)


def test_a_submitted_record_waits_for_its_reviewer_with_everything_to_decide_on(cast, crew):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)

    (line,) = [each for each in reviewer.waiting() if each["id"] == str(record)]
    assert line["media"] == {"expected": 4, "arrived": 4}
    assert line["object_name"].startswith("虚构采石场")
    assert line["form_id"] == "visit"

    read = reviewer.reads(record)
    assert read["state"] == "under_review"
    assert read["rev"] == crew[0].drafts[record].heads[0]
    conclusions = next(group for group in read["answers"]["children"] if group["name"] == "conclusions")
    answer = conclusions["children"][0]["children"][0]
    assert (answer["labels"]["zh"], answer["display"]["zh"]) == ("结论", "符合")
    assert {each["name"]: (each["path"], each["status"]) for each in read["files"]}["j2.jpg"] == (
        PHOTO,
        "stored",
    )
    assert read["blocks"] == []
    (version,) = read["versions"]
    assert version["evidence_level"] == "signed"
    assert version["signatures"]["given"] == ["inspector1", "inspector2"]


def test_a_record_is_visible_as_soon_as_its_small_part_has_come(cast, crew):
    task = visit_task(cast, *crew)
    crew[0].pulls()
    record = crew[0].fills(task, visit_answers(), form_id="visit")
    crew[0].pushes()
    reviewer = supervisor(cast)

    read = reviewer.reads(record)
    assert read["media"] == {"expected": 4, "arrived": 0}
    assert [block["code"] for block in read["blocks"]] == ["media.missing"]

    crew[0].uploads(list(crew[0].files)[:3])
    assert reviewer.reads(record)["media"] == {"expected": 4, "arrived": 3}
    refused = reviewer.accepts(record, expect=409)
    assert refused["code"] == "record.not-finishable"
    assert refused["blocks"][0]["code"] == "media.missing"

    crew[0].uploads()
    crew[0].uploads(list(crew[0].files)[3:])
    assert reviewer.accepts(record)["state"] == "final"


def test_a_version_that_came_after_a_record_was_opened_is_not_decided_on_unseen(cast, crew):
    record, reviewer = submitted(cast, *crew), supervisor(cast)
    seen = reviewer.reads(record)["rev"]
    newer = crew[0].corrects(record, {"/data/conclusions/MINE_OVERSTEP/answer": "not_checked"})
    crew[0].syncs()
    assert reviewer.reads(record)["state"] == "under_review"

    assert reviewer.accepts(record, 409, rev=seen)["code"] == "record.changed"
    back = {"reason": "看不清", "marks": [], "rev": seen}
    refused = reviewer.post(f"/api/v1/records/{record}/return", back, expect=409)
    assert (refused["code"], refused["heads"]) == ("record.changed", [newer])
    assert reviewer.accepts(record, rev=newer)["state"] == "final"


def test_a_returned_record_reaches_the_phone_with_the_marked_answers(cast, crew):
    record = submitted(cast, *crew)

    answer = supervisor(cast).returns(record, {PHOTO: "看不清刻号"}, reason="照片不清")

    assert answer["state"] == "returned"
    crew[0].syncs()
    crew[1].syncs()
    for phone in crew:
        shown = phone.record(record)
        assert shown["state"] == "returned"
        assert shown["marks"] == [{"path": PHOTO, "reason": "看不清刻号"}]
        assert shown["return_reason"] == "照片不清"


def test_a_corrected_record_shows_old_and_new_side_by_side(cast, crew):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    reviewer.returns(record, {PHOTO: "看不清刻号"})
    old = crew[0].drafts[record].heads[0]
    crew[0].syncs()
    new = crew[0].corrects(record, {PHOTO: "j2-again.jpg", "/data/markers[1]/state": "missing"})
    crew[0].syncs()

    compared = reviewer.compares(record, old, new)

    changes = {change["path"]: change for change in compared["changes"]}
    assert set(changes) == {PHOTO, "/data/markers[1]/state"}
    state, photo = changes["/data/markers[1]/state"], changes[PHOTO]
    assert (state["old"]["display"]["zh"], state["new"]["display"]["zh"]) == ("完好", "缺失")
    assert state["labels"]["zh"] == "现状"
    assert photo["new"]["file"]["sha256"] != photo["old"]["file"]["sha256"]
    assert photo["old"]["value"] == "j2.jpg"
    assert photo["key"] == "/data/markers[marker_no='J2']/photo"
    assert compared["same"] > 5

    read = reviewer.reads(record)
    assert read["state"] == "under_review"
    assert [version["rev"] for version in read["versions"]] == [old, new]
    assert [decision["verdict"] for decision in read["decisions"]] == ["returned"]
    assert reviewer.reads(record, rev=old)["rev"] == old


def test_another_photo_under_the_same_name_is_a_change(cast, crew):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    reviewer.returns(record, {PHOTO: "看不清刻号"})
    old = crew[0].drafts[record].heads[0]
    crew[0].syncs()
    new = crew[0].corrects(record, {PHOTO: "j2.jpg"})
    crew[0].syncs()

    (change,) = reviewer.compares(record, old, new)["changes"]
    assert change["path"] == PHOTO
    assert change["old"]["value"] == change["new"]["value"]
    assert change["old"]["file"] != change["new"]["file"]


def test_an_accepted_record_is_final_and_closes_its_task(cast, crew):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)

    answer = reviewer.accepts(record)

    assert answer["state"] == "final"
    read = reviewer.reads(record)
    assert read["final_rev"] == crew[0].drafts[record].heads[0]
    assert read["decisions"][0]["verdict"] == "accepted"
    assert reviewer.get(f"/api/v1/tasks/{read['task_id']}")["state"] == "done"
    assert reviewer.accepts(record, expect=409)["code"] == "record.not-under-review"
    assert reviewer.returns(record, {}, expect=409)["code"] == "record.not-under-review"


def test_nobody_reviews_a_record_of_a_task_they_are_on(cast):
    people = [cast.person(Role.INSPECTOR, Role.SUPERVISOR) for _ in range(2)]
    crew = [Phone(cast.app, each.username, each.person_id).signs_in() for each in people]
    record = submitted(cast, *crew)

    for own in crew:
        refused = own.post(f"/api/v1/records/{record}/accept", expect=403)
        assert refused["code"] == "record.own-review"
        given = {"reason": "x", "marks": []}
        refused = own.post(f"/api/v1/records/{record}/return", given, expect=403)
        assert refused["code"] == "record.own-review"
    assert supervisor(cast).reads(record)["state"] == "under_review"


def test_an_inspector_decides_nothing_and_sees_only_records_of_own_tasks(cast, crew):
    record = submitted(cast, *crew)
    (stranger,) = phones(cast, 1)

    assert crew[1].get(f"/api/v1/records/{record}")["id"] == str(record)
    assert stranger.get(f"/api/v1/records/{record}", expect=404)["code"] == "record.not-found"
    assert str(record) not in [each["id"] for each in stranger.get("/api/v1/records")]
    assert crew[0].post(f"/api/v1/records/{record}/accept", expect=403)["code"] == "access.denied"


def test_a_supervisor_of_another_county_can_neither_see_nor_decide(cast, crew):
    record = submitted(cast, *crew)
    foreign = supervisor(cast, region="130800")

    assert foreign.waiting() == []
    assert foreign.reads(record, expect=404)["code"] == "record.not-found"
    assert foreign.accepts(record, expect=403)["code"] == "access.outside-jurisdiction"


def test_an_auditor_reads_and_does_not_decide(cast, crew):
    record = submitted(cast, *crew)
    auditor = cast.signed_in(Role.AUDITOR)

    assert auditor.get(f"/api/v1/records/{record}")["state"] == "under_review"
    assert auditor.post(f"/api/v1/records/{record}/accept", expect=403)["code"] == "access.denied"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "request.invalid"),
        ({"reason": ""}, 422, "request.invalid"),
        ({"reason": "x", "marks": [{"path": "/data/nothing", "reason": "x"}]}, 422, "record.mark-unknown"),
        ({"reason": "x", "marks": [{"path": PHOTO}]}, 422, "request.invalid"),
        ({"reason": "x", "marks": [{"path": PHOTO, "reason": "x"}] * 201}, 422, "request.invalid"),
        ({"reason": "x", "due_on": "tomorrow"}, 422, "request.invalid"),
    ],
)
def test_a_return_that_cannot_be_meant_is_refused(cast, crew, body, status, code):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)

    assert reviewer.post(f"/api/v1/records/{record}/return", body, expect=status)["code"] == code
    assert reviewer.reads(record)["decisions"] == []


def test_a_return_may_name_the_day_it_is_due(cast, crew):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    due = clock.today().isoformat()

    reviewer.post(f"/api/v1/records/{record}/return", {"reason": "补拍", "due_on": due})

    assert reviewer.reads(record)["decisions"][0]["due_on"] == due


def test_versions_of_another_record_are_not_compared(cast, crew):
    record, other = submitted(cast, *crew), submitted(cast, *crew)
    reviewer = supervisor(cast)
    own, foreign = (crew[0].drafts[each].heads[0] for each in (record, other))

    assert reviewer.compares(record, own, foreign, expect=404)["code"] == "revision.not-found"
    assert reviewer.reads(record, expect=404, rev=foreign)["code"] == "revision.not-found"
    assert reviewer.compares(record, own, "nonsense", expect=422)["code"] == "request.invalid"
    assert reviewer.compares(record, own, own)["changes"] == []


def test_a_record_with_two_heads_cannot_be_decided(cast, crew):
    record = submitted(cast, *crew)
    crew[1].pulls()
    crew[1].takes_over(record, crew[0])
    crew[0].corrects(record, {"/data/markers[1]/state": "missing"})
    crew[1].corrects(record, {"/data/markers[2]/state": "intact"})
    crew[0].pushes()
    crew[1].pushes()
    reviewer = supervisor(cast)

    read = reviewer.reads(record)
    assert read["state"] == "conflicted"
    assert read["blocks"][0]["code"] == "record.conflicted"
    assert reviewer.accepts(record, expect=409)["code"] == "record.not-under-review"


def test_the_list_of_records_goes_page_by_page(cast, crew):
    task = visit_task(cast, *crew)
    records = [str(submitted(cast, *crew, task=task)) for _ in range(3)]
    reviewer = supervisor(cast)

    seen, path = [], f"/api/v1/records?limit=1&task={task}"
    while path:
        response = reviewer.call("GET", path)
        seen += [each["id"] for each in response.get_json()]
        link = response.headers.get("Link", "")
        path = link.partition("<")[2].partition(">")[0]
    assert sorted(seen) == sorted(records)
    assert len(set(seen)) == 3


def test_finishing_a_record_is_reacted_to(cast, crew):
    record = submitted(cast, *crew)
    reviewer = supervisor(cast)
    reviewer.accepts(record)
    drain(cast.app)
    assert len(reviewer.get("/api/v1/results")) == 2


def test_reviewers_of_a_bureau_keep_their_own_stock_reasons_and_nobody_else_does(cast):
    reviewer, inspector = cast.signed_in(Role.SUPERVISOR), cast.signed_in(Role.INSPECTOR)
    assert reviewer.get("/api/v1/review/reasons") == {"reasons": []}

    kept = reviewer.put(
        "/api/v1/review/reasons", {"reasons": ["照片有反光，请重拍", " ", "照片有反光，请重拍", "缺坐标"]}
    )

    assert kept == reviewer.get("/api/v1/review/reasons") == {"reasons": ["照片有反光，请重拍", "缺坐标"]}
    assert inspector.get("/api/v1/review/reasons", expect=403)["code"] == "access.denied"
    assert inspector.put("/api/v1/review/reasons", {"reasons": ["无"]}, expect=403)["code"] == "access.denied"
    assert reviewer.put("/api/v1/review/reasons", {"reasons": ["一"] * 10}, expect=422)
    history = cast.signed_in(Role.AUDITOR).get("/api/v1/audit?action=organisation.stock-reasons-set")
    assert history[0]["told"] == "机构常用退回原因已设置"
