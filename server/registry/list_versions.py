"""Versions of a bureau's lists: prepared, approved by somebody else, published; what stood on a day can be asked for.

A version's bytes never change. They hold the hash of the version published before it, so that versions can neither
be exchanged nor left out unnoticed. 动态调整: every adjustment is a version, with its reason.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, func, select
from sqlalchemy.orm import Session, undefer

from server import audit, clock
from server.access import Actor, Permission, require, within
from server.accounts.models import Organisation
from server.db import Json, canonical_json
from server.problems import (
    ListVersionEmpty,
    ListVersionNotFound,
    ListVersionOwnApproval,
    ListVersionState,
    ListVersionTooEarly,
)
from server.registry.claims import claimed_items
from server.registry.item_drafts import VersionDraft
from server.registry.item_list import item_as_json
from server.registry.models import InspectionItem, ItemClaim, ListKind, ListState, ListVersion
from server.registry.responsibilities import responsibilities_of, responsibility_as_json

_OWN_WORDS = ("subject", "section", "ratio", "frequency", "remark")


def prepare_version(session: Session, actor: Actor, kind: ListKind, draft: VersionDraft) -> ListVersion:
    """Write down the bureau's list as it will stand on a day. One that was not published yet is replaced.

    Items that are not in force on that day are left out.
    """
    require(actor, Permission.LIST_WRITE)
    former = _newest_published(session, actor.organisation_id, kind)
    if former is not None and draft.effective_on < former.effective_on:
        raise ListVersionTooEarly(former.effective_on.isoformat())
    entries = _entries(session, actor, kind, draft.effective_on)
    if not entries:
        raise ListVersionEmpty()
    session.execute(
        delete(ListVersion).where(
            ListVersion.organisation_id == actor.organisation_id,
            ListVersion.kind == kind.value,
            ListVersion.state != ListState.PUBLISHED.value,
        )
    )
    number = former.number + 1 if former else 1
    bureau = session.get_one(Organisation, actor.organisation_id)
    data = canonical_json(
        {
            "list": kind.value,
            "organisation": bureau.name,
            "region": bureau.region,
            "number": number,
            "effective_on": draft.effective_on.isoformat(),
            "reason": draft.reason,
            "previous": former.sha256 if former else None,
            "entries": entries,
        }
    )
    version = ListVersion(
        organisation_id=actor.organisation_id,
        region=actor.region,
        kind=kind.value,
        number=number,
        effective_on=draft.effective_on,
        reason=draft.reason,
        count=len(entries),
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
        prepared_at=clock.now(),
        prepared_by=actor.person_id,
    )
    session.add(version)
    session.flush()
    _note(session, actor, "list-version.prepared", version)
    return version


def approve_version(
    session: Session, actor: Actor, version_id: UUID, *, office: str = "", approval_no: str = ""
) -> ListVersion:
    """Approve a version as it stands; not by who prepared it. `office`: who decided, where that is another one."""
    version = _to_change(session, actor, version_id, Permission.LIST_APPROVE, ListState.PREPARED)
    if version.prepared_by == actor.person_id:
        raise ListVersionOwnApproval()
    version.state, version.approved_at = ListState.APPROVED.value, clock.now()
    # Everybody reads who approved: an office, never a person. The person stands in the audit log.
    own = session.get_one(Organisation, actor.organisation_id)
    version.approved_by, version.approval_no = office or own.name, approval_no or None
    session.flush()
    _note(session, actor, "list-version.approved", version)
    return version


def publish_version(session: Session, actor: Actor, version_id: UUID) -> ListVersion:
    """Publish an approved version: everybody can read it, and from its day on it is the list."""
    version = _to_change(session, actor, version_id, Permission.LIST_PUBLISH, ListState.APPROVED)
    version.state, version.published_at = ListState.PUBLISHED.value, clock.now()
    session.flush()
    _note(session, actor, "list-version.published", version)
    return version


def versions_within(actor: Actor) -> Select[ListVersion]:
    """Select the versions of the jurisdiction's lists, whatever their state."""
    require(actor, Permission.LIST_READ)
    return select(ListVersion).where(within(actor, ListVersion.region))


def published_versions(
    organisation_id: UUID | None = None, kind: ListKind | None = None, on: date | None = None
) -> Select[ListVersion]:
    """Select published versions for everybody: of a bureau, of a kind, or those that held on a day."""
    query = select(ListVersion).where(ListVersion.published_at.is_not(None))
    if organisation_id:
        query = query.where(ListVersion.organisation_id == organisation_id)
    if kind:
        query = query.where(ListVersion.kind == kind.value)
    if on:
        newest = (
            select(
                func.max(ListVersion.number).label("number"), ListVersion.organisation_id, ListVersion.kind
            )
            .where(ListVersion.published_at.is_not(None), ListVersion.effective_on <= on)
            .group_by(ListVersion.organisation_id, ListVersion.kind)
            .subquery()
        )
        query = query.join(
            newest,
            (newest.c.number == ListVersion.number)
            & (newest.c.organisation_id == ListVersion.organisation_id)
            & (newest.c.kind == ListVersion.kind),
        )
    return query


