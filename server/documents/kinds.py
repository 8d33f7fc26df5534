"""The documents there are, what each is about and who may read and issue it. Their fields are in docs/documents.md.

The standard set of the Ministry of Justice goes from approval over notice and record to the outcome; here are those
whose fields are documented (docs/documents.md names the sources).
"""

from enum import StrEnum
from typing import Self

from server.access import Permission
from server.results.codes import FollowupCode


class SubjectKind(StrEnum):
    """What a document is about."""

    TASK = "task"
    RECORD = "record"
    RESULT = "result"
    FOLLOWUP = "followup"


class DocumentKind(StrEnum):
    """A kind of document: what it is called (`chinese`), the word of its number (文号), and what it is about."""

    chinese: str
    word: str
    subject: SubjectKind

    def __new__(  # noqa: D102 - what a member is made of
        cls, value: str, chinese: str = "", word: str = "", subject: SubjectKind = SubjectKind.TASK
    ) -> Self:
        kind = str.__new__(cls, value)
        kind._value_, kind.chinese, kind.word, kind.subject = value, chinese, word, subject
        return kind

    APPROVAL = "approval", "行政检查审批表", "检审", SubjectKind.TASK
    NOTICE = "notice", "行政检查通知书", "检通", SubjectKind.TASK
    RECORD = "record", "现场检查笔录", "检录", SubjectKind.RECORD
    RESULT = "result", "随机抽查情况记录表", "检果", SubjectKind.RESULT
    RECTIFICATION = "rectification", "责令改正通知书", "责改", SubjectKind.FOLLOWUP
    TRANSFER = "transfer", "移送函", "移", SubjectKind.FOLLOWUP
    REVISIT = "revisit", "复查记录", "复", SubjectKind.FOLLOWUP


#: Who reads a document is who reads what it is about.
READS = {
    SubjectKind.TASK: Permission.TASK_READ,
    SubjectKind.RECORD: Permission.RECORD_READ,
    SubjectKind.RESULT: Permission.RESULT_READ,
    SubjectKind.FOLLOWUP: Permission.RESULT_READ,
}

_TRANSFERS = frozenset(
    {FollowupCode.CASE_TRANSFER_INTERNAL, FollowupCode.TRANSFER_OTHER_DEPT, FollowupCode.TRANSFER_POLICE}
)
_VISITS = frozenset({FollowupCode.ORDER_RECTIFY, FollowupCode.SECOND_CHECK, FollowupCode.REVISIT})


def kinds_about(subject: SubjectKind) -> list[DocumentKind]:
    """List the kinds of documents about a kind of thing."""
    return [kind for kind in DocumentKind if kind.subject is subject]


def kinds_of_followup(code: FollowupCode) -> list[DocumentKind]:
    """List the documents that a follow-up has: an order, a letter, a record of what was seen afterwards."""
    fits = {
        DocumentKind.RECTIFICATION: code is FollowupCode.ORDER_RECTIFY,
        DocumentKind.TRANSFER: code in _TRANSFERS,
        DocumentKind.REVISIT: code in _VISITS,
    }
    return [kind for kind, fit in fits.items() if fit]
