"""What a bureau asks of a visit beside the law, told to phones before anybody sets out (检查前核对).

A bureau sets its own in `Organisation.rules["visit"]`: `{"a_year": 4, "entry_code": true}`. `a_year`: how often an
enterprise is inspected a year at most (年度检查频次上限, 国办发〔2024〕54号); `entry_code`: a code is scanned or shown
on entry (扫码入企). A phone warns of them and stops nobody. `approve_within`: working days after the day of an urgent
visit in which it has to be approved (补办批准手续); the law says "及时" and names no number. `plan_filed`: plans are filed
with the level above (报上级备案) where that is asked of county bureaus.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.calendar import MOST_DAYS
from server.db import Json


@dataclass(frozen=True)
class VisitRules:
    """Inspections of one enterprise a year at most, None where no cap is known; whether a code is scanned on entry.

    `approve_within`: working days to have an urgent visit approved, None where the bureau set none.
    """

    a_year: int | None = None
    entry_code: bool = False
    approve_within: int | None = None
    plan_filed: bool = False

    def as_json(self) -> Json:
        """Write them as phones see them."""
        return {"a_year": self.a_year, "entry_code": self.entry_code}


def read_visit_rules(rules: Mapping[str, Any]) -> VisitRules:
    """Read a bureau's rules. What can't be used counts as not set: a wrong rule must not keep tasks from phones."""
    given = rules.get("visit")
    if not isinstance(given, Mapping):
        return VisitRules()
    return VisitRules(
        _number(given.get("a_year")),
        given.get("entry_code") is True,
        _number(given.get("approve_within")),
        given.get("plan_filed") is True,
    )


def _number(given: Any) -> int | None:
    is_number = isinstance(given, int) and not isinstance(given, bool) and 0 < given <= MOST_DAYS
    return given if is_number else None
