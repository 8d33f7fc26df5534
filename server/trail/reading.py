"""Reading the log by who, what, when and where; every filter is served by an index, and nothing is counted.

Who may read: an entry belongs to the region of whoever did it. What the system did belongs to no region and is read by
those who have every bureau of the installation in their jurisdiction, and in the life of a thing that one may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, found_within, require, walked_in, walked_within, within
from server.accounts import devices
from server.accounts.models import Organisation
from server.accounts.people import find_person
from server.audit import AuditEntry
from server.db import Json
from server.trail import naming, words

#: Members of details that no reader needs and that might open something.
_KEPT_BACK = frozenset({"sealed_key", "code", "token", "password"})


@dataclass(frozen=True)
class Asked:
    """Which entries; None: all. `first` and `last` are days of the bureau's time zone, both included.

    `kind` tells things of one id apart and is nothing without `subject`.
    """

    actor: str | None = None
    kind: str | None = None
    subject: str | None = None
    action: str | None = None
    first: date | None = None
    last: date | None = None
    region: str | None = None


def entries_for(session: Session, actor: Actor, asked: Asked, zone: tzinfo) -> Select[AuditEntry]:
    """Select the entries that an actor may read, to be read by number."""
    require(actor, Permission.AUDIT_READ)
    query = select(AuditEntry)
    if not _governs_all(session, actor):
        is_found = asked.actor or asked.subject
        query = query.where((found_within if is_found else walked_within)(actor, AuditEntry.region))
    if asked.region:
        query = query.where(walked_in(asked.region, AuditEntry.region))
    if asked.actor:
        query = query.where(AuditEntry.actor == asked.actor)
    if asked.subject:
        # The index begins with the kind: all of them are named where none is asked for.
        kinds = [asked.kind] if asked.kind else sorted(words.NOUNS)
        query = query.where(AuditEntry.subject_kind.in_(kinds), AuditEntry.subject == asked.subject)
    if asked.action:
        query = query.where(AuditEntry.action == asked.action)
    if asked.first:
        query = query.where(AuditEntry.seq > _number_before(session, asked.first, zone))
    if asked.last:
        query = query.where(AuditEntry.seq <= _number_before(session, asked.last + timedelta(days=1), zone))
    return query


def history_of_person(session: Session, actor: Actor, person_id: UUID) -> Sequence[AuditEntry]:
    """Give what was done to an account and its sign-ins, the newest first, at most two hundred.

    For who looks after the account, or reads the log of its region.
    """
    wanted = Permission.PERSON_MANAGE if actor.may(Permission.PERSON_MANAGE) else Permission.AUDIT_READ
    person = find_person(session, actor, person_id, wanted)
    return _history(session, "person", person.id)


def history_of_device(session: Session, actor: Actor, device_id: UUID) -> Sequence[AuditEntry]:
    """Give what was done to a phone and its keys, the newest first, at most two hundred, for who may read of its keys."""
    devices.require_holders(session, actor, device_id)
    return _history(session, "device", device_id)


def as_lines(session: Session, entries: Sequence[AuditEntry]) -> list[Json]:
    """Write entries in words, with the names of their actors and things."""
    names = naming.names_of(session, entries)
    people = naming.people_named(session, {entry.actor for entry in entries})
    return [_line(entry, names, people) for entry in entries]


def _line(entry: AuditEntry, names: dict[tuple[str, str], str], people: dict[str, str]) -> Json:
    chinese, english = words.told(entry.action)
    kind, kind_en = words.kind(entry.subject_kind)
    return {
        "id": str(entry.seq),
        "seq": entry.seq,
        "at": clock.iso(entry.at),
        "actor": entry.actor,
        "actor_name": people.get(entry.actor, "系统" if entry.actor == "system" else entry.actor),
        "action": entry.action,
        "told": chinese,
        "told_en": english,
        "kind": entry.subject_kind,
        "kind_name": kind,
        "kind_name_en": kind_en,
        "subject": entry.subject,
        "name": names.get((entry.subject_kind, entry.subject), ""),
        "region": entry.region,
        "hash": entry.hash,
        "members": members_of(entry.details),
    }


def members_of(details: Json) -> list[Json]:
    """Write details as rows: what, before where it is known, and now. Secrets and what might open something stay back."""
    before = details.get("before")
    if set(details) >= {"from", "to"}:
        rest = {name: value for name, value in details.items() if name not in {"from", "to"}}
        return [_member("state", details["to"], details["from"], known=True), *members_of(rest)]
    if set(details) >= {"before", "now"} and not isinstance(before, dict):
        return [_member("state", details["now"], before, known=True)]
    was: dict[str, Any] = before if isinstance(before, dict) else {}
    if set(details) == {"before", "now"} and isinstance(details["now"], dict):
        now = details["now"]
        return [_member(name, now.get(name), was.get(name), known=True) for name in sorted({*was, *now})]
    return [
        _member(name, value, was.get(name), known=name in was)
        for name, value in details.items()
        if name not in _KEPT_BACK and not (name == "before" and was)
    ]


def _member(name: str, now: Any, before: Any, *, known: bool) -> Json:
    chinese, english = words.field(name)
    row: Json = {"member": name, "name": chinese, "name_en": english, "now": now}
    return row | {"before": before} if known else row


def _history(session: Session, kind: str, thing: UUID) -> Sequence[AuditEntry]:
    about = (AuditEntry.subject_kind == kind, AuditEntry.subject == str(thing))
    return session.scalars(select(AuditEntry).where(*about).order_by(AuditEntry.seq.desc()).limit(200)).all()


def _governs_all(session: Session, actor: Actor) -> bool:
    outside = select(Organisation.id).where(~within(actor, Organisation.region)).limit(1)
    return session.scalar(outside) is None


def _number_before(session: Session, day: date, zone: tzinfo) -> int:
    begins = datetime.combine(day, time(), zone).astimezone(UTC) - timedelta(microseconds=1)
    return audit.number_at(session, begins)
