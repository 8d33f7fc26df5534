"""Rules about who makes a visit: two with certificates, what they may inspect, where, and their interests."""

from collections.abc import Iterable
from datetime import date

from server.inspections.gate.findings import Fact, Finding
from server.inspections.gate.visit import Capacity, Participant, Visit

LEAST = 2
"""Inspectors of a visit, and of each department in a joint one (《行政处罚法》第四十二条)."""

_HELPERS = {Capacity.EXPERT: ("专家", "an expert"), Capacity.ASSISTANT: ("协助人员", "an assistant")}


def two_inspectors(visit: Visit) -> Finding:
    """Two or more who count, in each department of a joint visit too."""
    facts = tuple(_standing(each, visit.day) for each in visit.people)
    if len(_counting(visit, visit.people)) < LEAST:
        return Finding("too_few", facts)
    short = [
        department.name
        for department in visit.departments
        if len(_counting(visit, (each for each in visit.people if each.section == department.key))) < LEAST
    ]
    if short:
        told = "、".join(short)
        return Finding(
            "section_too_few",
            ((f"持证人员少于两名的部门：{told}", f"Departments with fewer than two: {told}"), *facts),
        )
    return Finding("holds", facts)


def scope(visit: Visit) -> Finding:
    """Every item has two who may inspect it; who has no scope entered may inspect all."""
    lacking = [item for item in visit.items if len(_able(visit, item)) < LEAST]
    names = [visit.item_names.get(item, item) for item in lacking]
    facts = tuple(
        (f"{name}：登记了该事项的检查人员少于两名", f"{name}: fewer than two are registered for it")
        for name in names
    )
    return Finding("outside", facts) if lacking else Finding("holds")


def area(visit: Visit) -> Finding:
    """Everybody who inspects belongs to a unit with jurisdiction over the place, or was lent there."""
    strangers = [each for each in _inspectors(visit.people) if not each.serves]
    facts = tuple(
        (f"{each.name}：所在单位不管辖该地", f"{each.name}: the unit has no jurisdiction there")
        for each in strangers
    )
    return Finding("outside", facts) if strangers else Finding("holds")


def recusal(visit: Visit) -> Finding:
    """Everybody who inspects has declared, and nobody who must recuse is on it."""
    said = {each: visit.recusals.get(str(each.id)) for each in _inspectors(visit.people)}
    words: dict[str | None, Fact] = {
        "recused": ("需要回避", "must recuse"),
        "no_interest": ("无利害关系", "no interest"),
    }
    facts = tuple(
        (f"{each.name}：{told[0]}", f"{each.name}: {told[1]}")
        for each, answer in said.items()
        for told in [words.get(answer, ("未声明", "has not declared"))]
    )
    if "recused" in said.values():
        return Finding("recused", facts)
    return Finding("holds" if all(each in words for each in said.values()) else "unanswered", facts)


def _inspectors(people: Iterable[Participant]) -> list[Participant]:
    return [each for each in people if each.capacity is Capacity.INSPECTOR]


def _counting(visit: Visit, people: Iterable[Participant]) -> list[Participant]:
    """Whoever counts towards two: an inspector in office, with a certificate on the day and the exam passed."""
    return [
        each
        for each in _inspectors(people)
        if each.active and each.certificate and _lasts(each, visit.day) and each.passed is not False
    ]


def _lasts(each: Participant, day: date) -> bool:
    return each.valid_to is None or each.valid_to >= day


def _able(visit: Visit, item: str) -> list[Participant]:
    """Who may inspect an item: of its own department where the visit is a joint one."""
    inside = {department.key for department in visit.departments if item in department.items}
    return [
        each
        for each in _inspectors(visit.people)
        if (not each.scope or item in each.scope) and (not inside or each.section in inside)
    ]


def _standing(each: Participant, day: date) -> Fact:
    if each.capacity in _HELPERS:
        chinese, english = _HELPERS[each.capacity]
        return f"{each.name}：{chinese}，不计入检查人员", f"{each.name}: {english}, who does not count"
    if not each.active:
        return f"{each.name}：已离岗", f"{each.name}: has left"
    if each.certificate is None:
        return f"{each.name}：没有有效的执法证", f"{each.name}: no valid certificate"
    if each.passed is False:
        return f"{each.name}：未通过上一年度考试", f"{each.name}: did not pass last year's exam"
    until = each.valid_to.isoformat() if each.valid_to else "（未登记）"
    over = ("", "") if _lasts(each, day) else ("，已过期", ", which is over")
    return (
        f"{each.name}：{each.certificate}，有效期至 {until}{over[0]}",
        f"{each.name}: {each.certificate}, valid until {until}{over[1]}",
    )
