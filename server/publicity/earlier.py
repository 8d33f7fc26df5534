"""What ended before this program took it back elsewhere: it was only shown no more here, and may still stand where it was brought."""

from sqlalchemy import Text, and_, cast, or_, select
from sqlalchemy.orm import Session

from server.publicity.models import Publication, PublicationState, Target

_BY_FILES = (Target.COLUMN.value, Target.CREDIT.value)


def take_back_earlier(session: Session, most: int) -> int:
    """Let it be taken back as it is today, `most` at a time; returns how many places it was.

    What went out and was not refused may be there. At the province a newer version is in the place of what was corrected;
    what was withdrawn is still there.
    """
    ended = (PublicationState.CORRECTED.value, PublicationState.WITHDRAWN.value)
    is_left = or_(
        Publication.target.in_(_BY_FILES),
        and_(
            Publication.target == Target.PLATFORM.value, Publication.state == PublicationState.WITHDRAWN.value
        ),
    )
    # What is taken back today is not `sent` any more once it ended.
    query = (
        select(Publication)
        .where(
            Publication.state.in_(ended),
            Publication.sent_at.is_not(None),
            cast(Publication.errors, Text) == "[]",
            is_left,
        )
        .order_by(Publication.id)
        .limit(most)
        .with_for_update()
    )
    found = session.scalars(query).all()
    for publication in found:
        publication.state, publication.settled_at = PublicationState.TAKE_BACK.value, None
    session.flush()
    return len(found)
