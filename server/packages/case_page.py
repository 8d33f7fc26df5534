"""The page of a case file (案卷) that a person reads: the visit, its records, and what came of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from server.db import Json
from server.packages import words
from server.packages.markup import FOOT, HEAD, Link, table, text
from server.results.codes import FollowupCode, ResultCode


def write_case(case: Json, records: Sequence[tuple[str, Json]]) -> bytes:
    """Write the page of a case file (案卷): the visit, its records with a page each, and what came of them."""
    task = case["task"]
    parts = [
        HEAD,
        f"<h1>案卷：{text(records[0][1]['object_name'])}</h1>",
        table([], _visit(task)),
        "<h2>检查人员</h2>",
        table(
            ["姓名", "分工", "执法证号"],
            (
                [each["name"], "主检" if each["role"] == "lead" else "协检", each["certificate"] or "无"]
                for each in task["inspectors"]
            ),
        ),
        f"<h2>检查记录（{len(records)} 份）</h2>",
        table(
            ["记录", "填报人", "状态", "版本", "附件", "提交时间", "标记"],
            (_line(page, shown) for page, shown in records),
        ),
        "<h2>检查结果</h2>",
        table(
            ["事项", "结果", "处置", "情况", "整改期限", "状态"],
            (_result(each) for each in case["results"]),
        ),
        FOOT,
    ]
    return "\n".join(parts).encode("utf-8")


def _visit(task: Json) -> Iterator[list[Any]]:
    yield ["任务", f"{task['number']} {task['name']}"]
    yield ["期限", f"{task['opens_on']} 至 {task['due_on']}"]
    yield ["审批文号", task["approval_no"] or "无"]
    yield ["通知书文号", task["notice_no"] or "无"]
    yield ["状态", words.TASK_STATES.get(task["state"], task["state"])]


def _line(page: str, shown: Json) -> list[Any]:
    return [
        Link(page, shown["form_title"]),
        shown["author"],
        words.STATES.get(shown["state"], shown["state"]),
        len(shown["versions"]),
        f"{shown['media']['arrived']}/{shown['media']['expected']}",
        words.moment(shown["submitted_at"]),
        words.flags(shown["flags"]),
    ]


def _result(each: Json) -> list[Any]:
    return [
        each["item_name"],
        "、".join(ResultCode(code).chinese for code in each["codes"]),
        "、".join(FollowupCode(code).chinese for code in each["followups"]),
        each["findings"],
        each["rectify_by"] or "",
        words.RESULT_STATES.get(each["state"], each["state"]),
    ]
