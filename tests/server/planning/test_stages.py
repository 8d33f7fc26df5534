"""How a plan becomes one, is changed, and is read by everybody."""

import hashlib

import pytest
from sqlalchemy import select

from server.access import Role
from server.audit import AuditEntry
from server.db import canonical_json
from server.demo import yangcheng_internal_plan
from server.demo.plan_tables import YANGCHENG_INTERNAL
from server.demo.plan_workbooks import make_workbook
from server.planning.words import PARTICULARS
from tests.server.planning.bureau import PlanningBureau

PLANS = "/api/v1/plans"


@pytest.fixture
def bureau(cast):
    return PlanningBureau(cast)


@pytest.fixture
def plan(bureau):
    return bureau.publishes(yangcheng_internal_plan())


def sha256(document):
    return hashlib.sha256(canonical_json(document)).hexdigest()


def facts(cast, kind, subject):
    with cast.app.readers() as session:
        query = select(AuditEntry).where(AuditEntry.subject_kind == kind, AuditEntry.subject == subject)
        return [each.action for each in session.scalars(query.order_by(AuditEntry.seq))]


def test_sections_propose_and_the_policy_section_makes_one_plan_of_it(bureau, cast):
    heading, *rows = (
        row for row in YANGCHENG_INTERNAL if (row and row[0] != "序号") or row == YANGCHENG_INTERNAL[0]
    )
    mines = bureau.imports(make_workbook("表", "矿管局计划", [heading, *rows[:4]]), section="矿管局")
    survey = bureau.imports(make_workbook("表", "调查测绘股计划", [heading, *rows[6:]]), section="调查测绘股")
    both = {"plans": [survey["id"], mines["id"]], "name": "阳城县自然资源局2023年度计划"}

    assert bureau.planner.post(f"{PLANS}/aggregate", both, expect=403)["code"] == "access.denied"
    unnamed = bureau.policy.post(f"{PLANS}/aggregate", {"plans": both["plans"]}, expect=422)
    assert unnamed["code"] == "plan.incomplete"
    whole = bureau.policy.post(f"{PLANS}/aggregate", both)

    assert [row["row_no"] for row in whole["rows"]] == [1, 2, 3, 4, 5, 6]
    assert [row["name"] for row in whole["rows"]][2] == "2023年第一季度生产矿山抽查"
    draft = bureau.planner.get(f"{PLANS}/{mines['id']}")
    assert (draft["state"], draft["part_of_id"], len(draft["rows"])) == ("aggregated", whole["id"], 4)
    again = bureau.policy.post(f"{PLANS}/aggregate", {"plans": [mines["id"]]}, expect=409)
    assert again["code"] == "plan.stage"

    bureau.head.post(f"{PLANS}/{whole['id']}/return", {"reason": "第三季度与市局计划重复"})
    assert bureau.planner.get(f"{PLANS}/{mines['id']}")["state"] == "draft"
    bureau.imports(make_workbook("表", "矿管局计划", [heading, *rows[:2]]), section="矿管局")
    whole = bureau.policy.post(f"{PLANS}/aggregate", both)
    assert len(whole["rows"]) == 4
    both_hats = cast.signed_in(Role.POLICY, Role.SUPERVISOR)
    assert bureau.policy.post(f"{PLANS}/{whole['id']}/approve", {}, expect=403)["code"] == "access.denied"
    approved = both_hats.post(f"{PLANS}/{whole['id']}/approve", {"approval_no": "阳审〔2023〕3号"})
    assert (approved["state"], approved["approval_no"]) == ("approved", "阳审〔2023〕3号")
    nameless = bureau.policy.post(f"{PLANS}/{whole['id']}/publish", {}, expect=422)
    assert nameless["code"] == "plan.incomplete"
    published = bureau.policy.post(f"{PLANS}/{whole['id']}/publish", {"number": "阳自然资字〔2023〕11号"})
    filed = bureau.policy.post(f"{PLANS}/{whole['id']}/file", {"filing_no": "晋市双随机备〔2023〕8号"})

    assert (published["version"], filed["filing_no"]) == (1, "晋市双随机备〔2023〕8号")
    assert facts(cast, "plan", whole["id"]) == [
        "plan.aggregated", "plan.returned", "plan.aggregated", "plan.approved", "plan.published", "plan.filed",
    ]  # fmt: skip


