"""Case files (案卷): a visit with all its records, decisions and results in one package."""

import json
import re

import pytest

from server import audit
from server.access import Role
from server.worker import drain
from sync import generate_device_key
from tests.actors.supervisor import phones, submitted, supervisor, visit_answers, visit_task
from tests.server.packages.packaging import (
    checked,
    codes,
    members,
    packaged,
    resigned,
    rewritten,
    told,
    zipped,
)

PHOTO = "/data/markers[2]/photo"
PROBLEM = {
    "answer": "not_conform",
    "problem": "J2 界桩缺失",
    "disposal": "ORDER_RECTIFY",
    "rectify_deadline": "2026-03-31",
}


@pytest.fixture
def crew(cast):
    return phones(cast)


@pytest.fixture
def case(cast, crew):
    """A visit with two records, one of them returned and corrected, accepted, and its results drafted."""
    task = visit_task(cast, *crew)
    reviewer = supervisor(cast)
    first = submitted(cast, *crew, task=task, answers=visit_answers(marker=PROBLEM))
    submitted(cast, *crew, task=task)
    reviewer.returns(first, {PHOTO: "看不清刻号"}, "照片需重拍")
    crew[0].syncs()
    crew[0].corrects(first, {PHOTO: "j2.jpg"})
    crew[0].syncs()
    reviewer.accepts(first)
    drain(cast.app)
    return task, reviewer, first


def test_a_case_file_holds_all_records_of_a_visit_and_what_came_of_them(case, crew, app):
    task, reviewer, first = case

    response = reviewer.call("GET", f"/api/v1/tasks/{task}/package")

    assert f'filename="{task}.zip"' in response.headers["Content-Disposition"]
    files = members(response.data)
    report = checked(response.data, app.installation.key.key_id)
    assert report.holds, report.as_text()
    manifest = json.loads(files["manifest.json"])
    assert [len(each["revisions"]) for each in manifest["records"]] == [2, 1]
    assert {name for name in files if name.startswith("media/")} == {
        f"media/{each}" for each in crew[0].files
    }
    assert "9 originals match" in told(report.proved)
    assert "2 decisions are what the audit chain tells" in told(report.proved)
    assert "2 results are what the audit chain tells" in told(report.proved)
    assert "for 3 revisions match the audit chain" in told(report.proved)
    assert codes(report.proved).count("key.stood") == 3
    assert f"Numbers of device {crew[0].device} rise" in told(report.proved)
    assert "device.gaps" not in codes(report.unproved)
    (returned, accepted) = json.loads(files["decisions.json"])["decisions"]
    assert (returned["verdict"], returned["reason"]) == ("returned", "照片需重拍")
    assert returned["marks"] == [{"path": PHOTO, "reason": "看不清刻号"}]
    assert (accepted["verdict"], accepted["record"]) == ("accepted", str(first))
    actions = [each.get("action") for each in json.loads(files["audit/chain.json"])["entries"]]
    assert {"task.opened", "record.returned", "record.finished", "result.drafted"} <= set(actions)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_pages_of_a_case_file_are_chinese_and_lead_to_each_other(case):
    task, reviewer, first = case

    files = members(packaged(reviewer, task, of="tasks"))

    index = files["index.html"].decode()
    pages = [name for name in files if name.startswith("record-")]
    assert len(pages) == 2
    assert set(re.findall(r'href="([^"]*)"', index)) == set(pages)
    assert "检查记录（2 份）" in index
    assert "主检" in index
    assert "发现问题待后续处理" in index
    assert "责令限期改正" in index
    page = files[f"record-{first}.html"].decode()
    assert 'href="index.html"' in page
    assert f"{PHOTO}：看不清刻号" in page
    links = set(re.findall(r'href="([^"]*)"', page)) - {"index.html"}
    assert links <= files.keys()
    assert "http" not in page.replace("http-equiv", "")


