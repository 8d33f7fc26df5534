"""Reasons that reviewers of a bureau write most often when they return a record: `Organisation.rules["review"]["reasons"]`.

Without any of its own a bureau has those that the console ships. The digits 1 to 9 choose, so there are nine at most.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require
from server.accounts.models import Organisation

MOST: Final = 9


def stock_reasons(session: Session, actor: Actor) -> list[str]:
    """Return the reasons of the actor's bureau; none where it keeps to those that ship."""
    require(actor, Permission.RECORD_REVIEW)
    return _of(session.get_one(Organisation, actor.organisation_id))


def set_stock_reasons(session: Session, actor: Actor, reasons: Sequence[str]) -> list[str]:
    """Set the reasons of the actor's bureau, by those who write them; none: those that ship count again."""
    bureau = session.get_one(Organisation, actor.organisation_id, with_for_update=True)
    require(actor, Permission.RECORD_REVIEW, bureau)
    before, now = _of(bureau), list(dict.fromkeys(each.strip() for each in reasons if each.strip()))
    bureau.rules = {**bureau.rules, "review": {"reasons": now}}
    session.flush()
    told = {"before": before, "now": now}
    audit.append(session, actor, "organisation.stock-reasons-set", ("organisation", bureau.id), told)
    return now


def _of(bureau: Organisation) -> list[str]:
    reasons: list[str] = (bureau.rules.get("review") or {}).get("reasons") or []
    return reasons
