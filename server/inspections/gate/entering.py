"""What people enter about the legality of a task: papers, mode, commission, recusal, and what they allow."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from server import audit, clock, feed
from server.access import Actor, Permission, require
from server.audit import Acting
from server.draws import recusals
from server.inspections.gate.rules import Verdict, rules
from server.inspections.gate.telling import gates_of
from server.inspections.models import Commission, GateOverride, RecusalAnswer, Task
from server.inspections.tasks import assignments_of, locked_task, require_open
from server.problems import GateNotBlocked, GateRuleFirm, GateRuleUnknown, TaskNotFound
from server.registry.models import InspectedObject


def enter_conduct(session: Session, actor: Actor, task_id: UUID, given: Mapping[str, Any]) -> Task:
    """Enter how a task is made and what stands on paper: mode, source, approval, notice, urgency. Its phones see it."""
    task = _open_task(session, actor, Permission.TASK_ASSIGN, task_id)
    for name, value in given.items():
        setattr(task, name, value)
    session.flush()
    details = {name: None if value is None else str(value) for name, value in given.items()}
    _tell(session, actor, task, "task.conduct-entered", details)
    return task


def note_papers(session: Session, actor: Actor, task: Task, papers: Mapping[str, Any]) -> None:
    """Note on a task, which is locked, what stands on papers that were made for it; its phones see it, done or not."""
    for name, value in papers.items():
        setattr(task, name, value)
    session.flush()
    details = {name: None if value is None else str(value) for name, value in papers.items()}
    _tell(session, actor, task, "task.papers-noted", details)


def enter_commission(session: Session, actor: Actor, task_id: UUID, given: Mapping[str, Any]) -> Commission:
    """Enter the institution that a task commissioned, its report, or the opinion that is adopted; what was there goes."""
    task = _open_task(session, actor, Permission.TASK_ASSIGN, task_id)
    row = session.merge(
        Commission(task_id=task.id, entered_by=actor.person_id, entered_at=clock.now(), **given)
    )
    session.flush()
    details = {name: None if value is None else str(value) for name, value in given.items()}
    _tell(session, actor, task, "task.commissioned", details)
    return row


def answer_recusal(session: Session, actor: Actor, task_id: UUID, answer: str) -> Task:
    """Declare for oneself whether one has an interest in a task (回避声明): `no_interest` or `recused`."""
    task = locked_task(session, task_id)
    require(actor, Permission.TASK_READ)
    if not any(
        each.person_id == actor.person_id and each.ended_at is None
        for each in assignments_of(session, [task.id])
    ):
        raise TaskNotFound()
    note_recusal(session, actor, task, actor.person_id, answer)
    _tell(session, actor, task, "task.recusal-answered", {"person": str(actor.person_id), "answer": answer})
    return task


def note_recusal(session: Session, actor: Acting, task: Task, person_id: UUID, answer: str) -> None:
    """Keep what somebody on a task declared last; who must recuse is not drawn for the object again."""
    session.merge(RecusalAnswer(task_id=task.id, person_id=person_id, answer=answer, told_at=clock.now()))
    if answer == "recused":
        found = session.get_one(InspectedObject, task.object_id)
        recusals.note_recusal(session, actor, person_id, found, f"任务 {task.number} 回避声明")
    session.flush()


def allow(session: Session, actor: Actor, task_id: UUID, rule: str, reason: str) -> Task:
    """Allow, with a reason, what a rule forbids a task now. Never for rules that nobody may set aside.

    It counts for the outcome that stands now, not for another that the same rule may come to later.
    """
    task = _open_task(session, actor, Permission.GATE_OVERRIDE, task_id)
    if rule not in rules():
        raise GateRuleUnknown(rule=rule)
    if not rules()[rule].overridable:
        raise GateRuleFirm(rule=rule)
    (check,) = [each for each in gates_of(session, [task])[task.id] if each.rule.code == rule]
    if check.verdict is not Verdict.BLOCK:
        raise GateNotBlocked(rule=rule, outcome=check.finding.outcome)
    session.merge(
        GateOverride(
            task_id=task.id,
            rule=rule,
            outcome=check.finding.outcome,
            reason=reason,
            person_id=actor.person_id,
            at=clock.now(),
        )
    )
    session.flush()
    _tell(
        session,
        actor,
        task,
        "gate.overridden",
        {"rule": rule, "outcome": check.finding.outcome, "reason": reason},
    )
    return task


def _open_task(session: Session, actor: Actor, permission: Permission, task_id: UUID) -> Task:
    task = locked_task(session, task_id)
    require(actor, permission, task)
    require_open(task)
    return task


def _tell(session: Session, actor: Actor, task: Task, action: str, details: Mapping[str, Any]) -> None:
    feed.touch(session, "task", task.id)
    audit.append(session, actor, action, ("task", task.id), dict(details))
