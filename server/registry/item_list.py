"""The items (抽查事项) in the database: which texts of plans mean which item, which form, and what each says.

The unified list of a province and a bureau's own items stand in one table, told apart by their region; a bureau's own
list is what it has claimed of them (`server.registry.claims`), as it published it (`server.registry.list_versions`).
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, region_bounds, require
from server.db import Json
from server.problems import ItemNameTaken, ItemNotFound, ItemNotOwn
from server.registry.drafts import said_of
from server.registry.item_drafts import ItemDraft
from server.registry.items import STANDARD_ITEMS
from server.registry.lists import enter_list
from server.registry.models import InspectionItem
from server.registry.spellings import spelling, spellings

NATION: Final = "000000"
"""The region of the items that ship."""


def items(session: Session) -> list[InspectionItem]:
    """Return every item, by code."""
    return list(session.scalars(select(InspectionItem).order_by(InspectionItem.code)))


def items_for(region: str) -> Select[InspectionItem]:
    """Select the items that a bureau of a region may claim: its own and those of every level above it."""
    levels = {NATION, region[:2] + "0000", region[:4] + "00", region}
    return select(InspectionItem).where(InspectionItem.region.in_(levels)).order_by(InspectionItem.code)


def codes_by_text(session: Session, texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return for each text of a plan that means items their codes; texts that mean none are left out.

    A plan may write two items as one text: "估价机构备案报告质量、相关经营行为".
    """
    codes: dict[str, list[str]] = {}
    for item in items(session):
        for each in spellings(item.name, item.aliases):
            codes.setdefault(each, []).append(item.code)
    return {text: tuple(codes[spelling(text)]) for text in texts if spelling(text) in codes}


def codes_by_spelling(session: Session) -> dict[str, str]:
    """Return the code of each item by every spelling that means this item alone, and by the code itself."""
    codes: dict[str, set[str]] = {}
    for item in items(session):
        for each in {*spellings(item.name, item.aliases), item.code}:
            codes.setdefault(each, set()).add(item.code)
    return {text: min(meant) for text, meant in codes.items() if len(meant) == 1}


def forms_by_item(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return for each item the form that it is inspected with, in the order of the codes; none without a form."""
    forms = {item.code: item.form_id for item in items(session)}
    return {code: forms[code] for code in codes if forms.get(code)}


def enter_item(session: Session, actor: Actor, draft: ItemDraft) -> tuple[InspectionItem, bool]:
    """Enter an item, or bring the one of the same code up to date; tells whether it is new.

    A new item belongs to the actor's region. A province may adjust an item that ships, which is then its own; any
    other item is adjusted where it belongs (ItemNotOwn). Call `offer_items` when all are entered.
    """
    require(actor, Permission.LIST_WRITE)
    item = session.get(InspectionItem, draft.code)
    taken = select(InspectionItem.code).where(
        InspectionItem.name == draft.name, InspectionItem.code != draft.code
    )
    if session.scalar(taken) is not None:
        raise ItemNameTaken(draft.name)
    is_new = item is None
    if item is None:
        item = InspectionItem(code=draft.code)
    elif not _may_adjust(actor, item):
        raise ItemNotOwn(item.name)
    before = item_as_json(item) if not is_new else None
    if is_new or item.region == NATION:
        item.region = actor.region
    fill_item(item, draft, is_new=is_new)
    session.add(item)
    session.flush()
    after = item_as_json(item)
    if before != after:
        changed = {name: after[name] for name in after if before is None or before[name] != after[name]}
        action = "item.added" if is_new else "item.changed"
        audit.append(session, actor, action, ("item", item.code), {"name": item.name, "changed": changed})
    return item, is_new


def check_codes(session: Session, codes: Collection[str]) -> None:
    """Refuse codes that are no items: ItemNotFound names them."""
    if not codes:
        return
    known = set(session.scalars(select(InspectionItem.code).where(InspectionItem.code.in_(codes))))
    if missing := sorted(set(codes) - known):
        raise ItemNotFound("、".join(missing), ", ".join(missing))


def find_item(session: Session, code: str) -> InspectionItem:
    """Return an item."""
    item = session.get(InspectionItem, code)
    if item is None:
        raise ItemNotFound(code)
    return item


def fill_item(item: InspectionItem, draft: ItemDraft, *, is_new: bool) -> None:
    """Write a draft into an item."""
    for name, value in said_of(draft, is_new=is_new).items():
        setattr(item, name, value)


def item_as_json(item: InspectionItem) -> Json:
    """Write an item with all elements of the list."""
    plain = (
        "code name form_id basis content aliases region category sub_item matter_no subject object_scope"
        " object_kinds standard modes kind ratio frequency inspector_requirement section lead_department"
        " departments remark"
    )
    days = ("valid_from", "valid_to", "basis_from", "basis_to")
    return {
        **{name: getattr(item, name) for name in plain.split()},
        **{name: day.isoformat() if (day := getattr(item, name)) else None for name in days},
    }


def enter_standard_items(session: Session, actor: audit.Acting) -> None:
    """Enter the items that the shipped forms inspect, where they are missing, and offer the list. Idempotent."""
    known = {item.code for item in items(session)}
    for standard in STANDARD_ITEMS:
        if standard.code in known:
            continue
        item = InspectionItem(code=standard.code, region=NATION)
        fill_item(item, ItemDraft(**asdict(standard)), is_new=True)
        session.add(item)
        session.flush()
        audit.append(session, actor, "item.added", ("item", item.code), {"name": item.name})
    offer_items(session, actor)


def offer_items(session: Session, actor: audit.Acting) -> None:
    """Offer the items to phones as they are now; nothing happens when they are as before."""
    enter_list(
        session,
        actor,
        "items",
        ("抽查事项清单", "Inspection items"),
        (
            {name: getattr(item, name) for name in ("code", "name", "form_id", "basis", "content")}
            for item in items(session)
        ),
    )


def _may_adjust(actor: Actor, item: InspectionItem) -> bool:
    first, last = region_bounds(actor.region)
    if item.region == NATION:
        return actor.region.endswith("0000")
    return first <= item.region <= last
