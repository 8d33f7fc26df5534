"""From what the house knows to the data set of a document, whoever may see what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from server.access import Actor
from server.accounts.models import Organisation
from server.documents.before import Approval, Notice
from server.documents.facts import MODES, Facts, facts_of
from server.documents.fields import DataSet, clean
from server.documents.kinds import DocumentKind, SubjectKind, kinds_of_followup
from server.documents.outcomes import read_followup, read_result
from server.documents.records import read_record
from server.inspections import service as inspections
from server.inspections.models import Record, Task
from server.problems import DocumentNotPossible
from server.results import service as results
from server.results.codes import FollowupCode
from server.results.followups import find_followup
from server.results.models import Followup, Result

Entered = Mapping[str, str]


@dataclass(frozen=True)
class Subject:
    """What a document is about, and whose it is. `rev`: the version of a record."""

    kind: SubjectKind
    id: UUID
    task: Task
    organisation_id: UUID
    region: str
    record: Record | None = None
    result: Result | None = None
    followup: Followup | None = None

    @property
    def kinds(self) -> list[DocumentKind]:
        """The kinds of documents about it."""
        if self.followup is not None:
            return kinds_of_followup(FollowupCode(self.followup.code))
        return [kind for kind in DocumentKind if kind.subject is self.kind]


def find_subject(session: Session, actor: Actor, kind: SubjectKind, subject_id: UUID) -> Subject:
    """Load what a document is about, for whoever may see it; what is hidden looks like what is not there."""
    match kind:
        case SubjectKind.TASK:
            task = inspections.visible_task(session, actor, subject_id)
            return Subject(kind, subject_id, task, task.organisation_id, task.region)
        case SubjectKind.RECORD:
            record = inspections.visible_record(session, actor, subject_id)
            task = session.get_one(Task, record.task_id)
            return Subject(kind, subject_id, task, task.organisation_id, task.region, record=record)
        case SubjectKind.RESULT:
            result = results.find_result(session, actor, subject_id)
            return _about_result(session, kind, subject_id, result)
    followup = find_followup(session, actor, subject_id)
    result = session.get_one(Result, followup.result_id)
    return _about_result(session, kind, subject_id, result, followup)


def read_data(session: Session, subject: Subject, kind: DocumentKind, entered: Entered) -> DataSet:
    """Read the data set of a document; what a person wrote for it goes over the bureau's own words."""
    if kind not in subject.kinds:
        raise DocumentNotPossible(kind=kind.value)
    facts = facts_of(session, subject.task)
    data = _read(session, facts, subject, kind)
    allowed = {each["field"] for each in data.entered_fields()}
    words = {**facts.texts, **entered}
    bureau = session.get_one(Organisation, subject.organisation_id)
    return data.with_(
        organisation=bureau.name,
        **{name: clean(text) for name, text in words.items() if name in allowed and clean(text)},
    )


def _read(session: Session, facts: Facts, subject: Subject, kind: DocumentKind) -> DataSet:
    if subject.record is not None:
        return read_record(session, facts, subject.record)
    if subject.followup is not None and subject.result is not None:
        return read_followup(session, facts, subject.result, subject.followup, kind)
    if subject.result is not None:
        return read_result(session, facts, subject.result)
    return _read_before(facts, kind)


def _about_result(
    session: Session, kind: SubjectKind, subject_id: UUID, result: Result, followup: Followup | None = None
) -> Subject:
    task = session.get_one(Task, result.task_id)
    return Subject(
        kind, subject_id, task, result.organisation_id, result.region, result=result, followup=followup
    )


def _read_before(facts: Facts, kind: DocumentKind) -> DataSet:
    task = facts.task
    common: dict[str, Any] = {
        **facts.party(),
        **facts.of_task(),
        "phone": facts.found.phone or "",
        "source": facts.source,
        "plan_no": facts.row["plan_no"],
        "mode": MODES.get(task.mode, task.mode),
        "period": facts.period,
        "frequency": facts.frequency,
        "inspectors": facts.inspectors,
        "items": facts.listed(task.item_codes),
    }
    if kind is DocumentKind.APPROVAL:
        return Approval(**common, urgent_reason=clean(task.urgent_reason))
    return Notice(**common, approval_no=task.approval_no or "", place=clean(facts.found.address))
