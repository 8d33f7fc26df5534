"""What ended before this program took it back elsewhere: it was only shown no more here, and may still stand where it was brought."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, or_, select
from sqlalchemy.orm import Session

from server.audit import AuditEntry
from server.publicity.models import Publication, PublicationState, Target

_BY_FILES = (Target.COLUMN.value, Target.CREDIT.value)
_SENT, _SETTLED = "publications.sent", "publications.settled"
_TOLD_SENT, _TOLD_FAILED = "publication.sent", "publication.failed"
_NO_ERRORS = cast(Publication.errors, Text) == "[]"


def take_back_earlier(session: Session, most: int) -> int:
    """Let it be taken back as it is today, `most` at a time; returns how many places it was.

    What went out and was not refused may be there, and so may what was sent again after it was refused: its errors stood on.
    At the province a newer version is in the place of what was corrected; what was withdrawn is still there.
    """
    found = list(session.scalars(_ended(_NO_ERRORS).limit(most)))
    if len(found) < most:
        refused = session.scalars(_ended(~_NO_ERRORS)).all()
        found += _not_refused_last(session, refused)[: most - len(found)]
    for publication in found:
        publication.state, publication.settled_at = PublicationState.TAKE_BACK.value, None
        publication.errors = []
    session.flush()
    return len(found)


def _ended(condition: ColumnElement[bool]) -> Select[Publication]:
    ended = (PublicationState.CORRECTED.value, PublicationState.WITHDRAWN.value)
    is_left = or_(
        Publication.target.in_(_BY_FILES),
        and_(
            Publication.target == Target.PLATFORM.value, Publication.state == PublicationState.WITHDRAWN.value
        ),
    )
    # What is taken back today is not `sent` any more once it ended.
    query = select(Publication).where(
        Publication.state.in_(ended), Publication.sent_at.is_not(None), condition, is_left
    )
    return query.order_by(Publication.id).with_for_update()


def _not_refused_last(session: Session, publications: Sequence[Publication]) -> list[Publication]:
    """Go through the log as it was written: whoever sent something again left its errors in its row."""
    if not publications:
        return []
    of_batch: dict[str, set[UUID]] = {}
    for each in publications:
        of_batch.setdefault(str(each.batch), set()).add(each.id)
    meant = {str(each.id): each.id for each in publications}
    refused: set[UUID] = set()
    query = select(AuditEntry.action, AuditEntry.subject, AuditEntry.details).where(
        AuditEntry.action.in_((_SENT, _SETTLED, _TOLD_SENT, _TOLD_FAILED))
    )
    for action, subject, details in session.execute(query.order_by(AuditEntry.seq)):
        if action == _SENT:
            refused -= of_batch.get(subject, set())
        elif action == _SETTLED and details["state"] == PublicationState.FAILED.value:
            refused |= {meant[each] for each in details["publications"] if each in meant}
        elif subject in meant:
            (refused.add if action == _TOLD_FAILED else refused.discard)(meant[subject])
    return [each for each in publications if each.id not in refused]