def test_nobody_approves_what_they_aggregated(bureau, cast):
    both_hats = cast.signed_in(Role.POLICY, Role.SUPERVISOR)
    draft = bureau.imports(yangcheng_internal_plan())
    both_hats.post(f"{PLANS}/aggregate", {"plans": [draft["id"]]})

    assert both_hats.post(f"{PLANS}/{draft['id']}/approve", {}, expect=403)["code"] == "plan.own-work"


def test_everybody_reads_a_published_plan_with_number_date_and_hash_and_no_other(bureau, plan):
    draft = bureau.imports(yangcheng_internal_plan(), name="明年草案", year=2024)

    (listed,) = bureau.everybody.get("/public/plans?year=2023&region=140522")
    shown = bureau.everybody.get(f"/public/plans/{plan['id']}")

    assert (listed["number"], listed["bureau"], listed["version"]) == (
        "阳自然资字〔2023〕11号",
        "阳城县自然资源局",
        1,
    )
    assert listed["sha256"] == shown["sha256"] == sha256(shown["document"])
    assert [row["ratio_text"] for row in shown["document"]["rows"]][:1] == ["25%"]
    assert "notes" not in shown["document"]["rows"][0]
    assert bureau.everybody.get("/public/plans?year=2024") == []
    assert bureau.everybody.get(f"/public/plans/{draft['id']}", expect=404)["code"] == "plan.not-found"


def test_a_published_plan_is_changed_by_an_approved_amendment_and_the_old_version_stays(bureau, plan, cast):
    first, second, *_, last = plan["rows"]
    changes = [
        {"action": "change", "planned": first["id"], "set": {"ratio": "≥30% 2次/年", "window": "3月1日—4月30日择机"}},
        {"action": "withdraw", "planned": last["id"]},
        {
            "action": "add",
            "set": {
                "name": "对界桩的专项抽查", "items": "对界桩的检查", "object_scope": "全县生产矿山企业", "ratio": "10%",
                "window": "10月", "initiator": "矿产资源监督管理局", "sampling": "不定向、定向",
            },
        },
    ]  # fmt: skip
    unusable = [
        {"action": "change", "planned": second["id"], "set": {"ratio": "若干", "window": "待定"}},
        {"action": "withdraw", "planned": "00000000-0000-0000-0000-000000000001"},
    ]
    amendments = f"{PLANS}/{plan['id']}/amendments"
    refused = bureau.planner.post(amendments, {"reason": "错", "changes": unusable}, expect=422)
    proposed = bureau.planner.post(amendments, {"reason": "省厅调整部署", "changes": changes}, expect=201)
    amendment = f"{PLANS}/amendments/{proposed['id']}"

    assert [(each["change"], each["column"]) for each in refused["errors"]] == [
        (0, "抽查比例"), (0, "起止时间"), (1, "planned"),
    ]  # fmt: skip
    elsewhere = cast.signed_in(Role.POLICY, region="130800")
    assert elsewhere.post(f"{amendment}/publish", expect=404)["code"] == "amendment.not-found"
    assert bureau.policy.post(f"{amendment}/publish", expect=409)["code"] == "amendment.stage"
    assert (
        bureau.planner.post(f"{amendment}/decide", {"approve": True}, expect=403)["code"] == "access.denied"
    )
    approval = {"approve": True, "answer": "同意", "approval_no": "阳审〔2023〕9号"}
    bureau.head.post(f"{amendment}/decide", approval)
    assert bureau.policy.post(f"{amendment}/publish")["published_version"] == 2

    now = bureau.everybody.get(f"/public/plans/{plan['id']}")
    before = bureau.everybody.get(f"/public/plans/{plan['id']}/versions/1")
    rows = now["document"]["rows"]
    assert (now["version"], now["reason"], len(rows)) == (2, "省厅调整部署", 8)
    assert (rows[0]["id"], rows[0]["ratio_text"], rows[0]["chosen_time"]) == (
        first["id"],
        "≥30% 2次/年",
        True,
    )
    assert rows[0]["windows"] == [{"first": "2023-03-01", "last": "2023-04-30"}]
    assert rows[0]["items"] == first["items"], "what was not changed is as it was"
    assert (rows[-1]["name"], rows[-1]["row_no"]) == ("对界桩的专项抽查", 9)
    assert rows[-1]["sampling"] == ["untargeted", "targeted"]
    assert rows[-1]["item_codes"] == ["BOUNDARY_MARKER"]
    assert [row["name"] for row in now["document"]["withdrawn"]] == [last["name"]]
    assert before["document"]["rows"][0]["ratio_text"] == "25%"
    assert before["sha256"] == sha256(before["document"]) == now["versions"][0]["sha256"]
    assert [each["number"] for each in before["document"]["rows"] if "number" in each] == []
    assert facts(cast, "amendment", proposed["id"]) == [
        "amendment.proposed", "amendment.approved", "amendment.published",
    ]  # fmt: skip
    assert [each["state"] for each in bureau.planner.get(amendments)] == ["published"]


