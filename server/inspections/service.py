"""The verbs of inspections, one file for each noun; other rooms call them from here."""

from server.inspections.accepting import Accepted, accept_revision
from server.inspections.attesting import accept_attestation
from server.inspections.desk import Desk, open_desk, settle_desk
from server.inspections.reviewing import (
    answers_of,
    blocks_of,
    finish,
    record_for_review,
    return_for_correction,
    revisions_of,
    visible_record,
    visible_records,
)
from server.inspections.tasks import (
    PlannedVisit,
    assignments_of,
    locked_task,
    open_tasks,
    open_visits,
    reassign,
    renew_tasks,
    visible_task,
    visible_tasks,
    withdraw_task,
)
from server.inspections.views import prefill_blob, record_view, task_view

__all__ = [
    "Accepted",
    "Desk",
    "PlannedVisit",
    "accept_attestation",
    "accept_revision",
    "answers_of",
    "assignments_of",
    "blocks_of",
    "finish",
    "locked_task",
    "open_desk",
    "open_tasks",
    "open_visits",
    "prefill_blob",
    "reassign",
    "record_for_review",
    "record_view",
    "renew_tasks",
    "return_for_correction",
    "revisions_of",
    "settle_desk",
    "task_view",
    "visible_record",
    "visible_records",
    "visible_task",
    "visible_tasks",
    "withdraw_task",
]
