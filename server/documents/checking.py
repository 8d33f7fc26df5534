"""Whether a document still says what was issued, and whether what it rests on still is what was signed.

Four questions, each answered from the bytes: is the file the one that was issued, does the content have the hash that stands
on the paper, do the bytes of the record have the hash that the content names, do the signatures over them hold.
"""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from media import Store, StoreError
from server.access import Actor
from server.db import Json
from server.documents.facts import facts_of
from server.documents.issuing import find_document, hash_of
from server.documents.kinds import DocumentKind
from server.documents.models import Document
from server.documents.records import read_record
from server.evidence.models import MediaLink
from server.inspections.models import Record, Revision, Task

_VOUCHED = (
    "rev",
    "signatures",
    "evidence",
    "conclusions",
    "situation",
    "party_opinion",
    "sections",
    "vouching",
)


@dataclass(frozen=True)
class Check:
    """One question and its answer: `file`, `content`, `signed`, `signatures`."""

    name: str
    holds: bool


def check_document(session: Session, actor: Actor, document_id: UUID, store: Store) -> list[Check]:
    """Check a document against its bytes, and a record's against what was sealed on the phone."""
    document = find_document(session, actor, document_id)
    checks = [
        Check("file", _file_hash(store, document.file_sha256) == document.file_sha256),
        Check("content", hash_of(document.content) == document.content_sha256),
    ]
    if document.kind == DocumentKind.RECORD:
        checks += _check_record(session, document)
    return checks


def verify_issued(session: Session, document_id: UUID, sha256: str) -> Json:
    """Tell a stranger whether a document was issued with this content or as this file; nothing of what it says.

    Whoever knows only the number or the address of a document learns nothing: the hash has to be right.
    """
    document = session.get(Document, document_id)
    if document is None or sha256.lower() not in {document.content_sha256, document.file_sha256}:
        return {"issued": False}
    return _told(session, document, sha256.lower())


def verify_number(session: Session, number: str, sha256: str) -> Json:
    """Tell the same by the number and a hash."""
    query = select(Document).where(Document.number == number)
    for document in session.scalars(query):
        if sha256.lower() in {document.content_sha256, document.file_sha256}:
            return _told(session, document, sha256.lower())
    return {"issued": False}


def _told(session: Session, document: Document, sha256: str) -> Json:
    newest = session.scalar(
        select(Document.version)
        .where(Document.subject_id == document.subject_id, Document.kind == document.kind)
        .order_by(Document.version.desc())
        .limit(1)
    )
    return {
        "issued": True,
        "title": DocumentKind(document.kind).chinese,
        "number": document.number,
        "version": document.version,
        "newest_version": newest,
        "state": document.state,
        "organisation": document.content["data"]["organisation"],
        "issued_on": document.content["data"]["issued_on"],
        "matches": "file" if sha256 == document.file_sha256 else "content",
    }


def _check_record(session: Session, document: Document) -> list[Check]:
    printed = document.content["data"]
    revision = session.get(Revision, f"sha256:{printed['rev']}")
    if revision is None:
        return [Check("signed", holds=False), Check("signatures", holds=False)]
    is_whole = hashlib.sha256(revision.data).hexdigest() == printed["rev"]
    record = session.get(Record, document.subject_id)
    vouched = set(session.scalars(select(MediaLink.sha256).where(MediaLink.rev == revision.rev)))
    pictures = {each["sha256"] for each in printed["signatures"]}
    return [
        Check("signed", is_whole and record is not None and _says_the_same(session, record, printed)),
        Check(
            "signatures",
            is_whole and pictures <= vouched and all(each["holds"] != "无效" for each in printed["vouching"]),
        ),
    ]


def _says_the_same(session: Session, record: Record, printed: Json) -> bool:
    """Whether the words of the record, read anew from its bytes, are those on the paper."""
    if record.shown_rev != f"sha256:{printed['rev']}":
        return True  # a later version was made: the paper rests on the older bytes, whose hash was compared above
    facts = facts_of(session, session.get_one(Task, record.task_id))
    now = read_record(session, facts, record).as_json()
    return all(_plain(now[name]) == _plain(printed[name]) for name in _VOUCHED)


def _plain(value: object) -> object:
    """A value as JSON keeps it: rows are lists."""
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value


def _file_hash(store: Store, sha256: str) -> str:
    digest = hashlib.sha256()
    try:
        with store.open(sha256) as reading:
            for piece in reading:
                digest.update(piece)
    except StoreError:
        return ""
    return digest.hexdigest()
