"""What a bureau sets about publicity, and the reasons that the public is told.

`Organisation.rules["publicity"]`: `{"targets": ["portal", "platform", "credit"], "problems": "after_handling"}`. Without
it results go to all four targets at once, those with problems too, as 发现问题待后续处理; `after_handling` holds them
until their follow-ups are over (区分情况依法作出处理并向社会公示, the practice of Hebei).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from server.publicity.models import Target

AT_ONCE, AFTER_HANDLING = "at_once", "after_handling"


class WrongPublicityRuleError(ValueError):
    """A bureau's rules of publicity can't be read. Says which and why."""


class Reason(StrEnum):
    """Why something that was public is not any more, as the public is told: a code, never somebody's own words."""

    chinese: str
    english: str

    def __new__(cls, value: str, chinese: str = "", english: str = "") -> Self:
        """Make a reason with what it is called."""
        reason = str.__new__(cls, value)
        reason._value_, reason.chinese, reason.english = value, chinese, english
        return reason

    CORRECTED = (
        "corrected",
        "检查结果已更正，以新版本为准",
        "The result was corrected; the newer version holds.",
    )
    OBJECTION = "objection", "异议成立，检查结果已更正", "An objection was upheld; the newer version holds."
    ENTERED_WRONGLY = "entered_wrongly", "录入有误", "It was entered wrongly."
    REVOKED = "revoked", "依法撤销（复议、诉讼等）", "Revoked by law."
    EXPIRED = "expired", "公示期满", "The term of publicity is over."
    NOT_PUBLIC = "not_public", "依法不予公开", "By law it is not public."


WITHDRAWALS = (Reason.ENTERED_WRONGLY, Reason.REVOKED, Reason.EXPIRED, Reason.NOT_PUBLIC)
LASTING = frozenset({Reason.EXPIRED.value, Reason.NOT_PUBLIC.value})
"""Reasons that no correction changes: a newer version is not public either, until a publisher says so."""


@dataclass(frozen=True)
class PublicityRules:
    """Where a bureau's results go, and whether those with problems wait until they are handled."""

    targets: tuple[Target, ...] = tuple(Target)
    after_handling: bool = False


def read_publicity_rules(rules: Mapping[str, Any]) -> PublicityRules:
    """Read a bureau's rules, `Organisation.rules`. WrongPublicityRuleError names what can't be meant."""
    given = rules.get("publicity", {})
    if not isinstance(given, Mapping) or set(given) - {"targets", "problems"}:
        raise WrongPublicityRuleError("publicity: an object with targets and problems")
    problems = given.get("problems", AT_ONCE)
    if problems not in {AT_ONCE, AFTER_HANDLING}:
        raise WrongPublicityRuleError(f"publicity.problems: {AT_ONCE} or {AFTER_HANDLING}, not {problems!r}")
    names = given.get("targets", list(Target))
    if not isinstance(names, list) or not names or set(names) - set(Target):
        raise WrongPublicityRuleError(f"publicity.targets: some of {', '.join(Target)}")
    return PublicityRules(tuple(each for each in Target if each in names), problems == AFTER_HANDLING)
