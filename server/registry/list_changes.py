"""What changed between two versions of a bureau's list: entries that came, went, and read otherwise."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session, undefer

from server.access import Actor
from server.db import Json
from server.problems import ListVersionNotFound
from server.registry.list_versions import versions_within
from server.registry.models import ListVersion


@dataclass(frozen=True)
class ElementChange:
    """One element of an entry, before and after."""

    element: str
    before: Any
    after: Any


@dataclass(frozen=True)
class EntryChange:
    """An entry that was added, removed or changed."""

    change: str
    name: str
    elements: tuple[ElementChange, ...] = ()


def changes_of_version(
    session: Session, actor: Actor, version_id: UUID, against_id: UUID | None = None
) -> list[EntryChange]:
    """Tell what is different in a version, against another one or the one before it; by name.

    Of the first version everything is new. ListVersionNotFound.
    """
    version = _find(session, actor, version_id)
    before = _find(session, actor, against_id) if against_id else _before(session, actor, version)
    old, new = (_entries(each) if each else {} for each in (before, version))
    return [
        *(EntryChange("added", new[name]["name"]) for name in sorted(new.keys() - old.keys())),
        *(EntryChange("removed", old[name]["name"]) for name in sorted(old.keys() - new.keys())),
        *(
            EntryChange("changed", new[name]["name"], changed)
            for name in sorted(new.keys() & old.keys())
            if (changed := _elements(old[name], new[name]))
        ),
    ]


def _find(session: Session, actor: Actor, version_id: UUID) -> ListVersion:
    query = versions_within(actor).where(ListVersion.id == version_id)
    version = session.scalar(query.options(undefer(ListVersion.data)))
    if version is None:
        raise ListVersionNotFound()
    return version


def _before(session: Session, actor: Actor, version: ListVersion) -> ListVersion | None:
    query = (
        versions_within(actor)
        .where(
            ListVersion.organisation_id == version.organisation_id,
            ListVersion.kind == version.kind,
            ListVersion.number < version.number,
            ListVersion.published_at.is_not(None),
        )
        .order_by(ListVersion.number.desc())
    )
    return session.scalar(query.limit(1).options(undefer(ListVersion.data)))


def _entries(version: ListVersion) -> dict[str, Json]:
    """Return the entries by what tells them apart: items by code, responsibilities by name."""
    return {entry.get("code") or entry["name"]: entry for entry in json.loads(version.data)["entries"]}


def _elements(old: Json, new: Json) -> tuple[ElementChange, ...]:
    names = sorted((old.keys() | new.keys()) - {"id"})
    return tuple(
        ElementChange(each, old.get(each), new.get(each)) for each in names if old.get(each) != new.get(each)
    )
