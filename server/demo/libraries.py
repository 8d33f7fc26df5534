"""The demo's lists and libraries: labels, exams, experts, a leading group, and the bureau's published item list."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import Actor
from server.accounts.models import Person
from server.clock import today
from server.registry import service as registry
from server.registry.drafts import ExpertDraft, PageDraft
from server.registry.item_drafts import ClaimDraft, ResponsibilityDraft, VersionDraft
from server.registry.models import Label, ListKind, ListVersion

_APPROVER = UUID(int=1)  # somebody else than who prepared the list: nobody can sign in as either
_LISTED_SINCE = date(2023, 1, 1)
_FIRST_EXAM = 2022
_LABELS = {
    "矿山": ("industry", ("矿业", "矿山企业")),
    "生产矿山": ("kind", ("在产矿山",)),
    "测绘资质单位": ("kind", ("测绘单位",)),
    "高风险": ("other", ()),
}
_PAGES = {
    "inspector1": PageDraft(tags=("矿山",), function="执法监督", department="执法队", duty="队长"),
    "inspector2": PageDraft(tags=("矿山", "测绘"), function="执法监督", department="执法队"),
    "inspector3": PageDraft(tags=("测绘",), function="调查测绘", department="调查测绘股"),
}
_EXPERTS = (
    ExpertDraft("郭树青", "晋城市地质环境监测站", "高级工程师", tags=("矿山地质", "水文地质")),
    ExpertDraft("梁秀英", "山西省测绘产品质量监督检验站", "正高级工程师", tags=("测绘质量",)),
)
_RESPONSIBILITIES = (
    ResponsibilityDraft(
        "矿产资源开采监督",
        "《中华人民共和国矿产资源法》",
        "自然资源局",
        ("应急管理局", "能源局"),
        ("MINE_OVERSTEP", "BOUNDARY_MARKER"),
    ),
    ResponsibilityDraft(
        "测绘成果质量监督",
        "《中华人民共和国测绘法》",
        "自然资源局",
        ("市场监督管理局",),
        ("QUALITY_SYSTEM", "QUALITY_RESULT"),
    ),
)
_LEADERS = (("卫东", "组长", "局长"), ("赵丽", "办公室主任", "政策法规股股长"))


def load_demo_libraries(session: Session, actor: Actor) -> None:
    """Load what the demo bureau keeps beside its objects and people, where it is missing."""
    if session.scalar(select(ListVersion.id).where(ListVersion.organisation_id == actor.organisation_id)):
        return
    for name, (group, aliases) in _LABELS.items():
        if session.get(Label, name) is None:
            registry.enter_label(session, actor, name, group, aliases)
    for expert in _EXPERTS:
        registry.enter_expert(session, actor, expert)
    for name, post, duty in _LEADERS:
        registry.enter_leader(session, actor, registry.LeaderDraft(name, post, duty, _LISTED_SINCE))
    for line in _RESPONSIBILITIES:
        registry.enter_responsibility(session, actor, line)
    codes = [item.code for item in registry.items(session)]
    registry.claim_items(session, actor, codes, ClaimDraft(), _LISTED_SINCE)
    draft = VersionDraft("按年度计划认领本级事项", _LISTED_SINCE)
    version = registry.prepare_version(session, actor, ListKind.ITEMS, draft)
    registry.approve_version(session, replace(actor, person_id=_APPROVER), version.id, office="局长办公会")
    registry.publish_version(session, actor, version.id)


def load_demo_exams(session: Session, actor: Actor) -> None:
    """Let the demo's inspectors have passed the exam of every year until the last one."""
    people = select(Person).where(
        Person.username.in_(_PAGES), Person.organisation_id == actor.organisation_id
    )
    for person in session.scalars(people.order_by(Person.username)):
        registry.enter_page(session, actor, person.id, _PAGES[person.username])
        for year in range(_FIRST_EXAM, today().year):
            registry.enter_exam(session, actor, person.id, year, passed=True)
