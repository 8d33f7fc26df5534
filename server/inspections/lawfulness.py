"""What a bureau asks of a visit beside the law, told to phones before anybody sets out (检查前核对).

A bureau sets its own in `Organisation.rules["visit"]`: `{"a_year": 4, "entry_code": true}`. `a_year`: how often an
enterprise is inspected a year at most (年度检查频次上限, 国办发〔2024〕54号); `entry_code`: a code is scanned or shown
on entry (扫码入企). A phone warns of them and stops nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.db import Json


@dataclass(frozen=True)
class VisitRules:
    """Inspections of one enterprise a year at most, None where no cap is known; whether a code is scanned on entry."""

    a_year: int | None = None
    entry_code: bool = False

    def as_json(self) -> Json:
        """Write them as phones see them."""
        return {"a_year": self.a_year, "entry_code": self.entry_code}


def read_visit_rules(rules: Mapping[str, Any]) -> VisitRules:
    """Read a bureau's rules. What can't be used counts as not set: a wrong rule must not keep tasks from phones."""
    given = rules.get("visit")
    if not isinstance(given, Mapping):
        return VisitRules()
    a_year = given.get("a_year")
    is_number = isinstance(a_year, int) and not isinstance(a_year, bool) and a_year > 0
    return VisitRules(a_year if is_number else None, given.get("entry_code") is True)
