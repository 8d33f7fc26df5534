"""What a bureau sets for itself about quotas and visits, in `Organisation.rules`.

`{"quota": {"rounding": "half-up", "weights": {"A": 1, "D": 5}, "least_percent": "5", "least_draws": 2},
"visit": {"a_year": 4, "entry_code": true}}`; what is not set is as the plan says.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require, within
from server.accounts.models import Organisation
from server.db import Json
from server.planning.ratios import INCREASING, PLAIN, QuotaRule, Rounding
from server.problems import OrganisationNotFound


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


def set_rules(
    session: Session, actor: Actor, organisation_id: UUID, quota: Json, visit: Json
) -> Organisation:
    """Set what a bureau of the jurisdiction decides about quotas and visits, for draws and visits from now on."""
    here = select(Organisation).where(Organisation.id == organisation_id, within(actor, Organisation.region))
    bureau = session.scalar(here.with_for_update())
    if bureau is None:
        raise OrganisationNotFound()
    require(actor, Permission.RULES_WRITE, bureau)
    before = {name: bureau.rules.get(name, {}) for name in ("quota", "visit")}
    now = {"quota": _said(quota), "visit": _said(visit)}
    bureau.rules = {**bureau.rules, **now}
    session.flush()
    told = {"before": before, "now": now}
    audit.append(session, actor, "organisation.rules-set", ("organisation", bureau.id), told)
    return bureau


def _said(given: Json) -> Json:
    """What is null is not set."""
    return {name: value for name, value in given.items() if value is not None}
