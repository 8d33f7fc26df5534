"""The table of rules (`rules.json`): names, law, outcomes with their verdicts, and what each mode of inspection needs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from server.db import Json

_TABLE = Path(__file__).with_name("rules.json")


class Verdict(StrEnum):
    """What an outcome means; of several the last in this order counts."""

    ALLOW = "allow"
    WARN = "warn"
    BLOCK = "block"

    @property
    def weight(self) -> int:
        """How much it weighs against others."""
        return list(Verdict).index(self)


class Mode(StrEnum):
    """How a visit is made (检查方式): the modes of the item list, and adopting what others found."""

    ON_SITE = "on_site"  # 实地核查
    WRITTEN = "written"  # 书面检查
    NETWORK = "network"  # 网络监测
    COMMISSIONED = "commissioned"  # 委托专业机构检验检测、财务审计、调查咨询
    ADOPTED = "adopted"  # 采用其他机关的结果或者专业意见


@dataclass(frozen=True)
class Basis:
    """A law or document with its article, and what it says of this in short, in Chinese."""

    source: str
    says: str


@dataclass(frozen=True)
class Outcome:
    """What a rule can come to, its verdict, and why it matters (Chinese, English; empty where it holds)."""

    verdict: Verdict
    why: tuple[str, str]


@dataclass(frozen=True)
class Rule:
    """A rule. `overridable`: a person may allow with a reason what it forbids. `on_phone`: a phone judges it by itself."""

    code: str
    name: tuple[str, str]
    overridable: bool
    on_phone: bool
    bases: tuple[Basis, ...]
    outcomes: Mapping[str, Outcome]


@cache
def rules() -> Mapping[str, Rule]:
    """Return the rules by their codes, in the order in which they are told."""
    table = _table()
    bases = {name: Basis(each["source"], each["says"]) for name, each in table["bases"].items()}
    return {
        each["code"]: Rule(
            code=each["code"],
            name=(each["name"], each["name_en"]),
            overridable=each["override"],
            on_phone=each["on_phone"],
            bases=tuple(bases[name] for name in each["bases"]),
            outcomes={
                name: Outcome(Verdict(one["verdict"]), (one.get("why", ""), one.get("why_en", "")))
                for name, one in each["outcomes"].items()
            },
        )
        for each in table["rules"]
    }


@cache
def told_to_phones() -> frozenset[str]:
    """Return the rules that phones are told of though nobody allowed anything: what they can't judge by themselves.

    Two inspectors are among them: a phone knows their certificates, and not whether they passed the exam.
    """
    return frozenset(code for code, rule in rules().items() if not rule.on_phone or code == "inspectors.two")


@cache
def needs(mode: Mode) -> frozenset[str]:
    """Return what a mode needs: of `position entry_code signature institution report opinion`."""
    return frozenset(_table()["modes"][mode.value]["needs"])


@cache
def mode_names(mode: Mode) -> tuple[str, str]:
    """Return what a mode is called, in Chinese and English."""
    told = _table()["modes"][mode.value]
    return told["name"], told["name_en"]


@cache
def _table() -> Json:
    table: Json = json.loads(_TABLE.read_text(encoding="utf-8"))
    return table