def published_bytes(session: Session, sha256: str) -> bytes:
    """Return a published version by its hash (hex), byte for byte."""
    data = session.scalar(
        select(ListVersion.data)
        .where(ListVersion.sha256 == sha256, ListVersion.published_at.is_not(None))
        .limit(1)
    )
    if data is None:
        raise ListVersionNotFound()
    return data


def list_on(
    session: Session, organisation_id: UUID, on: date, kind: ListKind = ListKind.ITEMS
) -> ListVersion | None:
    """Return the version of a bureau's list that held on a day; None before the first one."""
    query = published_versions(organisation_id, kind).where(ListVersion.effective_on <= on)
    return session.scalar(
        query.order_by(ListVersion.number.desc()).limit(1).options(undefer(ListVersion.data))
    )


_VERSION = ListVersion.__table__.c
_PUBLISHED_ITEMS = (
    select(_VERSION.organisation_id, _VERSION.sha256)
    .where(
        _VERSION.organisation_id.in_(bindparam("ids", expanding=True)),
        _VERSION.kind == ListKind.ITEMS.value,
        _VERSION.published_at.is_not(None),
        _VERSION.effective_on <= bindparam("on"),
    )
    .order_by(_VERSION.number)  # the newest comes last and holds
)
_MOST_PARSED = 64
_parsed: dict[str, Sequence[Json]] = {}


def listed_items_of(
    session: Session, organisation_ids: Collection[UUID], on: date
) -> dict[UUID, dict[str, Json]]:
    """Return what bureaus' published lists say of each item on a day, by code; a bureau without a list is left out.

    Items whose own time or whose legal basis has run out since are left out: 清单之外无检查.
    """
    asked, day = {"ids": list(organisation_ids), "on": on}, on.isoformat()
    newest = {
        row.organisation_id: row.sha256 for row in session.connection().execute(_PUBLISHED_ITEMS, asked)
    }
    return {
        organisation_id: {
            entry["code"]: entry for entry in _entries_of(session, sha256) if _holds(entry, day)
        }
        for organisation_id, sha256 in newest.items()
    }


def _entries_of(session: Session, sha256: str) -> Sequence[Json]:
    """Return the entries of a published version to be read; what a hash names is parsed once in each process."""
    entries = _parsed.get(sha256)
    if entries is None:
        entries = json.loads(published_bytes(session, sha256))["entries"]
        if len(_parsed) >= _MOST_PARSED:
            _parsed.clear()
        _parsed[sha256] = entries
    return entries


def _holds(entry: Json, day: str) -> bool:
    return all(
        (entry[first] or "") <= day <= (entry[last] or "9999")
        for first, last in (("valid_from", "valid_to"), ("basis_from", "basis_to"))
    )


def _entries(session: Session, actor: Actor, kind: ListKind, on: date) -> list[Json]:
    if kind is ListKind.RESPONSIBILITIES:
        return [responsibility_as_json(line) for line in session.scalars(responsibilities_of(actor))]
    rows = session.execute(claimed_items(actor, on))
    return [_listed(item, claim, actor.region) for item, claim in rows if item.in_force(on)]


def _listed(item: InspectionItem, claim: ItemClaim, region: str) -> Json:
    """Write an item as a bureau lists it: its own words over those of the unified list."""
    own = {name: getattr(claim, name) for name in _OWN_WORDS if getattr(claim, name)}
    listed = item_as_json(item) | own
    del listed["aliases"], listed["region"]
    return listed | {"unified": item.region != region, "claimed_on": claim.claimed_on.isoformat()}


def _newest_published(session: Session, organisation_id: UUID, kind: ListKind) -> ListVersion | None:
    query = published_versions(organisation_id, kind)
    return session.scalar(query.order_by(ListVersion.number.desc()).limit(1))


def _to_change(
    session: Session, actor: Actor, version_id: UUID, permission: Permission, state: ListState
) -> ListVersion:
    version = session.get(ListVersion, version_id, with_for_update=True, populate_existing=True)
    if version is None:
        raise ListVersionNotFound()
    require(actor, permission, version)
    if version.state != state.value:
        raise ListVersionState(state=version.state)
    return version


def _note(session: Session, actor: Actor, action: str, version: ListVersion) -> None:
    details = {
        "kind": version.kind,
        "number": version.number,
        "sha256": version.sha256,
        "effective_on": version.effective_on.isoformat(),
        "reason": version.reason,
        "approved_by": version.approved_by,
    }
    audit.append(session, actor, action, ("list-version", version.id), details)
