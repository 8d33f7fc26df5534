"""When a result is over (完结): it is released, and nothing that it brought about is open (监管闭环, R91)."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.audit import Acting
from server.results.models import Followup, FollowupState, ObjectionState, Result, ResultState

OVER = frozenset({FollowupState.ENTERED.value, FollowupState.CANCELLED.value})
# An objection that was upheld stays open until a corrected version takes the result's place.
_STANDING = frozenset({ObjectionState.FILED.value, ObjectionState.UPHELD.value})


def settle(session: Session, actor: Acting, result: Result) -> None:
    """Close a result when nothing is open any more, and open it again when something is. Last in a verb."""
    session.flush()
    over = (
        result.state == ResultState.RELEASED.value
        and result.objection not in _STANDING
        and session.scalar(_open_followups(result).limit(1)) is None
    )
    if over == (result.closed_at is not None):
        return
    result.closed_at = clock.now() if over else None
    session.flush()
    action = "result.closed" if over else "result.reopened"
    audit.append(session, actor, action, ("result", result.id), {"version": result.version})


def _open_followups(result: Result) -> Select[UUID]:
    return select(Followup.id).where(Followup.result_id == result.id, Followup.state.not_in(OVER))