def test_a_case_file_is_for_whoever_may_see_the_visit(cast, case, crew, session):
    task, _, _ = case

    assert checked(packaged(crew[1], task, of="tasks")).holds
    auditor = cast.signed_in(Role.AUDITOR)
    assert checked(packaged(auditor, task, of="tasks")).holds
    (stranger,) = phones(cast, 1)
    for other in (stranger, supervisor(cast, region="130800")):
        assert other.get(f"/api/v1/tasks/{task}/package", expect=404)["code"] == "task.not-found"
    planner = cast.signed_in(Role.PLANNER)
    assert planner.get(f"/api/v1/tasks/{task}/package", expect=403)["code"] == "access.denied"
    empty = visit_task(cast, *crew)
    assert auditor.get(f"/api/v1/tasks/{empty}/package", expect=404)["code"] == "record.not-found"
    noted = (
        session.query(audit.AuditEntry)
        .filter_by(action="task.packaged", subject=str(task))
        .order_by(audit.AuditEntry.seq)
        .all()
    )
    assert [each.actor for each in noted] == [crew[1].username, auditor.username]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_record_of_another_visit_does_not_pass_for_one_of_this(cast, case, crew):
    task, reviewer, _ = case
    other = submitted(cast, *crew)
    files, foreign = members(packaged(reviewer, task, of="tasks")), members(packaged(reviewer, other))
    mine = generate_device_key()
    manifest, strange = json.loads(files["manifest.json"]), json.loads(foreign["manifest.json"])
    wanted = {name for name in foreign if name.startswith(("revisions/", "media/"))}
    listed = [each for each in strange["files"] if each["path"] in wanted]

    report = checked(
        zipped(
            resigned(
                files | {name: foreign[name] for name in wanted},
                mine,
                records=[*manifest["records"], *strange["records"]],
                files=[*manifest["files"], *listed],
            )
        )
    )

    assert codes(report.broken) == ["revision.foreign"]
    assert "belongs to another record" in told(report.broken)


RESULTS_CHANGED = [
    (lambda each: each.update(codes=["NO_PROBLEM"]), "result.differs"),
    (lambda each: each.update(rev="sha256:" + "0" * 64), "result.foreign"),
    (lambda each: each.update(record="00000000-0000-0000-0000-000000000000"), "result.foreign"),
    (lambda each: each.update(id="00000000-0000-0000-0000-000000000000"), "result.differs"),
]
DECISIONS_CHANGED = [
    (lambda decisions: decisions[0].update(reason="字迹清楚"), "decision.differs"),
    (lambda decisions: decisions[0].update(marks=[]), "decision.differs"),
    (lambda decisions: decisions[0].update(verdict="accepted"), "decision.differs"),
    (lambda decisions: decisions[1].update(rev=decisions[0]["rev"]), "decision.differs"),
    (lambda decisions: decisions.pop(0), "decision.differs"),
    (lambda decisions: decisions.append(decisions[1]), "decision.differs"),
    (lambda decisions: decisions.append(decisions[1] | {"record": "other"}), "decision.foreign"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_results_and_decisions_that_were_changed_are_seen_even_with_the_servers_key(case):
    task, reviewer, _ = case
    files = members(packaged(reviewer, task, of="tasks"))
    mine = generate_device_key()

    for change, code in RESULTS_CHANGED:
        results = json.loads(files["case.json"])["results"]
        change(next(each for each in results if each["item"] == "BOUNDARY_MARKER"))
        forged = resigned(rewritten(files, "case.json", results=results), mine)
        assert codes(checked(zipped(forged)).broken) == [code]
    for change, code in DECISIONS_CHANGED:
        decisions = json.loads(files["decisions.json"])["decisions"]
        change(decisions)
        forged = resigned(rewritten(files, "decisions.json", decisions=decisions), mine)
        assert codes(checked(zipped(forged)).broken) == [code]
    another = json.loads(files["case.json"])["task"] | {"id": "00000000-0000-0000-0000-000000000000"}
    forged = resigned(rewritten(files, "case.json", task=another), mine)
    assert codes(checked(zipped(forged)).broken) == ["case.foreign"]
