"""What somebody looks for among the results, out of one field and some filters."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Organisation, Region
from server.problems import DisclosureNotFound
from server.publicity.models import Disclosure, Outcome
from server.publicity.searching import Question
from server.registry.models import InspectionItem

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.NO_PROBLEM: "No problem found",
    Outcome.PROBLEM: "Problem found",
    Outcome.OTHER: "Other result",
}
# A credit code has 18 characters and begins with digits or two; its first eight name authority and place.
_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY][0-9A-HJ-NPQRTUWXY]\d{6}[0-9A-HJ-NPQRTUWXY]{0,10}")


@dataclass(frozen=True)
class Filters:
    """What can be chosen from: matters and regions by code."""

    items: Sequence[tuple[str, str]]
    regions: Sequence[tuple[str, str]]


def question_of(asked: Mapping[str, Any]) -> Question:
    """Understand what was typed: a credit code or its beginning (eight characters at least), else a name's beginning."""
    typed = str(asked.get("q", ""))
    code = "".join(typed.upper().split())
    is_code = bool(_CODE.fullmatch(code))
    return Question(
        name=typed if typed and not is_code else None,
        code_begins=code if is_code else None,
        region=asked.get("region"),
        item=asked.get("item"),
        outcome=asked.get("outcome"),
        first=asked.get("first"),
        last=asked.get("last"),
    )


def filters(session: Session) -> Filters:
    """Return what results can be filtered by: every matter, and the regions that have a bureau."""
    items = session.execute(
        select(InspectionItem.code, InspectionItem.name).order_by(InspectionItem.code).limit(500)
    )
    regions = session.execute(
        select(Region.code, Region.name)
        .where(Region.code.in_(select(Organisation.region)))
        .order_by(Region.code)
        .limit(500)
    )
    return Filters([(row[0], row[1]) for row in items], [(row[0], row[1]) for row in regions])


def about_object(rows: Sequence[Disclosure]) -> Mapping[str, Any]:
    """Say whose results these are, as the newest that is public says it; nothing where none is public any more."""
    if not rows:
        raise DisclosureNotFound()
    return next((each.body for each in rows if each.state == "public"), {})


def objects_of(rows: Sequence[Disclosure]) -> dict[str, UUID]:
    """Name for each disclosure the object whose page shows all of them."""
    return {str(each.id): each.object_id for each in rows}
