"""Published lists for readers: their versions, their entries, and what changed since the version before."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.db import Json
from server.noticeboard.comparing import Change, compare
from server.problems import ListVersionNotFound
from server.registry.models import ListKind, ListVersion
from server.registry.service import published_bytes, published_versions

MOST_VERSIONS = 60
ITEM_FIELDS: Mapping[str, str] = {
    "code": "Code",
    "name": "Matter",
    "category": "Category",
    "subject": "Inspecting body",
    "object_scope": "Objects",
    "content": "What is inspected",
    "basis": "Legal basis",
    "standard": "Standard",
    "modes": "Manner",
    "ratio": "Share",
    "frequency": "Frequency",
    "kind": "Kind",
    "section": "Section",
    "lead_department": "Lead department",
    "departments": "Departments",
    "remark": "Remark",
}
RESPONSIBILITY_FIELDS: Mapping[str, str] = {
    "name": "Responsibility",
    "basis": "Legal basis",
    "lead": "Lead department",
    "cooperating": "Cooperating departments",
    "item_codes": "Matters",
}
_WORDS = {
    "on_site": "实地核查",
    "written": "书面检查",
    "network": "网络监测",
    "commissioned": "委托专业机构",
    "general": "一般检查事项",
    "key": "重点检查事项",
}


@dataclass(frozen=True)
class ReadList:
    """A published version as it is read: the version, its entries in the words of the list, and what changed.

    `changes` is None for the first version.
    """

    version: ListVersion
    bureau: str
    versions: Sequence[ListVersion]
    fields: Mapping[str, str]
    entries: Sequence[Json]
    changes: Sequence[Change] | None


def read_list(session: Session, sha256: str) -> ReadList:
    """Read a published version by its hash; ListVersionNotFound."""
    query = published_versions().where(ListVersion.sha256 == sha256).limit(1)
    version = session.scalar(query)
    if version is None:
        raise ListVersionNotFound()
    fields = ITEM_FIELDS if version.kind == ListKind.ITEMS.value else RESPONSIBILITY_FIELDS
    document = json.loads(published_bytes(session, sha256))
    entries = [entry_in_words(each, fields) for each in document["entries"]]
    changes = None
    if document["previous"]:
        before = json.loads(published_bytes(session, document["previous"]))["entries"]
        key = "code" if fields is ITEM_FIELDS else "name"
        changes = compare([entry_in_words(each, fields) for each in before], entries, key, fields)
    siblings = published_versions(version.organisation_id, ListKind(version.kind))
    versions = session.scalars(siblings.order_by(ListVersion.number.desc()).limit(MOST_VERSIONS)).all()
    return ReadList(version, document["organisation"], versions, fields, entries, changes)


def entry_in_words(entry: Json, fields: Mapping[str, str]) -> Json:
    """Keep the public fields of an entry, with its codes in the words of the list."""
    return {name: _in_words(entry.get(name)) for name in fields}


def bureaus_of(session: Session, organisations: set[UUID]) -> dict[UUID, str]:
    """Name bureaus."""
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisations))
    return {row.id: row.name for row in session.execute(query)}


def _in_words(value: object) -> object:
    if isinstance(value, list):
        return [_WORDS.get(str(each), str(each)) for each in value]
    return _WORDS.get(value, value) if isinstance(value, str) else value
