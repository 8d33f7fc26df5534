"""Numbers of documents (文号), by a rule of the bureau: `Organisation.rules["documents"]`.

`{"prefix": "阳自然资", "numbers": {"notice": "{prefix}检通〔{year}〕{number}号"}, "texts": {"remedies": "…"}}`. Without a rule
of its own a kind is numbered `{prefix}{word}〔{year}〕{number}号`; `{number:03}` fills up with noughts. Numbers of a bureau, a
kind and a year have no gaps: one is taken in the transaction that issues the document.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.accounts.models import Organisation
from server.db import Json, is_postgresql
from server.documents.datasets import DATA_SETS
from server.documents.kinds import DocumentKind
from server.documents.models import DocumentCount
from server.problems import DocumentRulesWrong
from server.results.calendars import find_bureau

_USUAL: Final = "{prefix}{word}〔{year}〕{number}号"
_FIELD: Final = re.compile(r"\{(prefix|word|year|number)(:0[1-9])?\}")


@dataclass(frozen=True)
class NumberRule:
    """How a kind of document is numbered."""

    kind: DocumentKind
    prefix: str
    pattern: str

    def write(self, year: int, number: int) -> str:
        """Write a number, such as 阳自然资检通〔2026〕3号."""
        return self.pattern.format(prefix=self.prefix, word=self.kind.word, year=year, number=number)


def number_rule(rules: Mapping[str, Any], kind: DocumentKind) -> NumberRule:
    """Read how a bureau numbers a kind of document."""
    given = rules.get("documents") or {}
    numbers: Mapping[str, str] = given.get("numbers") or {}
    return NumberRule(kind, given.get("prefix") or "", numbers.get(kind.value) or _USUAL)


def next_number(session: Session, bureau: Organisation, kind: DocumentKind, year: int) -> tuple[int, str]:
    """Say which number comes next; it is not taken yet."""
    count = session.get(DocumentCount, (bureau.id, kind.value, year), populate_existing=True)
    following = (count.given if count else 0) + 1
    return following, number_rule(bureau.rules, kind).write(year, following)


def take_number(session: Session, bureau: UUID, kind: DocumentKind, year: int, wanted: int) -> bool:
    """Take a number in the transaction that issues the document; False where somebody else was quicker."""
    upsert = postgresql.insert if is_postgresql(session) else sqlite.insert
    row = {"organisation_id": bureau, "kind": kind.value, "year": year, "given": 0}
    session.execute(upsert(DocumentCount).values(row).on_conflict_do_nothing())
    query = select(DocumentCount).filter_by(organisation_id=bureau, kind=kind.value, year=year)
    count = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
    if count.given + 1 != wanted:
        return False
    count.given = wanted
    return True


def document_rules(session: Session, actor: Actor) -> Json:
    """Tell how the actor's bureau numbers its documents, what number comes next, and its own words by field."""
    require(actor, Permission.DOCUMENT_MANAGE)
    bureau = session.get_one(Organisation, actor.organisation_id)
    given, year = bureau.rules.get("documents") or {}, clock.today().year
    counts = select(DocumentCount.kind, DocumentCount.given).filter_by(organisation_id=bureau.id, year=year)
    so_far = {row.kind: row.given for row in session.execute(counts)}
    return {
        "organisation_id": bureau.id,
        "prefix": given.get("prefix") or "",
        "usual": _USUAL,
        "year": year,
        "kinds": [
            {
                "kind": kind.value,
                "title": kind.chinese,
                "word": kind.word,
                "pattern": (given.get("numbers") or {}).get(kind.value, ""),
                "next": so_far.get(kind.value, 0) + 1,
            }
            for kind in DocumentKind
        ],
        "texts": [
            {**told, "value": (given.get("texts") or {}).get(told["field"], "")} for told in _own_words()
        ],
    }


def _own_words() -> list[Json]:
    """List the fields that a person writes, each once, with the documents that have them."""
    found: dict[str, Json] = {}
    for kind, data in DATA_SETS.items():
        for each in data.entered_fields():
            told = found.setdefault(
                each["field"], {"field": each["field"], "label": each["label"], "titles": []}
            )
            told["titles"].append(kind.chinese)
    return list(found.values())


def set_document_rules(session: Session, actor: Actor, organisation_id: UUID, rules: Json) -> Organisation:
    """Set how a bureau numbers its documents and what it says in them; for what is issued from now on."""
    bureau = find_bureau(session, actor, organisation_id)
    require(actor, Permission.DOCUMENT_MANAGE, bureau)
    for kind, pattern in rules.get("numbers", {}).items():
        _check(kind, pattern)
    known = {each["field"] for data in DATA_SETS.values() for each in data.entered_fields()}
    unknown = sorted(rules.get("texts", {}).keys() - known)
    if unknown:
        raise DocumentRulesWrong(
            f"没有这些字段：{'、'.join(unknown)}", f"no such fields: {', '.join(unknown)}"
        )
    before = bureau.rules.get("documents")
    bureau.rules = {**bureau.rules, "documents": rules}
    session.flush()
    told = {"before": before, "now": rules}
    audit.append(session, actor, "organisation.documents-set", ("organisation", bureau.id), told)
    return bureau


def _check(kind: str, pattern: str) -> None:
    rest = _FIELD.sub("", pattern)
    fields = {found.group(1) for found in _FIELD.finditer(pattern)}
    if not {"year", "number"} <= fields or "{" in rest or "}" in rest:
        raise DocumentRulesWrong(
            f"{DocumentKind(kind).chinese}的文号规则须含 {{year}} 和 {{number}}，且只能再用 {{prefix}}、{{word}}：{pattern}",
            f"the pattern of {kind} needs {{year}} and {{number}}, and may have {{prefix}} and {{word}}: {pattern}",
        )