def test_an_amendment_changes_every_word_of_a_row_but_its_number(bureau, plan):
    first, second, *_ = plan["rows"]
    texts = {key: f"改{key}" for key in PARTICULARS}
    changes = [
        {"action": "change", "planned": first["id"], "set": {**texts, "frequency": "2次/年"}},
        {"action": "change", "planned": second["id"], "set": {"ratio": "25%", "frequency": "每季度1次"}},
    ]
    amendments = f"{PLANS}/{plan['id']}/amendments"
    proposed = bureau.planner.post(amendments, {"reason": "补充", "changes": changes}, expect=201)
    bureau.head.post(f"{PLANS}/amendments/{proposed['id']}/decide", {"approve": True})
    bureau.policy.post(f"{PLANS}/amendments/{proposed['id']}/publish")

    now, then, *_ = bureau.everybody.get(f"/public/plans/{plan['id']}")["document"]["rows"]
    assert (now["row_no"], now["name"], now["particulars"]) == (first["row_no"], first["name"], texts)
    assert (now["ratio_text"], now["ratio"]["times"]) == ("25% 2次/年", 2)
    assert (then["ratio_text"], then["ratio"]["period"]) == ("25% 每季度1次", "quarter")

    for said, column in (
        ({"row_no": "9"}, "序号"),
        ({"ratio": "25%/季", "frequency": "2次/年"}, "抽查频次"),
    ):
        wrong = {"action": "change", "planned": first["id"], "set": said}
        answer = bureau.planner.post(amendments, {"reason": "错", "changes": [wrong]}, expect=422)
        assert [each["column"] for each in answer["errors"]] == [column]


def test_objects_are_to_be_said_anew_where_an_amendment_says_others(bureau, plan):
    row = plan["rows"][0]

    def amended(**texts):
        change = {"action": "change", "planned": row["id"], "set": texts}
        body = {"reason": "调整", "changes": [change]}
        proposed = bureau.planner.post(f"{PLANS}/{plan['id']}/amendments", body, expect=201)
        bureau.head.post(f"{PLANS}/amendments/{proposed['id']}/decide", {"approve": True})
        bureau.policy.post(f"{PLANS}/amendments/{proposed['id']}/publish")

    quota = f"/api/v1/planned/{row['id']}/quota"
    bureau.planner.put(f"/api/v1/planned/{row['id']}/frame", {"licences": ["mining"]})
    amended(name="一季度矿山抽查", object_scope=row["object_scope"])
    assert bureau.planner.get(quota)["total"] == 0

    amended(object_scope="全县测绘资质单位")
    assert bureau.planner.get(quota, expect=422)["code"] == "plan.incomplete"


