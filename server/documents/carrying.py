"""The number of an approval or a notice goes to its task: the legality gate asks for it, the record and the phones show it.

A number that came from elsewhere, such as the bureau's office system or the province's draw, stays.
"""

from typing import Any, Final

from sqlalchemy.orm import Session

from server import clock
from server.access import Actor
from server.documents.kinds import DocumentKind
from server.documents.models import Document
from server.inspections import service as inspections
from server.inspections.models import Task

_NUMBERS: Final = {DocumentKind.APPROVAL.value: "approval_no", DocumentKind.NOTICE.value: "notice_no"}


def carry_number(session: Session, actor: Actor, document: Document) -> None:
    """Note the number of what was issued on its task, which is locked, where none stands there; an approval with its day.

    A notice has no day yet: it counts from when it is served (送达), which somebody enters.
    """
    name = _NUMBERS.get(document.kind)
    task = session.get_one(Task, document.task_id)
    if name is None or getattr(task, name):
        return
    papers: dict[str, Any] = {name: document.number}
    if document.kind == DocumentKind.APPROVAL and task.approved_on is None:
        papers["approved_on"] = clock.today()
    inspections.note_papers(session, actor, task, papers)


def take_number_back(session: Session, actor: Actor, document: Document) -> None:
    """Take the number of what was withdrawn off its task, which is locked, where it stands there."""
    name = _NUMBERS.get(document.kind)
    task = session.get_one(Task, document.task_id)
    if name is None or getattr(task, name) != document.number:
        return
    day = {"approval_no": "approved_on", "notice_no": "notice_served_on"}[name]
    inspections.note_papers(session, actor, task, {name: None, day: None})
