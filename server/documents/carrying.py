"""The number of an approval or a notice goes to its task: the legality gate asks for it, the record and the phones show it.

That of an order or a letter goes to its follow-up, which is not over without one. A number that came from elsewhere, such as
the bureau's office system or the province's draw, stays.
"""

from typing import Any, Final

from sqlalchemy.orm import Session

from server import clock
from server.access import Actor
from server.documents.after import Rectification, Transfer
from server.documents.fields import DataSet
from server.documents.kinds import DocumentKind
from server.documents.models import Document
from server.inspections import service as inspections
from server.inspections.models import Task
from server.results import following as results

_NUMBERS: Final = {DocumentKind.APPROVAL.value: "approval_no", DocumentKind.NOTICE.value: "notice_no"}


def carry_number(session: Session, actor: Actor, document: Document, data: DataSet) -> None:
    """Note the number of what was issued on what it is about, where none stands there; the task is locked."""
    if document.kind in _NUMBERS:
        _to_task(session, actor, document)
    elif isinstance(data, Rectification | Transfer):
        to_body = data.to_body if isinstance(data, Transfer) else None
        results.note_letter(session, actor, document.subject_id, document.number, to_body)


def take_number_back(session: Session, actor: Actor, document: Document) -> None:
    """Take the number of what was withdrawn off what it is about again, where it stands there; the task is locked."""
    if document.kind in {DocumentKind.RECTIFICATION, DocumentKind.TRANSFER}:
        results.forget_letter(session, actor, document.subject_id, document.number)
        return
    name = _NUMBERS.get(document.kind)
    task = session.get_one(Task, document.task_id)
    if name is None or getattr(task, name) != document.number:
        return
    day = {"approval_no": "approved_on", "notice_no": "notice_served_on"}[name]
    inspections.note_papers(session, actor, task, {name: None, day: None})


def _to_task(session: Session, actor: Actor, document: Document) -> None:
    """An approval goes with its day. A notice has none yet: it counts from when it is served (送达), which somebody enters."""
    name = _NUMBERS[document.kind]
    task = session.get_one(Task, document.task_id)
    if getattr(task, name):
        return
    papers: dict[str, Any] = {name: document.number}
    if document.kind == DocumentKind.APPROVAL and task.approved_on is None:
        papers["approved_on"] = clock.today()
    inspections.note_papers(session, actor, task, papers)