def test_an_amendment_may_not_touch_what_a_draw_stands_on_even_if_it_was_drawn_meanwhile(bureau, plan, cast):
    first, second, *_ = plan["rows"]
    amendments = f"{PLANS}/{plan['id']}/amendments"

    def change(row, **texts):
        return {"reason": "调整", "changes": [{"action": "change", "planned": row["id"], "set": texts}]}

    bureau.launches(first["name"])
    waiting = bureau.planner.post(amendments, change(second, ratio="30%"), expect=201)
    harmless = change(first, name="一季度矿山抽查", window="3月1日—4月15日", cooperators="县应急局")
    bureau.planner.post(amendments, harmless, expect=201)
    for texts, column in (
        ({"ratio": "30%"}, "ratio"),
        ({"items": "对界桩的检查"}, "items"),
        ({"object_scope": "全县企业"}, "object_scope"),
        ({"window": "3月10日—4月15日"}, "window"),
    ):
        answer = bureau.planner.post(amendments, change(first, **texts), expect=409)
        assert (answer["code"], [each["column"] for each in answer["errors"]]) == (
            "amendment.locked",
            [column],
        )
    withdrawal = {"reason": "撤销", "changes": [{"action": "withdraw", "planned": first["id"]}]}
    assert bureau.planner.post(amendments, withdrawal, expect=409)["errors"][0]["column"] == "withdraw"

    bureau.head.post(f"{PLANS}/amendments/{waiting['id']}/decide", {"approve": True})
    bureau.launches(second["name"])
    late = bureau.policy.post(f"{PLANS}/amendments/{waiting['id']}/publish", expect=409)
    assert late["code"] == "amendment.locked"
    assert bureau.everybody.get(f"/public/plans/{plan['id']}")["version"] == 1


def test_a_refused_amendment_changes_nothing(bureau, plan, cast):
    planner_and_head = cast.signed_in(Role.PLANNER, Role.SUPERVISOR)
    change = {"action": "withdraw", "planned": plan["rows"][0]["id"]}
    path = f"{PLANS}/{plan['id']}/amendments"
    proposed = planner_and_head.post(path, {"reason": "人手不足", "changes": [change]}, expect=201)
    decide = f"{PLANS}/amendments/{proposed['id']}/decide"

    assert planner_and_head.post(decide, {"approve": True}, expect=403)["code"] == "plan.own-work"
    refused = bureau.head.post(decide, {"approve": False, "answer": "计划不得随意更改"})

    assert (refused["state"], refused["answer"]) == ("refused", "计划不得随意更改")
    assert len(bureau.everybody.get(f"/public/plans/{plan['id']}")["document"]["rows"]) == 8
    no_row = {"reason": "无", "changes": [{"action": "withdraw"}]}
    assert bureau.planner.post(path, no_row, expect=422)["code"] == "request.invalid"


def test_a_work_scheme_is_written_published_and_written_anew(bureau, plan):
    row = plan["rows"][0]
    scheme = f"/api/v1/planned/{row['id']}/scheme"
    text = {"title": "一季度矿山抽查工作方案", "body": "一、目标……二、步骤……"}

    bureau.planner.put(scheme, text)
    bureau.planner.put(scheme, text | {"body": "一、目标。二、步骤。"})
    assert bureau.planner.post(f"{scheme}/publish", expect=403)["code"] == "access.denied"
    published = bureau.policy.post(f"{scheme}/publish")
    assert bureau.policy.post(f"{scheme}/publish", expect=409)["code"] == "scheme.published"
    bureau.planner.put(scheme, text | {"body": "修订"})

    shown = bureau.everybody.get(f"/public/schemes/{row['id']}/1")
    assert shown["document"]["body"] == "一、目标。二、步骤。"
    assert shown["sha256"] == published["sha256"] == sha256(shown["document"])
    assert bureau.everybody.get(f"/public/schemes/{row['id']}/2", expect=404)["code"] == "scheme.not-found"
    (listed,) = bureau.everybody.get(f"/public/plans/{plan['id']}")["schemes"]
    assert (listed["planned"], listed["number"]) == (row["id"], 1)
    assert [each["number"] for each in bureau.planner.get(f"/api/v1/planned/{row['id']}/schemes")] == [1, 2]


