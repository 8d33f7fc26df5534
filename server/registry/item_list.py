"""The item list (抽查事项清单) in the database: which texts of plans mean which item, and which form."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.registry.items import STANDARD_ITEMS, spelling, spellings
from server.registry.models import InspectionItem


def items(session: Session) -> list[InspectionItem]:
    """Return the item list (抽查事项清单)."""
    return list(session.scalars(select(InspectionItem).order_by(InspectionItem.code)))


def codes_by_text(session: Session, texts: Iterable[str]) -> dict[str, str]:
    """Return for each text of a plan that means an item its code; texts that mean none are left out."""
    codes = {each: item.code for item in items(session) for each in spellings(item.name, item.aliases)}
    return {text: codes[spelling(text)] for text in texts if spelling(text) in codes}


def item_codes(session: Session, texts: Collection[str]) -> list[str]:
    """Return the codes of the items that a plan's texts mean, in their order; unknown texts give none."""
    codes = codes_by_text(session, texts)
    return list(dict.fromkeys(codes[text] for text in texts if text in codes))


def forms_of(session: Session, codes: Collection[str]) -> list[str]:
    """Return the forms that items are inspected with, each once, in the order of the codes."""
    forms = {item.code: item.form_id for item in items(session)}
    return list(dict.fromkeys(forms[code] for code in codes if code in forms))


def enter_standard_items(session: Session, actor: audit.Acting) -> None:
    """Enter the items that the shipped forms inspect, where they are missing. Idempotent."""
    known = {item.code for item in items(session)}
    for item in STANDARD_ITEMS:
        if item.code in known:
            continue
        session.add(
            InspectionItem(
                code=item.code,
                name=item.name,
                form_id=item.form_id,
                basis=item.basis,
                content=item.content,
                aliases=list(item.aliases),
            )
        )
        session.flush()
        audit.append(session, actor, "item.added", ("item", item.code), {"name": item.name})
