"""What a planner decides when a frame is frozen: which objects, who is left out and why, how many people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Exclusion(StrEnum):
    """Why an object of the scope is not in the urn."""

    DRAWN_BEFORE = "drawn_before"  # 本年度前一批次已抽取
    FREQUENCY_CAP = "frequency_cap"  # 已达年度检查频次上限
    CANCELLED = "cancelled"  # 注销、吊销：不计入基数
    SUSPENDED = "suspended"  # 停产停业
    CASE_OPEN = "case_open"  # 正在立案查处
    OTHER = "other"  # with words


@dataclass(frozen=True)
class Selection:
    """What the planner decides about a frame; all of it is published.

    Objects where the plan does not say which: of `kinds`, with one of `tags`, with a licence of `licences`, of the
    key library if `key_only`; all where nothing is said. `by_risk`: strata by risk class (None: as the plan says). `lots` by risk class, one where
    nothing is said. `out`: object → (why, words).
    People: `size` of them, one who leads if `leads`, at most `most` visits each (0: any number), last year's exam
    passed if `exam`, without those `away`. `departments`: organisations that each send a team of this size to
    every visit. `experts`: how many go along.
    """

    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    key_only: bool = False
    by_risk: bool | None = None
    lots: Mapping[str, int] = field(default_factory=dict)
    out: Mapping[UUID, tuple[Exclusion, str]] = field(default_factory=dict)
    size: int = 2
    leads: bool = True
    most: int = 0
    exam: bool = True
    away: frozenset[UUID] = frozenset()
    departments: tuple[UUID, ...] = ()
    experts: int = 0