def test_a_plan_tells_which_rows_were_launched_in_time_and_which_late(bureau, plan, cast):
    bureau.launches("2023年第一季度生产矿山抽查", objects=5)  # today: years behind its window

    report = bureau.planner.get(f"{PLANS}/{plan['id']}/readiness")

    assert report["counts"] == {"in_time": 0, "early": 0, "late": 1, "overdue": 7, "due": 0, "ahead": 0}
    assert (report["rows"], report["by_class"]) == (8, 8)
    late = report["occasions"][0]
    assert (late["timeliness"], late["objects"], late["last"]) == ("late", 5, "2023-03-31")


def test_a_plan_tells_its_next_steps_who_may_take_them_and_why_you_may_not(bureau, cast):
    both_hats = cast.signed_in(Role.POLICY, Role.SUPERVISOR)
    draft = bureau.imports(yangcheng_internal_plan())
    steps = f"{PLANS}/{draft['id']}/steps"

    (aggregating,) = bureau.planner.get(steps)
    assert (aggregating["name"], aggregating["allowed"], aggregating["why"]) == (
        "aggregate", False, "您没有这一步的权限",
    )  # fmt: skip
    assert len(aggregating["people"]) == 2
    assert [each["allowed"] for each in both_hats.get(steps)] == [True]
    both_hats.post(f"{PLANS}/aggregate", {"plans": [draft["id"]]})

    own = {each["name"]: each for each in both_hats.get(steps)}
    assert (own["approve"]["allowed"], own["return"]["allowed"]) == (False, True)
    assert "本人" in own["approve"]["why"] or "自己" in own["approve"]["why"]
    assert len(own["approve"]["people"]) == 1, "not whoever aggregated it"
    bureau.head.post(f"{PLANS}/{draft['id']}/approve", {})
    bureau.policy.post(f"{PLANS}/{draft['id']}/publish", {"number": "1号"})
    assert [(each["name"], each["allowed"]) for each in bureau.planner.get(steps)] == [
        ("amend", True), ("file", False),
    ]  # fmt: skip
    listed = bureau.planner.get("/api/v1/planned?year=2023")
    assert len(listed) == 8
    assert (listed[0]["plan"]["name"], listed[0]["plan"]["state"]) == (draft["name"], "published")
    assert bureau.planner.get(f"/api/v1/planned/{listed[0]['id']}")["name"] == listed[0]["name"]
    assert bureau.planner.get("/api/v1/planned?year=2024") == []


def test_an_amendment_lies_beside_what_stood_there_also_after_it_was_published(bureau, plan):
    first, *_, last = plan["rows"]
    changes = [
        {"action": "change", "planned": first["id"], "set": {"ratio": "30%", "window": "3月"}},
        {"action": "withdraw", "planned": last["id"]},
    ]
    proposed = bureau.planner.post(
        f"{PLANS}/{plan['id']}/amendments", {"reason": "调整", "changes": changes}, expect=201
    )
    path = f"{PLANS}/amendments/{proposed['id']}"
    before = bureau.planner.get(f"{path}/changes")

    assert before[0] == {
        "action": "change", "row_no": 1, "name": first["name"],
        "cells": [
            {"key": "ratio", "column": "抽查比例", "before": "25%", "after": "30%"},
            {"key": "window", "column": "起止时间", "before": "3月1日—3月31日", "after": "3月"},
        ],
    }  # fmt: skip
    assert (before[1]["action"], before[1]["name"]) == ("withdraw", last["name"])
    bureau.head.post(f"{path}/decide", {"approve": True})
    bureau.policy.post(f"{path}/publish")
    assert bureau.planner.get(f"{path}/changes") == before
