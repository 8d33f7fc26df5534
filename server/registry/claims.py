"""Claiming items (认领): which items of the unified list, and of its own, a bureau has in its list.

嘉兴市 2020: 市局对照全省统一清单认领本级事项，形成本级抽查事项清单.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require
from server.problems import ItemNotFound
from server.registry.item_drafts import ClaimDraft
from server.registry.item_list import items_for
from server.registry.models import InspectionItem, ItemClaim


def claim_items(
    session: Session, actor: Actor, codes: Collection[str], draft: ClaimDraft, on: date
) -> list[ItemClaim]:
    """Claim items into the list of the actor's bureau since a day; of those claimed already the wording changes.

    ItemNotFound for an item that is neither the bureau's own nor of a level above it.
    """
    require(actor, Permission.LIST_WRITE)
    offered = {item.code for item in session.scalars(items_for(actor.region))}
    if missing := sorted(set(codes) - offered):
        raise ItemNotFound("、".join(missing), ", ".join(missing))
    known = {claim.item_code: claim for claim in claims_of(session, actor, codes)}
    claims = []
    for code in sorted(set(codes)):
        claim = known.get(code) or ItemClaim(
            organisation_id=actor.organisation_id, region=actor.region, item_code=code, claimed_on=on
        )
        if claim.ended_on is not None:
            claim.claimed_on, claim.ended_on = on, None
        for name, value in asdict(draft).items():
            setattr(claim, name, value)
        session.add(claim)
        session.flush()
        audit.append(
            session,
            actor,
            "item.claimed",
            ("item", code),
            {"organisation": str(actor.organisation_id), "since": claim.claimed_on.isoformat()}
            | {name: value for name, value in asdict(draft).items() if value},
        )
        claims.append(claim)
    return claims


def release_item(session: Session, actor: Actor, code: str, last_day: date) -> ItemClaim:
    """Take an item out of the bureau's list after a day; published versions keep it."""
    require(actor, Permission.LIST_WRITE)
    claims = [claim for claim in claims_of(session, actor, [code]) if claim.ended_on is None]
    if not claims:
        raise ItemNotFound(code)
    claim = claims[0]
    claim.ended_on = last_day
    session.flush()
    details = {"organisation": str(actor.organisation_id), "last_day": last_day.isoformat()}
    audit.append(session, actor, "item.released", ("item", code), details)
    return claim


def claims_of(session: Session, actor: Actor, codes: Collection[str] | None = None) -> list[ItemClaim]:
    """Return what the actor's bureau has claimed, also what has ended: all, or of some codes."""
    query = select(ItemClaim).where(ItemClaim.organisation_id == actor.organisation_id)
    if codes is not None:
        query = query.where(ItemClaim.item_code.in_(codes))
    return list(session.scalars(query.order_by(ItemClaim.item_code)))


def claimed_items(actor: Actor, on: date) -> Select[InspectionItem, ItemClaim]:
    """Select the items that the actor's bureau has in its list on a day, with its claims, by code."""
    return (
        select(InspectionItem, ItemClaim)
        .join(ItemClaim, ItemClaim.item_code == InspectionItem.code)
        .where(
            ItemClaim.organisation_id == actor.organisation_id,
            ItemClaim.claimed_on <= on,
            (ItemClaim.ended_on.is_(None)) | (ItemClaim.ended_on >= on),
        )
        .order_by(InspectionItem.code)
    )


def unclaimed_items(session: Session, actor: Actor, on: date) -> list[InspectionItem]:
    """Return the items that the actor's bureau could have in its list on a day and has not.

    许昌市: 属于本级权力的应纳尽纳，不属于本级的梳理后上报备案: what is left here is either claimed, or reported.
    """
    require(actor, Permission.LIST_READ)
    listed = {item.code for item, _ in session.execute(claimed_items(actor, on))}
    offered = session.scalars(items_for(actor.region))
    return [item for item in offered if item.in_force(on) and item.code not in listed]
