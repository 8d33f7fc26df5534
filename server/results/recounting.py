"""Counting deadlines again behind a new notice, some hundred in each job."""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from server import audit
from server.access import SYSTEM
from server.audit import AuditEntry
from server.results.keeping import count_again
from server.results.models import CalendarNotice

CONTINUES: Final = "calendar.continues"
MOST_AT_ONCE: Final = 500
"""Deadlines that one job counts; the rest is another job's, so that others write between them."""


def count_deadlines_again(session: Session, fact: AuditEntry) -> None:
    """React to a notice: count again what it may move; what moved leaves its trace."""
    notice = session.get_one(CalendarNotice, UUID(fact.subject))
    after = (UUID(fact.details.get("after", str(UUID(int=0)))), fact.details.get("kind", ""))
    looked_at = count_again(session, notice, after, MOST_AT_ONCE)
    if looked_at:
        last = looked_at[-1]
        rest = {
            "from": str(after[0]),
            "after": str(last.subject_id),
            "kind": last.kind,
            "looked_at": len(looked_at),
        }
        audit.append(session, SYSTEM, CONTINUES, (fact.subject_kind, fact.subject), rest)


def go_on_counting(session: Session, fact: AuditEntry) -> None:
    """Count again what was left over."""
    count_deadlines_again(session, fact)
