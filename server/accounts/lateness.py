"""Who was quicker: told to whoever comes too late with something, so that they need not ask around."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import object_session

from server import clock
from server.accounts.models import Person
from server.audit import AuditEntry
from server.problems import Problem

_DONE: Final[Mapping[str, tuple[str, str]]] = {
    "result.confirmed": ("确认", "confirmed it"),
    "result.released": ("发布", "released it"),
    "result.objected": ("登记异议", "took an objection down"),
    "result.objection-decided": ("对异议作出决定", "decided the objection"),
    "followup.entered": ("录入处置结果", "entered its outcome"),
    "followup.cancelled": ("终止", "cancelled it"),
    "disclosure.withdrawn": ("撤回公示", "took it back"),
    "disclosure.published-again": ("重新公示", "let it be public again"),
    "delivery.retried": ("重新推送", "sent it again"),
    "difference.noted": ("注明原因", "accounted for it"),
    "record.returned": ("退回", "returned it"),
    "record.merge-asked": ("请求合并", "asked for it to be merged"),
    "record.finished": ("审核通过", "accepted it"),
    "task.withdrawn": ("撤回任务", "withdrew it"),
    "plan.aggregated": ("汇总", "aggregated it"),
    "plan.approved": ("审批通过", "approved it"),
    "plan.returned": ("退回", "returned it"),
    "plan.published": ("公布", "published it"),
    "plan.filed": ("备案", "filed it"),
    "amendment.proposed": ("提出", "proposed it"),
    "amendment.approved": ("审批通过", "approved it"),
    "amendment.refused": ("不予批准", "refused it"),
    "amendment.published": ("公布", "published it"),
    "intake.entered": ("转为计划", "made it a plan"),
    "library.confirmed": ("确认", "confirmed it"),
}
"""What people do at a desk, by the fact it leaves."""


def too_late(kind: type[Problem], row: Any, noun: str, done: Collection[str] = (), **members: Any) -> Problem:
    """Make a refusal that says who did something to a row last, what, and when: in words, and as `by`, `did` and `at`.

    `done`: the facts it is about; all that people leave about such a thing where none are named.
    """
    session = object_session(row)
    assert session is not None
    wanted = done or [action for action in _DONE if action.startswith(f"{noun}.")]
    last = session.execute(
        select(AuditEntry.action, AuditEntry.at, Person.name)
        .join(Person, Person.username == AuditEntry.actor)
        .where(
            AuditEntry.subject_kind == noun, AuditEntry.subject == str(row.id), AuditEntry.action.in_(wanted)
        )
        .order_by(AuditEntry.seq.desc())
        .limit(1)
    ).first()
    if last is None:
        return kind(**members)
    day = last.at.astimezone(clock.CHINA)
    chinese, english = _DONE[last.action]
    return kind(
        f"{last.name}已于{day.month}月{day.day}日 {day:%H:%M} {chinese}。",
        f"{last.name} {english} at {day:%H:%M} on {day:%Y-%m-%d}.",
        by=last.name,
        did=last.action,
        at=clock.iso(last.at),
        **members,
    )
