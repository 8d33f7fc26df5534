"""Rules about what stands on paper: the published list, the plan, approval and notice."""

from datetime import date

from server.inspections.gate.findings import Fact, Finding, same
from server.inspections.gate.rules import Mode
from server.inspections.gate.visit import Visit


def listed(visit: Visit) -> Finding:
    """Every item stands on the list that was published on the day (国办发〔2024〕54号; seed 000, R13)."""
    if visit.listed is None:
        return Finding("unknown")
    missing = [item for item in visit.items if item not in visit.listed]
    if missing:
        return Finding("unlisted", tuple(_unlisted(visit.item_names.get(item, item)) for item in missing))
    return Finding("holds", tuple(same(visit.item_names.get(item, item)) for item in visit.items))


def _unlisted(name: str) -> tuple[str, str]:
    return f"{name}：当日公布的清单中没有", f"{name}: not on the list published that day"


def planned(visit: Visit) -> Finding:
    """A plan that is published stands behind it, or a clue that is followed at once (seed 000, R45; seed 002, R46)."""
    if visit.plan is None:
        return Finding("clue" if visit.source.is_clue else "none")
    if not visit.plan.published:
        return Finding("unpublished")
    return Finding("unfiled" if visit.plan.filed is False else "holds")


def approval(visit: Visit) -> Finding:
    """Approved beforehand by the head of the authority, or urgent and approved within the bureau's term."""
    papers = visit.papers
    if not visit.is_enterprise:
        return Finding("not_asked")
    facts: tuple[Fact, ...] = (
        (
            f"行政检查审批表 {papers.approval_no}{_on(papers.approved_on)}",
            f"Approval {papers.approval_no}{_on(papers.approved_on)}",
        )
        if papers.approval_no
        else ("任务中没有审批表编号", "The task has no number of an approval"),
    )
    urgent = papers.urgency
    if urgent is not None:
        facts += ((f"紧急情况：{urgent.reason}", f"Urgent: {urgent.reason}"),)
    if papers.approval_no:
        is_after = papers.approved_on is not None and papers.approved_on > visit.day
        if not is_after:
            return Finding("holds", facts)
        if urgent is None:
            return Finding("afterwards", facts)
        is_late = (
            urgent.approve_by is not None
            and papers.approved_on is not None
            and papers.approved_on > urgent.approve_by
        )
        return Finding("overdue" if is_late else "holds", facts)
    if urgent is None:
        return Finding("missing", facts)
    is_over = urgent.approve_by is not None and visit.judged_on > urgent.approve_by
    return Finding("overdue" if is_over else "emergency", facts)


def notice(visit: Visit) -> Finding:
    """Made beforehand and shown, but in urgent cases."""
    papers = visit.papers
    if not visit.is_enterprise:
        return Finding("not_asked")
    if papers.notice_no is None:
        facts = (("任务中没有通知书编号", "The task has no number of a notice"),)
        return Finding("missing" if papers.urgency is None else "emergency", facts)
    facts = (
        (
            f"行政检查通知书 {papers.notice_no}{_on(papers.served_on)}",
            f"Notice {papers.notice_no}{_on(papers.served_on)}",
        ),
    )
    is_after = papers.served_on is not None and papers.served_on > visit.day
    return Finding("afterwards" if is_after and papers.urgency is None else "holds", facts)


def equipped(visit: Visit) -> Finding:
    """What the mode needs is there: an institution qualified on the day and its report, or an opinion to adopt."""
    mode, commission = visit.mode, visit.commission
    if mode is Mode.COMMISSIONED:
        if not (commission.institution and commission.qualification):
            return Finding("no_institution")
        told = (same(f"{commission.institution}　{commission.qualification}"),)
        if commission.valid_to is not None and commission.valid_to < visit.day:
            until = commission.valid_to.isoformat()
            return Finding("unqualified", (*told, (f"资质有效期至 {until}", f"Qualified until {until}")))
        if commission.report is None:
            return Finding("no_report", told)
        return Finding(
            "holds" if commission.report_here else "report_absent",
            (*told, same(f"SHA-256 {commission.report}")),
        )
    if mode is Mode.ADOPTED and not commission.opinion:
        return Finding("no_opinion")
    unsuited = [
        visit.item_names.get(item, item)
        for item in visit.items
        if visit.item_modes.get(item) and mode not in visit.item_modes[item]
    ]
    return Finding("unsuited", tuple(same(each) for each in unsuited)) if unsuited else Finding("holds")


def _on(day: date | None) -> str:
    return f"（{day.isoformat()}）" if day else ""
