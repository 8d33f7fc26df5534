"""What a bureau sets for itself about quotas and visits, in `Organisation.rules`.

`{"quota": {"rounding": "half-up", "weights": {"A": 1, "D": 5}, "least_percent": "5", "least_draws": 2},
"visit": {"a_year": 4}}`; what is not set is as the plan says.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from server.planning.ratios import INCREASING, PLAIN, QuotaRule, Rounding


def quota_rule(rules: Mapping[str, Any], *, rising: bool) -> QuotaRule:
    """Read a bureau's rule of quotas; `rising`: the plan says that shares rise by risk class (分别递加比例)."""
    own = rules.get("quota", {})
    weights = {key: Fraction(str(weight)) for key, weight in own.get("weights", {}).items()}
    percent = own.get("least_percent")
    return QuotaRule(
        rounding=Rounding(own.get("rounding", PLAIN.rounding.value)),
        weights=(weights or INCREASING) if rising else {},
        least_percent=None if percent is None else Decimal(str(percent)),
        least_draws=own.get("least_draws"),
    )


def visits_a_year(rules: Mapping[str, Any]) -> int | None:
    """Read how often an enterprise is visited a year at most (年度检查频次上限); None where no cap is set."""
    cap = rules.get("visit", {}).get("a_year")
    return cap if isinstance(cap, int) and not isinstance(cap, bool) and cap > 0 else None
