"""Noticing certificates that run out, or begin, and risk classes that begin with the day. A duty of the worker.

Whoever is on a task is shown with the certificate that is valid on the day, so the day changes what phones should
show; and an object has the class that holds on the day. claim (short transaction) → perform (nothing) → settle (short transaction).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from server import audit, clock, feed
from server.access import SYSTEM
from server.registry.models import Certificate, CertificateDay, InspectedObject, RiskClass
from server.registry.risk import bring_up_to_date

_CHUNK: Final = 100


@dataclass(frozen=True)
class Turned:
    """Some people whose certificates turned between two days, and objects with a class that began between them.

    With the `last` of them the day is done.
    """

    before: date
    day: date
    people: Sequence[UUID]
    objects: Sequence[UUID]
    last: bool


def claim(session: Session) -> list[Turned]:
    """Find whose certificates and classes turned since the day that was looked at last, until all are told."""
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
    rated = select(RiskClass.object_id).where(RiskClass.since > done.day, RiskClass.since <= today).distinct()
    objects = session.scalars(rated.order_by(RiskClass.object_id)).all()
    starts = range(0, max(len(people), len(objects), 1), _CHUNK)
    return [
        Turned(
            done.day,
            today,
            people[start : start + _CHUNK],
            objects[start : start + _CHUNK],
            start == starts[-1],
        )
        for start in starts
    ]


def perform(_work: Turned) -> None:
    """Nothing is slow here."""


def settle(session: Session, work: Turned, _outcome: None) -> None:
    """Say of each that a certificate or a class turned, unless another worker has told all already."""
    done = session.get_one(CertificateDay, 1, with_for_update=True, populate_existing=True)
    if done.day != work.before:
        return
    for person_id in work.people:
        audit.append(
            session, SYSTEM, "certificate.turned", ("person", person_id), {"day": work.day.isoformat()}
        )
    for object_id in work.objects:
        found = session.get_one(InspectedObject, object_id)
        if bring_up_to_date(session, found):
            feed.touch(session, "object", found.id)
            details = {"name": found.name, "risk_class": found.risk_class, "since": work.day.isoformat()}
            audit.append(session, SYSTEM, "object.changed", ("object", found.id), details)
    if work.last:
        done.day = work.day
