"""Making derivatives anew: after a new recipe, or when they were lost. `merestone media rebuild`.

What is to be made anew is put back into the queue of the worker; whoever is there works it off, this command too.
So it may be broken off at any time, and may run beside workers.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, or_, select, true, update
from sqlalchemy.orm import Session

from media import derivatives
from server import audit, clock
from server.access import SYSTEM
from server.evidence.models import MediaObject


def ask_anew(
    session: Session, family: str | None = None, sha256: str | None = None, *, everything: bool = False
) -> int:
    """Put files back into the queue, and return how many; nothing that is there is removed.

    Without `everything` only those that were never looked into with success, or by an older recipe.
    """
    chosen: list[ColumnElement[bool]] = [true()]
    if family is not None:
        chosen.append(MediaObject.family == family)
    if sha256 is not None:
        chosen.append(MediaObject.sha256 == sha256)
    if not everything:
        chosen.append(_outdated())
    asked = session.execute(
        update(MediaObject)
        .where(*chosen)
        .values(inspect_after=clock.now(), attempts=0)
        .execution_options(synchronize_session=False)
        .returning(MediaObject.sha256)
    ).all()
    details = {"family": family, "sha256": sha256, "everything": everything, "count": len(asked)}
    audit.append(session, SYSTEM, "media.rebuild", ("media", sha256 or "*"), details)
    return len(asked)


def make_anew(session: Session, shas: Collection[str]) -> None:
    """Put files back into the queue of which the store has lost what was made."""
    session.execute(
        update(MediaObject)
        .where(MediaObject.sha256.in_(shas))
        .values(inspect_after=clock.now(), attempts=0)
        .execution_options(synchronize_session=False)
    )


def waiting(session: Session) -> int:
    """Count the files that are still to be looked into, and the recordings still to be copied."""
    query = select(func.count()).where(
        or_(MediaObject.inspect_after.is_not(None), MediaObject.copy_after.is_not(None))
    )
    return session.scalar(query) or 0


def _outdated() -> ColumnElement[bool]:
    return or_(MediaObject.recipe.is_(None), MediaObject.recipe < derivatives.RECIPE)
