"""What the public reads: by enterprise, one by one with what it was before, and in bulk in the order of change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server import clock
from server.access import walked_in
from server.db import Json
from server.problems import DisclosureNotFound
from server.publicity.models import PUBLISHED, Disclosure, DisclosureState, Outcome
from server.publicity.rules import Reason
from server.results.models import ObjectionState

SETTLED = timedelta(minutes=1)
"""Bulk files end where this began: what is committed later can't stand before what was read already."""

_FOUND_BY = ("task_no", "organisation", "object_name", "uscc", "item_code", "item_name", "inspected_on")
_OBJECTIONS = {
    ObjectionState.FILED.value: "异议处理中",
    ObjectionState.UPHELD.value: "异议成立，待更正",
}

_HERE = (Disclosure.published_at.is_not(None), Disclosure.state != DisclosureState.ELSEWHERE.value)
"""What is or was public on our own portal."""


@dataclass(frozen=True)
class Question:
    """Whose results: of an enterprise by the beginning of its name or by its code, of a region, an item, a time.

    `code_begins` asks for every code that begins so; `first` and `last` are days of inspection, and both count.
    """

    name: str | None = None
    code: str | None = None
    region: str | None = None
    code_begins: str | None = None
    item: str | None = None
    outcome: Outcome | None = None
    first: date | None = None
    last: date | None = None


def name_key(name: str) -> str:
    """Write a name so that it sorts and is found by its beginning alike in every database: UTF-8 in hexadecimal."""
    return "".join(name.split()).encode().hex()


def public_results(question: Question) -> Select[Disclosure]:
    """Select what is public now and answers a question; see `order_of` for the order that an index serves."""
    query = select(Disclosure).where(Disclosure.state == DisclosureState.PUBLIC.value)
    if question.code:
        query = query.where(Disclosure.uscc == question.code)
    if question.code_begins:
        query = query.where(
            Disclosure.uscc >= question.code_begins, Disclosure.uscc < question.code_begins + "~"
        )
    if question.name:
        first = name_key(question.name)
        query = query.where(Disclosure.name_key >= first, Disclosure.name_key < first + "g")
    if question.region:
        query = query.where(walked_in(question.region, Disclosure.region))
    for column, value in ((Disclosure.item_code, question.item), (Disclosure.outcome, question.outcome)):
        query = query.where(column == value) if value else query
    query = query.where(Disclosure.inspected_on >= question.first) if question.first else query
    return query.where(Disclosure.inspected_on <= question.last) if question.last else query


def order_of(question: Question) -> tuple[tuple[InstrumentedAttribute[Any], ...], bool]:
    """Say which columns a question's answers are paged by, and whether downwards: the newest first where none is named."""
    if question.code_begins:
        return (Disclosure.uscc, Disclosure.name_key, Disclosure.id), False
    if question.name or question.code:
        return (Disclosure.name_key, Disclosure.id), False
    return (Disclosure.inspected_on, Disclosure.id), True


def results_of_object(object_id: UUID) -> Select[Disclosure]:
    """Select all that is or was public of an object; read it the newest first, by day and id."""
    return select(Disclosure).where(Disclosure.object_id == object_id, *_HERE)


def changed_results() -> Select[Disclosure]:
    """Select everything that ever was public, to be read in the order in which it changed; see `SETTLED`."""
    return select(Disclosure).where(*_HERE, Disclosure.changed_at <= clock.now() - SETTLED)


def find_public(session: Session, disclosure_id: UUID) -> tuple[Disclosure, Sequence[Disclosure]]:
    """Return a disclosure that is or was public, and all that were public of its result, the first first."""
    found = session.get(Disclosure, disclosure_id)
    if found is None or found.published_at is None or found.state == DisclosureState.ELSEWHERE:
        raise DisclosureNotFound()
    query = select(Disclosure).where(Disclosure.result_id == found.result_id, *_HERE)
    return found, session.scalars(query.order_by(Disclosure.version)).all()


def as_public(disclosure: Disclosure) -> Json:
    """Write a disclosure for the public: what it says while it stands; after that only that it was, and why it ended."""
    since, stands = disclosure.published_at, disclosure.state in PUBLISHED
    told: Json = {
        "id": str(disclosure.id),
        "state": DisclosureState.PUBLIC.value if stands else disclosure.state,
        "published_at": clock.iso(since) if since else None,
        "changed_at": clock.iso(disclosure.changed_at),
    }
    if stands:
        objection = _OBJECTIONS[disclosure.objection] if disclosure.objection else None
        closed_on = disclosure.closed_on.isoformat() if disclosure.closed_on else None
        return {**told, **disclosure.body, "closed_on": closed_on, "objection": objection, "reason": None}
    reason = Reason(disclosure.reason) if disclosure.reason else Reason.CORRECTED
    return {**told, "version": disclosure.version, "reason": {"zh": reason.chinese, "en": reason.english}}


def as_sent(disclosure: Disclosure) -> Json:
    """Write a disclosure for a place that takes files; of what it has to take back, what it finds it by, too."""
    told = as_public(disclosure)
    return {**{name: disclosure.body[name] for name in _FOUND_BY}, **told}
