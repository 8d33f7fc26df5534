"""Keeping the lists and libraries up to date: every month, and all of them by the end of April.

许昌市: 两库按月动态管理. 承德市 2023: 4 月底前完成两库调整并网上公示. A bureau may set its own day in its rules:
`{"libraries": {"monthly": true, "april": "04-30"}}`.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require, within
from server.accounts.lateness import too_late
from server.accounts.models import Organisation, Person
from server.audit import AuditEntry
from server.db import Json
from server.problems import MonthConfirmed, MonthNotFound, MonthNotYet
from server.registry.claims import claimed_items
from server.registry.experts import experts_within
from server.registry.libraries import KEEPINGS
from server.registry.library_changes import LibraryChange, changes_between, count_changes
from server.registry.list_versions import published_versions
from server.registry.models import (
    InspectedObject,
    InspectorProfile,
    Library,
    LibraryMonth,
    ListKind,
    ListVersion,
)

_IN_APRIL = (Library.OBJECTS, Library.INSPECTORS)


def confirm_month(
    session: Session, actor: Actor, library: Library, month: str, note: str = ""
) -> LibraryMonth:
    """Confirm that the bureau's library is right as of a month ("2026-11"); what changed is counted with it.

    MonthNotYet for a month that has not begun, MonthConfirmed for one that is confirmed.
    """
    require(actor, KEEPINGS[library].write)
    if month > f"{clock.today():%Y-%m}":
        raise MonthNotYet(month)
    own = select(LibraryMonth).where(
        LibraryMonth.organisation_id == actor.organisation_id, LibraryMonth.library == library.value
    )
    there = session.scalar(own.where(LibraryMonth.month == month))
    if there is not None:
        raise too_late(MonthConfirmed, there, "library-month", ["library.confirmed"], month=month)
    after = session.scalar(own.with_only_columns(func.max(LibraryMonth.until_seq))) or 0
    until, _ = audit.head(session)
    added, changed, removed = count_changes(changes_between(session, library, actor.region, after, until))
    confirmed = LibraryMonth(
        organisation_id=actor.organisation_id,
        region=actor.region,
        library=library.value,
        month=month,
        confirmed_by=actor.name,
        confirmed_at=clock.now(),
        after_seq=after,
        until_seq=until,
        entries=_count(session, actor, library),
        added=added,
        changed=changed,
        removed=removed,
        note=note,
    )
    session.add(confirmed)
    session.flush()
    details = {
        "library": library.value,
        "month": month,
        "added": added,
        "changed": changed,
        "removed": removed,
    }
    audit.append(session, actor, "library.confirmed", ("library-month", confirmed.id), details)
    return confirmed


def changes_of_month(
    session: Session, actor: Actor, confirmed_id: UUID, after: int, limit: int
) -> list[LibraryChange]:
    """Return the changes that a confirmation speaks for, behind a number of the audit log."""
    confirmed = session.get(LibraryMonth, confirmed_id)
    if confirmed is None:
        raise MonthNotFound()
    require(actor, Permission.LIST_READ, confirmed)
    changes: Iterator[LibraryChange] = changes_between(
        session,
        Library(confirmed.library),
        confirmed.region,
        max(after, confirmed.after_seq),
        confirmed.until_seq,
    )
    return list(islice(changes, limit))


def maintenance_of(session: Session, actor: Actor, year: int) -> Json:
    """Show how the bureau's libraries were kept in a year: each month of each library, and the end of April.

    Nothing is late from before the bureau began.
    """
    require(actor, Permission.LIST_READ)
    rules = session.get_one(Organisation, actor.organisation_id).rules.get("libraries", {})
    query = select(LibraryMonth).where(
        LibraryMonth.organisation_id == actor.organisation_id,
        LibraryMonth.month.between(f"{year}-01", f"{year}-12"),
    )
    confirmed = {(each.library, each.month): each for each in session.scalars(query)}
    months = [f"{year}-{number:02}" for number in range(1, 13)] if rules.get("monthly", True) else []
    began = _began(session, actor.organisation_id)
    libraries = [
        {
            "library": library.value,
            "months": [_month_view(month, began, confirmed.get((library.value, month))) for month in months],
        }
        for library in Library
    ]
    day = date.fromisoformat(f"{year}-{rules.get('april', '04-30')}")
    return {"year": year, "libraries": libraries, "april": _april_view(session, actor, day, began)}


def _began(session: Session, organisation_id: UUID) -> date:
    """Return the day on which a bureau was added here; of one that came with the installation, the day of the first fact."""
    facts = select(AuditEntry.at).order_by(AuditEntry.seq).limit(1)
    added = facts.where(
        AuditEntry.subject_kind == "organisation",
        AuditEntry.subject == str(organisation_id),
        AuditEntry.action == "organisation.added",
    )
    at = session.scalar(added) or session.scalar(facts)
    return clock.day_of(at) if at else clock.today()


def _month_view(month: str, began: date, confirmed: LibraryMonth | None) -> Json:
    now = f"{clock.today():%Y-%m}"
    if confirmed:
        state = "confirmed"
    elif month < f"{began:%Y-%m}":
        state = "before"
    else:
        state = "overdue" if month < now else "due" if month == now else "later"
    return {"month": month, "state": state, "confirmation": confirmed}


def _april_view(session: Session, actor: Actor, day: date, began: date) -> Json:
    """Say what of the spring's adjustment is done by its day: the list published, the two libraries confirmed."""
    first = datetime.combine(date(day.year, 1, 1), time.min, clock.CHINA)
    last = datetime.combine(day, time.max, clock.CHINA)
    published = published_versions(actor.organisation_id, ListKind.ITEMS).where(
        ListVersion.published_at.between(first, last)
    )
    listed = session.scalar(published.with_only_columns(func.min(ListVersion.published_at)))
    query = (
        select(LibraryMonth.library, func.min(LibraryMonth.confirmed_at))
        .where(
            LibraryMonth.organisation_id == actor.organisation_id,
            LibraryMonth.confirmed_at.between(first, last),
        )
        .group_by(LibraryMonth.library)
    )
    confirmed: dict[str, Any] = {row[0]: row[1] for row in session.execute(query)}
    done = {"items": listed} | {library.value: confirmed.get(library.value) for library in _IN_APRIL}
    is_met = all(done.values())
    state = "met" if is_met else "before" if began > day else "missed" if clock.today() > day else "open"
    return {"due_on": day, "state": state, "done": [{"library": key, "at": at} for key, at in done.items()]}


def _count(session: Session, actor: Actor, library: Library) -> int:
    """Count the entries of the bureau's library."""
    if library is Library.ITEMS:
        return len(session.execute(claimed_items(actor, clock.today())).all())
    query: Any = {
        Library.OBJECTS: select(InspectedObject.id).where(
            within(actor, InspectedObject.region), InspectedObject.active
        ),
        Library.INSPECTORS: select(InspectorProfile.person_id)
        .join(Person, Person.id == InspectorProfile.person_id)
        .where(within(actor, Person.region), Person.active),
        Library.EXPERTS: experts_within(actor),
    }[library]
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0
