"""What is known of a visit when its legality is judged: values only, so that rules are judged the same from anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from server.inspections.gate.rules import Mode


class Source(StrEnum):
    """What a visit comes from (任务来源)."""

    PLAN = "plan"  # 年度抽查计划
    TEMPORARY = "temporary"  # 临时任务
    ORDERED = "ordered"  # 上级部署的专项检查
    REFERRED = "referred"  # 转办交办
    COMPLAINT = "complaint"  # 投诉举报

    @property
    def is_clue(self) -> bool:
        """Whether it is inspected at once, plan or not (seed 000, R45; seed 002, R46)."""
        return self in {Source.ORDERED, Source.REFERRED, Source.COMPLAINT}


class Capacity(StrEnum):
    """As what somebody takes part. Only inspectors count."""

    INSPECTOR = "inspector"
    EXPERT = "expert"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class Participant:
    """Somebody on a visit.

    `certificate`: its number, valid to the last of `valid_to` (None: not known). `passed`: the exam of the year before,
    None where no exams are kept. `scope`: codes of items that the person may inspect, empty for all. `serves`: whether
    the unit has jurisdiction over the place, or the person is lent there. `section`: the department of a joint visit.
    """

    id: UUID | str
    name: str
    capacity: Capacity = Capacity.INSPECTOR
    active: bool = True
    certificate: str | None = None
    valid_to: date | None = None
    passed: bool | None = None
    scope: frozenset[str] = frozenset()
    serves: bool = True
    section: str | None = None


@dataclass(frozen=True)
class Department:
    """The part of one department in a joint visit (部门): its name and the items that it inspects."""

    key: str
    name: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Urgency:
    """An inspection made before it was approved, because it was urgent. `approve_by`: the bureau's term, None for none."""

    reason: str
    approve_by: date | None = None


@dataclass(frozen=True)
class Papers:
    """Approval (行政检查审批表) and notice (行政检查通知书): numbers and days, as far as they are known."""

    approval_no: str | None = None
    approved_on: date | None = None
    notice_no: str | None = None
    served_on: date | None = None
    urgency: Urgency | None = None


@dataclass(frozen=True)
class PlanStanding:
    """How the plan behind a visit stands. `filed`: with the level above, None where it is not asked; windows as days."""

    published: bool
    filed: bool | None = None
    windows: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True)
class Commission:
    """A commissioned institution (受委托机构): qualification, report by its SHA-256, and an opinion that is adopted.

    `report_here`: whether the file itself has come.
    """

    institution: str | None = None
    qualification: str | None = None
    valid_to: date | None = None
    report: str | None = None
    report_here: bool = False
    opinion: str | None = None


@dataclass(frozen=True)
class Visit:
    """A visit as the rules see it, on the day it is made or would be made.

    `listed`: the codes on the published list that day, None where the list is not there. `item_modes`: the modes that
    the list names for items, those it names none for left out. `year_count`: this visit included; `cap`: None where none
    is known. `beside`: numbers of other open tasks at the object. `is_judged_after`: its record has come, so that what
    was still to be done has to be done by now. `recusals`: what each person declared, by id.
    """

    day: date
    judged_on: date
    opens_on: date
    due_on: date
    items: tuple[str, ...]
    people: tuple[Participant, ...]
    is_enterprise: bool = True
    mode: Mode = Mode.ON_SITE
    source: Source = Source.PLAN
    plan: PlanStanding | None = None
    listed: frozenset[str] | None = None
    item_names: Mapping[str, str] = field(default_factory=dict)
    item_modes: Mapping[str, frozenset[Mode]] = field(default_factory=dict)
    papers: Papers = Papers()
    year_count: int = 1
    cap: int | None = None
    beside: tuple[str, ...] = ()
    recusals: Mapping[str, str] = field(default_factory=dict)
    asks_entry_code: bool = False
    entry_code: str | None = None
    is_judged_after: bool = False
    is_secret: bool = False
    commission: Commission = Commission()
    departments: tuple[Department, ...] = ()
