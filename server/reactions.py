"""What follows from what: the name of a fact, and the functions that react to it after its commit.

The one place where an earlier stage of an inspection's life triggers a later one. A reaction gets a session and
the fact; it may run more than once and must have one effect.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import SYSTEM
from server.audit import AuditEntry
from server.inspections import service as inspections
from server.inspections.models import Task
from server.jobs import Reactions
from server.platform.ends import is_about_end
from server.platform.models import Delivery, DeliveryState
from server.platform.service import queue_closure, queue_delivery, queue_reopening
from server.platform.withdrawals import queue_publication, queue_withdrawal, takes_back
from server.publicity import service as publicity
from server.publicity.disclosing import disclose_result, follow_result
from server.publicity.models import PublicationState
from server.quarantine import service as quarantine
from server.results import recounting
from server.results.drafting import draft_results
from server.results.following import forget_visit, take_visit, withdraw_visit


def open_tasks(session: Session, fact: AuditEntry) -> None:
    """Open the tasks of a published draw; they appear on the phones of their inspectors, divided by department."""
    inspections.open_tasks(session, SYSTEM, UUID(fact.subject))
    inspections.divide_drawn(session, SYSTEM, UUID(fact.subject))


def judge_arrival(session: Session, fact: AuditEntry) -> None:
    """Look whether the visit of a record that was submitted was lawful, and flag the record where it was not."""
    inspections.judge_arrival(session, SYSTEM, UUID(fact.subject))


def follow_replacement(session: Session, fact: AuditEntry) -> None:
    """Send who goes to a drawn visit now in the place of whom the draw replaced."""
    if fact.details["visit"]:
        left, came = UUID(fact.details["left"]), UUID(fact.details["came"])
        inspections.follow_visit(session, UUID(fact.details["visit"]), left, came, fact.details["cause"])


def withdraw_superseded(session: Session, fact: AuditEntry) -> None:
    """Take back the tasks of a draw that was drawn anew."""
    inspections.withdraw_drawn(session, UUID(fact.subject), fact.details["reason"])


def renew_tasks(session: Session, fact: AuditEntry) -> None:
    """Send the tasks of an object again when the register has learnt something else of it."""
    object_id = fact.subject if fact.subject_kind == "object" else fact.details["object"]
    inspections.renew_tasks(session, SYSTEM, UUID(object_id))


def renew_tasks_beside(session: Session, fact: AuditEntry) -> None:
    """Send the other tasks of an object again when a visit to it is finished: it is their last one now."""
    task = session.get_one(Task, UUID(fact.details["task"]))
    inspections.renew_tasks(session, SYSTEM, task.object_id)


def renew_tasks_of(session: Session, fact: AuditEntry) -> None:
    """Send the tasks that a person is on again when the person or the certificate has changed."""
    inspections.renew_tasks_of(session, SYSTEM, UUID(fact.subject))


def renew_tasks_of_organisation(session: Session, fact: AuditEntry) -> None:
    """Send the tasks of a bureau and its people again when it was renamed, moved, or given rules of its own."""
    inspections.renew_tasks_of_organisation(session, SYSTEM, UUID(fact.subject))


def renew_tasks_of_plan(session: Session, fact: AuditEntry) -> None:
    """Send the tasks of a plan again when it was published or filed: until then nothing was inspected by it."""
    inspections.renew_tasks_of_plan(session, SYSTEM, UUID(fact.subject))


_ANSWERS = {
    DeliveryState.SENT.value: PublicationState.SENT,
    DeliveryState.ACCEPTED.value: PublicationState.ACKNOWLEDGED,
    DeliveryState.REJECTED.value: PublicationState.FAILED,
    DeliveryState.DEAD.value: PublicationState.FAILED,
}


def publish_result(session: Session, fact: AuditEntry) -> None:
    """Let a released result become public; what the province answered meanwhile stands beside it."""
    disclose_result(session, fact)
    _tell_answers(session, UUID(fact.subject), fact.details["version"])


def tell_answers(session: Session, fact: AuditEntry) -> None:
    """Let what the province answered before something became public stand beside it, as where problems are handled first."""
    _tell_answers(session, UUID(fact.details["result"]), fact.details["version"])


def tell_publicity(session: Session, fact: AuditEntry) -> None:
    """Let what the province answered stand beside what is public."""
    _tell_publicity(session, session.get_one(Delivery, UUID(fact.subject)))


def _tell_answers(session: Session, result_id: UUID, version: int) -> None:
    query = select(Delivery).where(Delivery.result_id == result_id, Delivery.version == version)
    about = [each for each in session.scalars(query.order_by(Delivery.queued_at)) if not is_about_end(each)]
    if about:
        _tell_publicity(session, about[-1])


def _tell_publicity(session: Session, delivery: Delivery) -> None:
    """Whether the end of a result arrived, or its undoing, says nothing of its publicity."""
    state = _ANSWERS.get(delivery.state)
    if state is not None and not is_about_end(delivery):
        answer = {"receipt": delivery.receipt, "errors": delivery.errors}
        back = takes_back(delivery)
        publicity.note_delivery(session, delivery.result_id, delivery.version, state, answer, takes_back=back)


REACTIONS: Reactions = {
    "object.changed": (renew_tasks,),
    "licence.entered": (renew_tasks,),
    "markers.entered": (renew_tasks,),
    "draw.published": (open_tasks,),
    "draw.superseded": (withdraw_superseded,),
    "inspector.replaced": (follow_replacement,),
    "form.published": (quarantine.judge_form_again,),
    "task.opened": (quarantine.judge_task_again,),
    "task.reassigned": (quarantine.judge_task_again,),
    "task.withdrawn": (forget_visit,),
    "followup.cancelled": (withdraw_visit,),
    quarantine.CONTINUES: (quarantine.go_on_judging,),
    "record.finished": (draft_results, take_visit, renew_tasks_beside),
    "record.submitted": (judge_arrival,),
    "person.changed": (renew_tasks_of,),
    "organisation.changed": (renew_tasks_of_organisation,),
    "organisation.rules-set": (renew_tasks_of_organisation,),
    "inspector.entered": (renew_tasks_of,),
    "inspector.lent": (renew_tasks_of,),
    "inspector.returned": (renew_tasks_of,),
    "exam.entered": (renew_tasks_of,),
    "plan.published": (renew_tasks_of_plan,),
    "plan.filed": (renew_tasks_of_plan,),
    "certificate.entered": (renew_tasks_of,),
    "certificate.turned": (renew_tasks_of,),
    "result.released": (queue_delivery, publish_result),
    "result.closed": (follow_result, queue_closure),
    "result.reopened": (follow_result, queue_reopening),
    "result.objected": (follow_result,),
    "result.objection-decided": (follow_result,),
    "disclosure.written": (tell_answers, queue_withdrawal),
    "disclosure.withdrawn": (queue_withdrawal,),
    "disclosure.published-again": (queue_publication,),
    "delivery.accepted": (tell_publicity,),
    "delivery.rejected": (tell_publicity,),
    "delivery.died": (tell_publicity,),
    "calendar.entered": (recounting.count_deadlines_again,),
    recounting.CONTINUES: (recounting.go_on_counting, publicity.follow_notice),
}
