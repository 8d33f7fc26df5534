"""Noticing certificates that run out, or begin, with the day. A duty of the worker.

Whoever is on a task is shown with the certificate that is valid on the day, so the day changes what phones should
show. claim (short transaction) → perform (nothing) → settle (short transaction).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import SYSTEM
from server.registry.models import Certificate, CertificateDay

_CHUNK: Final = 100


@dataclass(frozen=True)
class Turned:
    """Some of those whose certificates turned between two days; with the `last` of them the day is done."""

    before: date
    day: date
    people: Sequence[UUID]
    last: bool


def claim(session: Session) -> list[Turned]:
    """Find whose certificates turned since the day that was looked at last. Until all are told, they are found again."""
    today = clock.today()
    done = session.get(CertificateDay, 1)
    if done is None:
        session.add(CertificateDay(id=1, day=today))
        return []
    if done.day >= today:
        return []
    ran_out = and_(Certificate.valid_to >= done.day, Certificate.valid_to < today)
    began = and_(Certificate.valid_from > done.day, Certificate.valid_from <= today)
    query = select(Certificate.person_id).where(or_(ran_out, began)).distinct()
    people = session.scalars(query.order_by(Certificate.person_id)).all()
    chunks = [people[start : start + _CHUNK] for start in range(0, max(len(people), 1), _CHUNK)]
    return [Turned(done.day, today, chunk, chunk is chunks[-1]) for chunk in chunks]


def perform(_work: Turned) -> None:
    """Nothing is slow here."""


def settle(session: Session, work: Turned, _outcome: None) -> None:
    """Say of each that a certificate turned, unless another worker has told all already."""
    done = session.get_one(CertificateDay, 1, with_for_update=True, populate_existing=True)
    if done.day != work.before:
        return
    for person_id in work.people:
        audit.append(
            session, SYSTEM, "certificate.turned", ("person", person_id), {"day": work.day.isoformat()}
        )
    if work.last:
        done.day = work.day
