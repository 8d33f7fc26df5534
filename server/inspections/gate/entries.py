"""Rules about coming to an enterprise: how often, when, with a code, and what is secret."""

from server.inspections.gate.findings import Fact, Finding
from server.inspections.gate.rules import Mode, needs
from server.inspections.gate.visit import Source, Visit


def cap(visit: Visit) -> Finding:
    """Not above the enterprise's cap of the year; special inspections ordered from above don't count (司法部 25 问)."""
    cap_told: Fact = (
        ("上限未登记", "no cap is known")
        if visit.cap is None
        else (f"上限 {visit.cap} 次", f"at most {visit.cap}")
    )
    facts: tuple[Fact, ...] = (
        (
            f"本年度第 {visit.year_count} 次，{cap_told[0]}",
            f"No. {visit.year_count} this year, {cap_told[1]}",
        ),
        *((f"同一对象还有任务 {each}", f"Task {each} at the same object") for each in visit.beside),
    )
    if visit.is_enterprise and visit.cap is not None and visit.year_count > visit.cap:
        return Finding("special" if visit.source is Source.ORDERED else "over", facts)
    return Finding("beside" if visit.beside else "holds", facts)


def period(visit: Visit) -> Finding:
    """On a day of the task, whose days lie in one window of the plan (seed 003, R57)."""
    facts = ((f"{visit.opens_on} 至 {visit.due_on}", f"{visit.opens_on} to {visit.due_on}"),)
    if visit.day < visit.opens_on:
        return Finding("early", facts)
    if visit.day > visit.due_on:
        return Finding("late", facts)
    windows = visit.plan.windows if visit.plan else ()
    if windows and not any(first <= visit.opens_on and visit.due_on <= last for first, last in windows):
        told = "、".join(f"{first} 至 {last}" for first, last in windows)
        return Finding("outside_plan", (*facts, (f"计划时间：{told}", f"Windows of the plan: {told}")))
    return Finding("holds", facts)


def entry_code(visit: Visit) -> Finding:
    """Scanned or shown where the locality asks for it and somebody enters (扫码入企); urgent cases go in first."""
    if not (visit.asks_entry_code and visit.is_enterprise and "entry_code" in needs(visit.mode)):
        return Finding("not_asked")
    if visit.entry_code:
        return Finding("scanned", ((f"入企检查码 {visit.entry_code}", f"Entry code {visit.entry_code}"),))
    if visit.papers.urgency is not None:
        return Finding("emergency")
    if visit.is_judged_after:
        return Finding("missing")
    return Finding("to_scan", (("本单位要求扫码或亮码入企", "This bureau asks for a code on entry"),))


def secrecy(visit: Visit) -> Finding:
    """Secret matters are never inspected over a network, and minded everywhere (domain.md 3.6)."""
    if not visit.is_secret:
        return Finding("not_secret")
    return Finding("networked" if visit.mode is Mode.NETWORK else "minded")
