"""The item list (抽查事项清单) in the database: which texts of plans mean which item, and which form."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.registry.items import STANDARD_ITEMS, spelling, spellings
from server.registry.lists import enter_list
from server.registry.models import InspectionItem


def items(session: Session) -> list[InspectionItem]:
    """Return the item list (抽查事项清单)."""
    return list(session.scalars(select(InspectionItem).order_by(InspectionItem.code)))


def codes_by_text(session: Session, texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return for each text of a plan that means items their codes; texts that mean none are left out.

    A plan may write two items as one text: "估价机构备案报告质量、相关经营行为".
    """
    codes: dict[str, list[str]] = {}
    for item in items(session):
        for each in spellings(item.name, item.aliases):
            codes.setdefault(each, []).append(item.code)
    return {text: tuple(codes[spelling(text)]) for text in texts if spelling(text) in codes}


def forms_by_item(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return for each item the form that it is inspected with, in the order of the codes."""
    forms = {item.code: item.form_id for item in items(session)}
    return {code: forms[code] for code in codes if code in forms}


def enter_standard_items(session: Session, actor: audit.Acting) -> None:
    """Enter the items that the shipped forms inspect, where they are missing, and offer the list. Idempotent."""
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
